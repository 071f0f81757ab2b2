"""Notifications for tests: who is told of what, and what they see."""

import asyncio

from forum.kit.db import rows, value
from forum.notifications import jobs, queries
from tests.factories import a_category, a_reply, a_thread
from tests.following.scenes import follows
from tests.waiting import PATIENCE_S

WORLD = ("everything", 0)


async def told(tools, *posts) -> None:
    """The job that follows each post has run."""
    for post in posts:
        await jobs.notify_post(tools, post)


async def a_told_reply(tools, thread, **fields) -> int:
    """A reply, and all who hear of it are told; returns its post's id."""
    post = await a_reply(tools.db, thread, **fields)
    await told(tools, post)
    return post


async def two_of_a_category(db, member) -> tuple[int, int]:
    """Threads that the member follows, of which one may become part of the other."""
    category = await a_category(db)
    threads = await a_thread(db, category=category), await a_thread(db, category=category)
    for each in threads:
        await follows_thread(db, member, each)
    return threads


async def sees(db, member) -> list[str]:
    """What is new for a member, in words."""
    return [f"{line.who} {line.deed} {line.title}, {line.because}" for line in await queries.new_lines(db, member)]


async def saw(db, member) -> list[str]:
    """What is done or read, in words."""
    return [f"{line.who} {line.deed} {line.title}, {line.because}" for line in await queries.old_lines(db, member)]


async def on_the_bell(db, web) -> int:
    """The number on the bell of the page that this browser opens."""
    page = (await web.get("/")).text
    _, mark, rest = page.partition('class="bell-number" data-count="')
    return int(rest.partition('"')[0]) if mark else 0


async def kept(db) -> list[tuple]:
    """Each notification: whose, of which posts, why, and whether it is done."""
    found = await rows(
        db,
        """
        SELECT n.member_id, n.post_ids, n.reasons, n.done_at IS NOT NULL AS is_done
        FROM notification n ORDER BY n.member_id, n.id
        """,
    )
    return [(row["member_id"], row["post_ids"], row["reasons"], row["is_done"]) for row in found]


async def follows_thread(db, member, thread, **fields) -> None:
    await follows(db, member, "thread", thread, **fields)


async def waiting_for_a_row(db) -> None:
    """Somebody waits until another transaction lets go of a notification."""
    async with asyncio.timeout(PATIENCE_S):
        while not await value(db, WAITING):
            await asyncio.sleep(0.01)


WAITING = """
    SELECT count(*) FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.wait_event_type = 'Lock' AND a.query LIKE '%notification%'
"""
