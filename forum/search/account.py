"""What the search room holds of one member: the searches they keep."""

from collections.abc import Mapping

from forum.kit.db import Database, rows, run
from forum.kit.holdings import Holding, Rows
from forum.members.types import Actor


async def export(db: Database, actor: Actor) -> Mapping[str, Rows]:
    """All of them, as they were typed."""
    found = await rows(
        db,
        """
        SELECT s.name, s.query, s.created_at
        FROM saved_search s WHERE s.member_id = :actor_id ORDER BY s.id
        """,
        actor_id=actor.id,
    )
    return {"searches": found}


async def hand_over(db: Database, from_id: int, into_id: int) -> None:
    """Searches go over; one that both kept is one."""
    await run(
        db,
        """
        UPDATE saved_search s SET member_id = :into_id
        WHERE s.member_id = :from_id AND NOT EXISTS (
            SELECT 1 FROM saved_search o WHERE o.member_id = :into_id AND lower(o.query) = lower(s.query)
        )
        """,
        from_id=from_id,
        into_id=into_id,
    )
    await run(
        db,
        "UPDATE search_synonym SET changed_by = :into_id WHERE changed_by = :from_id",
        from_id=from_id,
        into_id=into_id,
    )
    await forget(db, from_id, removes=False)


async def forget(db: Database, member_id: int, removes: bool) -> None:
    """Nobody else reads them: they go. Words that mean the same are the site's, and stay under no name."""
    await run(db, "DELETE FROM saved_search WHERE member_id = :member_id", member_id=member_id)
    await run(db, "UPDATE search_synonym SET changed_by = NULL WHERE changed_by = :member_id", member_id=member_id)


HOLDING = Holding("search", export, hand_over, forget)
