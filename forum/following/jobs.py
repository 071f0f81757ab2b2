"""Jobs of the following room."""

from forum.following import carrying, joining_in, watching, wishes
from forum.kit.tools import Tools


async def follow_by_post(tools: Tools, post_id: int) -> None:
    """A new post: its author and those it mentions follow its thread, as they wish."""
    await joining_in.follow_by_post(tools.db, post_id)


async def follow_by_coming(tools: Tools, post_id: int, member_id: int) -> None:
    """Somebody comes to an event: they follow its thread, as they do where they reply; or they will not come."""
    await joining_in.follow_by_coming(tools.db, post_id, member_id)


async def carry_thread(tools: Tools, thread_id: int, into_id: int) -> None:
    """Two threads are one: who followed the one follows the other."""
    await carrying.carry_thread(tools.db, thread_id, into_id)


async def carry_split(tools: Tools, thread_id: int, new_id: int) -> None:
    """Replies became a thread of their own: who follows or muted the old one does so with it."""
    await carrying.carry_split(tools.db, thread_id, new_id)


async def void_links(tools: Tools, entry_id: int) -> None:
    """A member's mail goes to an address no more: links in mails that lie there are worth nothing."""
    await wishes.void_links_before(tools.db, entry_id)


async def clear_up(tools: Tools) -> None:
    """Nightly: what leads to nothing is not followed any more."""
    await carrying.forget_gone(tools.db)


async def renew_searches(tools: Tools) -> None:
    """Nightly: followed searches are understood anew, as topics, products and people change their names."""
    await watching.renew(tools.db)
