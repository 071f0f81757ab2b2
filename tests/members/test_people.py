"""People: their profiles, roles and groups, and the pages administrators decide on."""

import asyncio

import pytest

from forum.districts.commands import add_district
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members import joining, profile, queries
from forum.members.policy import may_invite, may_see_people
from forum.members.types import GUEST, JoinDraft, ProfileDraft, initials
from forum.members.unclaimed import Stranger, add_unclaimed
from tests.factories import a_member, an_admin, sign_in_as

# Profiles


async def test_a_member_changes_what_others_see(db):
    ann = await a_member(db)

    for _ in range(2):
        await profile.change_profile(db, ann, ProfileDraft("Ann Lee", "Director", "Phones.\nAnd printers."))

    seen = await queries.person(db, ann.handle)
    assert (seen.name, seen.title, seen.about, seen.handle) == (
        "Ann Lee",
        "Director",
        "Phones.\nAnd printers.",
        ann.handle,
    )


@pytest.mark.parametrize(
    ("draft", "fields"),
    [
        (ProfileDraft("", "", ""), {"name"}),
        (ProfileDraft("x" * 121, "y" * 121, "z" * 2001), {"name", "title", "about"}),
        (ProfileDraft("Ann\u202egnp", "", ""), {"name"}),
        (ProfileDraft("Ann", "a\nb", ""), {"title"}),
    ],
)
async def test_a_profile_that_will_not_do_is_refused_and_nothing_changes(db, draft, fields):
    ann = await a_member(db)

    with pytest.raises(Invalid) as refusal:
        await profile.change_profile(db, ann, draft)

    assert set(refusal.value.fields) == fields
    assert (await queries.person(db, ann.handle)).name == ann.name


async def test_the_longest_profile_fits(db):
    ann = await a_member(db)

    await profile.change_profile(db, ann, ProfileDraft("😀" * 120, "é" * 120, "\n" * 2000))

    assert (await queries.person(db, ann.handle)).name == "😀" * 120


async def test_guests_have_no_profile(db):
    with pytest.raises(Forbidden):
        await profile.change_profile(db, GUEST, ProfileDraft("x", "", ""))


async def test_a_form_changes_only_what_it_is_for(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    before = await queries.actor(db, ann.id)
    more = {"role": "admin", "state": "active", "handle": "boss", "district_id": "1", "id": "1", "unread_since": "now"}

    saved = await web.post("/settings", data={"name": ann.name, "title": "T", "about": "", **more})

    assert saved.status_code == 422
    assert await queries.actor(db, ann.id) == before


async def test_a_refused_profile_comes_back_with_its_text(db, web):
    await sign_in_as(web, db, await a_member(db))

    page = await web.post("/settings", data={"name": "", "title": "<b>Boss", "about": "Long story"})

    assert page.status_code == 422
    assert "Write your name as colleagues know you." in page.text
    assert 'value="&lt;b&gt;Boss"' in page.text
    assert "Long story" in page.text


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Maya Okafor", "MO"), ("Ann", "A"), ("Anna Maria de la Cruz", "AC"), ("", "?"), ("…", "?"), ("李 小龍", "李小")],
)
def test_initials_of_a_name(name, letters):
    assert initials(name) == letters


# Who is here


async def test_members_are_listed_with_title_and_district_and_others_are_not(db, web):
    ann = await a_member(db, name="Ann Lee", district_id=await add_district(db, "Pine County"))
    await add_unclaimed(db, [Stranger("k", "Old Author", "old@district.example")])
    await run(
        db, "UPDATE member SET state = 'suspended' WHERE id = :id", id=(await a_member(db, name="Gone Person")).id
    )
    await sign_in_as(web, db, ann)

    page = (await web.get("/people")).text

    assert "Ann Lee" in page
    assert "Pine County" in page
    assert "Old Author" not in page
    assert "Gone Person" not in page
    assert "@district.example" not in page


async def test_more_than_a_page_of_people_is_reached_page_by_page(db, web):
    for number in range(63):
        await joining.add_member(db, f"Person {number}", handle=f"person{number:03}")
    await sign_in_as(web, db, await a_member(db, name="Zed"))

    first = await web.get("/people")
    second = await web.get("/people?after=person059")

    assert 'href="/people?after=person059"' in first.text
    assert [name in first.text for name in ("@person000", "@person059", "@person060")] == [True, True, False]
    assert [name in second.text for name in ("@person059<", "@person060", "@zed")] == [False, True, True]
    assert "?after=" not in second.text


async def test_guests_and_vendors_do_not_see_who_is_here(db, web):
    ann = await a_member(db)
    for actor in (None, await a_member(db, role="vendor")):
        if actor:
            await sign_in_as(web, db, actor)
        for path in ("/people", f"/people/{ann.handle}", "/people/nobody"):
            answer = await web.get(path)
            assert answer.status_code == 403
            assert ann.name not in answer.text


async def test_ones_own_page_leads_to_its_settings_and_nobodys_page_shows_an_address(db, web):
    ann = await sign_in_as(web, db, await a_member(db, address="secret@district.example"))
    bo = await a_member(db, address="other-secret@district.example")

    own, other = [(await web.get(f"/people/{each.handle}")).text for each in (ann, bo)]

    assert "Change your profile" in own
    assert "Change your profile" not in other
    assert "secret@" not in own + other


def test_who_may_see_people_and_invite():
    assert not may_see_people(GUEST)
    assert may_invite(GUEST).reason == "Only administrators decide who joins."


# Roles and groups


async def test_a_role_is_given_by_address_and_twice_is_once(db):
    ann = await a_member(db, address="ann@district.example")
    await an_admin(db)

    for role in ("admin", "admin", "vendor", "member"):
        await profile.grant(db, "ann@district.example", role)
        assert (await queries.actor(db, ann.id)).role == role
    with pytest.raises(NotFound):
        await profile.grant(db, "nobody@district.example", "admin")


async def test_the_last_administrator_stays_one(db):
    address = "ann@district.example"
    ann = await a_member(db, address=address, role="admin")

    for role in ("member", "vendor"):
        with pytest.raises(Invalid, match="role"):
            await profile.grant(db, address, role)

    assert (await queries.actor(db, ann.id)).role == "admin"


async def test_two_administrators_who_go_at_the_same_moment_leave_one(db):
    addresses = [f"ann{n}@district.example" for n in range(3)]
    for address in addresses:
        await a_member(db, address=address, role="admin")

    grants = await asyncio.gather(
        *(profile.grant(db, address, "member") for address in addresses), return_exceptions=True
    )

    assert [type(each) for each in grants].count(Invalid) == 1
    assert await value(db, "SELECT count(*) FROM member WHERE role = 'admin'") == 1


async def test_a_role_brings_back_nobody_who_is_suspended(db):
    ann = await a_member(db, address="ann@district.example")
    await run(db, "UPDATE member SET state = 'suspended' WHERE id = :id", id=ann.id)

    await profile.grant(db, "ann@district.example", "admin")

    with pytest.raises(NotFound):
        await queries.actor(db, ann.id)


async def test_being_first_makes_nobody_an_administrator(db):
    member_id = await joining.add_member(db, "First One", address="first@district.example")

    assert (await queries.actor(db, member_id)).role == "member"


async def test_a_group_is_made_once_and_members_are_in_it_once(db):
    ann = await a_member(db)

    ids = {await profile.add_to_group(db, "circle", name, [ann.id]) for name in ("Circle", "The circle")}

    assert len(ids) == 1
    assert (await queries.actor(db, ann.id)).groups == ids
    assert await value(db, "SELECT name FROM member_group") == "The circle"


# The page of administrators


async def test_an_administrator_lets_in_declines_and_invites_on_one_page(db, web, drain, tools):
    await sign_in_as(web, db, await an_admin(db))
    pine = await add_district(db, "Pine County")
    for name in ("Ada Byron", "Eve <b>"):
        await joining.ask_to_join(db, JoinDraft(name, "", address=f"{name[:3].lower()}@district.example", note="Hello"))
    ada, eve = await queries.join_requests(db)
    page = (await web.get("/people/requests")).text
    assert "Ada Byron" in page
    assert "Eve &lt;b&gt;" in page

    answers = [
        await web.post(f"/people/requests/{ada.id}", data={"decision": "approve"}),
        await web.post(f"/people/requests/{eve.id}", data={"decision": "decline"}),
        await web.post("/people/invitations", data={"address": "New@district.example", "district_id": str(pine)}),
    ]
    await drain()

    assert [answer.headers["location"] for answer in answers] == [
        "/people/requests?notice=decided",
        "/people/requests?notice=decided",
        "/people/requests?notice=invited",
    ]
    assert sorted(mail.to for mail in tools.mailer.sent) == ["ada@district.example", "new@district.example"]
    page = (await web.get("/people/requests")).text
    assert "new@district.example" in page
    assert "Nobody is waiting." in page


async def test_a_refused_invitation_keeps_its_address(db, web):
    await sign_in_as(web, db, await an_admin(db))

    page = await web.post("/people/invitations", data={"address": "no address", "district_id": "999999"})

    assert page.status_code == 422
    assert 'value="no address"' in page.text
    assert "Write it as name@district.org." in page.text


async def test_nothing_but_approve_lets_somebody_in(db, web):
    await sign_in_as(web, db, await an_admin(db))
    await joining.ask_to_join(db, JoinDraft("Ada", "", address="ada@district.example"))
    request_id = (await queries.join_requests(db))[0].id

    await web.post(f"/people/requests/{request_id}", data={"decision": "APPROVE "})

    assert await queries.member_of_address(db, "ada@district.example") is None


@pytest.mark.parametrize(
    ("theme", "status", "kept"),
    [
        ("dark", 303, "dark"),
        ("light", 303, "light"),
        ("system", 303, None),
        ("x; Domain=evil", 422, None),
        ("", 422, None),
    ],
)
async def test_the_theme_is_one_of_three_and_is_kept_in_a_cookie(web, theme, status, kept):
    referrer = "http://forum.example/topics?x=1"
    answer = await web.post("/theme", data={"theme": theme}, headers={"referer": referrer})

    assert (answer.status_code, answer.headers.get("location")) == (status, "/topics?x=1" if status == 303 else None)
    assert web.cookies.get("theme") == kept
    assert (f'data-theme="{kept}"' in (await web.get("/help")).text) == (kept is not None)


@pytest.mark.parametrize(
    "referrer",
    ["", "https://evil.example/", "http://forum.example//evil.example", "http://forum.example.evil.example/x"],
)
async def test_choosing_a_theme_leads_to_no_other_site(web, referrer):
    answer = await web.post("/theme", data={"theme": "dark"}, headers={"referer": referrer})

    assert answer.headers["location"] == "/"
