"""Jobs of the notifications room: who hears of a post or an accepted answer is told once."""

from forum.following.hearing import heard
from forum.kit.tools import Tools
from forum.notifications import commands, queries
from forum.notifications.types import Notice

CONCERNED = ("asked", "replied", "thread", "mentioned")  # of those who hear of an answer, who hear that it is accepted


async def notify_post(tools: Tools, post_id: int) -> None:
    """All who hear of a post see it among what is new."""
    found = await heard(tools.db, [post_id])
    await commands.notify(tools.db, post_id, [Notice(each.member_id, each.reason, each.target_id) for each in found])


async def notify_accepted(tools: Tools, thread_id: int, post_id: int, by_id: int = 0) -> None:
    """Its author, who asked and who follows the thread see that an answer is accepted; not `by_id`, who accepted it."""
    author_id = await queries.author_to_tell(tools.db, post_id)
    concerned = [each.member_id for each in await heard(tools.db, [post_id]) if each.reason in CONCERNED]
    notices = [Notice(each, "accepted", thread_id) for each in {*concerned, author_id} - {by_id, 0}]
    await commands.notify(tools.db, post_id, notices)


async def carry_thread(tools: Tools, thread_id: int, into_id: int) -> None:
    """Two threads are one: what was new in either stands in one line."""
    await commands.carry_thread(tools.db, thread_id, into_id)


async def clear_up(tools: Tools) -> None:
    """Nightly: what was read is done, and what is old goes."""
    await commands.tidy(tools.db)
