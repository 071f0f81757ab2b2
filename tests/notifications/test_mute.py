"""Muting a thread from what is new in it."""

import asyncio

import pytest

from forum.following import commands as following
from forum.following.types import Target
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, NotFound
from forum.members.types import GUEST
from forum.notifications import commands, queries
from tests.factories import a_member, a_thread, sign_in_as
from tests.notifications.scenes import a_told_reply, saw, sees

LEVEL = "SELECT f.level FROM follow f WHERE f.member_id = :member AND f.kind = 'thread' AND f.target_id = :thread"


async def told_of(tools, member) -> tuple[int, int]:
    """A thread that the member follows, and their notification of a reply in it."""
    thread = await a_thread(tools.db)
    await following.follow(tools.db, member, Target("thread", thread), "each")
    await a_told_reply(tools, thread)
    return thread, (await queries.new_lines(tools.db, member))[0].id


async def test_a_muted_thread_is_done_and_heard_of_no_more(db, tools):
    ann = await a_member(db)
    thread, its = await told_of(tools, ann)

    for _ in range(2):
        await commands.mute(db, ann, its)
    await asyncio.gather(*(commands.mute(db, ann, its) for _ in range(4)))
    await a_told_reply(tools, thread, body=f"Are you there, @{ann.handle}?")

    assert await value(db, LEVEL, member=ann.id, thread=thread) == "muted"
    assert await sees(db, ann) == []
    assert len(await saw(db, ann)) == 1


async def test_who_may_not_mute(db, tools):
    ann = await a_member(db)
    thread, its = await told_of(tools, ann)

    with pytest.raises(NotFound):
        await commands.mute(db, await a_member(db), its)
    with pytest.raises(Forbidden, match="Sign in"):
        await commands.mute(db, GUEST, its)
    await run(db, "UPDATE category SET is_hidden = true")
    with pytest.raises(NotFound):
        await commands.mute(db, ann, its)

    assert await value(db, LEVEL, member=ann.id, thread=thread) == "each"


async def test_nothing_is_muted_when_it_fails(db, tools):
    ann = await a_member(db)
    thread, its = await told_of(tools, ann)

    async with db.transaction(force_rollback=True):
        await commands.mute(db, ann, its)

    assert await value(db, LEVEL, member=ann.id, thread=thread) == "each"
    assert len(await sees(db, ann)) == 1


async def test_the_button_mutes(db, tools, web):
    ann = await sign_in_as(web, db, await a_member(db))
    thread, its = await told_of(tools, ann)
    assert f'action="/notifications/{its}/mute"' in (await web.get("/notifications")).text

    answer = await web.post(f"/notifications/{its}/mute")

    assert answer.headers["location"].startswith("/notifications?notice=muted&undo=told/")
    assert await value(db, LEVEL, member=ann.id, thread=thread) == "muted"
