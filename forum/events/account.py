"""What the events room holds of one member: to which events they said that they will come.

When and where those are that they announced is part of their threads, and goes where these go.
"""

from collections.abc import Mapping

from forum.categories.policy import READABLE_THREAD, READER
from forum.kit.db import Database, rows, run
from forum.kit.holdings import Holding, Rows
from forum.members.types import Actor
from forum.threads.policy import POST_THERE, THREAD_THERE

SQL = f"""
    FROM event e
    JOIN post p ON p.id = e.post_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    {READER}
"""
COMING_SQL = f"""
    SELECT t.id AS thread_id, t.title, e.starts_at, e.time_zone, g.said_at
    {SQL}
    JOIN event_guest g ON g.post_id = e.post_id AND g.member_id = r.id
    WHERE {READABLE_THREAD} AND {THREAD_THERE} AND {POST_THERE}
    ORDER BY g.said_at, e.post_id
"""
ANNOUNCED_SQL = f"""
    SELECT t.id AS thread_id, t.title, e.starts_at, e.ends_at, e.time_zone, e.place, e.link, e.is_cancelled,
           e.announced_at
    {SQL}
    WHERE p.author_id = r.id AND {READABLE_THREAD} AND {THREAD_THERE} AND {POST_THERE}
    ORDER BY e.announced_at, e.post_id
"""


async def export(db: Database, actor: Actor) -> Mapping[str, Rows]:
    """The events they announced, and those they go to, where they may still read of them."""
    return {
        "events": await rows(db, ANNOUNCED_SQL, actor_id=actor.id),
        "going_to": await rows(db, COMING_SQL, actor_id=actor.id),
    }


async def hand_over(db: Database, from_id: int, into_id: int) -> None:
    """Whoever both said that they come comes once."""
    await run(
        db,
        """
        INSERT INTO event_guest (post_id, member_id, said_at)
        SELECT g.post_id, :into_id, g.said_at FROM event_guest g WHERE g.member_id = :from_id
        ON CONFLICT DO NOTHING
        """,
        from_id=from_id,
        into_id=into_id,
    )
    await forget(db, from_id, removes=False)


async def forget(db: Database, member_id: int, removes: bool) -> None:
    """They come no more; with their words goes when and where it was that they announced."""
    await run(db, "DELETE FROM event_guest WHERE member_id = :member_id", member_id=member_id)
    if removes:
        await run(
            db,
            "DELETE FROM event e USING post p WHERE p.id = e.post_id AND p.author_id = :member_id",
            member_id=member_id,
        )


HOLDING = Holding("events", export, hand_over, forget)
