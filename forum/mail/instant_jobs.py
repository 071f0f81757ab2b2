"""Jobs of mails of single posts."""

from forum.following.hearing import heard
from forum.kit.tools import Tools
from forum.mail.announcing import queue


async def queue_instant(tools: Tools, post_id: int) -> None:
    """After a post was added: a mail for each member who hears of it by every message; twice is once."""
    await queue(tools, post_id, [each for each in await heard(tools.db, [post_id]) if each.level == "each"])
