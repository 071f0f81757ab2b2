"""Inviting many at once from a list."""

import asyncio

import pytest

from forum.districts.commands import add_district, add_rule
from forum.districts.types import DomainBook
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members import inviting, joining, sign_in
from forum.members.invitation_lists import read_list
from forum.members.types import JoinDraft
from tests.factories import a_member, an_admin, sign_in_as
from tests.members.links import token_in

BOOK = DomainBook({"pine.example": 7}, {"evil.example": "blocked"})


def read(text):
    return read_list(text, BOOK, {"oak county": 8})


@pytest.mark.parametrize(
    "text",
    [
        "address,name,title,district\na@x.example,Ann,Boss,Oak County\n",
        "District;Title;Name;Address\nOak County;Boss;Ann;A@x.example\n",
        "\ufeffemail,Name,job,district\n\n a@x.example ,Ann,Boss,OAK COUNTY",
    ],
)
def test_a_list_is_read_whatever_the_order_and_the_sign_between(text):
    (row,) = read(text)

    assert (row.status, row.address, row.name, row.title, row.district_id) == ("new", "a@x.example", "Ann", "Boss", 8)


def test_each_wrong_row_is_told_with_its_line_and_a_sentence():
    found = read(
        'address,name,district\nno address,A,\n"b@x.example","B\nB",\nc@x.example,C,Nowhere\n'
        "d@mail.evil.example,D,\ne@pine.example,E,\nE@pine.example,E,\n"
    )

    assert [(row.line, row.status) for row in found] == [
        (2, "wrong"),
        (3, "wrong"),
        (5, "wrong"),
        (6, "wrong"),
        (7, "new"),
        (8, "double"),
    ]
    assert all(row.problem.endswith((".", "empty.")) for row in found if row.status == "wrong")
    assert found[4].district_id == 7


@pytest.mark.parametrize("text", ["", "name\nAnn\n", "address\n", 'address\n"' + "x" * 200_000])
def test_what_is_no_list_is_refused_with_a_sentence(text):
    with pytest.raises(Invalid) as refusal:
        read(text)

    assert set(refusal.value.fields) == {"list"}


def test_fifty_thousand_rows_are_the_most():
    text = "address\n" + "".join(f"p{n}@x.example\n" for n in range(50_000))
    assert len(read(text)) == 50_000
    with pytest.raises(Invalid):
        read(text + "one.more@x.example\n")


async def a_list(db, admin, *addresses):
    return await inviting.lay_out(db, admin, "address,name\n" + "".join(f"{each},Ada\n" for each in addresses))


async def test_nothing_is_sent_before_the_list_is_confirmed_and_then_once(db, drain, tools):
    admin = await an_admin(db)
    list_id = await a_list(db, admin, "a@x.example", "b@x.example")
    await inviting.send_waiting(db)
    await drain()
    assert tools.mailer.sent == []

    await asyncio.gather(*(inviting.confirm(db, admin, list_id) for _ in range(4)))
    await drain()
    await asyncio.gather(*(inviting.send_waiting(db) for _ in range(3)))
    await drain()

    assert sorted(mail.to for mail in tools.mailer.sent) == ["a@x.example", "b@x.example"]
    assert await value(db, "SELECT count(*) FROM audit_entry e WHERE e.act = 'invitation_list.sent'") == 1


async def test_members_and_the_invited_are_passed_over(db):
    admin = await an_admin(db)
    await a_member(db, address="a@x.example")
    await joining.invite(db, admin, "b@x.example", None)

    list_id = await a_list(db, admin, "a@x.example", "b@x.example", "c@x.example")

    found = await rows(db, "SELECT w.status FROM invitation_row w WHERE w.list_id = :id ORDER BY w.line", id=list_id)
    assert [row["status"] for row in found] == ["member", "invited", "new"]


async def test_at_most_a_hundred_go_in_a_minute(db):
    admin = await an_admin(db)
    list_id = await a_list(db, admin, *(f"p{n}@x.example" for n in range(150)))
    await inviting.confirm(db, admin, list_id)

    assert [await inviting.send_waiting(db), await inviting.send_waiting(db)] == [100, 0]
    await run(db, "UPDATE invitation_row SET sent_at = sent_at - interval '2 minutes'")
    assert await inviting.send_waiting(db) == 50


async def test_the_list_of_somebody_who_is_no_administrator_any_more_is_not_sent(db):
    admin = await an_admin(db)
    await inviting.confirm(db, admin, await a_list(db, admin, "a@x.example"))
    await run(db, "UPDATE member SET role = 'member'")

    assert await inviting.send_waiting(db) == 0


async def test_who_may_not(db):
    admin, other, ann = await an_admin(db), await an_admin(db), await a_member(db)
    list_id = await a_list(db, admin, "a@x.example")
    with pytest.raises(Forbidden):
        await inviting.lay_out(db, ann, "address\na@x.example")
    with pytest.raises(Forbidden):
        await inviting.confirm(db, ann, list_id)
    with pytest.raises(NotFound):
        await inviting.confirm(db, other, list_id)


async def test_a_withdrawn_invitation_lets_nobody_in(db, drain, tools):
    admin = await an_admin(db)
    await joining.invite(db, admin, "a@x.example", None)
    await drain()
    invitation_id = await value(db, "SELECT i.id FROM invitation i")

    await inviting.withdraw(db, admin, invitation_id)

    with pytest.raises(NotFound):
        await joining.accept_link(db, token_in(tools.mailer.sent[0]), JoinDraft("Ada", ""))
    with pytest.raises(NotFound):
        await inviting.withdraw(db, admin, invitation_id)


async def test_an_invitation_makes_a_member_of_its_own_address_only(db):
    token = await sign_in.issue_link(db, "join", "a@x.example", hours=1)

    await joining.accept_link(db, token, JoinDraft("Ada", "", address="other@evil.example"))

    assert await value(db, "SELECT e.address FROM member_email e") == "a@x.example"


async def test_an_invitation_signs_nobody_in_who_is_a_member_already(db):
    token = await sign_in.issue_link(db, "join", "a@x.example", hours=1)
    await a_member(db, address="a@x.example")

    with pytest.raises(Invalid):
        await joining.accept_link(db, token, JoinDraft("Eve", ""))

    assert await value(db, "SELECT count(*) FROM session") == 0


async def test_a_vendors_domain_is_held_and_a_blocked_one_is_out(db, drain, tools):
    await add_district(db, "State", domains=["k12.example"])
    await add_rule(db, "vendor", "shop.k12.example")
    await add_rule(db, "blocked", "evil.example")

    for address in ("a@shop.k12.example", "b@mail.evil.example"):
        await sign_in.request_link(db, address)
    await drain()

    assert await value(db, "SELECT count(*) FROM mailed_link") == 0
    with pytest.raises(Invalid):
        await joining.invite(db, await an_admin(db), "b@evil.example", None)


async def test_a_list_is_uploaded_looked_at_and_sent(db, web):
    await sign_in_as(web, db, await an_admin(db))
    text = (
        "address\n" + "".join(f"person.with.a.long.name.{n:06}@district.example\n" for n in range(30_000)) + "wrong\n"
    )

    answer = await web.post("/admin/invitations", files={"file": ("l.csv", text.encode())}, data={"list": ""})
    page = await web.get(answer.headers["location"])
    sent = await web.post(f"{answer.headers['location']}/send")

    assert len(text) > 1_000_000
    assert "Invite 30,000 people" in page.text
    assert "Line 30002" in page.text
    assert sent.status_code == 303
