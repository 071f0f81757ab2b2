"""Threads that ask nearly the same: found while somebody types a title, and beside a thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from forum.categories.policy import READABLE, READER
from forum.kit.db import Database, many, rows
from forum.members.types import Actor

SHORTEST = 10
KEPT_SECONDS = 600
MOST_KEPT = 4096
ALIKE_COUNT = 24

# Alike is shared trigrams (typos, endings) plus shared words, each counted once: of the words of
# `title` at least one must occur, or the titles share a third of their trigrams.
ALIKE = """(to_tsvector('english', t.title) @@ q.words OR t.title % :title)"""
MOST_ALIKE = """
    ORDER BY similarity(t.title, :title) + ts_rank(to_tsvector('english', t.title), q.words) DESC, t.id DESC
    LIMIT :limit
"""
WORDS = """
    SELECT CAST(replace(CAST(plainto_tsquery('english', :title) AS text), ' & ', ' | ') AS tsquery) AS words
"""
COLUMNS = "t.id, t.slug, t.title, t.reply_count, t.accepted_post_id IS NOT NULL AS is_answered"
ALIKE_SQL = f"""
    SELECT t.id
    FROM thread t
    CROSS JOIN ({WORDS}) q
    WHERE t.deleted_at IS NULL AND t.id <> :thread_id AND {ALIKE}
    {MOST_ALIKE}
"""

_alike: dict[tuple[int, str], tuple[float, list[int]]] = {}


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


async def similar_threads(db: Database, actor: Actor, title: str, *, limit: int = 5) -> list[SimilarThread]:
    """Up to `limit` readable threads with titles like `title`, most alike first; none below ten characters."""
    if len(title.strip()) < SHORTEST:
        return []
    return await many(
        db,
        SimilarThread,
        f"""
        SELECT {COLUMNS}
        FROM thread t
        JOIN category c ON c.id = t.category_id
        CROSS JOIN ({WORDS}) q
        {READER}
        WHERE t.deleted_at IS NULL AND {READABLE} AND {ALIKE}
        {MOST_ALIKE}
        """,
        actor_id=actor.id,
        title=title[:200],
        limit=limit,
    )


async def threads_like(
    db: Database, actor: Actor, thread_id: int, title: str, *, limit: int = 4
) -> list[SimilarThread]:
    """Up to `limit` readable threads like this one. Which are alike is ten minutes old, the rest is fresh."""
    return await many(
        db,
        SimilarThread,
        f"""
        SELECT {COLUMNS}
        FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY n (id, place)
        JOIN thread t ON t.id = n.id
        JOIN category c ON c.id = t.category_id
        {READER}
        WHERE t.deleted_at IS NULL AND {READABLE}
        ORDER BY n.place
        LIMIT :limit
        """,
        ids=await _ids_like(db, thread_id, title),
        actor_id=actor.id,
        limit=limit,
    )


async def _ids_like(db: Database, thread_id: int, title: str) -> Sequence[int]:
    """Ids whoever may read them, kept: comparing titles takes longer than all else on a thread's page."""
    found_at, ids = _alike.get((thread_id, title), (0.0, []))
    if not found_at or monotonic() - found_at > KEPT_SECONDS:
        if len(_alike) >= MOST_KEPT:
            _alike.clear()
        ids = [row["id"] for row in await rows(db, ALIKE_SQL, thread_id=thread_id, title=title, limit=ALIKE_COUNT)]
        _alike[thread_id, title] = (monotonic(), ids)
    return ids
