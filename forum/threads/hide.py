"""Out of sight without anybody's word: what several members flagged, until a moderator has looked at it."""

from dataclasses import dataclass

from forum.categories import commands as categories
from forum.kit.db import Database, first, run
from forum.threads.commands import recount
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
            await _hide_thread(db, place)
        else:
            await _hide_post(db, place, post_id)
    return True


PLACE_SQL = """
    SELECT p.thread_id, p.number, t.category_id
    FROM post p JOIN thread t ON t.id = p.thread_id
    WHERE p.id = :post_id AND p.deleted_at IS NULL AND t.deleted_at IS NULL
"""


async def _hide_thread(db: Database, place: Place) -> None:
    await run(
        db,
        "UPDATE thread SET deleted_at = now(), deleted_by = NULL, delete_reason = :why WHERE id = :thread_id",
        why=WHY,
        thread_id=place.thread_id,
    )
    await categories.count_threads(db, place.category_id, -1)


async def _hide_post(db: Database, place: Place, post_id: int) -> None:
    await run(
        db,
        """
        UPDATE post p
        SET deleted_at = now(), deleted_by = NULL, delete_reason = :why,
            was_accepted_at = CASE WHEN t.accepted_post_id = p.id THEN t.accepted_at END
        FROM thread t
        WHERE p.id = :post_id AND t.id = p.thread_id
        """,
        why=WHY,
        post_id=post_id,
    )
    await run(
        db,
        """
        UPDATE thread SET accepted_post_id = NULL, accepted_at = NULL
        WHERE id = :thread_id AND accepted_post_id = :post_id
        """,
        thread_id=place.thread_id,
        post_id=post_id,
    )
    await recount(db, place.thread_id)
