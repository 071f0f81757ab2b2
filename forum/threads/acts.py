"""What all acts of staff on threads share: both ends held, the entry in the log, whether an undo still fits."""

from collections.abc import Mapping
from typing import Any

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.categories import commands as categories
from forum.categories import queries as category_queries
from forum.categories.types import Room
from forum.kit.db import Database, value
from forum.kit.errors import Invalid, NotFound
from forum.members.policy import require_staff
from forum.members.types import Actor
from forum.threads import policy, queries
from forum.threads.types import Thread

NO_CATEGORY = "Choose one of the categories offered."
NO_THREAD = "Paste the address of a thread that is open to you."
CHANGED = "It has changed since, so it cannot be undone. Look at it anew."


async def both_held(db: Database, actor: Actor, thread_id: int, other_id: int, field: str) -> tuple[Thread, Thread]:
    """A thread and another one that was typed into `field`, both held. Raises NotFound, Invalid."""
    await queries.hold(db, thread_id, other_id)
    thread = await queries.thread(db, actor, thread_id)
    try:
        other = await queries.thread(db, actor, other_id)
    except NotFound:
        raise Invalid(**{field: NO_THREAD}) from None
    if other.id == thread.id or other.deleted_at:
        raise Invalid(**{field: "Choose another thread that is not deleted."})
    return thread, other


async def thread_of_staff(db: Database, actor: Actor, thread_id: int) -> Thread:
    """A thread for the pages of its staff. Raises NotFound for everybody else, Unconfirmed, Forbidden."""
    require_staff(actor)
    thread = await queries.thread(db, actor, thread_id)
    if not thread.is_staff:
        raise NotFound
    policy.may_moderate(actor, thread).require()
    return thread


async def room_called(db: Database, actor: Actor, slug: str) -> Room:
    """The category chosen in a form. Raises Invalid when there is none, or none for `actor`."""
    try:
        return await category_queries.room(db, actor, slug)
    except NotFound:
        raise Invalid(category=NO_CATEGORY) from None


async def count_threads(db: Database, changes: Mapping[int, int]) -> None:
    """Categories have more or fewer threads; always in the order of ids, so that nobody waits in a circle."""
    for category_id, change in sorted(changes.items()):
        await categories.count_threads(db, category_id, change)


async def are_open_alike(db: Database, *category_ids: int) -> bool:
    """Whether the same many people read all these categories, so that each may hear of the others."""
    found: bool = await value(
        db,
        """
        SELECT bool_and(c.read_by IN ('everyone', 'members') AND NOT c.is_hidden)
               AND count(DISTINCT (c.read_by, c.lets_vendors_in)) = 1
        FROM category c
        WHERE c.id = ANY(CAST(:category_ids AS bigint[]))
        """,
        category_ids=list(category_ids),
    )
    return found


async def record(
    db: Database,
    actor: Actor,
    thread: Thread,
    name: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    is_public: bool = True,
) -> int:
    """Enter what `actor` did to a thread into the log. Returns the entry's id, by which it may be undone."""
    act = Act(
        name=f"thread.{name}",
        subject_kind="thread",
        subject_id=thread.id,
        category_id=thread.category_id,
        before=before,
        after=after,
        is_public=is_public,
    )
    return await audit.record(db, actor.id, act)


def require_unchanged(*, is_so: bool) -> None:
    """Raises Invalid unless what is to be undone is still as the act left it."""
    if not is_so:
        raise Invalid(undo=CHANGED)
