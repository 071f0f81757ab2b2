"""Whoever joins agrees to the published terms, in the version that was shown; it is kept which that was."""

import pytest

from forum.administration import commands
from forum.kit.db import rows, value
from forum.kit.errors import Invalid
from forum.members import joining, queries, sign_in
from forum.members.types import JoinDraft
from tests.factories import an_admin

NEW = "new@district.example"


async def published(db, *bodies) -> None:
    admin = await an_admin(db)
    for seen, body in enumerate(bodies):
        await commands.publish(db, admin, "terms", body, seen=seen)


async def member_id(db) -> int:
    return await queries.member_of_address(db, NEW)


async def agreed(db) -> list[int]:
    """The versions of the terms that the newcomer agreed to."""
    found = await rows(db, "SELECT version FROM terms_consent WHERE member_id = :id", id=await member_id(db))
    return [row["version"] for row in found]


async def test_without_published_terms_nobody_is_asked(db, web):
    token = await sign_in.issue_link(db, "join", NEW, hours=1)
    assert 'name="terms"' not in (await web.get("/join")).text

    await web.post(f"/join/{token}", data={"name": "New", "title": ""})

    assert await agreed(db) == []


async def test_with_a_link_one_joins_only_with_consent_and_it_is_kept(db, web):
    await published(db, "One.", "Two.")
    token = await sign_in.issue_link(db, "join", NEW, hours=1)
    assert 'name="terms" value="2" required' in (await web.get(f"/join/{token}")).text

    for consent in ({}, {"terms": "1"}, {"terms": "3"}):
        refused = await web.post(f"/join/{token}", data={"name": "New Name", "title": ""} | consent)
        assert refused.status_code == 422
        assert "New Name" in refused.text
    assert await member_id(db) is None
    joined = await web.post(f"/join/{token}", data={"name": "New Name", "title": "", "terms": "2"})

    assert joined.status_code == 303
    assert await agreed(db) == [2]


async def test_who_asked_with_consent_has_agreed_when_let_in(db, web):
    await published(db, "One.")
    data = {"name": "New", "title": "", "address": NEW, "district_id": "", "note": ""}
    assert (await web.post("/join", data=data)).status_code == 422
    assert (await web.post("/join", data=data | {"terms": "1"})).status_code == 200
    request_id = await value(db, "SELECT max(id) FROM join_request")

    await commands.publish(db, await an_admin(db), "terms", "Two.", seen=1)
    await joining.decide(db, await an_admin(db), request_id, is_approved=True)

    assert await agreed(db) == [1]


async def test_consent_is_asked_for_by_the_command_not_only_by_the_form(db):
    await published(db, "One.")

    with pytest.raises(Invalid, match="terms"):
        await joining.ask_to_join(db, JoinDraft("New", "", address=NEW))
