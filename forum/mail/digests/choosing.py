"""What stands in digests: chosen for many readers at once, each time by the rights and wishes of that moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from forum.categories.policy import READABLE_THREAD
from forum.following.hearing import HEARD_BY_SOME, WRITERS, hearing_values
from forum.kit.db import Database, many, plan_for_many, rows
from forum.mail.digests.marking import BESIDES
from forum.mail.digests.types import MOST_HELP, MOST_ITEMS, Chosen
from forum.mail.types import FOLDED
from forum.renewals.policy import WORKPLACE
from forum.threads.mentions import UNSEEN

MOST_POSTS = 20_000  # of the longest time a batch of digests tells of: the newest

# What digests tell besides what is followed.
TIMES = f"""
    SELECT k.mail_id, k.member_id, k.since, k.until, k.dates_after, k.news_after, k.last_on
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
# Whether a mail of its own tells the reader of a post `p`, in a digest `d`; `b`: its row of what is belated, if any.
MAILED = """EXISTS (
    SELECT 1 FROM mail o
    WHERE o.member_id = d.member_id AND o.post_id = p.id AND o.kind = 'instant' AND (
        o.state IN ('waiting', 'sending')
        OR o.state = 'sent' AND (b.at IS NULL OR o.ended_at >= b.back_at OR o.ended_at < b.away_at)
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
    UNION
    SELECT b.post_id FROM belated b
    WHERE b.member_id = ANY(CAST(:member_ids AS bigint[])) AND b.at >= :since AND b.at < :until
"""
# Whether an earlier digest has told what is belated, in a row `b` of a post `p`: while it stood there before, or since
# it is there again. One of a quiet week told no posts.
BEFORE = """
    SELECT 1 FROM mail y
    WHERE y.member_id = b.member_id AND y.kind = 'digest' AND y.state = 'sent' AND NOT y.is_quiet
      AND y.until > p.created_at
      AND (y.ended_at < b.away_at
           OR y.ended_at >= b.back_at AND (y.since <= p.created_at OR y.since <= b.at AND y.until > b.at))
"""
TOLD = f"EXISTS ({BEFORE})"
# The same of what is heard by a cadence, in a row `h`: one whose turn it was not to tell of that has not.
TOLD_THEN = f"EXISTS ({BEFORE} AND h.every_days <> ALL(y.leaves_out))"
SPAN_SQL = """
    SELECT min(k.since) AS since, max(k.until) AS until, array_agg(DISTINCT k.member_id) AS member_ids
    FROM digest_mark k
    WHERE k.mail_id = ANY(CAST(:mail_ids AS bigint[]))
"""
# First of threads that the reader asked or replied in, which are no kind of their own.
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
        UNION ALL
        SELECT k.mail_id, k.member_id, p.thread_id, p.id, p.number, h.reason, h.target_id
        FROM belated b
        JOIN heard h ON h.member_id = b.member_id AND h.post_id = b.post_id
        JOIN mark k ON k.member_id = h.member_id AND k.every_days = h.every_days
        JOIN written p ON p.id = h.post_id
        WHERE h.level = 'digest' AND b.at >= k.since AND b.at < k.until
          AND NOT (p.created_at >= k.since AND p.created_at < k.until) AND NOT {TOLD_THEN}
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
                   ORDER BY coalesce(array_position(CAST(:kinds AS text[]), b.reason), 0), b.posts DESC,
                            b.thread_id DESC
               ) AS place
        FROM begun b
    )
    SELECT p.mail_id, p.post_id, p.thread_id, p.posts, p.reason, p.target_id, '' AS about, p.of_all
    FROM placed p
    WHERE p.place <= {MOST_ITEMS}
    ORDER BY p.mail_id, p.place
"""
# Of products that the reader's district runs, or that they follow; none that they want to hear of on the web only, and
# none that a mail of its own has told.
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
        JOIN follow f ON f.member_id = d.member_id AND f.kind = 'product' AND f.level IN ('each', 'digest')
        EXCEPT
        SELECT d.mail_id, f.target_id
        FROM digest d
        JOIN follow f ON f.member_id = d.member_id AND f.kind = 'product' AND f.level IN ('web', 'muted')
    ),
    fresh AS MATERIALIZED (
        SELECT rv.id, rv.product_id FROM review rv
        WHERE rv.product_id IN (SELECT x.product_id FROM mine x)
          AND rv.created_at >= (SELECT min(d.since) FROM digest d)
        UNION
        SELECT rv.id, rv.product_id FROM digest d
        JOIN belated b ON b.member_id = d.member_id AND b.at >= d.since AND b.at < d.until
        JOIN review rv ON rv.post_id = b.post_id
    )
    SELECT d.mail_id, p.id AS post_id, p.thread_id, 1 AS posts, 'product' AS reason, rv.product_id AS target_id,
           pr.name || ', ' || rv.stars || ' of 5' AS about, 1 AS of_all
    FROM digest d
    JOIN member r ON r.id = d.member_id AND r.state = 'active'
    JOIN mine x ON x.mail_id = d.mail_id
    JOIN fresh n ON n.product_id = x.product_id
    JOIN review rv ON rv.id = n.id
    JOIN product pr ON pr.id = rv.product_id
    JOIN post p ON p.id = rv.post_id
    LEFT JOIN belated b ON b.member_id = d.member_id AND b.post_id = p.id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    LEFT JOIN read_mark k ON k.member_id = d.member_id AND k.thread_id = p.thread_id
    WHERE (rv.created_at >= d.since AND rv.created_at < d.until OR b.at >= d.since AND b.at < d.until AND NOT {TOLD})
      AND rv.member_id IS DISTINCT FROM d.member_id AND NOT rv.is_set_aside AND p.number > coalesce(k.number, 0)
      AND NOT {MUTED} AND NOT {MAILED}
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
    JOIN post p ON p.id = x.post_id AND position('href="/people/' || r.handle || '"' IN p.html) > 0
    LEFT JOIN belated b ON b.member_id = d.member_id AND b.post_id = p.id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    LEFT JOIN read_mark k ON k.member_id = d.member_id AND k.thread_id = t.id
    WHERE x.reason = 'mentioned' AND (p.created_at >= d.since AND p.created_at < d.until
                                      OR b.at >= d.since AND b.at < d.until AND NOT {TOLD})
      AND (p.number > coalesce(k.number, 0) OR d.member_id IN ({UNSEEN}))
      AND coalesce(w.mentioned, 'each') IN ('each', 'digest') AND NOT {MUTED}
      AND t.deleted_at IS NULL AND p.deleted_at IS NULL AND {READABLE_THREAD}
      AND NOT {MAILED}
    ORDER BY d.mail_id, p.thread_id, p.number
"""
# Nobody has answered, and the reader's district runs a product they are about, or the reader answered in their topics.
UNANSWERED_SQL = f"""
    WITH digest AS MATERIALIZED ({TIMES}),
    question AS MATERIALIZED (
        SELECT t.id AS thread_id, p.id AS post_id, t.author_id, t.created_at
        FROM (
            SELECT o.id FROM thread o WHERE o.created_at >= :since AND o.created_at < :until
            UNION
            SELECT o.thread_id FROM digest d
            JOIN belated b ON b.member_id = d.member_id AND b.at >= d.since AND b.at < d.until
            JOIN post o ON o.id = b.post_id
        ) n
        JOIN thread t ON t.id = n.id
        JOIN post p ON p.thread_id = t.id AND p.number = 1
        WHERE t.kind = 'question' AND t.reply_count = 0 AND t.accepted_post_id IS NULL AND NOT t.is_locked
          AND t.deleted_at IS NULL AND p.deleted_at IS NULL
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
        JOIN post p ON p.id = q.post_id
        LEFT JOIN belated b ON b.member_id = d.member_id AND b.post_id = p.id
        JOIN thread t ON t.id = q.thread_id
        JOIN category c ON c.id = t.category_id
        LEFT JOIN read_mark k ON k.member_id = d.member_id AND k.thread_id = t.id
        WHERE (q.created_at >= d.since AND q.created_at < d.until
               OR b.at >= d.since AND b.at < d.until AND NOT {TOLD})
          AND k.member_id IS NULL AND NOT {MUTED} AND {READABLE_THREAD}
          AND NOT EXISTS (SELECT 1 FROM ({WRITERS}) v WHERE v.post_id = p.id AND v.member_id = d.member_id)
    )
    SELECT p.mail_id, p.post_id, p.thread_id, 1 AS posts, '' AS reason, 0 AS target_id, '' AS about, 1 AS of_all
    FROM placed p
    WHERE p.place <= {MOST_HELP}
    ORDER BY p.mail_id, p.place
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


async def _heard(db: Database, member_ids: Sequence[int], *, since: datetime, until: datetime) -> dict[str, Any]:
    posts = [row["id"] for row in await rows(db, POSTS_SQL, since=since, until=until, member_ids=list(member_ids))]
    return {**await hearing_values(db, posts), "member_ids": list(member_ids)}
