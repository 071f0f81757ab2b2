"""Deleting leaves a tombstone its author and staff can see and undo; the opening post takes its thread along.

What staff do to others' posts is called hiding, and stands in the log.
"""

from forum.audit import commands as audit
from forum.audit.types import Act, Entry
from forum.categories import commands as categories
from forum.kit import outbox
from forum.kit.db import Database, run
from forum.kit.errors import Invalid
from forum.members.types import Actor
from forum.threads import policy, queries, showing
from forum.threads.acts import require_unchanged
from forum.threads.commands import recount
from forum.threads.types import MAX_REASON, PostSource, Thread


async def delete(db: Database, actor: Actor, post_id: int, reason: str = "") -> Thread:
    """Delete a post, or with the opening post the thread; twice is once. Raises Invalid, NotFound, Forbidden."""
    thread, _ = await _delete(db, actor, post_id, reason)
    return thread


async def hide(db: Database, actor: Actor, post_id: int, reason: str = "") -> int:
    """As `delete`. Returns the id of the log's entry, 0 for one's own posts and for what was hidden already."""
    _, entry_id = await _delete(db, actor, post_id, reason)
    return entry_id


async def restore(db: Database, actor: Actor, post_id: int) -> Thread:
    """Bring back what was deleted; twice is once. Raises NotFound, Forbidden."""
    async with db.transaction():
        thread, post = await queries.post_to_change(db, actor, post_id)
        is_thread = post.number == 1 and thread.deleted_at is not None
        if is_thread or post.deleted_at:
            deleted_by = thread.deleted_by if is_thread else post.deleted_by
            policy.may_restore(actor, thread, deleted_by=deleted_by).require()
            await bring_back(db, thread, post)
            if deleted_by != actor.id or actor.id != post.author_id:
                await _record(db, actor, thread, post, "restored")
    return thread


async def undo(db: Database, actor: Actor, entry: Entry) -> str:
    """Bring back what was hidden a moment ago. Returns its path. Raises NotFound, Forbidden, Invalid."""
    thread, post = await queries.post_to_change(db, actor, entry.after["post_id"])
    deleted_by = thread.deleted_by if post.number == 1 else post.deleted_by
    policy.may_restore(actor, thread, deleted_by=deleted_by).require()
    require_unchanged(is_so=deleted_by == actor.id)
    await bring_back(db, thread, post)
    return thread.place(post.number)


async def _delete(db: Database, actor: Actor, post_id: int, reason: str) -> tuple[Thread, int]:
    if len(reason) > MAX_REASON:
        raise Invalid(reason=f"At most {MAX_REASON} characters; this has {len(reason)}.")
    async with db.transaction():
        thread, post = await queries.post_to_change(db, actor, post_id)
        if post.deleted_at or thread.deleted_at:
            return thread, 0
        policy.may_delete(actor, thread, post).require()
        if post.number == 1:
            await take_thread(db, thread.id, thread.category_id, by=actor.id, reason=reason)
        else:
            await take_post(db, thread.id, post.id, by=actor.id, reason=reason)
        if actor.id == post.author_id:
            return thread, 0
        return thread, await _record(db, actor, thread, post, "hidden", reason)


async def _record(db: Database, actor: Actor, thread: Thread, post: PostSource, name: str, reason: str = "") -> int:
    kind = "thread" if post.number == 1 else "post"
    act = Act(
        name=f"{kind}.{name}",
        subject_kind=kind,
        subject_id=thread.id if post.number == 1 else post.id,
        category_id=thread.category_id,
        after={"post_id": post.id},
        reason=reason,
    )
    return await audit.record(db, actor.id, act)


async def bring_back(db: Database, thread: Thread, post: PostSource) -> None:
    """Within a transaction that holds the thread: the post is there again, with the opening post the thread."""
    if post.number == 1:
        await _restore_thread(db, thread)
    else:
        await restore_post(db, post)


async def take_thread(db: Database, thread_id: int, category_id: int, *, by: int | None, reason: str) -> None:
    """Within a transaction that holds it: the thread is deleted by that member, or by nobody (None)."""
    await run(
        db,
        "UPDATE thread SET deleted_at = now(), deleted_by = :by, delete_reason = :reason WHERE id = :thread_id",
        by=by,
        reason=reason,
        thread_id=thread_id,
    )
    await categories.count_threads(db, category_id, -1)
    await outbox.emit(db, "posts.changed", thread_id=thread_id)


async def _restore_thread(db: Database, thread: Thread) -> None:
    await run(
        db,
        "UPDATE thread SET deleted_at = NULL, deleted_by = NULL, delete_reason = '' WHERE id = :thread_id",
        thread_id=thread.id,
    )
    await categories.count_threads(db, thread.category_id, +1)
    await outbox.emit(db, "posts.changed", thread_id=thread.id)
    await showing.say_thread(db, thread.id, thread.deleted_at)


async def restore_post(db: Database, post: PostSource) -> None:
    """The post is there again, and the accepted answer if it was and no other has been chosen since."""
    await run(
        db,
        """
        UPDATE thread t SET accepted_post_id = p.id, accepted_at = p.was_accepted_at
        FROM post p
        WHERE p.id = :post_id AND t.id = p.thread_id AND p.was_accepted_at IS NOT NULL
          AND t.accepted_post_id IS NULL AND t.kind = 'question'
        """,
        post_id=post.id,
    )
    await run(
        db,
        """
        UPDATE post SET deleted_at = NULL, deleted_by = NULL, delete_reason = '', was_accepted_at = NULL
        WHERE id = :post_id
        """,
        post_id=post.id,
    )
    await recount(db, post.thread_id)
    await outbox.emit(db, "posts.changed", thread_id=post.thread_id)
    await showing.say_posts(db, [post.id], post.deleted_at)


async def take_post(db: Database, thread_id: int, post_id: int, *, by: int | None, reason: str) -> None:
    """Within a transaction that holds its thread: the reply is deleted, and the accepted answer no more."""
    await run(
        db,
        """
        UPDATE post p
        SET deleted_at = now(), deleted_by = :by, delete_reason = :reason,
            was_accepted_at = (SELECT t.accepted_at FROM thread t WHERE t.accepted_post_id = p.id)
        WHERE p.id = :post_id
        """,
        by=by,
        reason=reason,
        post_id=post_id,
    )
    await run(
        db,
        """
        UPDATE thread SET accepted_post_id = NULL, accepted_at = NULL
        WHERE id = :thread_id AND accepted_post_id = :post_id
        """,
        thread_id=thread_id,
        post_id=post_id,
    )
    await recount(db, thread_id)
    await outbox.emit(db, "posts.changed", thread_id=thread_id)
