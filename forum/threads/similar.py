"""Threads that ask nearly the same: found while somebody types a title, and beside a thread.

Which ones are alike is the search room's to say, above this one: `Alike` is handed in from the wiring.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from forum.categories.policy import READABLE_THREAD, READER
from forum.kit.db import Database, many
from forum.kit.recent import Recent
from forum.members.types import Actor

SHORTEST = 10
KEPT_SECONDS = 600
ALIKE_COUNT = 24


class Alike(Protocol):
    """Finds ids of threads like a title, most alike first."""

    async def __call__(
        self, title: str, *, actor: Actor, besides: int = 0, product_id: int = 0, most: int = ALIKE_COUNT
    ) -> Sequence[int]:
        """actor: whose threads to look among. besides: never this one.

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

_kept: Recent[tuple[object, ...], Sequence[int]] = Recent(KEPT_SECONDS)


def forget_alike(db: Database) -> None:
    """Ask anew from here on."""
    _kept.forget(db)


async def similar_threads(db: Database, actor: Actor, title: str, alike: Alike) -> list[SimilarThread]:
    """Up to five readable threads like `title`, most alike first; none below ten characters."""
    if len(title.strip()) < SHORTEST:
        return []
    return await readable_threads(db, actor, await alike(title[:200], actor=actor))


async def readable_threads(db: Database, actor: Actor, ids: Sequence[int]) -> list[SimilarThread]:
    """The first five of those threads that `actor` may read, in that order."""
    return await many(db, SimilarThread, READABLE_SQL, actor_id=actor.id, ids=list(ids)) if ids else []


async def ids_like(db: Database, actor: Actor, thread_id: int, title: str, alike: Alike) -> Sequence[int]:
    """Ids of threads like this one, most alike first: what the page shows of them is read with its reader's rights.

    Kept for ten minutes, as asking takes longer than all else on a thread's page; for readers of one sort together. Not
    for all: of two dozen threads that only some may read, the others would see how few are left.
    """
    ids = kept_ids(db, actor, thread_id)
    if ids is None:
        ids = _kept.keep(db, (thread_id, *_sort_of(actor)), await alike(title, actor=actor, besides=thread_id))
    return ids


def kept_ids(db: Database, actor: Actor, thread_id: int) -> Sequence[int] | None:
    """What `ids_like` found in the last ten minutes for such a reader, None if it was not asked."""
    return _kept.get(db, (thread_id, *_sort_of(actor)))


def _sort_of(actor: Actor) -> tuple[object, ...]:
    """Readers with the same read the same, but for vendors: those of one read what others do not."""
    return (actor.role, actor.groups, actor.moderates, actor.id if actor.is_vendor else None)
