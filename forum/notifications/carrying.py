"""What members hear of, when two threads become one."""

from forum.kit.db import Database, run

# Open ones of both threads are one then; as everywhere, they are locked in the order of members.
OPEN = """
    SELECT o.id, o.member_id, o.post_ids, o.reasons, o.target_ids, o.changed_at
    FROM notification o
    WHERE o.thread_id = :thread_id AND o.done_at IS NULL
    ORDER BY o.member_id
    FOR UPDATE
"""
FROM_THERE = "greatest(1, cardinality(n.post_ids) + cardinality(o.post_ids) - 99)"  # the newest hundred of both
JOIN = f"""
    WITH old AS ({OPEN}),
    joined AS (
        UPDATE notification n
        SET post_ids = (o.post_ids || n.post_ids)[{FROM_THERE}:], reasons = (o.reasons || n.reasons)[{FROM_THERE}:],
            target_ids = (o.target_ids || n.target_ids)[{FROM_THERE}:],
            changed_at = greatest(n.changed_at, o.changed_at)
        FROM old o
        WHERE n.thread_id = :into_id AND n.member_id = o.member_id AND n.done_at IS NULL
        RETURNING o.id
    )
    DELETE FROM notification WHERE id IN (SELECT j.id FROM joined j)
"""
MOVE = "UPDATE notification SET thread_id = :into_id WHERE thread_id = :thread_id AND done_at IS NULL"


async def carry_thread(db: Database, thread_id: int, into_id: int) -> None:
    """What is new in a thread that was merged is new in the other one; twice is once."""
    async with db.transaction():
        await run(db, JOIN, thread_id=thread_id, into_id=into_id)
        await run(db, MOVE, thread_id=thread_id, into_id=into_id)
