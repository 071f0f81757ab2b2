"""What is followed goes on being followed when it becomes one with another, and is forgotten when it is gone.

Whoever adds rows of several members does so in the order of members: nobody waits in a circle.
"""

from forum.following.hearing import WRITERS
from forum.following.targets import THERE
from forum.kit.db import Database, run

# What becomes of followers when :old becomes one with :new; see wiring.PRODUCT_MERGES and wiring.TOPIC_MERGES. Whoever
# follows both has chosen how to follow the one that stays.
MERGED = {
    KIND: (
        f"""
        INSERT INTO follow (member_id, kind, target_id, level, every_days, reason, changed_at)
        SELECT f.member_id, f.kind, :new, f.level, f.every_days, f.reason, f.changed_at
        FROM follow f
        WHERE f.kind = '{KIND}' AND f.target_id = :old
        ORDER BY f.member_id
        ON CONFLICT DO NOTHING
        """,
        f"DELETE FROM follow WHERE kind = '{KIND}' AND target_id = :old",
    )
    for KIND in ("product", "topic")
}
FORGET = f"DELETE FROM follow f WHERE NOT {THERE}"


async def carry_thread(db: Database, thread_id: int, into_id: int) -> None:
    """Who follows a thread follows the one that took its posts in; who muted or left it does not. Twice is once.

    The rows of the old one stay, as the merge may be undone.
    """
    await run(
        db,
        """
        INSERT INTO follow (member_id, kind, target_id, level, every_days, reason)
        SELECT f.member_id, 'thread', t.id, f.level, f.every_days,
               CASE f.reason WHEN 'asked' THEN 'replied' ELSE f.reason END
        FROM follow f
        JOIN thread old ON old.id = f.target_id
        JOIN thread t ON t.id = old.merged_into_id
        WHERE f.kind = 'thread' AND f.target_id = :thread_id AND t.id = :into_id AND f.level NOT IN ('muted', 'none')
        ORDER BY f.member_id
        ON CONFLICT DO NOTHING
        """,
        thread_id=thread_id,
        into_id=into_id,
    )


# Whoever wrote none of it themselves, under whatever name, follows it for what it was split off.
SPLIT = f"""
    INSERT INTO follow (member_id, kind, target_id, level, every_days, reason)
    SELECT f.member_id, 'thread', t.id, f.level, f.every_days,
           CASE WHEN f.reason IN ('chosen', 'preset') THEN f.reason
                WHEN o.number = 1 THEN 'asked' WHEN o.number > 1 THEN 'replied' ELSE 'split' END
    FROM follow f
    JOIN thread t ON t.id = :new_id
    CROSS JOIN LATERAL (
        SELECT min(p.number) AS number FROM post p
        WHERE p.thread_id = t.id AND p.deleted_at IS NULL AND (
            p.author_id = f.member_id OR p.id IN (SELECT w.post_id FROM ({WRITERS}) w WHERE w.member_id = f.member_id)
        )
    ) o
    WHERE f.kind = 'thread' AND f.target_id = :thread_id
    ORDER BY f.member_id
    ON CONFLICT DO NOTHING
"""


async def carry_split(db: Database, thread_id: int, new_id: int) -> None:
    """Whoever follows a thread, muted or left it, does the same with the one that was split off it. Twice is once."""
    await run(db, SPLIT, thread_id=thread_id, new_id=new_id)


async def forget_gone(db: Database) -> int:
    """Drop what leads to nothing. Returns how many rows."""
    return await run(db, FORGET)
