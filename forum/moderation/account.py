"""What the moderation room holds of one member: what they flagged, and what staff noted about them."""

from collections.abc import Mapping

from forum.categories.policy import READABLE_THREAD, READER
from forum.kit.db import Database, rows, run
from forum.kit.holdings import Holding, Rows
from forum.members.types import Actor
from forum.threads.policy import POST_THERE, THREAD_THERE

FLAGS_SQL = f"""
    SELECT t.id AS thread_id, p.number, f.reason, f.note, f.outcome, f.created_at
    FROM post_flag f
    JOIN post p ON p.id = f.post_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    {READER}
    WHERE f.member_id = r.id AND {READABLE_THREAD} AND {THREAD_THERE} AND {POST_THERE}
    ORDER BY f.id
"""
HANDED_OVER = (
    """
    UPDATE post_flag f SET member_id = :into_id
    WHERE f.member_id = :from_id
      AND NOT EXISTS (SELECT 1 FROM post_flag o WHERE o.post_id = f.post_id AND o.member_id = :into_id)
    """,
    "DELETE FROM post_flag WHERE member_id = :from_id",
    "UPDATE staff_note SET member_id = :into_id WHERE member_id = :from_id",
    "UPDATE staff_note SET author_id = :into_id WHERE author_id = :from_id",
    "UPDATE queue_item SET author_id = :into_id WHERE author_id = :from_id",
    "UPDATE queue_item SET claimed_by = NULL, claimed_at = NULL WHERE claimed_by = :from_id",
)
FORGOTTEN = (
    "UPDATE post_flag SET note = '' WHERE member_id = :member_id",
    "DELETE FROM staff_note WHERE member_id = :member_id",
    "UPDATE queue_item SET claimed_by = NULL, claimed_at = NULL WHERE claimed_by = :member_id",
)


async def export(db: Database, actor: Actor) -> Mapping[str, Rows]:
    """What they flagged, where they may still read it. What staff noted is staff's."""
    return {"flags": await rows(db, FLAGS_SQL, actor_id=actor.id)}


async def hand_over(db: Database, from_id: int, into_id: int) -> None:
    """Flags and notes are about the other account; two flags of one post are one."""
    for statement in HANDED_OVER:
        await run(db, statement, from_id=from_id, into_id=into_id)


async def forget(db: Database, member_id: int, removes: bool) -> None:
    """A flag stays without its words, so that its post is still looked at; notes about them go."""
    for statement in FORGOTTEN:
        await run(db, statement, member_id=member_id)


HOLDING = Holding("moderation", export, hand_over, forget)
