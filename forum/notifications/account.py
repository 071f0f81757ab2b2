"""What the notifications room holds of one member: what is new for them, and what was."""

from collections.abc import Mapping

from forum.categories.policy import READABLE_THREAD, READER
from forum.kit.db import Database, rows, run
from forum.kit.holdings import Holding, Rows
from forum.members.types import Actor

TOLD_SQL = f"""
    SELECT t.id AS thread_id, t.title, p.number, h.reason, n.changed_at, n.done_at
    FROM notification n
    CROSS JOIN unnest(n.post_ids, n.reasons) h (post_id, reason)
    JOIN post p ON p.id = h.post_id AND p.deleted_at IS NULL
    JOIN thread t ON t.id = p.thread_id AND t.deleted_at IS NULL
    JOIN category c ON c.id = t.category_id
    {READER}
    WHERE n.member_id = r.id AND {READABLE_THREAD}
    ORDER BY n.id, p.number
"""


async def export(db: Database, actor: Actor) -> Mapping[str, Rows]:
    """What they were told of, where they may still read it."""
    return {"notifications": await rows(db, TOLD_SQL, actor_id=actor.id)}


async def hand_over(db: Database, from_id: int, into_id: int) -> None:
    """They go over; of two about one thread that are open, the one that comes is done."""
    await run(
        db,
        """
        UPDATE notification n
        SET member_id = :into_id, done_at = CASE WHEN n.done_at IS NULL AND EXISTS (
            SELECT 1 FROM notification o
            WHERE o.member_id = :into_id AND o.thread_id = n.thread_id AND o.done_at IS NULL
        ) THEN now() ELSE n.done_at END
        WHERE n.member_id = :from_id
        """,
        from_id=from_id,
        into_id=into_id,
    )


async def forget(db: Database, member_id: int, removes: bool) -> None:
    """Nobody else reads them: they go."""
    await run(db, "DELETE FROM notification WHERE member_id = :member_id", member_id=member_id)


HOLDING = Holding("notifications", export, hand_over, forget)
