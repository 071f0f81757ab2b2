"""Roles, and who keeps the site going."""

import asyncio

import pytest

from forum.kit.db import rows, run, value
from forum.kit.errors import Invalid, NotFound
from forum.members import profile
from forum.members.unclaimed import Stranger, add_unclaimed
from tests.factories import a_member

ANN, BO = "ann@district.example", "bo@district.example"


async def test_who_has_not_come_yet_is_active_and_who_is_suspended_stays_so(db):
    suspended = await a_member(db, address=ANN)
    await run(db, "UPDATE member SET state = 'suspended' WHERE id = :id", id=suspended.id)
    await add_unclaimed(db, [Stranger("k", "Bo", BO)])

    for address in (ANN, BO):
        await profile.grant(db, address, "vendor")

    found = await rows(db, "SELECT m.role, m.state FROM member m ORDER BY m.id")
    assert [tuple(row.values()) for row in found] == [("vendor", "suspended"), ("vendor", "active")]


async def test_the_last_administrator_stays_one(db):
    await a_member(db, address=ANN, role="admin")
    suspended = await a_member(db, address=BO, role="admin")
    await run(db, "UPDATE member SET state = 'suspended' WHERE id = :id", id=suspended.id)

    for role in ("member", "vendor"):
        with pytest.raises(Invalid) as refusal:
            await profile.grant(db, ANN, role)
        assert refusal.value.fields == {"role": "This is the last administrator. Make somebody else one first."}

    await profile.grant(db, ANN, "admin")
    await profile.grant(db, BO, "member")
    assert await value(db, "SELECT count(*) FROM member WHERE role = 'admin'") == 1


async def test_two_administrators_who_resign_at_the_same_moment_leave_one(db):
    for address in (ANN, BO):
        await a_member(db, address=address, role="admin")

    tries = await asyncio.gather(*(profile.grant(db, each, "member") for each in (ANN, BO)), return_exceptions=True)

    assert sorted(type(each).__name__ for each in tries) == ["Invalid", "NoneType"]


async def test_a_site_without_administrators_changes_roles(db):
    await a_member(db, address=ANN)

    await profile.grant(db, ANN, "vendor")

    assert await value(db, "SELECT role FROM member") == "vendor"


async def test_an_address_nobody_has_gets_no_role(db):
    with pytest.raises(NotFound):
        await profile.grant(db, ANN, "admin")
