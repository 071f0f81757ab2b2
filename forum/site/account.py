"""What the site room holds of one member: which terms they agreed to."""

from collections.abc import Mapping
from typing import Any

from forum.kit.db import Database, rows, run
from forum.kit.holdings import Holding, Rows


async def export(db: Database, actor: Any) -> Mapping[str, Rows]:
    """The versions of the terms they agreed to."""
    found = await rows(
        db,
        "SELECT t.version, t.agreed_at FROM terms_consent t WHERE t.member_id = :member_id ORDER BY t.version",
        member_id=actor.id,
    )
    return {"terms": found}


async def hand_over(db: Database, from_id: int, into_id: int) -> None:
    """What one agreed to, the other has."""
    await run(
        db,
        """
        INSERT INTO terms_consent (member_id, version, agreed_at)
        SELECT :into_id, t.version, t.agreed_at FROM terms_consent t WHERE t.member_id = :from_id
        ON CONFLICT DO NOTHING
        """,
        into_id=into_id,
        from_id=from_id,
    )
    await forget(db, from_id, removes=True)


async def forget(db: Database, member_id: int, removes: bool) -> None:
    """Nothing is left of it."""
    await run(db, "DELETE FROM terms_consent WHERE member_id = :member_id", member_id=member_id)


HOLDING = Holding("site", export, hand_over, forget)
