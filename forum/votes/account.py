"""What the votes room holds of one member: which posts they marked helpful."""

from collections.abc import Mapping

from forum.categories.policy import READABLE_THREAD, READER
from forum.kit.db import Database, rows, run
from forum.kit.holdings import Holding, Rows
from forum.members.types import Actor
from forum.threads import commands as threads
from forum.threads.policy import POST_THERE, THREAD_THERE

MARKS_SQL = f"""
    SELECT t.id AS thread_id, t.title, p.number, h.created_at
    FROM helpful_vote h
    JOIN post p ON p.id = h.post_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    {READER}
    WHERE h.member_id = r.id AND {READABLE_THREAD} AND {THREAD_THERE} AND {POST_THERE}
    ORDER BY h.created_at, p.id
"""


async def export(db: Database, actor: Actor) -> Mapping[str, Rows]:
    """The posts they marked, where they may still read them."""
    return {"helpful": await rows(db, MARKS_SQL, actor_id=actor.id)}


async def hand_over(db: Database, from_id: int, into_id: int) -> None:
    """Marks go over; two on one post are one, and nobody marks their own."""
    touched = await _marked(db, from_id)
    await run(
        db,
        """
        INSERT INTO helpful_vote (member_id, post_id, created_at)
        SELECT :into_id, h.post_id, h.created_at FROM helpful_vote h WHERE h.member_id = :from_id
        ON CONFLICT DO NOTHING
        """,
        from_id=from_id,
        into_id=into_id,
    )
    await run(db, "DELETE FROM helpful_vote WHERE member_id = :from_id", from_id=from_id)
    own = await rows(
        db,
        """
        DELETE FROM helpful_vote h USING post p
        WHERE p.id = h.post_id AND p.author_id = h.member_id AND h.member_id = :into_id
        RETURNING p.thread_id, p.id
        """,
        into_id=into_id,
    )
    await _count(db, touched | {(row["thread_id"], row["id"]) for row in own})


async def forget(db: Database, member_id: int, removes: bool) -> None:
    """The marks stay as counts under no name, or are taken back."""
    if not removes:
        return
    touched = await _marked(db, member_id)
    await run(db, "DELETE FROM helpful_vote WHERE member_id = :member_id", member_id=member_id)
    await _count(db, touched)


async def _marked(db: Database, member_id: int) -> set[tuple[int, int]]:
    """Thread and id of each post they marked; the threads' rows are held, in their order."""
    found = await rows(
        db,
        """
        SELECT t.id AS thread_id, p.id
        FROM helpful_vote h
        JOIN post p ON p.id = h.post_id
        JOIN thread t ON t.id = p.thread_id
        WHERE h.member_id = :member_id
        ORDER BY t.id
        FOR NO KEY UPDATE OF t
        """,
        member_id=member_id,
    )
    return {(row["thread_id"], row["id"]) for row in found}


async def _count(db: Database, posts: set[tuple[int, int]]) -> None:
    for thread_id, post_id in sorted(posts):
        await threads.count_helpful(db, thread_id, post_id)


HOLDING = Holding("votes", export, hand_over, forget)
