"""How far each member has read each thread."""

from forum.kit.db import Database, run
from forum.members.types import Actor
from forum.threads.mentions import UNSEEN
from forum.threads.types import Thread

# Whether the member of a row `x` has read post `p`, wherever it stands by now: their mark has come to it, and no later
# edit has named them since they were shown it.
HAS_READ = f"""(
    x.member_id NOT IN ({UNSEEN}) AND EXISTS (
        SELECT 1 FROM read_mark k
        WHERE k.member_id = x.member_id AND k.thread_id = p.thread_id AND k.number >= p.number
    )
)"""


async def mark_read(db: Database, actor: Actor, thread_id: int, number: int) -> None:
    """`actor` has seen the posts up to `number`; a mark never goes back. Guests have none."""
    if actor.is_guest:
        return
    await run(
        db,
        """
        INSERT INTO read_mark (member_id, thread_id, number) VALUES (:member_id, :thread_id, :number)
        ON CONFLICT (member_id, thread_id) DO UPDATE SET number = excluded.number, read_at = now()
        WHERE read_mark.number < excluded.number
        """,
        member_id=actor.id,
        thread_id=thread_id,
        number=number,
    )


async def mark_read_up_to_own(db: Database, actor: Actor, thread: Thread, number: int) -> None:
    """A reply that follows what `actor` has read is read too; one sent over unread posts leaves them unread."""
    if thread.read_number >= thread.last_number:
        await mark_read(db, actor, thread.id, number)
