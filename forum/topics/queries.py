"""Reads of the topics room."""

from forum.categories.policy import READABLE_THREAD, READER
from forum.kit.db import Database, many, value
from forum.members.types import Actor
from forum.topics.types import Topic


async def topics(db: Database, actor: Actor) -> list[Topic]:
    """Topics of threads `actor` may read, most used first; a topic without any is not shown."""
    return await many(
        db,
        Topic,
        f"""
        SELECT o.slug, count(*) AS thread_count
        FROM topic o
        JOIN thread_topic x ON x.topic_id = o.id
        JOIN thread t ON t.id = x.thread_id
        JOIN category c ON c.id = t.category_id
        {READER}
        WHERE t.deleted_at IS NULL AND {READABLE_THREAD}
        GROUP BY o.id, o.slug
        ORDER BY count(*) DESC, o.slug
        LIMIT 300
        """,
        actor_id=actor.id,
    )


async def topic_called(db: Database, actor: Actor, slug: str) -> str | None:
    """The topic's own name for `slug`, which may be a synonym; None where `actor` may read no thread of it."""
    found: str | None = await value(
        db,
        f"""
        SELECT o.slug FROM topic o
        LEFT JOIN topic_synonym y ON y.topic_id = o.id AND y.slug = :slug
        WHERE (o.slug = :slug OR y.slug = :slug) AND EXISTS (
            SELECT 1 FROM thread_topic x
            JOIN thread t ON t.id = x.thread_id
            JOIN category c ON c.id = t.category_id
            {READER}
            WHERE x.topic_id = o.id AND t.deleted_at IS NULL AND {READABLE_THREAD}
        )
        ORDER BY (o.slug = :slug) DESC, o.id
        LIMIT 1
        """,
        slug=slug,
        actor_id=actor.id,
    )
    return found
