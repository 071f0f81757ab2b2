"""Drafts: what was typed is on the server until it is sent."""

import pytest

from forum.kit.errors import Forbidden, Invalid
from forum.members.types import GUEST
from forum.threads import drafts
from tests.factories import a_category, a_member, a_reply, a_thread, sign_in_as


async def test_a_draft_saved_in_one_browser_is_there_in_another(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db)

    saved = await web.post("/drafts", data={"draft_key": f"thread:{thread}", "body": "Half a thou"})
    web.cookies.clear()
    await sign_in_as(web, db, ann)

    assert saved.status_code == 204
    assert "Half a thou" in (await web.get(f"/t/{thread}")).text
    assert "Half a thou" in (await web.get("/drafts")).text


async def test_a_draft_of_a_new_thread_fills_the_form(db, web):
    await sign_in_as(web, db, await a_member(db))
    category = await a_category(db)

    await web.post("/drafts", data={"draft_key": "ask", "title": "Half a title", "body": "x", "category": category})

    assert "Half a title" in (await web.get("/ask")).text


async def test_sending_drops_the_draft(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db)
    await web.post("/drafts", data={"draft_key": f"thread:{thread}", "body": "All of it"})

    await web.post(f"/t/{thread}/replies", data={"body": "All of it", "client_key": "k"})

    assert await drafts.drafts(db, ann) == []


async def test_an_emptied_draft_is_dropped_and_one_can_be_thrown_away(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await web.post("/drafts", data={"draft_key": "ask", "title": "Something"})
    await web.post("/drafts", data={"draft_key": "ask", "title": " ", "category": "help"})
    assert await drafts.drafts(db, ann) == []

    await web.post("/drafts", data={"draft_key": "ask", "title": "Something"})
    await web.post("/drafts/drop", data={"draft_key": "ask"})
    assert await drafts.drafts(db, ann) == []


async def test_drafts_are_ones_own(db):
    ann, bob = await a_member(db), await a_member(db)

    await drafts.save_draft(db, ann, "ask", {"title": "Mine"})

    assert await drafts.draft(db, bob, "ask") is None
    assert (await drafts.draft(db, ann, "ask")).fields == {"title": "Mine"}


async def test_who_may_not_save_and_what(db):
    with pytest.raises(Forbidden):
        await drafts.save_draft(db, GUEST, "ask", {"title": "x"})
    for key in ("", "other", "thread:x", "thread:" + "1" * 60):
        with pytest.raises(Invalid):
            await drafts.save_draft(db, await a_member(db), key, {"title": "x"})


async def test_nobody_keeps_more_than_a_hundred_drafts(db):
    ann = await a_member(db)

    for n in range(103):
        await drafts.save_draft(db, ann, f"thread:{n}", {"body": "x"})

    assert len(await drafts.drafts(db, ann)) == 100


async def test_a_reply_by_another_leaves_the_draft_alone(db):
    ann, thread = await a_member(db), await a_thread(db)
    await drafts.save_draft(db, ann, f"thread:{thread}", {"body": "Mine"})

    await a_reply(db, thread)

    assert await drafts.draft(db, ann, f"thread:{thread}")
