"""What staff set on a thread: locked, pinned, slow, closed as a duplicate or to vendors; each act can be undone."""

from forum.audit.types import Entry
from forum.kit.db import Database, run
from forum.kit.errors import Invalid
from forum.members.types import Actor
from forum.threads import policy, queries, showing
from forum.threads.acts import are_open_alike, both_held, record, require_unchanged
from forum.threads.types import Thread

SLOWEST = 86_400

Setting = bool | int | None


async def lock(db: Database, actor: Actor, thread_id: int) -> int:
    """Close a thread to replies. As all acts here, returns the id of the log's entry, 0 where it was so already.

    Raises NotFound, Forbidden.
    """
    return await _set(db, actor, thread_id, "locked", is_locked=True)


async def unlock(db: Database, actor: Actor, thread_id: int) -> int:
    """Open a thread to replies again."""
    return await _set(db, actor, thread_id, "unlocked", is_locked=False)


async def pin(db: Database, actor: Actor, thread_id: int) -> int:
    """Hold a thread above the latest of its category."""
    return await _set(db, actor, thread_id, "pinned", is_pinned=True)


async def unpin(db: Database, actor: Actor, thread_id: int) -> int:
    """Let a pinned thread go."""
    return await _set(db, actor, thread_id, "unpinned", is_pinned=False)


async def reopen(db: Database, actor: Actor, thread_id: int) -> int:
    """The thread is no duplicate, and open to replies again."""
    return await _set(db, actor, thread_id, "reopened", is_locked=False, duplicate_of_id=None)


async def slow(db: Database, actor: Actor, thread_id: int, seconds: int) -> int:
    """Members who are not staff wait `seconds` between two of their posts; 0 ends it. Also raises Invalid."""
    if not 0 <= seconds <= SLOWEST:
        raise Invalid(seconds="Choose one of the times offered.")
    return await _set(db, actor, thread_id, "slowed", slow_seconds=seconds)


async def close_as_duplicate(db: Database, actor: Actor, thread_id: int, of_id: int) -> int:
    """Lock a thread that another one answers, with a link to that. Also raises Invalid."""
    async with db.transaction():
        thread, other = await both_held(db, actor, thread_id, of_id, "of")
        policy.may_close(actor, thread).require()
        if other.duplicate_of_id:
            raise Invalid(of="That one is closed as a duplicate itself. Take the thread it leads to.")
        is_public = await are_open_alike(db, thread.category_id, other.category_id)
        return await _change(db, actor, thread, "duplicate", {"is_locked": True, "duplicate_of_id": of_id}, is_public)


async def keep_vendors_out(db: Database, actor: Actor, thread_id: int, *, out: bool) -> int:
    """Keep vendors out of a thread from now on, or with `out` false let them in again."""
    async with db.transaction():
        thread = await queries.thread_to_change(db, actor, thread_id)
        policy.may_choose_vendors(actor, thread, out=out).require()
        name = "vendors_kept_out" if out else "vendors_let_in"
        return await _change(db, actor, thread, name, {"keeps_vendors_out": out}, is_public=False)


async def undo(db: Database, actor: Actor, entry: Entry) -> str:
    """Take one of these acts back. Returns the path of the thread. Raises NotFound, Forbidden, Invalid."""
    thread = await queries.thread_to_change(db, actor, entry.subject_id)
    if "keeps_vendors_out" in entry.before:
        policy.may_choose_vendors(actor, thread, out=entry.before["keeps_vendors_out"]).require()
    elif not (entry.act == "thread.duplicate" and actor.id == thread.author_id):
        policy.may_moderate(actor, thread).require()
    require_unchanged(is_so=all(getattr(thread, name) == was for name, was in entry.after.items()))
    await _write(db, thread, dict(entry.before))
    return thread.path


async def _set(db: Database, actor: Actor, thread_id: int, name: str, **settings: Setting) -> int:
    async with db.transaction():
        thread = await queries.thread_to_change(db, actor, thread_id)
        policy.may_moderate(actor, thread).require()
        return await _change(db, actor, thread, name, settings)


async def _change(
    db: Database, actor: Actor, thread: Thread, name: str, after: dict[str, Setting], is_public: bool = True
) -> int:
    before = {field: getattr(thread, field) for field in after}
    if before == after:
        return 0
    await _write(db, thread, after)
    return await record(db, actor, thread, name, before=before, after=after, is_public=is_public)


async def _write(db: Database, thread: Thread, after: dict[str, Setting]) -> None:
    fields = ("is_locked", "is_pinned", "slow_seconds", "duplicate_of_id", "keeps_vendors_out")
    await run(
        db,
        """
        UPDATE thread
        SET is_locked = :is_locked, is_pinned = :is_pinned, slow_seconds = :slow_seconds,
            duplicate_of_id = :duplicate_of_id, keeps_vendors_out = :keeps_vendors_out
        WHERE id = :thread_id
        """,
        thread_id=thread.id,
        **{field: after.get(field, getattr(thread, field)) for field in fields},
    )
    if thread.keeps_vendors_out and after.get("keeps_vendors_out") is False:
        await showing.say_thread(db, thread.id)
