"""Jobs of the events room: what becomes of an event when its thread is let through, or its post comes back."""

from datetime import datetime

from forum.events import commands
from forum.kit.tools import Tools


async def release(tools: Tools, held_id: int, thread_id: int) -> None:
    """A thread that waited is there: so is its time."""
    await commands.release(tools.db, held_id, thread_id)


async def renew(tools: Tools, post_id: int, away_at: str, back_at: str) -> None:
    """A post stands where it did not, since `back_at`. away_at: since when it could not be seen, "" where it was
    elsewhere."""
    await commands.renew(tools.db, post_id, datetime.fromisoformat(back_at), is_back=bool(away_at))
