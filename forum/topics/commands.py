"""Writes of the topics room."""

from collections.abc import Sequence

from forum.kit.db import Database, run, value
from forum.kit.errors import Invalid
from forum.members.types import Actor
from forum.topics.policy import may_merge


async def add_topic(db: Database, slug: str, synonyms: Sequence[str] = ()) -> int:
    """Add a topic with words that mean the same, or complete it. Returns its id."""
    async with db.transaction():
        topic_id: int = await value(
            db,
            """
            INSERT INTO topic (slug) VALUES (:slug)
            ON CONFLICT (slug) DO UPDATE SET slug = excluded.slug
            RETURNING id
            """,
            slug=slug,
        )
        await run(
            db,
            """
            INSERT INTO topic_synonym (slug, topic_id)
            SELECT synonym, :topic_id FROM unnest(CAST(:synonyms AS text[])) synonym
            ON CONFLICT (slug) DO UPDATE SET topic_id = excluded.topic_id
            """,
            topic_id=topic_id,
            synonyms=list(synonyms),
        )
    return topic_id


async def set_topics(db: Database, thread_id: int, slugs: Sequence[str]) -> None:
    """The thread carries exactly these topics; synonyms lead to theirs, unknown ones are new."""
    async with db.transaction():
        await run(db, "SELECT pg_advisory_xact_lock_shared(hashtext('topic.merge'))")
        await run(
            db,
            """
            INSERT INTO topic (slug)
            SELECT word FROM unnest(CAST(:slugs AS text[])) word
            WHERE NOT EXISTS (SELECT 1 FROM topic_synonym y WHERE y.slug = word)
            ORDER BY word
            ON CONFLICT DO NOTHING
            """,
            slugs=list(slugs),
        )
        await run(db, "DELETE FROM thread_topic WHERE thread_id = :thread_id", thread_id=thread_id)
        await run(
            db,
            """
            INSERT INTO thread_topic (thread_id, topic_id)
            SELECT DISTINCT CAST(:thread_id AS bigint), coalesce(y.topic_id, o.id)
            FROM unnest(CAST(:slugs AS text[])) word
            LEFT JOIN topic_synonym y ON y.slug = word
            LEFT JOIN topic o ON o.slug = word
            """,
            thread_id=thread_id,
            slugs=list(slugs),
        )


async def merge(db: Database, actor: Actor, slug: str, into: str, also: Sequence[str] = ()) -> None:
    """Threads of `slug` get the topic `into`, and `slug` becomes its synonym. Raises Forbidden, Invalid.

    also: statements that hand over from :old to :new what upper rooms keep of topics, see wiring.TOPIC_MERGES.
    """
    may_merge(actor).require()
    async with db.transaction():
        # One merge at a time, and none while a thread gets its topics: two merges could wait for each other.
        await run(db, "SELECT pg_advisory_xact_lock(hashtext('topic.merge'))")
        old, new = await _topic(db, slug), await _topic(db, into)
        if old is None or new is None or old == new:
            raise Invalid(into="Choose another topic that exists.")
        await run(
            db,
            """
            INSERT INTO thread_topic (thread_id, topic_id)
            SELECT x.thread_id, :new FROM thread_topic x WHERE x.topic_id = :old
            ON CONFLICT DO NOTHING
            """,
            old=old,
            new=new,
        )
        for statement in ("UPDATE topic_synonym SET topic_id = :new WHERE topic_id = :old", *also):
            await run(db, statement, old=old, new=new)
        await run(db, "DELETE FROM topic WHERE id = :old", old=old)
        await run(
            db,
            """
            INSERT INTO topic_synonym (slug, topic_id) VALUES (:slug, :new)
            ON CONFLICT (slug) DO UPDATE SET topic_id = excluded.topic_id
            """,
            slug=slug,
            new=new,
        )


async def _topic(db: Database, slug: str) -> int | None:
    found: int | None = await value(db, "SELECT o.id FROM topic o WHERE o.slug = :slug", slug=slug)
    return found
