"""Deleting leaves a tombstone its author and staff can see and undo; the opening post takes its thread along."""

from forum.categories import commands as categories
from forum.kit.db import Database, run
from forum.kit.errors import Invalid
from forum.members.types import Actor
from forum.threads import policy, queries
from forum.threads.commands import recount
from forum.threads.types import MAX_REASON, PostSource, Thread


async def delete(db: Database, actor: Actor, post_id: int, reason: str = "") -> Thread:
    """Delete a post, or with the opening post the thread; twice is once. Raises Invalid, NotFound, Forbidden."""
    if len(reason) > MAX_REASON:
        raise Invalid(reason=f"At most {MAX_REASON} characters; this has {len(reason)}.")
    async with db.transaction():
        thread, post = await queries.post_to_change(db, actor, post_id)
        if post.deleted_at or thread.deleted_at:
            return thread
        policy.may_delete(actor, thread, post).require()
        if post.number == 1:
            await _delete_thread(db, actor, thread, reason)
        else:
            await _delete_post(db, actor, thread, post, reason)
    return thread


async def restore(db: Database, actor: Actor, post_id: int) -> Thread:
    """Bring back what was deleted; twice is once. Raises NotFound, Forbidden."""
    async with db.transaction():
        thread, post = await queries.post_to_change(db, actor, post_id)
        if post.number == 1 and thread.deleted_at:
            policy.may_restore(actor, thread, deleted_by=thread.deleted_by).require()
            await _restore_thread(db, thread)
        elif post.deleted_at:
            policy.may_restore(actor, thread, deleted_by=post.deleted_by).require()
            await run(
                db,
                "UPDATE post SET deleted_at = NULL, deleted_by = NULL, delete_reason = '' WHERE id = :post_id",
                post_id=post.id,
            )
            await recount(db, thread.id)
    return thread


async def _delete_thread(db: Database, actor: Actor, thread: Thread, reason: str) -> None:
    await run(
        db,
        "UPDATE thread SET deleted_at = now(), deleted_by = :actor_id, delete_reason = :reason WHERE id = :thread_id",
        actor_id=actor.id,
        reason=reason,
        thread_id=thread.id,
    )
    await categories.count_threads(db, thread.category_id, -1)


async def _restore_thread(db: Database, thread: Thread) -> None:
    await run(
        db,
        "UPDATE thread SET deleted_at = NULL, deleted_by = NULL, delete_reason = '' WHERE id = :thread_id",
        thread_id=thread.id,
    )
    await categories.count_threads(db, thread.category_id, +1)


async def _delete_post(db: Database, actor: Actor, thread: Thread, post: PostSource, reason: str) -> None:
    await run(
        db,
        "UPDATE post SET deleted_at = now(), deleted_by = :actor_id, delete_reason = :reason WHERE id = :post_id",
        actor_id=actor.id,
        reason=reason,
        post_id=post.id,
    )
    await run(
        db,
        """
        UPDATE thread SET accepted_post_id = NULL, accepted_at = NULL
        WHERE id = :thread_id AND accepted_post_id = :post_id
        """,
        thread_id=thread.id,
        post_id=post.id,
    )
    await recount(db, thread.id)
