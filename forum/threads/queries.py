"""Reads of one thread. A reader only gets what READABLE lets them see."""

from forum.categories.policy import MODERATED, READABLE, READER
from forum.kit.db import Database, many, one
from forum.kit.errors import NotFound
from forum.members.types import Actor
from forum.threads.policy import POST_THERE, THREAD_THERE
from forum.threads.types import POSTS_A_PAGE, Post, PostSource, Revision, Thread

THREAD_SQL = f"""
    SELECT t.id, t.category_id, t.author_id, t.kind, t.title, t.slug, t.is_locked, t.is_pinned,
           t.reply_count, t.last_number, t.accepted_post_id, x.number AS accepted_number,
           xa.name AS accepted_name, t.created_at, t.deleted_at, t.deleted_by, t.delete_reason,
           c.slug AS category_slug, c.name AS category_name, c.colour AS category_colour,
           a.name AS author_name, a.handle AS author_handle, c.reply_by, c.lets_vendors_in,
           ARRAY(SELECT g.group_id FROM category_group g WHERE g.category_id = c.id AND g.may = 'reply')
               AS reply_groups,
           coalesce({MODERATED}, false) AS is_staff,
           ARRAY(SELECT o.slug FROM thread_topic tt JOIN topic o ON o.id = tt.topic_id
                 WHERE tt.thread_id = t.id ORDER BY o.slug) AS topics,
           coalesce(k.number, 0) AS read_number
    FROM thread t
    JOIN category c ON c.id = t.category_id
    JOIN member a ON a.id = t.author_id
    {READER}
    LEFT JOIN read_mark k ON k.thread_id = t.id AND k.member_id = r.id
    LEFT JOIN post x ON x.id = t.accepted_post_id
    LEFT JOIN member xa ON xa.id = x.author_id
    WHERE {READABLE} AND {THREAD_THERE} AND t.id =
"""

POSTS_SQL = f"""
    SELECT p.id, p.number, p.format, p.html, p.version, p.helpful_count, p.confidence, p.created_at, p.edited_at,
           p.deleted_at, p.delete_reason, coalesce(p.deleted_by = p.author_id, false) AS is_deleted_by_author,
           a.id AS author_id, a.handle AS author_handle, a.name AS author_name, a.title AS author_title,
           a.role AS author_role, d.name AS author_district, d.enrolment AS author_enrolment,
           h.post_id IS NOT NULL AS is_mine_helpful
    FROM post p
    JOIN member a ON a.id = p.author_id
    LEFT JOIN district d ON d.id = a.district_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    {READER}
    LEFT JOIN helpful_vote h ON h.post_id = p.id AND h.member_id = r.id
    WHERE p.thread_id = :thread_id AND {READABLE} AND {THREAD_THERE} AND {POST_THERE}
"""

SOURCE_SQL = f"""
    SELECT p.id, p.thread_id, p.number, p.format, p.source, p.version, p.author_id,
           a.handle AS author_handle, a.name AS author_name, p.created_at, p.deleted_at, p.deleted_by
    FROM post p
    JOIN member a ON a.id = p.author_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    {READER}
    WHERE {READABLE} AND {THREAD_THERE} AND {POST_THERE}
"""


async def thread(db: Database, actor: Actor, thread_id: int) -> Thread:
    """One thread. Raises NotFound when there is none or `actor` may not read it."""
    return await one(db, Thread, f"{THREAD_SQL} :thread_id", thread_id=thread_id, actor_id=actor.id)


async def thread_to_change(db: Database, actor: Actor, thread_id: int) -> Thread:
    """Like `thread`, and holds its row until the transaction ends, so writers queue up."""
    return await one(
        db, Thread, f"{THREAD_SQL} :thread_id FOR NO KEY UPDATE OF t", thread_id=thread_id, actor_id=actor.id
    )


async def posts(db: Database, actor: Actor, thread_id: int, *, after: int = 0, limit: int = POSTS_A_PAGE) -> list[Post]:
    """Up to `limit` posts numbered above `after`, oldest first; none if unreadable."""
    return await many(
        db,
        Post,
        f"{POSTS_SQL} AND p.number > :after ORDER BY p.number LIMIT :limit",
        thread_id=thread_id,
        actor_id=actor.id,
        after=after,
        limit=limit,
    )


async def helpful_posts(
    db: Database, actor: Actor, thread_id: int, *, after: tuple[float, int] | None = None, limit: int = POSTS_A_PAGE
) -> list[Post]:
    """The opening post, then replies, most surely helpful first.

    after: confidence and number of the last post of the page before; None for the first page.
    """
    confidence, number = after or (2.0, 0)
    return await many(
        db,
        Post,
        f"""
        {POSTS_SQL}
          AND (p.number = 1 AND CAST(:is_first AS boolean)
               OR p.number > 1 AND (p.confidence < CAST(:confidence AS real)
                                    OR p.confidence = CAST(:confidence AS real) AND p.number > :number))
        ORDER BY p.number > 1, p.confidence DESC, p.number
        LIMIT :limit
        """,
        thread_id=thread_id,
        actor_id=actor.id,
        is_first=after is None,
        confidence=confidence,
        number=number,
        limit=limit,
    )


async def post_source(db: Database, actor: Actor, post_id: int) -> PostSource:
    """One post as typed. Raises NotFound."""
    return await one(db, PostSource, f"{SOURCE_SQL} AND p.id = :post_id", actor_id=actor.id, post_id=post_id)


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


async def shown_post(db: Database, actor: Actor, post_id: int) -> tuple[Thread, Post]:
    """One post as shown, with its thread. Raises NotFound."""
    source = await post_source(db, actor, post_id)
    found = await posts(db, actor, source.thread_id, after=source.number - 1, limit=1)
    if not found or found[0].id != post_id:
        raise NotFound
    return await thread(db, actor, source.thread_id), found[0]


async def revisions(db: Database, actor: Actor, post_id: int) -> list[Revision]:
    """Earlier versions of a post, newest first. Raises NotFound when the post is not `actor`'s to read."""
    await post_source(db, actor, post_id)
    return await many(
        db,
        Revision,
        """
        SELECT v.version, v.source, m.name AS editor_name, v.reason, v.created_at
        FROM post_revision v
        JOIN member m ON m.id = v.editor_id
        WHERE v.post_id = :post_id
        ORDER BY v.version DESC
        LIMIT 50
        """,
        post_id=post_id,
    )
