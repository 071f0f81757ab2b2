"""Reads for the weekly page: how quickly people are answered, who writes, what is flagged, for 26 weeks."""

from dataclasses import dataclass
from datetime import date

from forum.categories.policy import MODERATED, READABLE, READER
from forum.kit.db import Database, many
from forum.members.types import Actor

WEEKS = 26


@dataclass(frozen=True)
class Week:
    """One week from Monday on. hours: median to the first reply by somebody else, None without one.

    unanswered: the share of its threads without such a reply, None without threads. members: those who wrote.
    """

    begins: date
    threads: int
    hours: float | None
    unanswered: float | None
    posts: int
    members: int
    flags: int


async def weeks(db: Database, actor: Actor, category_id: int | None = None) -> list[Week]:
    """The last 26 weeks, oldest first, of one category or of all that `actor` moderates."""
    return await many(db, Week, WEEKS_SQL, actor_id=actor.id, category_id=category_id)


WEEKS_SQL = f"""
    WITH own AS MATERIALIZED (
        SELECT c.id FROM category c {READER}
        WHERE {READABLE} AND {MODERATED} AND c.id = coalesce(CAST(:category_id AS bigint), c.id)
    ),
    span AS MATERIALIZED (
        SELECT date_trunc('week', now()) - n * interval '1 week' AS begins FROM generate_series(0, {WEEKS} - 1) n
    ),
    threads AS (
        SELECT date_trunc('week', t.created_at) AS begins, count(*) AS threads,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM f.at - t.created_at) / 3600) AS hours,
               count(*) FILTER (WHERE f.at IS NULL) AS unanswered
        FROM thread t
        LEFT JOIN LATERAL (
            SELECT min(p.created_at) AS at FROM post p
            WHERE p.thread_id = t.id AND p.number > 1 AND p.author_id <> t.author_id AND p.deleted_at IS NULL
        ) f ON true
        WHERE t.category_id IN (SELECT own.id FROM own) AND t.deleted_at IS NULL
              AND t.created_at >= (SELECT min(span.begins) FROM span)
        GROUP BY 1
    ),
    posts AS (
        SELECT date_trunc('week', p.created_at) AS begins, count(*) AS posts, count(DISTINCT p.author_id) AS members
        FROM thread t
        JOIN post p ON p.thread_id = t.id
        WHERE t.category_id IN (SELECT own.id FROM own) AND t.deleted_at IS NULL AND p.deleted_at IS NULL
              AND t.active_at >= (SELECT min(span.begins) FROM span)
              AND p.created_at >= (SELECT min(span.begins) FROM span)
        GROUP BY 1
    ),
    flags AS (
        SELECT date_trunc('week', f.created_at) AS begins, count(*) AS flags
        FROM post_flag f JOIN post p ON p.id = f.post_id JOIN thread t ON t.id = p.thread_id
        WHERE t.category_id IN (SELECT own.id FROM own) AND f.created_at >= (SELECT min(span.begins) FROM span)
        GROUP BY 1
    )
    SELECT CAST(s.begins AS date) AS begins, coalesce(h.threads, 0) AS threads, CAST(h.hours AS float8) AS hours,
           CAST(h.unanswered AS float8) / h.threads AS unanswered, coalesce(p.posts, 0) AS posts,
           coalesce(p.members, 0) AS members, coalesce(f.flags, 0) AS flags
    FROM span s
    LEFT JOIN threads h ON h.begins = s.begins
    LEFT JOIN posts p ON p.begins = s.begins
    LEFT JOIN flags f ON f.begins = s.begins
    ORDER BY s.begins
"""
