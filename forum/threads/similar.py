"""Threads that ask nearly the same, found while somebody types a title."""

from dataclasses import dataclass

from forum.categories.policy import READABLE, READER
from forum.kit.db import Database, many
from forum.members.types import Actor

SHORTEST = 10


@dataclass(frozen=True)
class SimilarThread:
    """A thread to look at before asking."""

    id: int
    slug: str
    title: str
    reply_count: int
    is_answered: bool

    @property
    def path(self) -> str:
        return f"/t/{self.id}/{self.slug}"


async def similar_threads(
    db: Database, actor: Actor, title: str, *, besides: int = 0, limit: int = 5
) -> list[SimilarThread]:
    """Up to `limit` readable threads with titles like `title`, most alike first; none below ten characters.

    Alike is shared trigrams (typos, endings) plus shared words, each counted once: of the words of
    `title` at least one must occur, or the titles share a third of their trigrams.
    """
    if len(title.strip()) < SHORTEST:
        return []
    return await many(
        db,
        SimilarThread,
        f"""
        SELECT t.id, t.slug, t.title, t.reply_count, t.accepted_post_id IS NOT NULL AS is_answered
        FROM thread t
        JOIN category c ON c.id = t.category_id
        CROSS JOIN (
            SELECT CAST(replace(CAST(plainto_tsquery('english', :title) AS text), ' & ', ' | ') AS tsquery) AS words
        ) q
        {READER}
        WHERE t.deleted_at IS NULL AND t.id <> :besides AND {READABLE}
          AND (to_tsvector('english', t.title) @@ q.words OR t.title % :title)
        ORDER BY similarity(t.title, :title) + ts_rank(to_tsvector('english', t.title), q.words) DESC, t.id DESC
        LIMIT :limit
        """,
        actor_id=actor.id,
        title=title[:200],
        besides=besides,
        limit=limit,
    )
