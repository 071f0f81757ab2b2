"""Threads that ask nearly the same: found while somebody types a title, and beside a thread.

Which ones are alike is the search room's to say, above this one: `Alike` is handed in from the wiring.
"""

from collections.abc import Sequence
from time import monotonic
from typing import NamedTuple, Protocol

from forum.categories.policy import READABLE_THREAD, READER
from forum.kit.db import Database, many
from forum.members.types import Actor

SHORTEST = 10
KEPT_SECONDS = 600
MOST_KEPT = 4096
ALIKE_COUNT = 24


class Alike(Protocol):
    """Finds ids of threads like a title, most alike first."""

    async def __call__(
        self, title: str, *, actor: Actor | None = None, besides: int = 0, product_id: int = 0, most: int = ALIKE_COUNT
    ) -> Sequence[int]:
        """actor: whose threads to look among; None where that is asked when they are shown. besides: never this one.

        product_id: only threads about this product, the newest first; the title says nothing then.
        """


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


# Of the threads with :similar_ids those that reader `r` may read, in the order of SimilarThread's fields.
SIMILAR = f"""
    SELECT ROW(t.id, t.slug, t.title, t.reply_count, t.accepted_post_id IS NOT NULL)
    FROM unnest(CAST(:similar_ids AS bigint[])) WITH ORDINALITY n (id, place)
    JOIN thread t ON t.id = n.id
    JOIN category c ON c.id = t.category_id
    WHERE t.deleted_at IS NULL AND {READABLE_THREAD}
    ORDER BY n.place
    LIMIT 5
"""
READABLE_SQL = f"""
    SELECT t.id, t.slug, t.title, t.reply_count, t.accepted_post_id IS NOT NULL AS is_answered
    FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY n (id, place)
    JOIN thread t ON t.id = n.id
    JOIN category c ON c.id = t.category_id
    {READER}
    WHERE t.deleted_at IS NULL AND {READABLE_THREAD}
    ORDER BY n.place
    LIMIT 5
"""

_kept: dict[int, tuple[float, Sequence[int]]] = {}


async def similar_threads(db: Database, actor: Actor, title: str, alike: Alike) -> list[SimilarThread]:
    """Up to five readable threads like `title`, most alike first; none below ten characters."""
    if len(title.strip()) < SHORTEST:
        return []
    return await readable_threads(db, actor, await alike(title[:200], actor=actor))


async def readable_threads(db: Database, actor: Actor, ids: Sequence[int]) -> list[SimilarThread]:
    """The first five of those threads that `actor` may read, in that order."""
    return await many(db, SimilarThread, READABLE_SQL, actor_id=actor.id, ids=list(ids)) if ids else []


async def ids_like(thread_id: int, title: str, alike: Alike) -> Sequence[int]:
    """Ids of threads like this one, most alike first, whoever may read them: that is asked where they are shown.

    Kept for ten minutes: asking takes longer than all else on a thread's page.
    """
    ids = kept_ids(thread_id)
    if ids is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        ids = await alike(title, besides=thread_id)
        _kept[thread_id] = (monotonic(), ids)
    return ids


def kept_ids(thread_id: int) -> Sequence[int] | None:
    """What `ids_like` found for a thread in the last ten minutes, None if it was not asked."""
    found_at, ids = _kept.get(thread_id, (0.0, ()))
    return ids if found_at and monotonic() - found_at < KEPT_SECONDS else None
