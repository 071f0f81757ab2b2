"""One act of staff on many threads of a category at once: what is not theirs is silently left out."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.kit.db import Database, rows
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.types import Actor
from forum.threads import delete, queries, state
from forum.threads.move import move

Deed = Callable[[Database, Actor, int], Awaitable[int]]

SETTINGS: Mapping[str, Deed] = {
    "lock": state.lock,
    "unlock": state.unlock,
    "pin": state.pin,
    "unpin": state.unpin,
}
ACTS = (*SETTINGS, "move", "hide")


async def act_on(
    db: Database,
    actor: Actor,
    category_id: int,
    act: str,
    thread_ids: Sequence[int],
    *,
    to_category: str = "",
    reason: str = "",
) -> tuple[int, int]:
    """Lock, pin, move or hide threads of one category. Returns how many changed and the log entry's id, 0 for none.

    act: one of ACTS. Threads of other categories, unreadable ones and those that may not be acted on count as not
    chosen. Raises Invalid.
    """
    if not thread_ids:
        raise Invalid(thread_ids="Choose at least one thread.")
    deed = _deed(act, to_category, reason)
    async with db.transaction():
        await queries.hold(db, *thread_ids)
        found = [await _tried(db, actor, deed, each) for each in await _those_in(db, category_id, thread_ids)]
        entries = [entry_id for entry_id in found if entry_id]
        if not entries:
            return 0, 0
        whole = Act("thread.batch", "category", category_id, category_id, after={"entries": entries})
        return len(entries), await audit.record(db, actor.id, whole)


def _deed(act: str, to_category: str, reason: str) -> Deed:
    async def move_there(db: Database, actor: Actor, thread_id: int) -> int:
        return await move(db, actor, thread_id, to_category)

    async def hide(db: Database, actor: Actor, thread_id: int) -> int:
        thread = await queries.thread(db, actor, thread_id)
        post = await queries.post_numbered(db, actor, thread.id, 1)
        return await delete.hide(db, actor, post.id, reason)

    deeds: Mapping[str, Deed] = {**SETTINGS, "move": move_there, "hide": hide}
    if act not in deeds:
        raise Invalid(act="Choose one of the buttons.")
    return deeds[act]


async def _tried(db: Database, actor: Actor, deed: Deed, thread_id: int) -> int:
    try:
        return await deed(db, actor, thread_id)
    except (NotFound, Forbidden):
        return 0


async def _those_in(db: Database, category_id: int, thread_ids: Sequence[int]) -> list[int]:
    found = await rows(
        db,
        """
        SELECT t.id FROM thread t
        WHERE t.category_id = :category_id AND t.id = ANY(CAST(:thread_ids AS bigint[]))
        ORDER BY t.id
        """,
        category_id=category_id,
        thread_ids=list(thread_ids),
    )
    return [row["id"] for row in found]
