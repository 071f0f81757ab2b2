"""The demo is the same each time it is loaded, and is loaded once however many try."""

import asyncio

from forum.demo.commands import load_demo
from forum.kit.db import rows, value
from tests.conftest import empty
from tests.factories import a_member

# Times are told as how long before the loading they were; the requests to join came with it.
STORY = """
    SELECT t.title, p.number, a.handle, p.helpful_count, l.at - p.created_at AS sent, l.at - p.edited_at AS edited,
           l.at - p.deleted_at AS deleted, l.at - t.accepted_at AS accepted, l.at - a.created_at AS joined,
           ARRAY(SELECT m.handle || (l.at - v.created_at) FROM helpful_vote v JOIN member m ON m.id = v.member_id
                 WHERE v.post_id = p.id ORDER BY m.handle) AS marks,
           ARRAY(SELECT m.handle || k.number FROM read_mark k JOIN member m ON m.id = k.member_id
                 WHERE k.thread_id = t.id ORDER BY m.handle) AS readers
    FROM post p
    JOIN thread t ON t.id = p.thread_id
    JOIN member a ON a.id = p.author_id
    CROSS JOIN (SELECT max(j.created_at) AS at FROM join_request j) l
    ORDER BY t.title, p.number
"""


async def test_the_demo_is_always_the_same(db):
    await load_demo(db)
    first = [tuple(row.values()) for row in await rows(db, STORY)]
    await empty(db)

    await load_demo(db)

    assert [tuple(row.values()) for row in await rows(db, STORY)] == first


async def test_loading_at_the_same_moment_loads_once(db):
    assert sorted(await asyncio.gather(load_demo(db), load_demo(db))) == [False, True]
    assert (
        await value(
            db, "SELECT count(*) FROM thread t WHERE t.title NOT LIKE '%: reviews' AND t.title NOT LIKE '%: opinions?'"
        )
        == 304
    )


async def test_a_forum_with_members_is_left_alone(db):
    await a_member(db)

    assert await load_demo(db) is False
    assert await value(db, "SELECT count(*) FROM district") == 0
