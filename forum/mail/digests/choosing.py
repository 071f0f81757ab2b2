"""What stands in digests: chosen for many readers at once, each time by the rights and wishes of that moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from forum.categories.policy import READABLE_THREAD
from forum.following.hearing import HEARD_BY_SOME, WRITERS, hearing_values
from forum.kit.db import Database, many, plan_for_many, rows
from forum.mail.digests.marking import BESIDES
from forum.mail.digests.types import MOST_HELP, MOST_ITEMS, Chosen, Deadline
from forum.mail.types import FOLDED
from forum.renewals.policy import OURS, WORKPLACE

MOST_POSTS = 20_000  # of the longest time a batch of digests tells of: the newest
# Days before a notice is due on which it is told of, and on the day itself.
NEAR = "{90,60,30,14,7,3,1,0}"

# What digests tell besides what is followed.
TIMES = f"""
    SELECT k.mail_id, k.member_id, k.since, k.until, k.dates_after, k.last_on
    FROM digest_mark k
    WHERE k.mail_id = ANY(CAST(:mail_ids AS bigint[])) AND k.every_days = {BESIDES}
"""
# Whether reader `r` wants to hear nothing of a post `p` in thread `t`, by what they muted.
MUTED = """EXISTS (
    SELECT 1 FROM follow z
    WHERE z.member_id = r.id AND z.level = 'muted' AND (
        z.kind = 'thread' AND z.target_id = t.id OR z.kind = 'person' AND z.target_id = p.author_id
        OR z.kind = 'category' AND z.target_id = t.category_id
        OR z.kind = 'topic' AND z.target_id IN (SELECT tt.topic_id FROM thread_topic tt WHERE tt.thread_id = t.id)
    )
)"""
# The newest of that time, and those whose mails were too many for one day.
POSTS_SQL = f"""
    SELECT n.id FROM (
        SELECT p.id FROM post p
        WHERE p.created_at >= :since AND p.created_at < :until
        ORDER BY p.created_at DESC, p.id DESC
        LIMIT {MOST_POSTS}
    ) n
    UNION
    SELECT o.post_id FROM mail o
    WHERE o.member_id = ANY(CAST(:member_ids AS bigint[])) AND o.outcome = '{FOLDED}' AND o.post_id IS NOT NULL
      AND o.ended_at >= :since AND o.ended_at < :until
"""
SPAN_SQL = """
    SELECT min(k.since) AS since, max(k.until) AS until, array_agg(DISTINCT k.member_id) AS member_ids
    FROM digest_mark k
    WHERE k.mail_id = ANY(CAST(:mail_ids AS bigint[]))
"""
FOLLOWED_SQL = f"""
    WITH heard AS MATERIALIZED ({HEARD_BY_SOME}),
    mark AS MATERIALIZED (
        SELECT k.mail_id, k.member_id, k.every_days, k.since, k.until
        FROM digest_mark k
        WHERE k.mail_id = ANY(CAST(:mail_ids AS bigint[]))
    ),
    written AS MATERIALIZED (
        SELECT p.id, p.thread_id, p.number, p.created_at FROM post p WHERE p.id = ANY(CAST(:post_ids AS bigint[]))
    ),
    of_cadence AS (
        SELECT k.mail_id, k.member_id, p.thread_id, p.id, p.number, h.reason, h.target_id
        FROM heard h
        JOIN mark k ON k.member_id = h.member_id AND k.every_days = h.every_days
        JOIN written p ON p.id = h.post_id
        WHERE h.level = 'digest' AND p.created_at >= k.since AND p.created_at < k.until
        UNION ALL
        SELECT k.mail_id, k.member_id, p.thread_id, p.id, p.number, h.reason, h.target_id
        FROM heard h
        JOIN mark k ON k.member_id = h.member_id AND k.every_days = {BESIDES}
        JOIN mail o ON o.member_id = h.member_id AND o.post_id = h.post_id AND o.outcome = '{FOLDED}'
        JOIN written p ON p.id = h.post_id
        WHERE h.level = 'each' AND o.ended_at >= k.since AND o.ended_at < k.until
    ),
    new AS (
        SELECT n.mail_id, n.thread_id, n.id, n.number, n.reason, n.target_id
        FROM of_cadence n
        LEFT JOIN read_mark x ON x.member_id = n.member_id AND x.thread_id = n.thread_id
        WHERE n.number > coalesce(x.number, 0)
    ),
    begun AS (
        SELECT DISTINCT ON (n.mail_id, n.thread_id) n.mail_id, n.thread_id, n.id AS post_id, n.reason, n.target_id,
               count(*) OVER (PARTITION BY n.mail_id, n.thread_id) AS posts
        FROM new n
        ORDER BY n.mail_id, n.thread_id, n.number
    ),
    placed AS (
        SELECT b.mail_id, b.post_id, b.thread_id, b.posts, b.reason, b.target_id,
               count(*) OVER (PARTITION BY b.mail_id) AS of_all, row_number() OVER (
                   PARTITION BY b.mail_id
                   ORDER BY array_position(CAST(:kinds AS text[]), b.reason), b.posts DESC, b.thread_id DESC
               ) AS place
        FROM begun b
    )
    SELECT p.mail_id, p.post_id, p.thread_id, p.posts, p.reason, p.target_id, '' AS about, p.of_all
    FROM placed p
    WHERE p.place <= {MOST_ITEMS}
    ORDER BY p.mail_id, p.place
"""
# Of products that the reader's district runs, or that they follow.
REVIEWS_SQL = f"""
    WITH digest AS MATERIALIZED ({TIMES}),
    mine AS MATERIALIZED (
        SELECT d.mail_id, u.product_id
        FROM digest d
        JOIN member r ON r.id = d.member_id AND r.state = 'active'
        JOIN product_use u ON u.district_id = {WORKPLACE} AND u.left_year IS NULL
        UNION
        SELECT d.mail_id, f.target_id
        FROM digest d
        JOIN follow f ON f.member_id = d.member_id AND f.kind = 'product' AND f.level NOT IN ('muted', 'none')
    )
    SELECT d.mail_id, p.id AS post_id, p.thread_id, 1 AS posts, 'product' AS reason, rv.product_id AS target_id,
           pr.name || ', ' || rv.stars || ' of 5' AS about, 1 AS of_all
    FROM digest d
    JOIN member r ON r.id = d.member_id AND r.state = 'active'
    JOIN mine x ON x.mail_id = d.mail_id
    JOIN review rv ON rv.product_id = x.product_id AND rv.created_at >= d.since AND rv.created_at < d.until
    JOIN product pr ON pr.id = rv.product_id
    JOIN post p ON p.id = rv.post_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    LEFT JOIN read_mark k ON k.member_id = d.member_id AND k.thread_id = p.thread_id
    WHERE rv.member_id IS DISTINCT FROM d.member_id AND NOT rv.is_set_aside AND p.number > coalesce(k.number, 0)
      AND NOT {MUTED}
      AND t.deleted_at IS NULL AND p.deleted_at IS NULL AND {READABLE_THREAD}
    ORDER BY d.mail_id, rv.created_at, rv.id
"""
# Those that no mail of their own has told.
MENTIONS_SQL = f"""
    WITH digest AS MATERIALIZED ({TIMES})
    SELECT DISTINCT ON (d.mail_id, p.thread_id)
           d.mail_id, p.id AS post_id, p.thread_id, 1 AS posts, '' AS reason, 0 AS target_id, '' AS about, 1 AS of_all
    FROM digest d
    JOIN member r ON r.id = d.member_id AND r.state = 'active'
    LEFT JOIN mail_wish w ON w.member_id = r.id
    JOIN notification n ON n.member_id = d.member_id AND n.done_at IS NULL AND n.changed_at >= d.since
    CROSS JOIN unnest(n.post_ids, n.reasons) x (post_id, reason)
    JOIN post p ON p.id = x.post_id AND p.created_at >= d.since AND p.created_at < d.until
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    LEFT JOIN read_mark k ON k.member_id = d.member_id AND k.thread_id = t.id
    WHERE x.reason = 'mentioned' AND p.number > coalesce(k.number, 0)
      AND coalesce(w.mentioned, 'each') IN ('each', 'digest') AND NOT {MUTED}
      AND t.deleted_at IS NULL AND p.deleted_at IS NULL AND {READABLE_THREAD}
      AND NOT EXISTS (
          SELECT 1 FROM mail o
          WHERE o.member_id = d.member_id AND o.post_id = p.id AND o.state IN ('waiting', 'sending', 'sent')
      )
    ORDER BY d.mail_id, p.thread_id, p.number
"""
# Nobody has answered, and the reader's district runs a product they are about, or the reader answered in their topics.
UNANSWERED_SQL = f"""
    WITH digest AS MATERIALIZED ({TIMES}),
    question AS MATERIALIZED (
        SELECT t.id AS thread_id, p.id AS post_id, t.author_id, t.created_at
        FROM thread t
        JOIN post p ON p.thread_id = t.id AND p.number = 1
        WHERE t.kind = 'question' AND t.reply_count = 0 AND t.accepted_post_id IS NULL AND NOT t.is_locked
          AND t.created_at >= :since AND t.created_at < :until AND t.deleted_at IS NULL AND p.deleted_at IS NULL
    ),
    known AS MATERIALIZED (
        SELECT DISTINCT d.mail_id, q.post_id
        FROM digest d
        JOIN post p ON p.author_id = d.member_id AND p.number > 1 AND p.deleted_at IS NULL
        JOIN thread_topic a ON a.thread_id = p.thread_id
        JOIN thread_topic b ON b.topic_id = a.topic_id
        JOIN question q ON q.thread_id = b.thread_id
        UNION
        SELECT d.mail_id, q.post_id
        FROM digest d
        JOIN member r ON r.id = d.member_id AND r.state = 'active'
        JOIN product_use u ON u.district_id = {WORKPLACE} AND u.left_year IS NULL
        JOIN search_document s ON s.kind = 'post' AND s.words @@ CAST('''#p' || u.product_id || '''' AS tsquery)
        JOIN question q ON q.post_id = s.ref_id
    ),
    placed AS (
        SELECT d.mail_id, q.post_id, q.thread_id,
               row_number() OVER (PARTITION BY d.mail_id ORDER BY q.created_at DESC, q.thread_id DESC) AS place
        FROM digest d
        JOIN member r ON r.id = d.member_id AND r.state = 'active' AND r.role <> 'vendor'
        JOIN known n ON n.mail_id = d.mail_id
        JOIN question q ON q.post_id = n.post_id AND q.author_id <> d.member_id
            AND q.created_at >= d.since AND q.created_at < d.until
        JOIN post p ON p.id = q.post_id
        JOIN thread t ON t.id = q.thread_id
        JOIN category c ON c.id = t.category_id
        LEFT JOIN read_mark k ON k.member_id = d.member_id AND k.thread_id = t.id
        WHERE k.member_id IS NULL AND NOT {MUTED} AND {READABLE_THREAD}
          AND NOT EXISTS (SELECT 1 FROM ({WRITERS}) v WHERE v.post_id = p.id AND v.member_id = d.member_id)
    )
    SELECT p.mail_id, p.post_id, p.thread_id, 1 AS posts, '' AS reason, 0 AS target_id, '' AS about, 1 AS of_all
    FROM placed p
    WHERE p.place <= {MOST_HELP}
    ORDER BY p.mail_id, p.place
"""
DEADLINES_SQL = f"""
    WITH digest AS MATERIALIZED ({TIMES})
    SELECT DISTINCT d.mail_id, pr.name AS product_name, n.notice_on, n.ends_on, n.notice_on - d.last_on AS left, n.id
    FROM digest d
    JOIN member r ON r.id = d.member_id AND r.state = 'active'
    JOIN contract n ON {OURS} AND n.notice_on BETWEEN d.last_on AND d.last_on + 90
    JOIN product pr ON pr.id = n.product_id
    CROSS JOIN unnest(CAST('{NEAR}' AS integer[])) x (days)
    WHERE n.notice_on - x.days BETWEEN d.dates_after + 1 AND d.last_on
    ORDER BY d.mail_id, n.notice_on, n.id
"""
# What is asked where what may be followed was not.
OTHERS = {"reviews": REVIEWS_SQL, "mentions": MENTIONS_SQL}


async def chosen(db: Database, mail_ids: Sequence[int]) -> dict[str, list[Chosen]]:
    """The posts for these digests, by block, in the order in which they stand there: as many queries for any number."""
    span = (await rows(db, SPAN_SQL, mail_ids=list(mail_ids)))[0]
    if span["since"] is None:
        return {}
    ids = {"mail_ids": list(mail_ids)}
    found = {block: await many(db, Chosen, sql, **ids) for block, sql in OTHERS.items()}
    times = {"since": span["since"], "until": span["until"]}
    found["unanswered"] = await many(db, Chosen, UNANSWERED_SQL, **ids, **times)
    hearing = await _heard(db, span["member_ids"], **times)
    async with db.transaction():
        await plan_for_many(db)
        heard = await many(db, Chosen, FOLLOWED_SQL, **ids, **hearing)
    found["followed"] = [each for each in heard if each.reason != "mentioned"]
    found["mentions"] += [each for each in heard if each.reason == "mentioned"]
    return found


async def deadlines(db: Database, mail_ids: Sequence[int]) -> list[Deadline]:
    """The notices due that these digests tell of."""
    found = await rows(db, DEADLINES_SQL, mail_ids=list(mail_ids))
    return [
        Deadline(row["mail_id"], row["product_name"], row["notice_on"], row["ends_on"], row["left"]) for row in found
    ]


async def _heard(db: Database, member_ids: Sequence[int], *, since: datetime, until: datetime) -> dict[str, Any]:
    posts = [row["id"] for row in await rows(db, POSTS_SQL, since=since, until=until, member_ids=list(member_ids))]
    return {**await hearing_values(db, posts), "member_ids": list(member_ids)}
