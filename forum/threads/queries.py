"""Reads of one thread. A reader only gets what READABLE_THREAD lets them see."""

from dataclasses import dataclass

from forum.categories.policy import MODERATED, READABLE_THREAD, READER
from forum.kit.db import Database, first, many, one, rows, run, shaped
from forum.kit.errors import NotFound
from forum.members.types import Actor
from forum.threads.paths import POSTS_A_PAGE
from forum.threads.policy import POST_THERE, THREAD_THERE
from forum.threads.similar import SIMILAR, Alike, SimilarThread, ids_like, kept_ids
from forum.threads.staff_types import Spot
from forum.threads.types import Draft, Post, PostSource, Revision, Thread

# What an author `a` is mentioned by; "" for those who are not named, and so have no page.
HANDLE = "CASE WHEN a.state = 'unnamed' THEN '' ELSE a.handle END"
# Whether thread `t` names the vendor that reader `r` works for, or a product of it: in its title, or in a post of
# somebody else. A name stands between what are no letters; case and line breaks make no difference.
NAMES_OWN = r"""
    CASE WHEN r.role = 'vendor' THEN coalesce((
        SELECT t.title ~* n.pattern OR EXISTS (
            SELECT 1 FROM post y
            WHERE y.thread_id = t.id AND y.deleted_at IS NULL AND y.source ~* n.pattern AND NOT EXISTS (
                SELECT 1 FROM vendor_account o WHERE o.member_id = y.author_id AND o.vendor_id = n.vendor_id
            )
        )
        FROM (
            SELECT w.vendor_id,
                   '(?<!\w)(?:' || string_agg(
                       regexp_replace(regexp_replace(w.name, '([^\w\s])', '\\\1', 'g'), '\s+', '\\s+', 'g'), '|'
                   ) || ')(?!\w)' AS pattern
            FROM (
                SELECT v.id AS vendor_id, v.name FROM vendor v
                UNION ALL
                SELECT pr.vendor_id, pn.name FROM product pr JOIN product_name pn ON pn.product_id = pr.id
            ) w
            JOIN vendor_account va ON va.vendor_id = w.vendor_id AND va.member_id = r.id
            GROUP BY w.vendor_id
        ) n
    ), false) ELSE false END
"""
THREAD_COLUMNS = f"""
    t.id, t.category_id, t.author_id, t.kind, t.title, t.slug, t.is_locked, t.is_pinned,
    t.reply_count, t.last_number, t.accepted_post_id, x.number AS accepted_number,
    xa.name AS accepted_name, t.created_at, t.deleted_at, t.deleted_by, t.delete_reason,
    c.slug AS category_slug, c.name AS category_name, c.colour AS category_colour,
    a.name AS author_name, {HANDLE} AS author_handle, c.reply_by, c.lets_vendors_in, c.is_archived,
    ARRAY(SELECT g.group_id FROM category_group g WHERE g.category_id = c.id AND g.may = 'reply') AS reply_groups,
    coalesce({MODERATED}, false) AS is_staff,
    ARRAY(SELECT o.slug FROM thread_topic tt JOIN topic o ON o.id = tt.topic_id
          WHERE tt.thread_id = t.id ORDER BY o.slug) AS topics,
    coalesce(k.number, 0) AS read_number, t.duplicate_of_id, t.slow_seconds,
    CASE WHEN t.slow_seconds + c.slow_seconds > 0 THEN (
        SELECT CAST(greatest(0, ceil(
                   greatest(t.slow_seconds, c.slow_seconds) - extract(epoch FROM now() - max(y.created_at))
               )) AS integer)
        FROM post y
        WHERE y.thread_id = t.id AND y.author_id = r.id
    ) ELSE 0 END AS wait_seconds,
    EXISTS (
        SELECT 1 FROM mention e JOIN post y ON y.id = e.post_id
        WHERE e.member_id = r.id AND e.seen_at IS NULL AND y.thread_id = t.id
    ) AS names_reader,
    t.keeps_vendors_out, t.vendor_id, {NAMES_OWN} AS names_own_product,
    t.kind = 'event' OR EXISTS (
        SELECT 1 FROM event e JOIN post y ON y.id = e.post_id WHERE y.thread_id = t.id
    ) AS has_event
"""
THREAD_FROM = f"""
    FROM thread t
    JOIN category c ON c.id = t.category_id
    JOIN member a ON a.id = t.author_id
    {READER}
    LEFT JOIN read_mark k ON k.thread_id = t.id AND k.member_id = r.id
    LEFT JOIN post x ON x.id = t.accepted_post_id
    LEFT JOIN member xa ON xa.id = x.author_id
"""
THE_THREAD = f"t.id = :thread_id AND {READABLE_THREAD} AND {THREAD_THERE}"
THREAD_SQL = f"SELECT {THREAD_COLUMNS} {THREAD_FROM} WHERE {THE_THREAD}"

# The vendor that an author `a` works for; NULL for all others. Asked of vendors' people only, who are few.
WORKS_FOR = """CASE WHEN a.role = 'vendor' THEN (
    SELECT v.name FROM vendor_account va JOIN vendor v ON v.id = va.vendor_id WHERE va.member_id = a.id
) END"""

# The posts of thread `t` in the order of Post's fields: a row that is part of another comes without names.
POSTS = f"""
    SELECT ROW(p.id, p.number, p.format, p.html, p.version, p.helpful_count, p.confidence, p.created_at, p.edited_at,
               p.deleted_at, p.delete_reason, coalesce(p.deleted_by = p.author_id, false),
               a.id, {HANDLE}, a.name, a.title, a.role, {WORKS_FOR}, d.name, d.enrolment, h.post_id IS NOT NULL)
    FROM post p
    JOIN member a ON a.id = p.author_id
    LEFT JOIN district d ON d.id = a.district_id
    LEFT JOIN helpful_vote h ON h.post_id = p.id AND h.member_id = r.id
    WHERE p.thread_id = t.id AND {POST_THERE}
"""
BY_TIME = "AND p.number > :after ORDER BY p.number LIMIT :limit"
BY_HELPFULNESS = """
    AND (p.number = 1 AND CAST(:is_first AS boolean)
         OR p.number > 1 AND (p.confidence < CAST(:confidence AS real)
                              OR p.confidence = CAST(:confidence AS real) AND p.number > :number))
    ORDER BY p.number > 1, p.confidence DESC, p.number
    LIMIT :limit
"""
# One query for a whole page: each more would cost as much as ten posts.
READING_SQL = {
    ORDER: f"""
    SELECT {THREAD_COLUMNS}, ARRAY({POSTS} {ORDER}) AS posts, ARRAY({SIMILAR}) AS similar,
           w.key AS draft_key, w.fields AS draft_fields, w.saved_at AS draft_saved_at
    {THREAD_FROM}
    LEFT JOIN draft w ON w.member_id = r.id AND w.key = 'thread:' || t.id
    WHERE {THE_THREAD}
"""
    for ORDER in (BY_TIME, BY_HELPFULNESS)
}

SOURCE_SQL = f"""
    SELECT p.id, p.thread_id, p.number, p.format, p.source, p.version, p.author_id,
           {HANDLE} AS author_handle, a.name AS author_name, p.created_at, p.deleted_at, p.deleted_by
    FROM post p
    JOIN member a ON a.id = p.author_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    {READER}
    WHERE {READABLE_THREAD} AND {THREAD_THERE} AND {POST_THERE}
"""


@dataclass(frozen=True)
class Reading:
    """A thread with a page of its posts, threads like it, and what its reader has begun to write under it."""

    thread: Thread
    posts: list[Post]
    similar: tuple[SimilarThread, ...]
    draft: Draft | None


async def thread(db: Database, actor: Actor, thread_id: int) -> Thread:
    """One thread. Raises NotFound when there is none or `actor` may not read it."""
    return await one(db, Thread, THREAD_SQL, thread_id=thread_id, actor_id=actor.id)


async def thread_to_change(db: Database, actor: Actor, thread_id: int) -> Thread:
    """Like `thread`, and holds its row until the transaction ends, so writers queue up."""
    await hold(db, thread_id)
    return await thread(db, actor, thread_id)


async def hold(db: Database, *thread_ids: int) -> None:
    """Hold the rows of threads until the transaction ends: all that will be needed at once, so that nobody waits in a
    circle. What is read after it is what the writers before have left."""
    await run(
        db,
        """
        SELECT t.id FROM thread t
        WHERE t.id = ANY(CAST(:thread_ids AS bigint[]))
        ORDER BY t.id
        FOR NO KEY UPDATE
        """,
        thread_ids=list(thread_ids),
    )


async def reading(
    db: Database,
    actor: Actor,
    thread_id: int,
    *,
    after: int = 0,
    limit: int = POSTS_A_PAGE,
    alike: Alike | None = None,
) -> Reading:
    """A thread with up to `limit` of its posts numbered above `after`, oldest first. Raises NotFound."""
    return await _reading(db, actor, thread_id, BY_TIME, alike, after=after, limit=limit)


async def helpful_reading(
    db: Database,
    actor: Actor,
    thread_id: int,
    *,
    after: tuple[float, int] | None = None,
    limit: int = POSTS_A_PAGE,
    alike: Alike | None = None,
) -> Reading:
    """A thread with its opening post, then replies, most surely helpful first. Raises NotFound.

    after: confidence and number of the last post of the page before; None for the first page.
    """
    confidence, number = after or (2.0, 0)
    place = {"is_first": after is None, "confidence": confidence, "number": number}
    return await _reading(db, actor, thread_id, BY_HELPFULNESS, alike, **place, limit=limit)


async def _reading(
    db: Database, actor: Actor, thread_id: int, order: str, alike: Alike | None, **place: object
) -> Reading:
    ids = kept_ids(db, actor, thread_id)
    values = {"thread_id": thread_id, "actor_id": actor.id, **place}
    found = await rows(db, READING_SQL[order], similar_ids=ids or (), **values)
    if not found:
        raise NotFound
    if ids is None and alike is not None:
        ids = await ids_like(db, actor, thread_id, found[0]["title"], alike)
        found = await rows(db, READING_SQL[order], similar_ids=ids, **values)
    row = dict(found[0])
    posts = [Post(*columns) for columns in row.pop("posts")]
    similar = tuple(SimilarThread(*columns) for columns in row.pop("similar"))
    key, fields, saved_at = row.pop("draft_key"), row.pop("draft_fields"), row.pop("draft_saved_at")
    return Reading(shaped(Thread, row), posts, similar, Draft(key, fields, saved_at) if key else None)


# Where a merged thread of a category `r` may read has gone to, over any number of merges, if `r` may read that too.
MERGED_SQL = f"""
    WITH RECURSIVE way AS (
        SELECT t.id, t.merged_into_id
        FROM thread t
        JOIN category c ON c.id = t.category_id
        {READER}
        WHERE t.id = :thread_id AND {READABLE_THREAD}
        UNION
        SELECT o.id, o.merged_into_id FROM way w JOIN thread o ON o.id = w.merged_into_id
    )
    SELECT t.id, t.slug, t.title
    FROM way w
    JOIN thread t ON t.id = w.id
    JOIN category c ON c.id = t.category_id
    {READER}
    WHERE {READABLE_THREAD} AND {THREAD_THERE} AND t.deleted_at IS NULL
"""


async def merged(db: Database, actor: Actor, thread_id: int) -> Spot | None:
    """The thread that stands for this one now: itself, or what it was merged into; None if that is not `actor`'s."""
    return await first(db, Spot, MERGED_SQL, thread_id=thread_id, actor_id=actor.id)


async def post_source(db: Database, actor: Actor, post_id: int) -> PostSource:
    """One post as typed. Raises NotFound."""
    return await one(db, PostSource, f"{SOURCE_SQL} AND p.id = :post_id", actor_id=actor.id, post_id=post_id)


async def thread_of_post(db: Database, actor: Actor, post_id: int) -> tuple[Thread, PostSource]:
    """The post as typed, with its thread. Raises NotFound."""
    post = await post_source(db, actor, post_id)
    return await thread(db, actor, post.thread_id), post


async def post_to_change(db: Database, actor: Actor, post_id: int) -> tuple[Thread, PostSource]:
    """The thread, held until the transaction ends, and the post as it is then. Raises NotFound."""
    post = await post_source(db, actor, post_id)
    while True:
        await hold(db, post.thread_id)
        held_id, post = post.thread_id, await post_source(db, actor, post_id)
        if post.thread_id == held_id:  # else it was moved to another thread while we waited
            return await thread(db, actor, held_id), post


async def post_numbered(db: Database, actor: Actor, thread_id: int, number: int) -> PostSource:
    """The post with that number in a thread, as typed. Raises NotFound."""
    return await one(
        db,
        PostSource,
        f"{SOURCE_SQL} AND p.thread_id = :thread_id AND p.number = :number AND p.deleted_at IS NULL",
        actor_id=actor.id,
        thread_id=thread_id,
        number=number,
    )


async def replies_to_choose(db: Database, actor: Actor, thread_id: int, *, after: int) -> list[PostSource]:
    """Up to a hundred replies numbered above `after`, without deleted ones, as typed."""
    return await many(
        db,
        PostSource,
        f"""
        {SOURCE_SQL} AND p.thread_id = :thread_id AND p.number > greatest(1, CAST(:after AS integer))
            AND p.deleted_at IS NULL
        ORDER BY p.number
        LIMIT 100
        """,
        actor_id=actor.id,
        thread_id=thread_id,
        after=after,
    )


async def shown_post(db: Database, actor: Actor, post_id: int) -> tuple[Thread, Post]:
    """One post as shown, with its thread. Raises NotFound."""
    source = await post_source(db, actor, post_id)
    found = await reading(db, actor, source.thread_id, after=source.number - 1, limit=1)
    if not found.posts or found.posts[0].id != post_id:
        raise NotFound
    return found.thread, found.posts[0]


async def revisions(db: Database, actor: Actor, post_id: int) -> list[Revision]:
    """Earlier versions of a post, newest first. Raises NotFound when the post is not `actor`'s to read."""
    await post_source(db, actor, post_id)
    return await many(
        db,
        Revision,
        """
        SELECT v.version, v.heading, v.source, m.name AS editor_name, v.reason, v.created_at
        FROM post_revision v
        JOIN member m ON m.id = v.editor_id
        WHERE v.post_id = :post_id
        ORDER BY v.version DESC
        LIMIT 50
        """,
        post_id=post_id,
    )
