"""Threads that ask nearly the same: found while somebody types a title, and beside a thread."""

from collections.abc import Sequence
from time import monotonic
from typing import NamedTuple

from forum.categories.policy import READABLE_THREAD, READABLE_THREADS
from forum.kit.db import Database, many, rows
from forum.members.types import Actor

SHORTEST = 10
KEPT_SECONDS = 600
MOST_KEPT = 4096
ALIKE_COUNT = 24


class SimilarThread(NamedTuple):
    """A thread to look at before asking, or beside one that asks nearly the same."""

    id: int
    slug: str
    title: str
    reply_count: int
    is_answered: bool

    @property
    def path(self) -> str:
        return f"/t/{self.id}/{self.slug}"


OTHERS = "t.id <> :thread_id"
# Alike is shared trigrams (typos, endings) plus shared words, each counted once. Comparing titles is slow, so only
# a few hundred are: the newest that hold the rarest word of :title, or one of its rarest as long as these are in
# 2000 titles together; where words find too few, of the newest titles those that share a third of their trigrams.
ALIKE_SQL = {
    WHICH: f"""
    WITH word AS MATERIALIZED (
        SELECT w.word, (
            SELECT count(*)
            FROM (
                SELECT 1
                FROM thread t
                WHERE to_tsvector('english', t.title) @@ CAST(w.word AS tsquery) AND t.deleted_at IS NULL AND {WHICH}
                LIMIT 5000
            ) s
        ) AS count
        FROM unnest(string_to_array(CAST(plainto_tsquery('english', :title) AS text), ' & ')) w (word)
    ),
    q AS MATERIALIZED (
        SELECT CAST(coalesce(string_agg(word, ' | '), '') AS tsquery) AS words,
               CAST(coalesce(string_agg(word, ' | ') FILTER (WHERE sum <= 2000 OR sum = count), '') AS tsquery)
                   AS rarest
        FROM (SELECT word, count, sum(count) OVER (ORDER BY count, word) AS sum FROM word WHERE count > 0) s
    ),
    by_words AS MATERIALIZED (
        SELECT t.id
        FROM thread t
        WHERE to_tsvector('english', t.title) @@ (SELECT rarest FROM q) AND t.deleted_at IS NULL AND {WHICH}
    ),
    by_letters AS MATERIALIZED (
        SELECT n.id
        FROM (
            SELECT t.id, t.title FROM thread t WHERE t.deleted_at IS NULL AND {WHICH} ORDER BY t.id DESC LIMIT 5000
        ) n
        WHERE (SELECT count(*) FROM by_words) < :limit AND n.title % :title
    )
    SELECT t.id, t.slug, t.title, t.reply_count, t.accepted_post_id IS NOT NULL AS is_answered
    FROM ((SELECT id FROM by_words ORDER BY id DESC LIMIT 500) UNION SELECT id FROM by_letters) f
    JOIN thread t ON t.id = f.id
    CROSS JOIN q
    ORDER BY similarity(t.title, :title) + ts_rank(to_tsvector('english', t.title), q.words) DESC, t.id DESC
    LIMIT :limit
"""
    for WHICH in (READABLE_THREADS, OTHERS)
}

# Of the threads with :similar_ids those that reader `r` may read, in the order of SimilarThread's fields.
SIMILAR = f"""
    SELECT ROW(t.id, t.slug, t.title, t.reply_count, t.accepted_post_id IS NOT NULL)
    FROM unnest(CAST(:similar_ids AS bigint[])) WITH ORDINALITY n (id, place)
    JOIN thread t ON t.id = n.id
    JOIN category c ON c.id = t.category_id
    WHERE t.deleted_at IS NULL AND {READABLE_THREAD}
    ORDER BY n.place
    LIMIT 4
"""

_kept: dict[int, tuple[float, list[int]]] = {}


async def similar_threads(db: Database, actor: Actor, title: str, *, limit: int = 5) -> list[SimilarThread]:
    """Up to `limit` readable threads with titles like `title`, most alike first; none below ten characters."""
    if len(title.strip()) < SHORTEST:
        return []
    sql = ALIKE_SQL[READABLE_THREADS]
    return await many(db, SimilarThread, sql, actor_id=actor.id, title=title[:200], limit=limit)


async def ids_like(db: Database, thread_id: int, title: str) -> Sequence[int]:
    """Ids of threads like this one, most alike first, whoever may read them: that is asked where they are shown.

    Kept for ten minutes: comparing titles takes longer than all else on a thread's page.
    """
    ids = kept_ids(thread_id)
    if ids is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found = await rows(db, ALIKE_SQL[OTHERS], thread_id=thread_id, title=title, limit=ALIKE_COUNT)
        ids = [row["id"] for row in found]
        _kept[thread_id] = (monotonic(), ids)
    return ids


def kept_ids(thread_id: int) -> Sequence[int] | None:
    """What `ids_like` found for a thread in the last ten minutes, None if it was not asked."""
    found_at, ids = _kept.get(thread_id, (0.0, []))
    return ids if found_at and monotonic() - found_at < KEPT_SECONDS else None
