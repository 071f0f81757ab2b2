"""Out of sight without anybody's word: what several members flagged, until a moderator has looked at it."""

from dataclasses import dataclass

from forum.kit.db import Database, first
from forum.threads.delete import take_post, take_thread
from forum.threads.queries import hold

WHY = "Several members flagged it. A moderator will look at it."


@dataclass(frozen=True)
class Place:
    """Where a post that can be seen is."""

    thread_id: int
    number: int
    category_id: int


async def hide_until_decided(db: Database, post_id: int) -> bool:
    """Hide a post, with the opening post its thread; False when it is hidden or deleted already.

    For staff rooms, which say when; a moderator's `delete.restore` brings it back.
    """
    async with db.transaction():
        place = await first(db, Place, PLACE_SQL, post_id=post_id)
        if place is None:
            return False
        await hold(db, place.thread_id)
        place = await first(db, Place, PLACE_SQL, post_id=post_id)
        if place is None:
            return False
        if place.number == 1:
            await take_thread(db, place.thread_id, place.category_id, by=None, reason=WHY)
        else:
            await take_post(db, place.thread_id, post_id, by=None, reason=WHY)
    return True


PLACE_SQL = """
    SELECT p.thread_id, p.number, t.category_id
    FROM post p JOIN thread t ON t.id = p.thread_id
    WHERE p.id = :post_id AND p.deleted_at IS NULL AND t.deleted_at IS NULL
"""
