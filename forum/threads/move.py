"""Moving a thread to another category: rights count at both ends."""

from forum.audit.types import Entry
from forum.categories.policy import may_start
from forum.kit.db import Database, run
from forum.members.types import Actor
from forum.threads import policy, queries, showing
from forum.threads.acts import are_open_alike, count_threads, record, require_unchanged, room_called
from forum.threads.types import Thread


async def move(db: Database, actor: Actor, thread_id: int, to_category: str) -> int:
    """Move a thread to the category called `to_category`; its posts keep their numbers and addresses.

    Staff of the category it is in may, if they may start threads in the other. A pin stays only where they are staff
    too. Returns the id of the log's entry, 0 where it was there already. Raises NotFound, Forbidden, Invalid.
    """
    async with db.transaction():
        thread = await queries.thread_to_change(db, actor, thread_id)
        policy.may_moderate(actor, thread).require()
        room = await room_called(db, actor, to_category)
        may_start(actor, room).require()
        if room.id == thread.category_id:
            return 0
        is_pinned = thread.is_pinned and actor.moderates_in(room.id)
        await _write(db, thread, room.id, is_pinned=is_pinned)
        is_public = await are_open_alike(db, thread.category_id, room.id)
        return await record(
            db,
            actor,
            thread,
            "moved",
            before={"category_id": thread.category_id, "is_pinned": thread.is_pinned},
            after={"category_id": room.id, "is_pinned": is_pinned},
            is_public=is_public,
        )


async def undo(db: Database, actor: Actor, entry: Entry) -> str:
    """Move the thread back: whoever moved it need not be staff where it is now. Returns its path.

    Raises NotFound, Invalid.
    """
    thread = await queries.thread_to_change(db, actor, entry.subject_id)
    require_unchanged(
        is_so=thread.deleted_at is None
        and (thread.category_id, thread.is_pinned) == (entry.after["category_id"], entry.after["is_pinned"])
    )
    await _write(db, thread, entry.before["category_id"], is_pinned=entry.before["is_pinned"])
    return thread.path


async def _write(db: Database, thread: Thread, category_id: int, *, is_pinned: bool) -> None:
    await run(
        db,
        "UPDATE thread SET category_id = :category_id, is_pinned = :is_pinned WHERE id = :thread_id",
        category_id=category_id,
        is_pinned=is_pinned,
        thread_id=thread.id,
    )
    await count_threads(db, {thread.category_id: -1, category_id: +1})
    await showing.say_thread(db, thread.id)
