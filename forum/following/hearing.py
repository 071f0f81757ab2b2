"""Who hears of posts, and why: the one place where follows, wishes and rights meet.

What is set for the thread itself decides alone. Else "muted" for the author, a topic or the category silences. Else the
most eager level of all that fits: each, then the more frequent digest, then web; of equals the closest is the reason. A
mention is the closest of all, and is heard unless the thread or its author is muted.
"""

from collections.abc import Sequence
from typing import Any

from forum.categories.policy import READABLE_THREAD
from forum.following.cadence import OWN_CADENCE
from forum.following.choices import LEVELS
from forum.following.things import KINDS
from forum.following.types import BREAK_ENDS_HOURS, Heard
from forum.kit.db import Database, many, rows
from forum.search.fresh import words_of_new_posts
from forum.threads.mentions import called

# Posts that are there for anybody.
POSTS = """
    SELECT p.id AS post_id, p.number, p.author_id, p.created_at, t.id AS thread_id, t.kind AS thread_kind,
           t.category_id, t.vendor_id, a.state = 'unnamed' AS is_unnamed
    FROM post p
    JOIN thread t ON t.id = p.thread_id
    JOIN member a ON a.id = p.author_id
    WHERE p.id = ANY(CAST(:post_ids AS bigint[])) AND p.deleted_at IS NULL AND t.deleted_at IS NULL
"""
# The stems of each post; those that the index does not have yet are handed over.
DOCUMENTS = """
    SELECT d.ref_id AS post_id, d.words FROM search_document d
    WHERE d.kind = 'post' AND d.ref_id = ANY(CAST(:post_ids AS bigint[])) AND NOT d.is_gone
    UNION ALL
    SELECT x.post_id, CAST(x.words AS tsvector)
    FROM unnest(CAST(:new_ids AS bigint[]), CAST(:new_words AS text[])) x (post_id, words)
"""
# Who wrote what shows another name, or none.
WRITERS = """
    SELECT w.post_id, w.member_id FROM review w
    UNION ALL SELECT w.post_id, w.member_id FROM vendor_answer w
    UNION ALL SELECT w.post_id, w.member_id FROM switch_story w
    UNION ALL SELECT w.post_id, w.member_id FROM owner_question w
    UNION ALL SELECT w.post_id, w.member_id FROM round_answer w
    UNION ALL SELECT p.id, w.opened_by FROM review_round w JOIN post p ON p.thread_id = w.thread_id AND p.number = 1
"""
# What of each post can be followed. vendor_id: whose people alone, of all vendors', may follow that.
SUBJECTS = """
    SELECT s.post_id, 'thread' AS kind, s.thread_id AS target_id, CAST(NULL AS bigint) AS vendor_id FROM spoken s
    UNION ALL
    SELECT s.post_id, 'person', s.author_id, NULL FROM spoken s WHERE NOT s.is_unnamed
    UNION ALL
    SELECT s.post_id, 'category', s.category_id, NULL FROM spoken s
    UNION ALL
    SELECT s.post_id, 'topic', x.topic_id, NULL FROM spoken s JOIN thread_topic x ON x.thread_id = s.thread_id
    UNION ALL
    SELECT b.post_id, 'product', b.product_id, b.vendor_id FROM about b
    UNION ALL
    SELECT DISTINCT v.post_id, 'vendor', v.vendor_id, v.vendor_id
    FROM (
        SELECT b.post_id, b.vendor_id FROM about b
        UNION ALL SELECT s.post_id, s.vendor_id FROM spoken s WHERE s.vendor_id IS NOT NULL
    ) v
    UNION ALL
    SELECT s.post_id, 'search', f.saved_id, NULL
    FROM spoken s
    JOIN document d ON d.post_id = s.post_id
    JOIN follow_search f ON f.needs && tsvector_to_array(d.words) AND d.words @@ f.sought
    WHERE f.after_on IS NULL OR s.created_at >= f.after_on
    UNION ALL
    SELECT s.post_id, 'everything', 0, NULL FROM spoken s
"""
ABOUT = """
    SELECT DISTINCT d.post_id, pr.id AS product_id, pr.vendor_id
    FROM document d
    CROSS JOIN LATERAL unnest(tsvector_to_array(d.words)) l (lexeme)
    JOIN product pr ON pr.id = CAST(substring(l.lexeme FROM '^#p(\\d{1,18})$') AS bigint)
    WHERE l.lexeme ^@ '#p'
"""
# Of everybody, or of some members, whoever else may be mentioned. spoken_for: whose people a vendor's are.
FOLLOWS = """
    SELECT f.member_id, f.kind, f.target_id, f.level, coalesce(f.every_days, 0) AS every_days, f.reason,
           r.role = 'vendor' AS is_of_vendor, va.vendor_id AS spoken_for
    FROM follow f
    JOIN member r ON r.id = f.member_id AND r.state = 'active'
    LEFT JOIN vendor_account va ON va.member_id = r.id AND r.role = 'vendor'
    WHERE f.level <> 'none'
"""
OF_ALL, OF_SOME = "", "AND f.member_id = ANY(CAST(:member_ids AS bigint[]))"
WHOM = {OF_ALL: "", OF_SOME: "AND b.member_id = ANY(CAST(:member_ids AS bigint[]))"}
FITTING = f"""
    SELECT s.post_id, f.member_id, s.kind, s.target_id, f.level, f.every_days, f.reason
    FROM subject s
    JOIN follower f ON f.kind = s.kind AND f.target_id = s.target_id
    WHERE NOT f.is_of_vendor OR s.kind NOT IN ('person', 'product', 'vendor') OR s.vendor_id = f.spoken_for
    UNION ALL
    SELECT s.post_id, r.id, 'mentioned', s.thread_id, coalesce(w.mentioned, 'each'),
           CASE w.mentioned WHEN 'digest' THEN {OWN_CADENCE} ELSE 0 END, ''
    FROM unnest(CAST(:calling_ids AS bigint[]), CAST(:handles AS text[])) m (post_id, handle)
    JOIN spoken s ON s.post_id = m.post_id
    JOIN member r ON r.handle = m.handle AND r.state = 'active'
    LEFT JOIN mail_wish w ON w.member_id = r.id
    WHERE coalesce(w.mentioned, 'each') <> 'none'
"""
# Each with what silences it, or decides without it.
WEIGHED = """
    SELECT f.post_id, f.member_id, f.kind, f.target_id, f.level, f.every_days, f.reason,
           bool_or(f.kind = 'thread') OVER of_both AS is_set,
           bool_or(f.level = 'muted' AND f.kind IN ('thread', 'person')) OVER of_both AS is_unwanted,
           bool_or(f.level = 'muted' AND f.kind IN ('person', 'topic', 'category')) OVER of_both AS is_silenced
    FROM fitting f
    WINDOW of_both AS (PARTITION BY f.post_id, f.member_id)
"""
BEST = """
    SELECT DISTINCT ON (w.post_id, w.member_id)
           w.post_id, w.member_id, w.kind, w.target_id, w.level, w.every_days,
           CASE WHEN w.kind = 'thread' AND w.reason IN ('asked', 'replied') THEN w.reason ELSE w.kind END AS reason,
           CASE WHEN w.kind = 'thread' THEN w.reason ELSE '' END AS since
    FROM weighed w
    WHERE w.level <> 'muted' AND CASE w.kind
              WHEN 'mentioned' THEN NOT w.is_unwanted
              WHEN 'thread' THEN true
              ELSE NOT w.is_set AND NOT w.is_silenced
          END
    ORDER BY w.post_id, w.member_id, array_position(CAST(:levels AS text[]), w.level), w.every_days,
             array_position(CAST(:kinds AS text[]), w.kind), w.target_id
"""
# Whether who wished `h` takes a break; see `wishes.break_day`.
ON_BREAK = f"h.paused_until > CAST(now() AT TIME ZONE 'UTC' - interval '{BREAK_ENDS_HOURS} hours' AS date)"
# Who may read which of the threads: asked once for each, however many posts there are.
READING = f"""
    SELECT t.id AS thread_id, r.id AS member_id
    FROM (SELECT DISTINCT s.thread_id, b.member_id FROM best b JOIN spoken s ON s.post_id = b.post_id) x
    JOIN thread t ON t.id = x.thread_id
    JOIN category c ON c.id = t.category_id
    JOIN member r ON r.id = x.member_id
    WHERE {READABLE_THREAD}
"""
HEARD = {
    OF_WHOM: f"""
    WITH spoken AS MATERIALIZED ({POSTS}),
    document AS MATERIALIZED ({DOCUMENTS}),
    about AS MATERIALIZED ({ABOUT}),
    subject AS MATERIALIZED ({SUBJECTS}),
    follower AS ({FOLLOWS} {OF_WHOM}),
    fitting AS ({FITTING}),
    weighed AS ({WEIGHED}),
    best AS MATERIALIZED ({BEST}),
    reading AS MATERIALIZED ({READING}),
    writer AS MATERIALIZED (SELECT w.post_id, w.member_id FROM ({WRITERS}) w JOIN spoken s ON s.post_id = w.post_id)
    SELECT b.post_id, b.member_id,
           CASE WHEN h.stops_all OR {ON_BREAK} THEN 'web' ELSE b.level END AS level,
           CASE WHEN h.stops_all OR {ON_BREAK} THEN 0 ELSE b.every_days END AS every_days,
           b.reason, b.target_id, b.since
    FROM best b
    JOIN spoken s ON s.post_id = b.post_id
    JOIN reading r ON r.thread_id = s.thread_id AND r.member_id = b.member_id
    LEFT JOIN mail_wish h ON h.member_id = b.member_id
    WHERE b.member_id <> s.author_id {WHOM_ALONE}
      AND NOT EXISTS (SELECT 1 FROM writer w WHERE w.post_id = b.post_id AND w.member_id = b.member_id)
"""
    for OF_WHOM, WHOM_ALONE in WHOM.items()
}
HEARD_BY_ALL, HEARD_BY_SOME = HEARD[OF_ALL], HEARD[OF_SOME]
IN_ORDER = "ORDER BY post_id, member_id"


async def heard(db: Database, post_ids: Sequence[int], member_ids: Sequence[int] | None = None) -> list[Heard]:
    """Who hears of each of the posts, once each, by what is followed, wished and allowed right now.

    Never who wrote it, under whatever name. Whoever paused or stopped all mail hears on the web. member_ids: ask only
    of these.
    """
    values = await hearing_values(db, post_ids)
    if member_ids is None:
        return await many(db, Heard, f"{HEARD_BY_ALL} {IN_ORDER}", **values)
    return await many(db, Heard, f"{HEARD_BY_SOME} {IN_ORDER}", **values, member_ids=list(member_ids))


async def hearing_values(db: Database, post_ids: Sequence[int]) -> dict[str, Any]:
    """The values of HEARD_BY_ALL for these posts; HEARD_BY_SOME wants `member_ids` besides."""
    new = await words_of_new_posts(db, post_ids)
    calling = await calls(db, post_ids)
    return {
        "post_ids": list(post_ids),
        "new_ids": list(new),
        "new_words": list(new.values()),
        "calling_ids": [post_id for post_id, _ in calling],
        "handles": [handle for _, handle in calling],
        "levels": list(LEVELS),
        "kinds": ["mentioned", *KINDS],
    }


async def calls(db: Database, post_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Ids of posts with the handles of those whom they mention, up to 20 each."""
    found = await rows(
        db,
        """
        SELECT p.id, p.html FROM post p
        WHERE p.id = ANY(CAST(:post_ids AS bigint[])) AND p.html LIKE '%class="mention"%'
        ORDER BY p.id
        """,
        post_ids=list(post_ids),
    )
    return [(row["id"], handle) for row in found for handle in called(row["html"])]
