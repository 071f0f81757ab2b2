"""What comes near and digests tell of: days for notice, and events. For many readers at once, by their rights then."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from forum.categories.policy import READABLE_THREAD
from forum.events.policy import EVENT_THERE
from forum.kit.db import Database, many, rows
from forum.mail.digests.calendar import start_of
from forum.mail.digests.choosing import MUTED, TIMES
from forum.mail.digests.types import MOST_ITEMS, Coming, Deadline, DigestReader
from forum.mail.types import KNOWN
from forum.renewals.policy import OURS

# Days before a notice is due on which it is told of, and on the day itself.
NOTICE_NEAR = "{90,60,30,14,7,3,1,0}"
# Days before an event begins, where the reader is: the first of them is how far digests look ahead.
EVENT_NEAR = (14, 1)

DEADLINES_SQL = f"""
    WITH digest AS MATERIALIZED ({TIMES})
    SELECT DISTINCT d.mail_id, pr.name AS product_name, n.notice_on, n.ends_on, n.notice_on - d.last_on AS left, n.id
    FROM digest d
    JOIN member r ON r.id = d.member_id AND r.state = 'active'
    JOIN contract n ON {OURS} AND n.notice_on BETWEEN d.last_on AND d.last_on + 90
    JOIN product pr ON pr.id = n.product_id
    CROSS JOIN unnest(CAST('{NOTICE_NEAR}' AS integer[])) x (days)
    WHERE n.notice_on - x.days BETWEEN d.dates_after + 1 AND d.last_on
    ORDER BY d.mail_id, n.notice_on, n.id
"""
# Whether a mail of its change as it is now has told a digest's member `d` of an event `e`, or found nothing to tell.
TOLD_BY_MAIL = f"""EXISTS (
    SELECT 1 FROM mail o
    WHERE o.member_id = d.member_id AND o.post_id = e.post_id AND o.kind = 'change' AND o.version = e.version
      AND (o.state IN ('waiting', 'sending', 'sent') OR o.outcome = '{KNOWN}')
)"""
# Those that came near, or were announced since and are near; and to their guests what is not as it was when they said
# that they come. No quiet week tells of them.
EVENTS_SQL = f"""
    WITH digest AS MATERIALIZED ({TIMES}),
    span AS MATERIALIZED (
        SELECT x.mail_id, x.from_at, x.before_at FROM unnest(
            CAST(:span_ids AS bigint[]), CAST(:from_at AS timestamptz[]), CAST(:before_at AS timestamptz[])
        ) x (mail_id, from_at, before_at)
    ),
    ahead AS MATERIALIZED (SELECT s.mail_id, max(s.before_at) AS before_at FROM span s GROUP BY s.mail_id),
    there AS MATERIALIZED (
        SELECT e.post_id, e.version, e.starts_at, e.announced_at, e.changed_at, e.is_cancelled,
               e.version > 1 AS is_changed
        FROM event e
        JOIN post p ON p.id = e.post_id
        JOIN thread t ON t.id = p.thread_id
        WHERE e.starts_at > now() AND {EVENT_THERE} AND (
            e.starts_at < (SELECT max(a.before_at) FROM ahead a)
            OR e.version > 1 AND e.changed_at >= (SELECT min(d.since) FROM digest d)
        )
    ),
    reason AS (
        SELECT d.mail_id, e.post_id, false AS is_changed
        FROM digest d
        JOIN span s ON s.mail_id = d.mail_id
        JOIN there e ON e.starts_at >= s.from_at AND e.starts_at < s.before_at
        WHERE NOT e.is_cancelled AND e.announced_at < d.until
        UNION ALL
        SELECT d.mail_id, e.post_id, false
        FROM digest d
        JOIN ahead a ON a.mail_id = d.mail_id
        JOIN there e ON e.starts_at < a.before_at
        WHERE NOT e.is_cancelled AND e.announced_at >= d.since AND e.announced_at < d.until AND NOT {TOLD_BY_MAIL}
        UNION ALL
        SELECT d.mail_id, e.post_id, true
        FROM digest d
        JOIN event_guest g ON g.member_id = d.member_id
        JOIN there e ON e.post_id = g.post_id AND e.is_changed AND e.changed_at > g.said_at
        WHERE e.changed_at >= d.since AND e.changed_at < d.until AND NOT {TOLD_BY_MAIL}
    ),
    once AS (
        SELECT y.mail_id, y.post_id, bool_or(y.is_changed) AS is_changed
        FROM reason y
        GROUP BY y.mail_id, y.post_id
    ),
    placed AS (
        SELECT d.mail_id, e.post_id, t.id AS thread_id, t.slug, p.number, t.title, e.starts_at, e.ends_at, e.starts_on,
               e.time_zone, e.place, e.is_cancelled, y.is_changed, count(*) OVER (PARTITION BY d.mail_id) AS of_all,
               row_number() OVER (PARTITION BY d.mail_id ORDER BY e.starts_at, e.post_id) AS place_in
        FROM digest d
        JOIN member r ON r.id = d.member_id AND r.state = 'active'
        JOIN once y ON y.mail_id = d.mail_id
        JOIN event e ON e.post_id = y.post_id
        JOIN post p ON p.id = e.post_id AND p.author_id <> d.member_id
        JOIN thread t ON t.id = p.thread_id
        JOIN category c ON c.id = t.category_id
        WHERE NOT {MUTED} AND {READABLE_THREAD}
    )
    SELECT f.mail_id, f.post_id, f.thread_id, f.slug, f.number, f.title, f.starts_at, f.ends_at, f.starts_on,
           f.time_zone, f.place, f.is_cancelled, f.is_changed, f.of_all
    FROM placed f
    WHERE f.place_in <= {MOST_ITEMS}
    ORDER BY f.mail_id, f.place_in
"""


async def deadlines(db: Database, mail_ids: Sequence[int]) -> list[Deadline]:
    """The notices due that these digests tell of."""
    found = await rows(db, DEADLINES_SQL, mail_ids=list(mail_ids))
    return [
        Deadline(row["mail_id"], row["product_name"], row["notice_on"], row["ends_on"], row["left"]) for row in found
    ]


async def coming_events(db: Database, readers: Sequence[DigestReader]) -> list[Coming]:
    """The events that the digests of these readers tell of, next ones first."""
    spans = [(each.mail_id, *_span(each, days)) for each in readers for days in EVENT_NEAR]
    return await many(
        db,
        Coming,
        EVENTS_SQL,
        mail_ids=[each.mail_id for each in readers],
        span_ids=[mail_id for mail_id, _, _ in spans],
        from_at=[from_at for _, from_at, _ in spans],
        before_at=[before_at for _, _, before_at in spans],
    )


def _span(reader: DigestReader, days: int) -> tuple[datetime, datetime]:
    """From when, and before when, an event begins that came so many days near since the last digest. Reckoned here, so
    that no zone that PostgreSQL does not know breaks a digest."""
    first, last = (day + timedelta(days=days + 1) for day in (reader.news_after, reader.day))
    return start_of(first, reader.zone), start_of(last, reader.zone)
