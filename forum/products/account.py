"""What the products room holds of one member: what they suggested, said their district runs, and speak for."""

from collections.abc import Mapping

from forum.kit.db import Database, rows, run
from forum.kit.holdings import Holding, Rows
from forum.members.types import Actor

EXPORTED = {
    "product_suggestions": """
        SELECT g.name, g.vendor_name, g.website, g.note, g.created_at, g.decided_at
        FROM product_suggestion g WHERE g.member_id = :member_id ORDER BY g.id
    """,
    "product_uses": """
        SELECT pr.name AS product, d.name AS district, u.since_year, u.left_year, u.said_at
        FROM product_use u
        JOIN product pr ON pr.id = u.product_id
        JOIN district d ON d.id = u.district_id
        WHERE u.said_by = :member_id ORDER BY pr.name, d.name
    """,
    "vendor": """
        SELECT v.name FROM vendor_account va JOIN vendor v ON v.id = va.vendor_id WHERE va.member_id = :member_id
    """,
}


async def export(db: Database, actor: Actor) -> Mapping[str, Rows]:
    """All of it."""
    return {name: await rows(db, sql, member_id=actor.id) for name, sql in EXPORTED.items()}


async def hand_over(db: Database, from_id: int, into_id: int) -> None:
    """What they said is the other account's; speaking for a vendor was given to that account alone."""
    await run(
        db, "UPDATE product_use SET said_by = :into_id WHERE said_by = :from_id", into_id=into_id, from_id=from_id
    )
    await run(
        db,
        """
        UPDATE product_suggestion g SET member_id = :into_id
        WHERE g.member_id = :from_id AND (g.decided_at IS NOT NULL OR NOT EXISTS (
            SELECT 1 FROM product_suggestion o
            WHERE o.member_id = :into_id AND o.compared = g.compared AND o.decided_at IS NULL
        ))
        """,
        into_id=into_id,
        from_id=from_id,
    )
    await forget(db, from_id, removes=True)


async def forget(db: Database, member_id: int, removes: bool) -> None:
    """What a district runs is the district's word and stays, under no name; suggestions go."""
    await run(db, "UPDATE product_use SET said_by = NULL WHERE said_by = :member_id", member_id=member_id)
    for table_sql in (
        "DELETE FROM product_suggestion WHERE member_id = :member_id",
        "DELETE FROM vendor_account WHERE member_id = :member_id",
    ):
        await run(db, table_sql, member_id=member_id)


HOLDING = Holding("products", export, hand_over, forget)
