"""Products and their vendors as documents, and as hits for those who see them."""

from collections.abc import Sequence
from datetime import datetime

from forum.categories.policy import READER
from forum.kit.db import Database, Row, rows
from forum.members.types import Actor
from forum.products.policy import SEEN
from forum.products.types import STATUSES
from forum.search.found_types import Hit
from forum.search.types import MEMBERS, Document, vendor_audience

PRODUCTS_SQL = """
    SELECT pr.id, pr.name, pr.about, pr.vendor_id, pr.created_at, v.name AS vendor_name, k.name AS kind_name,
           coalesce((SELECT string_agg(pn.name, ', ' ORDER BY pn.name) FROM product_name pn
                     WHERE pn.product_id = pr.id AND pn.name <> pr.name), '') AS other_names
    FROM product pr
    JOIN vendor v ON v.id = pr.vendor_id
    JOIN product_category k ON k.id = pr.category_id
    WHERE pr.id = ANY(CAST(:ids AS bigint[]))
    ORDER BY pr.id
"""
SHOWN_PRODUCTS_SQL = f"""
    SELECT pr.id, pr.slug, pr.name, pr.status, v.name AS vendor_name, k.name AS kind_name,
           s.score, coalesce(s.districts, 0) AS districts
    FROM product pr
    JOIN vendor v ON v.id = pr.vendor_id
    JOIN product_category k ON k.id = pr.category_id
    LEFT JOIN product_score s ON s.product_id = pr.id
    {READER}
    WHERE pr.id = ANY(CAST(:ids AS bigint[])) AND {SEEN}
"""
SHOWN_VENDORS_SQL = f"""
    SELECT v.id, v.slug, v.name, count(*) AS products
    FROM vendor v
    JOIN product pr ON pr.vendor_id = v.id
    {READER}
    WHERE v.id = ANY(CAST(:ids AS bigint[])) AND {SEEN}
    GROUP BY v.id, v.slug, v.name
"""


async def product_documents(db: Database, ids: Sequence[int]) -> list[Document]:
    """The documents of those products."""
    found = await rows(db, PRODUCTS_SQL, ids=list(ids))
    return [
        Document(
            kind="product",
            ref_id=row["id"],
            title=row["name"],
            body=". ".join(filter(None, (row["other_names"], row["vendor_name"], row["kind_name"], row["about"]))),
            kinds=("product",),
            at=row["created_at"],
            audiences=(MEMBERS, vendor_audience(row["vendor_id"])),
            product_ids=(row["id"],),
        )
        for row in found
    ]


async def vendor_documents(db: Database, ids: Sequence[int]) -> list[Document]:
    """The documents of those vendors."""
    found = await rows(
        db,
        "SELECT v.id, v.name, v.created_at FROM vendor v WHERE v.id = ANY(CAST(:ids AS bigint[])) ORDER BY v.id",
        ids=list(ids),
    )
    return [_vendor(row["id"], row["name"], row["created_at"]) for row in found]


def _vendor(vendor_id: int, name: str, at: datetime) -> Document:
    audiences = (MEMBERS, vendor_audience(vendor_id))
    return Document("vendor", vendor_id, title=name, body="", kinds=("vendor",), at=at, audiences=audiences)


async def shown_products(db: Database, actor: Actor, ids: Sequence[int]) -> dict[int, Hit]:
    """Hits for those of the products that `actor` sees, by their ids."""
    found = await rows(db, SHOWN_PRODUCTS_SQL, actor_id=actor.id, ids=list(ids))
    return {row["id"]: _product_hit(row) for row in found}


def _product_hit(row: Row) -> Hit:
    rated = f"rated by {row['districts']} districts" if row["score"] is not None else ""
    status = STATUSES[row["status"]] if row["status"] != "current" else ""
    about = tuple(filter(None, (row["vendor_name"], row["kind_name"], rated, status)))
    return Hit(kind="product", path=f"/products/{row['slug']}", title=row["name"], about=about, stars=row["score"])


async def shown_vendors(db: Database, actor: Actor, ids: Sequence[int]) -> dict[int, Hit]:
    """Hits for those of the vendors of whom `actor` sees a product, by their ids."""
    found = await rows(db, SHOWN_VENDORS_SQL, actor_id=actor.id, ids=list(ids))
    return {
        row["id"]: Hit(
            kind="vendor",
            path=f"/vendors/{row['slug']}",
            title=row["name"],
            about=(f"{row['products']} {'product' if row['products'] == 1 else 'products'}",),
        )
        for row in found
    }


async def product_texts(db: Database, ids: Sequence[int]) -> dict[int, str]:
    """What excerpts of products are taken from, for those that `shown_products` has let through."""
    return {row["id"]: row["about"] for row in await rows(db, PRODUCTS_SQL, ids=list(ids))}


async def no_texts(db: Database, ids: Sequence[int]) -> dict[int, str]:
    """For what has nothing but its name."""
    return {}
