"""Reads of the accounts room."""

from forum.accounts.types import Side
from forum.kit.db import Database, first, one

SIDE_SQL = "SELECT m.id, m.handle, m.name, m.role, m.state FROM member m"
THERE = "m.state NOT IN ('deleted', 'unnamed')"


async def side_of_handle(db: Database, handle: str) -> Side | None:
    """The account with that handle; None when there is none, or it was deleted."""
    return await first(db, Side, f"{SIDE_SQL} WHERE m.handle = :handle AND {THERE}", handle=handle)


async def side_of_address(db: Database, address: str) -> Side | None:
    """The account that has this canonical address."""
    return await first(
        db,
        Side,
        f"{SIDE_SQL} JOIN member_email e ON e.member_id = m.id WHERE e.address = :address AND {THERE}",
        address=address,
    )


async def side_to_change(db: Database, member_id: int) -> Side:
    """The account, held until the transaction ends. Raises NotFound."""
    return await one(
        db,
        Side,
        f"{SIDE_SQL} WHERE m.id = :member_id AND {THERE} FOR NO KEY UPDATE OF m",
        member_id=member_id,
    )
