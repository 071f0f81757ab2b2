"""Many uses of products at once. Who may do so is asked elsewhere."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from forum.kit.db import Database, copy


@dataclass(frozen=True, slots=True)
class KnownUse:
    """That a district runs a product since a year, or ran it until another."""

    product_id: int
    district_id: int
    since_year: int
    left_year: int | None


async def insert_uses(db: Database, uses: Iterable[KnownUse]) -> None:
    """Add uses that are not there yet, one for a product and district."""
    columns = ("product_id", "district_id", "since_year", "left_year")
    await copy(db, "product_use", columns, (astuple(use) for use in uses))
