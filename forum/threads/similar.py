"""Threads that ask nearly the same: found while somebody types a title, and beside a thread."""

from collections.abc import Sequence
from time import monotonic

from forum.categories.policy import READABLE, READER
from forum.kit.db import Database, many, rows
from forum.members.types import Actor
from forum.threads.types import SimilarThread

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
ALIKE_SQL = f"""
    SELECT t.id
    FROM thread t
    CROSS JOIN ({WORDS}) q
    WHERE t.deleted_at IS NULL AND t.id <> :thread_id AND {ALIKE}
    {MOST_ALIKE}
"""

# Of the threads with :similar_ids those that reader `r` may read, in the order of SimilarThread's fields.
SIMILAR = f"""
    SELECT ROW(t.id, t.slug, t.title, t.reply_count, t.accepted_post_id IS NOT NULL)
    FROM unnest(CAST(:similar_ids AS bigint[])) WITH ORDINALITY n (id, place)
    JOIN thread t ON t.id = n.id
    JOIN category c ON c.id = t.category_id
    WHERE t.deleted_at IS NULL AND {READABLE}
    ORDER BY n.place
    LIMIT 4
"""

_kept: dict[int, tuple[float, list[int]]] = {}


async def similar_threads(db: Database, actor: Actor, title: str, *, limit: int = 5) -> list[SimilarThread]:
    """Up to `limit` readable threads with titles like `title`, most alike first; none below ten characters."""
    if len(title.strip()) < SHORTEST:
        return []
    return await many(
        db,
        SimilarThread,
        f"""
        SELECT t.id, t.slug, t.title, t.reply_count, t.accepted_post_id IS NOT NULL AS is_answered
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


async def ids_like(db: Database, thread_id: int, title: str) -> Sequence[int]:
    """Ids of threads like this one, most alike first, whoever may read them: READABLE is asked where they are shown.

    Kept for ten minutes: comparing titles takes longer than all else on a thread's page.
    """
    ids = kept_ids(thread_id)
    if ids is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        ids = [row["id"] for row in await rows(db, ALIKE_SQL, thread_id=thread_id, title=title, limit=ALIKE_COUNT)]
        _kept[thread_id] = (monotonic(), ids)
    return ids


def kept_ids(thread_id: int) -> Sequence[int] | None:
    """What `ids_like` found for a thread in the last ten minutes, None if it was not asked."""
    found_at, ids = _kept.get(thread_id, (0.0, []))
    return ids if found_at and monotonic() - found_at < KEPT_SECONDS else None
