"""Closing one's own account for a while, and coming back."""

import asyncio

import pytest

from forum.kit.db import value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members import queries, returning, sanctions, sign_in
from forum.members.types import GUEST
from tests.factories import a_member, an_admin, sign_in_as
from tests.members.links import link_in, token_in

ANN = "ann@district.example"


async def test_a_deactivated_account_is_closed_and_its_owner_comes_back_by_a_question(db, web, drain, tools):
    ann = await sign_in_as(web, db, await a_member(db, address=ANN))
    await returning.deactivate(db, ann)
    assert (await web.get("/settings")).status_code == 403
    with pytest.raises(NotFound):
        await queries.person(db, ann.handle)

    await sign_in.request_link(db, ANN)
    await drain()
    path = link_in(tools.mailer.sent[0])
    page = await web.get(path)
    assert "Do you want your account back?" in page.text
    assert await value(db, "SELECT state FROM member WHERE id = :id", id=ann.id) == "deactivated"
    answer = await web.post(path)

    assert answer.headers["location"].startswith("/sign-in/")
    assert (await web.post(answer.headers["location"])).status_code == 303
    assert (await web.get("/settings")).status_code == 200
    acts = "SELECT array_agg(e.act ORDER BY e.id) FROM audit_entry e"
    assert await value(db, acts) == ["member.deactivated", "member.reactivated"]
    for answer in (await web.get(path), await web.post(path)):
        assert answer.status_code == 404


async def test_coming_back_at_the_same_moment_works_once(db, drain, tools):
    ann = await a_member(db, address=ANN)
    await returning.deactivate(db, ann)
    await sign_in.request_link(db, ANN)
    await drain()
    token = token_in(tools.mailer.sent[0])

    tries = await asyncio.gather(*(returning.come_back(db, token) for _ in range(6)), return_exceptions=True)

    assert sum(isinstance(each, str) for each in tries) == 1
    assert sum(isinstance(each, NotFound) for each in tries) == 5


async def test_who_was_suspended_meanwhile_does_not_come_back(db, drain, tools):
    ann, admin = await a_member(db, address=ANN), await an_admin(db)
    await returning.deactivate(db, ann)
    await sign_in.request_link(db, ANN)
    await drain()

    await sanctions.suspend(db, admin, ann.id, days=1, reason="Why.")

    with pytest.raises(NotFound):
        await returning.come_back(db, token_in(tools.mailer.sent[0]))


async def test_a_link_of_another_kind_opens_no_account(db):
    ann = await a_member(db, address=ANN)
    await returning.deactivate(db, ann)
    for purpose in ("sign-in", "join"):
        with pytest.raises(NotFound):
            await returning.come_back(db, await sign_in.issue_link(db, purpose, ANN, hours=1))
    with pytest.raises(NotFound):
        await sign_in.use_link(db, await sign_in.issue_link(db, returning.PURPOSE, ANN, hours=1), "")


async def test_guests_have_none_to_close_and_the_last_administrator_stays(db):
    admin = await an_admin(db)
    with pytest.raises(Forbidden):
        await returning.deactivate(db, GUEST)
    with pytest.raises(Invalid):
        await returning.deactivate(db, admin)
    assert await queries.actor(db, admin.id)


async def test_of_two_administrators_who_leave_at_the_same_moment_one_stays(db):
    admins = [await an_admin(db) for _ in range(2)]

    tries = await asyncio.gather(*(returning.deactivate(db, each) for each in admins), return_exceptions=True)

    assert sorted(type(each).__name__ for each in tries) == ["Invalid", "NoneType"]


async def test_closing_twice_is_once(db):
    ann = await a_member(db, address=ANN)
    await asyncio.gather(*(returning.deactivate(db, ann) for _ in range(3)))

    assert await value(db, "SELECT count(*) FROM audit_entry") == 1
