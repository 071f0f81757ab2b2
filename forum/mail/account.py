"""What the mail room holds of one member: which mails went to them. What stood in them is not kept."""

from collections.abc import Mapping

from forum.kit.db import Database, rows, run
from forum.kit.holdings import Holding, Rows
from forum.members.types import Actor

# A digest is made for whom it was for, and of one post nobody hears twice.
HANDED_SQL = """
    UPDATE mail m
    SET member_id = :into_id
    WHERE m.member_id = :from_id AND NOT (
        m.state = 'waiting'
        AND (m.kind NOT IN ('instant', 'change') OR EXISTS (
            SELECT 1 FROM mail o
            WHERE o.member_id = :into_id AND o.kind = m.kind AND o.post_id = m.post_id
              AND o.version IS NOT DISTINCT FROM m.version
        ))
    )
"""
LEFT_ALONE_SQL = """
    DELETE FROM mail_suppression s USING member_email e
    WHERE e.address = s.address AND e.member_id = :member_id
"""
# Of what time their digests told is nobody else's: it goes with them, before the mails it points to.
GONE_SQL = (
    "DELETE FROM digest_mark WHERE member_id = :member_id",
    "DELETE FROM digest_plan WHERE member_id = :member_id",
    "DELETE FROM belated WHERE member_id = :member_id",
    "DELETE FROM mail WHERE member_id = :member_id",
)


async def export(db: Database, actor: Actor) -> Mapping[str, Rows]:
    """When which kind of mail went to them, the latest 1,000; and their addresses that are left alone."""
    mails = await rows(
        db,
        """
        SELECT m.kind, m.state, m.created_at, m.ended_at FROM mail m
        WHERE m.member_id = :actor_id
        ORDER BY m.created_at DESC, m.id DESC
        LIMIT 1000
        """,
        actor_id=actor.id,
    )
    alone = await rows(
        db,
        """
        SELECT s.address, s.reason, s.created_at
        FROM mail_suppression s JOIN member_email e ON e.address = s.address
        WHERE e.member_id = :actor_id
        ORDER BY s.address
        """,
        actor_id=actor.id,
    )
    return {"mails": mails, "addresses left alone": alone}


async def hand_over(db: Database, from_id: int, into_id: int) -> None:
    """What was sent was sent to the other; of what waits, only what they have not been told anyway."""
    await run(db, HANDED_SQL, from_id=from_id, into_id=into_id)
    await _clear(db, from_id)


async def forget(db: Database, member_id: int, removes: bool) -> None:
    """Nobody else reads it: it goes."""
    await _clear(db, member_id)
    await run(db, LEFT_ALONE_SQL, member_id=member_id)


async def _clear(db: Database, member_id: int) -> None:
    for statement in GONE_SQL:
        await run(db, statement, member_id=member_id)


HOLDING = Holding("mail", export, hand_over, forget)
