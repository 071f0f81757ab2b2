"""Reads of notifications: only what stands, and what its reader may read now."""

from collections.abc import Sequence

from forum.categories.policy import READABLE_THREAD, READER
from forum.kit.db import Database, many, one, rows, value
from forum.members.types import Actor
from forum.notifications.types import REASONS, Line
from forum.products.policy import SEEN
from forum.threads.lists import KEY_MOMENT, Place
from forum.threads.mentions import UNSEEN
from forum.threads.showing import NEWS_DAYS

LINES_A_PAGE = 30
MOST = LINES_A_PAGE + 1
MOST_COUNTED = 100  # the bell says "99+" then

# The posts of a notification `n` as they stand: what is deleted is as if it never was, and so is an answer that is not
# the accepted one any more.
STANDING = """
    FROM unnest(n.post_ids, n.reasons, n.target_ids) h (post_id, reason, target_id)
    JOIN post p ON p.id = h.post_id AND p.deleted_at IS NULL
    JOIN thread t ON t.id = p.thread_id AND t.deleted_at IS NULL
        AND (h.reason <> 'accepted' OR t.accepted_post_id = p.id)
    LEFT JOIN read_mark k ON k.thread_id = t.id AND k.member_id = n.member_id
"""
# Those that may come back, as long as that would be news.
AWAY = f"""
    FROM post p JOIN thread t ON t.id = p.thread_id
    WHERE p.id = ANY(n.post_ids) AND (p.deleted_at IS NOT NULL OR t.deleted_at IS NOT NULL)
      AND p.created_at > now() - {NEWS_DAYS} * interval '1 day'
"""
# Whether one of them is new: not read yet, accepted since the reader was there last, or made a mention and not seen.
IS_NEW = f"""CASE h.reason
    WHEN 'accepted' THEN (greatest(n.opened_at, k.read_at) < t.accepted_at) IS NOT FALSE
    ELSE p.number > coalesce(k.number, 0) OR h.reason = 'mentioned' AND n.member_id IN ({UNSEEN})
END"""
RANKED = "{" + ",".join(REASONS) + "}"
STRONGEST = f"ORDER BY array_position(CAST('{RANKED}' AS text[]), h.reason), p.number DESC"
SUMMARY = f"""
    p.thread_id, bool_or({IS_NEW}) AS is_new,
    count(DISTINCT p.id) FILTER (WHERE h.reason <> 'accepted') AS posts,
    min(p.number) FILTER (WHERE h.reason <> 'accepted') AS first_number,
    coalesce(bool_or(p.number = 1), false) AS has_opening,
    count(DISTINCT p.author_id) FILTER (WHERE h.reason <> 'accepted') AS authors,
    array_agg(p.author_id ORDER BY p.number DESC) FILTER (WHERE h.reason <> 'accepted') AS author_ids,
    max(p.id) FILTER (WHERE h.reason = 'accepted') AS accepted_id,
    (array_agg(h.reason {STRONGEST}))[1] AS reason,
    (array_agg(h.target_id {STRONGEST}))[1] AS target_id
"""
# What is new of a notification, and all of it, by the thread it stands in.
NEWS = f"CROSS JOIN LATERAL (SELECT {SUMMARY} {STANDING} WHERE {IS_NEW} GROUP BY p.thread_id) u"
ALL = f"CROSS JOIN LATERAL (SELECT {SUMMARY} {STANDING} GROUP BY p.thread_id) u"
ITS_THREAD = "JOIN thread t ON t.id = u.thread_id JOIN category c ON c.id = t.category_id"

# For a query with a reader `r`: in how many threads something is new for them, up to MOST_COUNTED.
NOTIFIED = f"""(
    SELECT count(*) FROM (
        SELECT n.id
        FROM notification n
        {NEWS}
        {ITS_THREAD}
        WHERE n.member_id = r.id AND n.done_at IS NULL AND {READABLE_THREAD}
        LIMIT {MOST_COUNTED}
    ) y
)"""

# The name of what they follow, where its reader may be told it and it is still what it was.
ABOUT = f"""coalesce(CASE u.reason
    WHEN 'topic' THEN (
        SELECT '#' || o.slug FROM topic o JOIN thread_topic tt ON tt.topic_id = o.id AND tt.thread_id = t.id
        WHERE o.id = u.target_id
    )
    WHEN 'category' THEN CASE WHEN c.id = u.target_id THEN c.name END
    WHEN 'product' THEN (SELECT pr.name FROM product pr WHERE pr.id = u.target_id AND {SEEN})
    WHEN 'vendor' THEN (
        SELECT v.name FROM vendor v WHERE v.id = u.target_id AND (r.role <> 'vendor' OR EXISTS (
            SELECT 1 FROM vendor_account va WHERE va.vendor_id = v.id AND va.member_id = r.id
        ))
    )
    WHEN 'search' THEN (
        SELECT 'the search “' || coalesce(nullif(s.name, ''), s.query) || '”' FROM saved_search s
        WHERE s.id = u.target_id AND s.member_id = r.id
    )
    WHEN 'person' THEN (
        SELECT f.name FROM member f WHERE f.id = u.target_id AND f.state = 'active' AND f.id = ANY(u.author_ids)
    )
END, '')"""
LINE_COLUMNS = f"""
    n.id, t.id AS thread_id, t.slug, t.title, t.kind, c.slug AS category_slug, c.name AS category_name,
    c.colour AS category_colour, u.posts, coalesce(u.first_number, 0) AS first_number, u.has_opening, u.authors,
    ARRAY(
        SELECT a.name FROM unnest(u.author_ids) WITH ORDINALITY w (author_id, place) JOIN member a ON a.id = w.author_id
        GROUP BY a.id, a.name
        ORDER BY min(w.place)
        LIMIT 2
    ) AS names,
    coalesce(x.author_id, u.author_ids[1]) AS author_id, coalesce(xa.name, '') AS accepted_name,
    coalesce(x.number, 0) AS accepted_number, coalesce(x.author_id = r.id, false) AS is_mine,
    t.author_id = r.id AS has_asked, u.reason, coalesce(f.reason, '') AS since, {ABOUT} AS about, n.changed_at
"""
LINE_JOINS = f"""
    {ITS_THREAD}
    {READER}
    LEFT JOIN post x ON x.id = u.accepted_id
    LEFT JOIN member xa ON xa.id = x.author_id
    LEFT JOIN follow f ON f.member_id = r.id AND f.kind = 'thread' AND f.target_id = t.id AND f.level <> 'none'
"""
BY_TIME = f"""
    AND (n.changed_at, n.id) < ({KEY_MOMENT}, :id)
    ORDER BY n.changed_at DESC, n.id DESC, t.id DESC
    LIMIT {MOST}
"""
NEW_SQL = f"""
    SELECT {LINE_COLUMNS}
    FROM notification n
    {NEWS}
    {LINE_JOINS}
    WHERE n.member_id = r.id AND n.done_at IS NULL AND {READABLE_THREAD} {BY_TIME}
"""
OLD_SQL = f"""
    SELECT {LINE_COLUMNS}
    FROM notification n
    {ALL}
    {LINE_JOINS}
    WHERE n.member_id = r.id AND (n.done_at IS NOT NULL OR NOT u.is_new) AND {READABLE_THREAD} {BY_TIME}
"""
ONE_SQL = f"""
    SELECT {LINE_COLUMNS}
    FROM notification n
    {ALL}
    {LINE_JOINS}
    WHERE n.member_id = r.id AND n.id = :notification_id AND {READABLE_THREAD}
    ORDER BY u.is_new DESC, t.id
    LIMIT 1
"""
THERE_SQL = f"""
    SELECT EXISTS (
        SELECT 1
        FROM notification n
        {ALL}
        {ITS_THREAD}
        {READER}
        WHERE n.member_id = r.id AND n.id = ANY(CAST(:notification_ids AS bigint[])) AND {READABLE_THREAD}
    )
"""

AUTHOR_SQL = f"""
    SELECT r.id
    FROM post p
    JOIN thread t ON t.id = p.thread_id AND t.deleted_at IS NULL
    JOIN category c ON c.id = t.category_id
    JOIN member r ON r.id = p.author_id AND r.state = 'active'
    WHERE p.id = :post_id AND p.deleted_at IS NULL AND {READABLE_THREAD} AND NOT EXISTS (
        SELECT 1 FROM follow f
        WHERE f.member_id = r.id AND f.kind = 'thread' AND f.target_id = t.id AND f.level = 'muted'
    )
"""


async def notified(db: Database, actor: Actor) -> int:
    """In how many threads something is new for `actor`, at most a hundred."""
    count: int = await value(db, f"SELECT {NOTIFIED} FROM (SELECT 1) one {READER}", actor_id=actor.id)
    return count


async def new_lines(db: Database, actor: Actor, place: Place | None = None) -> list[Line]:
    """What is new for `actor`, latest first, behind `place`: a page, and one more if there is another page."""
    return await _lines(db, actor, NEW_SQL, place or Place())


async def old_lines(db: Database, actor: Actor, place: Place | None = None) -> list[Line]:
    """What is done or read, as `new_lines`."""
    return await _lines(db, actor, OLD_SQL, place or Place())


async def line(db: Database, actor: Actor, notification_id: int) -> Line:
    """All of one of `actor`'s own. Raises NotFound, also when nothing of it is left that they may read."""
    return await one(db, Line, ONE_SQL, actor_id=actor.id, notification_id=notification_id)


async def is_any_there(db: Database, actor: Actor, notification_ids: Sequence[int]) -> bool:
    """Whether anything is left that `actor` may read of one of these, which are their own."""
    is_there: bool = await value(db, THERE_SQL, actor_id=actor.id, notification_ids=list(notification_ids))
    return is_there


async def told_before(db: Database, post_id: int, member_ids: Sequence[int]) -> set[int]:
    """Which of these members have been told of a post, wherever it stood then."""
    found = await rows(
        db,
        """
        SELECT DISTINCT n.member_id
        FROM post p
        JOIN notification n ON n.member_id = ANY(CAST(:member_ids AS bigint[])) AND n.changed_at >= p.created_at
        WHERE p.id = :post_id AND p.id = ANY(n.post_ids)
        """,
        post_id=post_id,
        member_ids=list(member_ids),
    )
    return {row["member_id"] for row in found}


async def author_to_tell(db: Database, post_id: int) -> int:
    """Who wrote a post, if they may read it and have not muted its thread; 0 if not."""
    return await value(db, AUTHOR_SQL, post_id=post_id) or 0


async def live_sessions(db: Database, session_ids: Sequence[int]) -> frozenset[int]:
    """Which of these sessions are not over."""
    found = await rows(
        db,
        """
        SELECT s.id FROM session s
        JOIN member m ON m.id = s.member_id AND m.state = 'active'
        WHERE s.id = ANY(CAST(:session_ids AS bigint[])) AND s.expires_at > now()
        """,
        session_ids=list(session_ids),
    )
    return frozenset(row["id"] for row in found)


async def _lines(db: Database, actor: Actor, sql: str, place: Place) -> list[Line]:
    return await many(db, Line, sql, actor_id=actor.id, key=place.key, id=place.id)
