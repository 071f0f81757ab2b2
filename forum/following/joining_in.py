"""Threads are followed by whoever begins them, replies in them, is mentioned there or comes to their event, as they
wish."""

from collections.abc import Awaitable, Callable, Sequence

import structlog

from forum.categories.policy import READABLE_THREAD
from forum.following.cadence import OWN_CADENCE
from forum.following.hearing import WRITERS, calls
from forum.kit.db import Database, run
from forum.kit.errors import Crossed, Unavailable
from forum.kit.log import outline

log = structlog.get_logger()

# Whoever wrote a post, also where it does not show their name. A review, or another form's words in a thread of others,
# is no talk whose answers one waits for: its thread is followed on the web.
OWN, OWN_THERE = (
    f"""
    INSERT INTO follow (member_id, kind, target_id, level, every_days, reason)
    SELECT x.member_id, 'thread', x.thread_id, x.level, CASE x.level WHEN 'digest' THEN x.cadence END, x.reason
    FROM (
        SELECT r.id AS member_id, p.thread_id, {OWN_CADENCE} AS cadence,
               CASE WHEN p.number = 1 THEN coalesce(w.asking, 'each')
                    WHEN p.format = 'form' AND w.replying IS DISTINCT FROM 'none' THEN 'web'
                    ELSE coalesce(w.replying, 'each') END AS level,
               CASE WHEN p.number = 1 THEN 'asked' ELSE 'replied' END AS reason
        FROM post p
        JOIN thread t ON t.id = p.thread_id
        CROSS JOIN LATERAL (
            SELECT p.author_id AS id UNION SELECT w.member_id FROM ({WRITERS}) w WHERE w.post_id = p.id
        ) by_whom
        JOIN member r ON r.id = by_whom.id AND r.state = 'active'
        LEFT JOIN mail_wish w ON w.member_id = r.id
        WHERE {WHICH} AND p.deleted_at IS NULL AND t.deleted_at IS NULL
    ) x
    WHERE x.level <> 'none'
    ORDER BY x.member_id
    ON CONFLICT (member_id, kind, target_id) DO UPDATE SET reason = excluded.reason
    WHERE follow.reason IN ('mentioned', 'coming', 'split')
"""
    for WHICH in ("p.id = :post_id", "p.thread_id = :thread_id AND p.number = :number")
)
CALLED = f"""
    INSERT INTO follow (member_id, kind, target_id, level, every_days, reason)
    SELECT r.id, 'thread', t.id, coalesce(w.mentioned, 'each'), CASE w.mentioned WHEN 'digest' THEN {OWN_CADENCE} END,
           'mentioned'
    FROM post p
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    JOIN member r ON r.handle = ANY(CAST(:handles AS text[])) AND r.state = 'active' AND r.id <> p.author_id
    LEFT JOIN mail_wish w ON w.member_id = r.id
    WHERE p.id = :post_id AND p.deleted_at IS NULL AND t.deleted_at IS NULL AND {READABLE_THREAD}
      AND coalesce(w.mentioned, 'each') <> 'none'
      AND NOT EXISTS (
          SELECT 1 FROM follow f
          WHERE f.member_id = r.id AND f.level = 'muted' AND (
              f.kind = 'person' AND f.target_id = p.author_id
              OR f.kind = 'category' AND f.target_id = t.category_id
              OR f.kind = 'topic' AND f.target_id IN (SELECT x.topic_id FROM thread_topic x WHERE x.thread_id = t.id)
          )
      )
    ORDER BY r.id
    ON CONFLICT DO NOTHING
"""
# As those who reply, so that whoever comes hears when it is moved or cancelled, and why.
COMING = f"""
    INSERT INTO follow (member_id, kind, target_id, level, every_days, reason)
    SELECT r.id, 'thread', t.id, coalesce(w.replying, 'each'), CASE w.replying WHEN 'digest' THEN {OWN_CADENCE} END,
           'coming'
    FROM event_guest g
    JOIN post p ON p.id = g.post_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    JOIN member r ON r.id = g.member_id AND r.state = 'active'
    LEFT JOIN mail_wish w ON w.member_id = r.id
    WHERE g.post_id = :post_id AND g.member_id = :member_id AND {READABLE_THREAD}
      AND coalesce(w.replying, 'each') <> 'none'
    ON CONFLICT DO NOTHING
"""
# Whoever stopped hearing of the thread goes on hearing nothing.
STAYING = """
    DELETE FROM follow f
    USING post p
    WHERE p.id = :post_id AND f.member_id = :member_id AND f.kind = 'thread' AND f.target_id = p.thread_id
      AND f.reason = 'coming' AND f.level <> 'none'
      AND NOT EXISTS (
          SELECT 1 FROM event_guest g JOIN post o ON o.id = g.post_id
          WHERE g.member_id = f.member_id AND o.thread_id = p.thread_id
      )
"""


async def follow_by_post(db: Database, post_id: int) -> None:
    """The thread of a post is followed by its author and by those it mentions; what they chose themselves stays."""
    await run(db, OWN, post_id=post_id)
    handles: Sequence[str] = [handle for _, handle in await calls(db, [post_id])]
    if handles:
        await run(db, CALLED, post_id=post_id, handles=list(handles))


async def follow_by_writing(db: Database, thread_id: int, number: int) -> None:
    """The thread is followed at once by who wrote its post of that number; `follow_by_post` does the rest."""
    await run(db, OWN_THERE, thread_id=thread_id, number=number)


def early(follow: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """`follow` for a page whose words are stored already: where it cannot be done, its job does it some time later."""

    async def follow_now(db: Database, *ids: int) -> None:
        try:
            await follow(db, *ids)
        except (Unavailable, Crossed) as error:
            log.warning("follows later", ids=ids, error=outline(error))

    return follow_now


async def follow_by_coming(db: Database, post_id: int, member_id: int) -> None:
    """The thread of an event is followed by somebody who comes to it, and if only for that, by who will not no more."""
    for sql in (COMING, STAYING):
        await run(db, sql, post_id=post_id, member_id=member_id)
