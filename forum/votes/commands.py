"""Marking posts helpful: one mark per member and post."""

from forum.kit.db import Database, run
from forum.members.types import Actor
from forum.threads import commands as threads
from forum.threads import policy, queries
from forum.threads.types import PostSource


async def vote(db: Database, actor: Actor, post_id: int, *, is_helpful: bool) -> PostSource:
    """Mark a post helpful, or take the mark back; twice is once. Returns the post. Raises NotFound, Forbidden."""
    async with db.transaction():
        thread, post = await queries.post_to_change(db, actor, post_id)
        policy.may_vote(actor, thread, post).require()
        await run(db, MARK if is_helpful else UNMARK, member_id=actor.id, post_id=post_id)
        await threads.count_helpful(db, post.thread_id, post.id)
    return post


MARK = "INSERT INTO helpful_vote (member_id, post_id) VALUES (:member_id, :post_id) ON CONFLICT DO NOTHING"
UNMARK = "DELETE FROM helpful_vote WHERE member_id = :member_id AND post_id = :post_id"
