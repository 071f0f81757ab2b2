"""Keeping what members hear of, and putting it aside.

Whoever locks several notifications does so in the order of members, then threads: nobody waits in a circle.
"""

from collections.abc import Sequence
from datetime import datetime

from forum.following import commands as following
from forum.following.types import Target
from forum.kit.db import Database, run, run_long, value
from forum.members.types import Actor
from forum.notifications import policy, queries
from forum.notifications.queries import IS_NEW, STANDING
from forum.notifications.types import Notice

# A thread has one open notification for a member, which grows. Who has read the post already, was told of it, or has
# put it aside, is not told again; of an acceptance once, each time there is one.
FROM_THERE = "greatest(1, cardinality(n.post_ids) - 98)"  # the newest hundred of one more
NOTIFY = f"""
    INSERT INTO notification AS n (member_id, thread_id, post_ids, reasons, target_ids, created_at, changed_at)
    SELECT h.member_id, p.thread_id, ARRAY[p.id], ARRAY[h.reason], ARRAY[h.target_id], w.at, w.at
    FROM unnest(
        CAST(:member_ids AS bigint[]), CAST(:reasons AS text[]), CAST(:target_ids AS bigint[])
    ) h (member_id, reason, target_id)
    JOIN post p ON p.id = :post_id AND p.deleted_at IS NULL
    CROSS JOIN (SELECT coalesce(CAST(:at AS timestamptz), clock_timestamp()) AS at) w
    JOIN thread t ON t.id = p.thread_id
    LEFT JOIN read_mark k ON k.thread_id = t.id AND k.member_id = h.member_id
    WHERE CASE h.reason WHEN 'accepted' THEN t.accepted_post_id = p.id ELSE p.number > coalesce(k.number, 0) END
      AND NOT EXISTS (
          SELECT 1
          FROM notification o
          CROSS JOIN unnest(o.post_ids, o.reasons) x (post_id, reason)
          WHERE o.member_id = h.member_id AND o.thread_id = t.id AND x.post_id = p.id
            AND CASE h.reason
                    WHEN 'accepted' THEN x.reason = 'accepted' AND o.changed_at >= t.accepted_at
                    ELSE x.reason <> 'accepted'
                END
      )
    ORDER BY h.member_id
    ON CONFLICT (member_id, thread_id) WHERE done_at IS NULL DO UPDATE
    SET post_ids = (n.post_ids || excluded.post_ids)[{FROM_THERE}:],
        reasons = (n.reasons || excluded.reasons)[{FROM_THERE}:],
        target_ids = (n.target_ids || excluded.target_ids)[{FROM_THERE}:],
        changed_at = greatest(n.changed_at, excluded.changed_at)
    WHERE NOT EXISTS (
        SELECT 1 FROM unnest(n.post_ids, n.reasons) x (post_id, reason)
        WHERE x.post_id = excluded.post_ids[1] AND x.reason = excluded.reasons[1]
    )
"""

UP_TO = "n.changed_at <= timestamptz 'epoch' + CAST(:until AS bigint) * interval '1 microsecond'"
SETTLE = f"""
    WITH due AS (
        SELECT n.id FROM notification n WHERE n.done_at IS NULL AND n.id > :after ORDER BY n.id LIMIT 5000
    ),
    held AS MATERIALIZED (
        SELECT n.id
        FROM notification n
        JOIN due s ON s.id = n.id
        WHERE n.done_at IS NULL AND NOT EXISTS (SELECT 1 {STANDING} WHERE {IS_NEW})
        ORDER BY n.member_id, n.thread_id
        FOR NO KEY UPDATE OF n
    ),
    settled AS (
        UPDATE notification n SET done_at = now() FROM held h WHERE n.id = h.id
    )
    SELECT max(s.id) FROM due s
"""


async def notify(db: Database, post_id: int, notices: Sequence[Notice], at: datetime | None = None) -> int:
    """Tell each of these members of one post; twice is once. Returns for how many there is something new.

    at: when they were told, None for now.
    """
    return await run(
        db,
        NOTIFY,
        post_id=post_id,
        at=at,
        member_ids=[each.member_id for each in notices],
        reasons=[each.reason for each in notices],
        target_ids=[each.target_id for each in notices],
    )


async def see(db: Database, actor: Actor, notification_id: int) -> None:
    """`actor` goes to what it is about."""
    await run(
        db,
        "UPDATE notification SET opened_at = now() WHERE id = :notification_id AND member_id = :actor_id",
        notification_id=notification_id,
        actor_id=actor.id,
    )


async def put_aside(db: Database, actor: Actor, notification_id: int, until: int) -> None:
    """One is done, unless it changed after `until`, in µs since 1970: that has not been seen. Raises Forbidden.

    Twice is once, and what is another's stays.
    """
    policy.may_be_told(actor).require()
    await run(
        db,
        f"""
        UPDATE notification n SET done_at = now()
        WHERE n.id = :notification_id AND n.member_id = :actor_id AND n.done_at IS NULL AND {UP_TO}
        """,
        notification_id=notification_id,
        actor_id=actor.id,
        until=until,
    )


async def put_all_aside(db: Database, actor: Actor, until: int) -> int:
    """All are done that have not changed after `until`, in µs since 1970. Returns how many. Raises Forbidden."""
    policy.may_be_told(actor).require()
    return await run(
        db,
        f"""
        UPDATE notification SET done_at = now()
        WHERE id IN (
            SELECT n.id FROM notification n
            WHERE n.member_id = :actor_id AND n.done_at IS NULL AND {UP_TO}
            ORDER BY n.thread_id
            FOR NO KEY UPDATE
        )
        """,
        actor_id=actor.id,
        until=until,
    )


async def mute(db: Database, actor: Actor, notification_id: int) -> None:
    """Hear no more of its thread; what is there of it is done. Raises NotFound, Forbidden."""
    policy.may_be_told(actor).require()
    found = await queries.line(db, actor, notification_id)
    async with db.transaction():
        await following.follow(db, actor, Target("thread", found.thread_id), "muted")
        await put_aside(db, actor, notification_id, found.moment)


async def tidy(db: Database) -> None:
    """What was read is done; what was done for 90 days goes, and what nobody came for within half a year."""
    last: int | None = 0
    while last is not None:
        last = await value(db, SETTLE, after=last)
    await run_long(
        db,
        """
        DELETE FROM notification
        WHERE done_at < now() - interval '90 days' OR changed_at < now() - interval '180 days'
        """,
    )
