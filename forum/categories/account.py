"""What the categories room holds of one member: where they moderate."""

from collections.abc import Mapping

from forum.kit.db import Database, rows, run
from forum.kit.holdings import Holding, Rows
from forum.members.types import Actor


async def export(db: Database, actor: Actor) -> Mapping[str, Rows]:
    """The categories they look after."""
    found = await rows(
        db,
        """
        SELECT c.slug, c.name FROM category_moderator x JOIN category c ON c.id = x.category_id
        WHERE x.member_id = :member_id ORDER BY c.slug
        """,
        member_id=actor.id,
    )
    return {"moderates": found}


async def hand_over(db: Database, from_id: int, into_id: int) -> None:
    """Nothing comes along: it was given to that account alone."""
    await forget(db, from_id, removes=True)


async def forget(db: Database, member_id: int, removes: bool) -> None:
    """They look after nothing any more."""
    await run(db, "DELETE FROM category_moderator WHERE member_id = :member_id", member_id=member_id)


HOLDING = Holding("categories", export, hand_over, forget)
