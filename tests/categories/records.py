"""What the record of acts holds, for tests."""

from typing import Any, NamedTuple

from forum.kit.db import Database, many


class Recorded(NamedTuple):
    """One act."""

    act: str
    actor_id: int | None
    subject_id: int
    before: dict[str, Any]
    after: dict[str, Any]


async def recorded(db: Database, act: str = "%") -> list[Recorded]:
    """The acts like `act`, oldest first."""
    return await many(
        db,
        Recorded,
        """
        SELECT e.act, e.actor_id, e.subject_id, e.before, e.after FROM audit_entry e
        WHERE e.act LIKE :act
        ORDER BY e.id
        """,
        act=act,
    )
