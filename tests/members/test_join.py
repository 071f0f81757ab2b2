"""Becoming a member with a mailed link, and the handle one gets."""

import asyncio

import pytest

from forum.districts.commands import add_district
from forum.kit.db import value
from forum.kit.errors import Invalid, NotFound
from forum.members import joining, queries, sign_in
from forum.members.types import JoinDraft
from forum.members.unclaimed import Stranger, add_unclaimed
from tests.factories import a_member

ADA = "ada@district.example"
DRAFT = JoinDraft("Ada Byron", "Director of technology")


async def a_link(db, hours=1.0, district_id=None) -> str:
    return await sign_in.issue_link(db, "join", ADA, district_id=district_id, hours=hours)


async def members_with(db, address=ADA) -> int:
    return await value(db, "SELECT count(*) FROM member_email WHERE address = :address", address=address)


async def test_a_link_makes_a_member_of_its_district_with_its_address(db):
    pine = await add_district(db, "Pine County")

    member_id = await joining.accept_link(db, await a_link(db, district_id=pine), DRAFT)

    ada = await queries.person(db, "ada.byron")
    assert (ada.id, ada.name, ada.title, ada.role) == (member_id, "Ada Byron", "Director of technology", "member")
    assert ada.district_name == "Pine County"
    assert await queries.member_of_address(db, ADA) == member_id


async def test_whatever_the_form_says_the_address_is_the_one_the_link_was_mailed_to(db):
    draft = JoinDraft("Eve", "", address="eve@evil.example", district_id=await add_district(db, "Oak"))

    await joining.accept_link(db, await a_link(db), draft)

    assert await members_with(db, "eve@evil.example") == 0
    assert (await queries.person(db, "eve")).district_name is None


async def test_a_link_is_accepted_once(db):
    token = await a_link(db)
    await joining.accept_link(db, token, DRAFT)

    with pytest.raises(NotFound):
        await joining.accept_link(db, token, DRAFT)

    assert await value(db, "SELECT count(*) FROM member") == 1


async def test_a_link_accepted_by_five_at_the_same_moment_makes_one_member(db):
    token = await a_link(db)

    tries = await asyncio.gather(*(joining.accept_link(db, token, DRAFT) for _ in range(5)), return_exceptions=True)

    assert sorted(type(each).__name__ for each in tries) == ["NotFound"] * 4 + ["int"]
    assert await value(db, "SELECT count(*) FROM member") == 1


async def test_links_that_let_nobody_in(db):
    await a_member(db, address="bo@district.example")
    links = [
        await sign_in.issue_link(db, "sign-in", "bo@district.example", hours=1),
        await a_link(db, hours=-1),
        "x" * 22,
        "",
    ]
    for link in links:
        with pytest.raises(NotFound):
            await joining.accept_link(db, link, DRAFT)

    assert await value(db, "SELECT count(*) FROM member") == 1
    assert await sign_in.use_link(db, links[0], "")  # not used up by the attempt


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (JoinDraft("", ""), "name"),
        (JoinDraft("x" * 121, ""), "name"),
        (JoinDraft("Ada\nBcc: eve", ""), "name"),
        (JoinDraft("Ada\u202e", ""), "name"),
        (JoinDraft("Ada", "x" * 121), "title"),
        (JoinDraft("Ada", "a\tb"), "title"),
        (JoinDraft("Ada", "", note="x" * 1001), "note"),
    ],
)
async def test_a_form_that_will_not_do_leaves_the_link_as_it_was(db, draft, field):
    token = await a_link(db)

    with pytest.raises(Invalid) as refusal:
        await joining.accept_link(db, token, draft)

    assert set(refusal.value.fields) == {field}
    assert await joining.accept_link(db, token, DRAFT)


async def test_a_link_to_an_address_that_was_taken_meanwhile_says_so(db):
    token = await a_link(db)
    await a_member(db, address=ADA)

    with pytest.raises(Invalid, match="address"):
        await joining.accept_link(db, token, DRAFT)

    assert await value(db, "SELECT count(*) FROM member") == 1


async def test_people_of_one_name_get_their_own_handles(db):
    names = ["Zoë van Dijk", "Zoe Van Dijk", "zoe.van.dijk", "李", "王", "A", "_%", "x" * 120]
    for name in names:
        await joining.add_member(db, name)

    handles = await value(db, "SELECT array_agg(handle ORDER BY id) FROM member")

    assert handles == [
        "zoe.van.dijk",
        "zoe.van.dijk2",
        "zoe.van.dijk3",
        "member",
        "member2",
        "member.a",
        "member3",
        "x" * 30,
    ]


async def test_people_of_one_name_who_join_at_the_same_moment_get_their_own_handles(db):
    await asyncio.gather(*(joining.add_member(db, "Ada Byron") for _ in range(8)))

    handles = await value(db, "SELECT array_agg(handle ORDER BY id) FROM member")

    assert sorted(handles) == ["ada.byron", *(f"ada.byron{n}" for n in range(2, 9))]


async def test_nobody_is_called_like_a_page(db):
    await joining.add_member(db, "Requests")
    await add_unclaimed(db, [Stranger(key, name, "") for key, name in (("a", "Invitations"), ("b", "requests"))])

    assert await value(db, "SELECT array_agg(handle ORDER BY handle) FROM member") == [
        "invitations2",
        "requests2",
        "requests3",
    ]


async def test_authors_of_old_mails_and_members_share_one_row_of_handles(db):
    await joining.add_member(db, "Ann Lee")
    await add_unclaimed(db, [Stranger(f"k{n}", name, "") for n, name in enumerate(["Ann Lee"] * 12 + ["Ann Lee2"])])
    await joining.add_member(db, "Ann Lee")

    handles = await value(db, "SELECT array_agg(handle ORDER BY id) FROM member")

    assert sorted(handles) == sorted(["ann.lee", *(f"ann.lee{n}" for n in range(2, 14)), "ann.lee22", "ann.lee14"])


async def test_nothing_is_left_of_a_member_whose_address_is_taken(db):
    await a_member(db, address=ADA)

    with pytest.raises(Invalid):
        await joining.add_member(db, "Ada", address=ADA.upper())

    assert await value(db, "SELECT count(*) FROM member") == 1
