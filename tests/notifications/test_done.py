"""Putting aside what is new, as far as it was seen."""

import asyncio

import pytest

from forum.kit.db import run, value
from forum.kit.errors import Forbidden
from forum.members.types import GUEST
from forum.notifications import commands, jobs, queries
from forum.threads.reading import mark_read
from tests.factories import a_member, a_thread, sign_in_as
from tests.notifications.scenes import a_told_reply, follows_thread, kept, saw, sees, waiting_for_a_row

ALL = 10**17


async def told_of(tools, member, *, threads=1) -> list[int]:
    """The member's open notifications, one for each of so many threads."""
    for _ in range(threads):
        thread = await a_thread(tools.db)
        await follows_thread(tools.db, member, thread)
        await a_told_reply(tools, thread)
    return [line.id for line in await queries.new_lines(tools.db, member)]


async def test_one_is_done_and_twice_is_once(db, tools):
    ann = await a_member(db)
    first, second = await told_of(tools, ann, threads=2)

    for _ in range(2):
        await commands.put_aside(db, ann, first, ALL)
    await asyncio.gather(*(commands.put_aside(db, ann, first, ALL) for _ in range(5)))

    assert [line.id for line in await queries.new_lines(db, ann)] == [second]
    assert [line.id for line in await queries.old_lines(db, ann)] == [first]


async def test_what_is_anothers_stays_and_guests_have_none(db, tools):
    ann, bob = await a_member(db), await a_member(db)
    [its] = await told_of(tools, ann)

    await commands.put_aside(db, bob, its, ALL)
    await commands.put_all_aside(db, bob, ALL)
    await commands.see(db, bob, its)
    for refused in (commands.put_aside(db, GUEST, its, ALL), commands.put_all_aside(db, GUEST, ALL)):
        with pytest.raises(Forbidden, match="Sign in to see what is new for you"):
            await refused

    assert len(await sees(db, ann)) == 1
    assert await value(db, "SELECT n.opened_at FROM notification n") is None


async def test_all_are_done_but_what_came_after_they_were_shown(db, tools, web):
    ann = await sign_in_as(web, db, await a_member(db))
    first, second = await told_of(tools, ann, threads=2)
    until = (await web.get("/notifications")).text.partition('name="until" value="')[2].partition('"')[0]
    third = (await told_of(tools, ann))[0]
    thread = await value(db, "SELECT n.thread_id FROM notification n WHERE n.id = :id", id=second)
    await a_told_reply(tools, thread)

    answer = await web.post("/notifications/done", data={"until": until})

    assert answer.status_code == 303
    assert {line.id for line in await queries.new_lines(db, ann)} == {second, third}
    assert [line.id for line in await queries.old_lines(db, ann)] == [first]


async def test_all_at_once_while_more_comes_leaves_nobody_waiting(db, tools):
    people = [await a_member(db) for _ in range(4)]
    threads = [await a_thread(db) for _ in range(4)]
    for person in people:
        for thread in threads:
            await follows_thread(db, person, thread)

    await asyncio.gather(
        *(a_told_reply(tools, thread) for thread in threads * 3),
        *(commands.put_all_aside(db, person, ALL) for person in people * 3),
    )

    for person in people:
        await commands.put_all_aside(db, person, ALL)
        assert await sees(db, person) == []


async def test_settling_at_night_waits_in_no_circle_with_whoever_puts_aside(db, tools):
    ann, bob = await a_member(db), await a_member(db)
    its = {who: (await told_of(tools, who))[0] for who in (bob, ann)}  # told in another order than that of members
    assert its[bob] < its[ann]
    await run(
        db, "INSERT INTO read_mark (member_id, thread_id, number) SELECT member_id, thread_id, 9 FROM notification"
    )

    async with db.transaction():
        await commands.put_aside(db, ann, its[ann], ALL)
        night = asyncio.create_task(commands.tidy(db))
        await asyncio.create_task(waiting_for_a_row(db))  # a transaction sees the activity of its first look only
        await commands.put_aside(db, bob, its[bob], ALL)
    await night

    assert [is_done for *_, is_done in await kept(db)] == [True, True]


async def test_a_merge_into_an_older_thread_waits_in_no_circle_with_whoever_puts_aside(db, tools):
    ann = await a_member(db)
    await told_of(tools, ann, threads=2)
    thread, into = sorted(await queries.new_lines(db, ann), key=lambda line: -line.thread_id)

    async with db.transaction():
        await commands.put_aside(db, ann, into.id, ALL)
        merging = asyncio.create_task(jobs.carry_thread(tools, thread.thread_id, into.thread_id))
        await asyncio.create_task(waiting_for_a_row(db))  # a transaction sees the activity of its first look only
        await commands.put_aside(db, ann, thread.id, ALL)
    await merging

    assert [is_done for *_, is_done in await kept(db)] == [True, True]


async def test_a_command_that_is_rolled_back_has_done_nothing(db, tools):
    ann = await a_member(db)
    await told_of(tools, ann)

    async with db.transaction(force_rollback=True):
        await commands.put_all_aside(db, ann, ALL)
        assert await sees(db, ann) == []

    assert len(await sees(db, ann)) == 1


async def test_at_night_what_is_gone_stays_open_while_it_would_be_news_if_it_came_back(db, tools):
    ann = await a_member(db)
    await told_of(tools, ann)
    await run(db, "UPDATE post SET deleted_at = now()")

    await jobs.clear_up(tools)
    assert [is_done for *_, is_done in await kept(db)] == [False]

    await run(db, "UPDATE post SET created_at = now() - interval '31 days'")
    await jobs.clear_up(tools)
    assert [is_done for *_, is_done in await kept(db)] == [True]


async def test_at_night_what_was_read_is_done_and_what_is_old_goes(db, tools):
    ann, bob = await a_member(db), await a_member(db)
    await told_of(tools, ann, threads=2)
    await told_of(tools, bob)
    thread = await value(db, "SELECT n.thread_id FROM notification n WHERE n.member_id = :id LIMIT 1", id=ann.id)
    await mark_read(db, ann, thread, 2)

    await jobs.clear_up(tools)
    assert sorted(is_done for member, _, _, is_done in await kept(db) if member == ann.id) == [False, True]

    await run(db, "UPDATE notification SET done_at = done_at - interval '91 days'")
    await jobs.clear_up(tools)
    assert [is_done for *_, is_done in await kept(db)] == [False, False]

    await run(db, "UPDATE notification SET changed_at = now() - interval '181 days' WHERE member_id = :id", id=bob.id)
    await jobs.clear_up(tools)
    assert [member for member, *_ in await kept(db)] == [ann.id]
    assert await saw(db, ann) == []
