"""Threads that members wrote in before anybody could follow them: followed at once. For demos and imports."""

from collections.abc import Sequence

from forum.kit.db import Database, run


async def follow_written(db: Database, member_ids: Sequence[int]) -> None:
    """These members follow the threads they began or replied in within the last 90 days; what they chose stays."""
    await run(
        db,
        """
        INSERT INTO follow (member_id, kind, target_id, level, reason)
        SELECT p.author_id, 'thread', p.thread_id, 'each',
               CASE WHEN min(p.number) = 1 THEN 'asked' ELSE 'replied' END
        FROM post p
        WHERE p.author_id = ANY(CAST(:member_ids AS bigint[])) AND p.deleted_at IS NULL
          AND p.created_at > now() - interval '90 days'
        GROUP BY p.author_id, p.thread_id
        ON CONFLICT DO NOTHING
        """,
        member_ids=list(member_ids),
    )
