"""The accepted answer of a question: chosen, changed, taken back."""

from forum.kit import outbox
from forum.kit.db import Database, run
from forum.kit.errors import Invalid
from forum.members.types import Actor
from forum.threads import policy, queries
from forum.threads.types import PostSource, Thread


async def accept(db: Database, actor: Actor, post_id: int) -> Thread:
    """Make a reply the accepted answer, in place of any other. Raises NotFound, Forbidden, Invalid."""
    async with db.transaction():
        thread, post = await queries.post_to_change(db, actor, post_id)
        policy.may_accept(actor, thread).require()
        if post.number == 1 or post.deleted_at:
            raise Invalid(post="Choose one of the replies.")
        await _write(db, thread, post)
        if thread.accepted_post_id != post.id:
            await outbox.emit(db, "answer.accepted", thread_id=thread.id, post_id=post.id, by_id=actor.id or 0)
    return thread


async def unaccept(db: Database, actor: Actor, post_id: int) -> Thread:
    """The question is open again, if this post was its accepted answer. Raises NotFound, Forbidden."""
    async with db.transaction():
        thread, post = await queries.post_to_change(db, actor, post_id)
        policy.may_accept(actor, thread).require()
        if thread.accepted_post_id == post.id:
            await _write(db, thread, None)
    return thread


async def _write(db: Database, thread: Thread, post: PostSource | None) -> None:
    await run(
        db,
        """
        UPDATE thread
        SET accepted_post_id = :post_id,
            accepted_at = CASE WHEN CAST(:post_id AS bigint) IS NULL THEN NULL ELSE now() END
        WHERE id = :thread_id
        """,
        post_id=post.id if post else None,
        thread_id=thread.id,
    )
