"""Keeping what members hear of, putting it aside, and bringing it back.

Whoever locks several notifications does so in the order of members, then threads, and after what is followed: nobody
waits in a circle.
"""

from collections.abc import Sequence
from datetime import datetime

from forum.following import commands as following
from forum.following.types import Deed, Target
from forum.kit.db import Database, rows, run, run_long, value
from forum.kit.errors import NOTHING_LEFT, Invalid, NotFound
from forum.members.types import Actor
from forum.notifications import policy, queries
from forum.notifications.queries import AWAY, IS_NEW, STANDING
from forum.notifications.types import Notice
from forum.threads.mentions import UNSEEN

# A thread has one open notification for a member, which grows. Who has read the post already, was told of it, or has
# put it aside, is not told again; of an acceptance once, each time there is one, and of a mention also when that came
# to the post after it was read or told.
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
    WHERE CASE h.reason
              WHEN 'accepted' THEN t.accepted_post_id = p.id
              ELSE p.number > coalesce(k.number, 0) OR h.reason = 'mentioned' AND h.member_id IN ({UNSEEN})
          END
      AND NOT EXISTS (
          SELECT 1
          FROM notification o
          CROSS JOIN unnest(o.post_ids, o.reasons) x (post_id, reason)
          WHERE o.member_id = h.member_id AND o.thread_id = t.id AND x.post_id = p.id
            AND CASE h.reason
                    WHEN 'accepted' THEN x.reason = 'accepted' AND o.changed_at >= t.accepted_at
                    WHEN 'mentioned' THEN x.reason = 'mentioned'
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
    RETURNING n.member_id
"""

UP_TO = "n.changed_at <= timestamptz 'epoch' + CAST(:until AS bigint) * interval '1 microsecond'"
# All that one deed puts aside has one moment, by which it is found again.
PUT_ASIDE = f"""
    WITH held AS MATERIALIZED (
        SELECT n.id
        FROM notification n
        WHERE n.member_id = :actor_id AND n.done_at IS NULL AND {UP_TO}
          AND CAST(:only_id AS bigint) IN (0, n.id)
        ORDER BY n.thread_id
        FOR NO KEY UPDATE
    ),
    aside AS (
        UPDATE notification n SET done_at = now() FROM held h WHERE n.id = h.id
        RETURNING n.done_at
    )
    SELECT coalesce(CAST(extract(epoch FROM max(a.done_at)) * 1000000 AS bigint), 0) FROM aside a
"""
# What comes to a thread again: where one is open there already, also one made in this very moment, both are one.
TAKEN_OUT = """
    taken AS (
        DELETE FROM notification n USING held h WHERE n.id = h.id
        RETURNING n.id, n.member_id, n.thread_id, n.post_ids, n.reasons, n.target_ids, n.created_at, n.changed_at,
                  n.opened_at
    )
    INSERT INTO notification AS n (id, member_id, thread_id, post_ids, reasons, target_ids, created_at, changed_at,
                                   opened_at)
    OVERRIDING SYSTEM VALUE
"""
NEWEST_OF_BOTH = "greatest(1, cardinality(n.post_ids) + cardinality(excluded.post_ids) - 99)"  # the newest hundred
ARE_ONE = f"""
    ON CONFLICT (member_id, thread_id) WHERE done_at IS NULL DO UPDATE
    SET post_ids = (excluded.post_ids || n.post_ids)[{NEWEST_OF_BOTH}:],
        reasons = (excluded.reasons || n.reasons)[{NEWEST_OF_BOTH}:],
        target_ids = (excluded.target_ids || n.target_ids)[{NEWEST_OF_BOTH}:],
        changed_at = greatest(n.changed_at, excluded.changed_at)
"""
BRING_BACK = f"""
    WITH held AS MATERIALIZED (
        SELECT n.id
        FROM notification n
        WHERE n.member_id = :actor_id
          AND n.done_at = timestamptz 'epoch' + CAST(:moment AS bigint) * interval '1 microsecond'
        ORDER BY n.thread_id
        FOR UPDATE
    ),
    {TAKEN_OUT}
    SELECT o.id, o.member_id, o.thread_id, o.post_ids, o.reasons, o.target_ids, o.created_at, o.changed_at, o.opened_at
    FROM taken o
    ORDER BY o.thread_id
    {ARE_ONE}
    RETURNING n.id, n.thread_id
"""
# Before lines come back: some may have to wait for those of a merge, which goes on from one of these to another.
HOLD_OPEN = """
    SELECT n.id FROM notification n WHERE n.member_id = :actor_id AND n.done_at IS NULL
    ORDER BY n.thread_id
    FOR UPDATE
"""
WHOSE = """
    SELECT n.member_id FROM notification n WHERE n.thread_id = :thread_id AND n.done_at IS NULL ORDER BY n.member_id
"""
CARRY = f"""
    WITH both_held AS MATERIALIZED (
        SELECT n.id, n.thread_id
        FROM notification n
        WHERE n.member_id = :member_id AND n.thread_id IN (:thread_id, :into_id) AND n.done_at IS NULL
        ORDER BY n.thread_id
        FOR UPDATE
    ),
    held AS (SELECT y.id FROM both_held y WHERE y.thread_id = :thread_id),
    {TAKEN_OUT}
    SELECT o.id, o.member_id, :into_id, o.post_ids, o.reasons, o.target_ids, o.created_at, o.changed_at, o.opened_at
    FROM taken o
    {ARE_ONE}
"""
MERGED = """
    SELECT t.id, t.merged_into_id FROM thread t
    WHERE t.id = ANY(CAST(:thread_ids AS bigint[])) AND t.merged_into_id IS NOT NULL
    ORDER BY t.id
"""
SETTLE = f"""
    WITH due AS (
        SELECT n.id FROM notification n WHERE n.done_at IS NULL AND n.id > :after ORDER BY n.id LIMIT 5000
    ),
    held AS MATERIALIZED (
        SELECT n.id
        FROM notification n
        JOIN due s ON s.id = n.id
        WHERE n.done_at IS NULL AND NOT EXISTS (SELECT 1 {STANDING} WHERE {IS_NEW}) AND NOT EXISTS (SELECT 1 {AWAY})
        ORDER BY n.member_id, n.thread_id
        FOR NO KEY UPDATE OF n
    ),
    settled AS (
        UPDATE notification n SET done_at = now() FROM held h WHERE n.id = h.id
    )
    SELECT max(s.id) FROM due s
"""


async def notify(db: Database, post_id: int, notices: Sequence[Notice], at: datetime | None = None) -> list[int]:
    """Tell each of these members of one post; twice is once. Returns the ids of those for whom it is new.

    at: when they were told, None for now.
    """
    told = await rows(
        db,
        NOTIFY,
        post_id=post_id,
        at=at,
        member_ids=[each.member_id for each in notices],
        reasons=[each.reason for each in notices],
        target_ids=[each.target_id for each in notices],
    )
    return [row["member_id"] for row in told]


async def see(db: Database, actor: Actor, notification_id: int) -> None:
    """`actor` goes to what it is about."""
    await run(
        db,
        "UPDATE notification SET opened_at = now() WHERE id = :notification_id AND member_id = :actor_id",
        notification_id=notification_id,
        actor_id=actor.id,
    )


async def put_aside(db: Database, actor: Actor, notification_id: int, until: int) -> int:
    """One is done, unless it changed after `until`, in µs since 1970: that has not been seen. Raises Forbidden.

    Returns the moment to bring it back by, 0 where nothing is done by this. Twice is once, and what is another's stays.
    """
    policy.may_be_told(actor).require()
    return await _put_aside(db, actor, until, notification_id)


async def put_all_aside(db: Database, actor: Actor, until: int) -> int:
    """All are done that have not changed after `until`, in µs since 1970. Returns as `put_aside`. Raises Forbidden."""
    policy.may_be_told(actor).require()
    return await _put_aside(db, actor, until)


async def _put_aside(db: Database, actor: Actor, until: int, only_id: int = 0) -> int:
    moment: int = await value(db, PUT_ASIDE, actor_id=actor.id, until=until, only_id=only_id)
    return moment


async def mute(db: Database, actor: Actor, notification_id: int) -> tuple[int, Deed]:
    """Hear no more of its thread; what is there of it is done. Returns what `bring_back` needs.

    Raises NotFound, Forbidden.
    """
    policy.may_be_told(actor).require()
    found = await queries.line(db, actor, notification_id)
    async with db.transaction():
        deed = await following.follow(db, actor, Target("thread", found.thread_id), "muted")
        return await put_aside(db, actor, notification_id, found.moment), deed


async def bring_back(db: Database, actor: Actor, moment: int, deed: Deed | None = None) -> None:
    """What one deed put aside at that moment, in µs since 1970, is new again, and what it muted is followed as before.

    Twice is once. Raises Forbidden, NotFound where `actor` would see none of it or the thread is gone for good, Invalid
    where nothing is left of it or its thread was followed anew.
    """
    policy.may_be_told(actor).require()
    async with db.transaction():
        if deed:
            await following.undo(db, actor, deed)
        await rows(db, HOLD_OPEN, actor_id=actor.id)
        back = await rows(db, BRING_BACK, actor_id=actor.id, moment=moment)
        if not back and not deed:
            raise Invalid(undo=NOTHING_LEFT)
        if not deed and not await queries.is_any_there(db, actor, [row["id"] for row in back]):
            raise NotFound
        for row in await rows(db, MERGED, thread_ids=[row["thread_id"] for row in back]):
            await _carry(db, actor.id, row["id"], row["merged_into_id"])


async def carry_thread(db: Database, thread_id: int, into_id: int) -> None:
    """What is new in a thread that was merged is new in the other one; twice is once.

    Member by member: whoever holds what is new to many waits for one of them only.
    """
    for row in await rows(db, WHOSE, thread_id=thread_id):
        await _carry(db, row["member_id"], thread_id, into_id)


async def _carry(db: Database, member_id: int | None, thread_id: int, into_id: int) -> None:
    await run(db, CARRY, member_id=member_id, thread_id=thread_id, into_id=into_id)


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
