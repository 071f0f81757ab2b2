"""Reads of the products room. Whatever is a product's carries SEEN."""

from forum.categories.policy import READER
from forum.kit.db import Database, first, many, one, rows, value
from forum.kit.errors import NotFound
from forum.members.staff_types import like
from forum.members.types import Actor
from forum.products.policy import SEEN
from forum.products.types import (
    Category,
    Kind,
    Product,
    RatedRow,
    Sought,
    Suggestion,
    Use,
    Vendor,
    VendorPerson,
    compared,
)

# What deeds on products hold, in this order and in no other, so that nobody waits in a circle:
#   1. HOLD: whoever names products waits for whoever does now, as a name leads to one product, an address too. So does
#      whoever makes one of two, whoever keeps an id that must stay meanwhile, and whoever goes through what many
#      products or all rooms keep: all scores, all prices, an account that is deleted or given to another
#   2. members, after whatever says who is an administrator
#   3. rows of products by their ids, as `hold`
#   4. threads by their ids, as threads.queries.hold
#   5. the scores: shared for one product, alone for all
HOLD = "SELECT pg_advisory_xact_lock(hashtext('product.name'))"
PRODUCTS_A_PAGE = 50
MOST_USES = 500

USED = "SELECT count(*) FROM product_use u WHERE u.product_id = pr.id AND u.left_year IS NULL"
ROW_SQL = f"""
    SELECT pr.id, pr.slug, pr.name, pr.status, v.name AS vendor_name, k.name AS category_name,
           ({USED}) AS districts, s.score, coalesce(s.districts, 0) AS rated_by
    FROM product pr
    JOIN vendor v ON v.id = pr.vendor_id
    JOIN product_category k ON k.id = pr.category_id
    LEFT JOIN product_score s ON s.product_id = pr.id
    {READER}
"""
# Only what so many districts rate has a rank; the others follow by name.
RANK = "CASE WHEN s.districts >= 5 THEN -s.score ELSE 0 END"
CALLED = """
    AND (v.name ILIKE :pattern OR EXISTS (
        SELECT 1 FROM product_name pn
        WHERE pn.product_id = pr.id AND :compared <> '' AND pn.compared LIKE '%' || :compared || '%'
    ))
"""
OF_KIND = "AND k.slug = :category"
# A page goes on behind the product at an address. What is not asked for is in no statement, and how long a page is
# stands in each, so that they are planned well and only once.
ONE_MORE = str(PRODUCTS_A_PAGE + 1)
PAGE_SQL = {
    ("name", WORDS, KIND): f"""
    {ROW_SQL}
    WHERE {SEEN} AND pr.slug > :after {WORDS} {KIND}
    ORDER BY pr.slug
    LIMIT {ONE_MORE}
    """
    for WORDS in ("", CALLED)
    for KIND in ("", OF_KIND)
} | {
    ("rating", WORDS, KIND): f"""
    {ROW_SQL}
    CROSS JOIN LATERAL (SELECT {RANK} AS rank) e
    WHERE {SEEN} AND (e.rank, pr.slug) > (
        SELECT coalesce(max({RANK}), '-Infinity'), coalesce(max(o.slug), '')
        FROM product o LEFT JOIN product_score s ON s.product_id = o.id
        WHERE o.slug = :after
    ) {WORDS} {KIND}
    ORDER BY e.rank, pr.slug
    LIMIT {ONE_MORE}
    """
    for WORDS in ("", CALLED)
    for KIND in ("", OF_KIND)
}


async def kinds(db: Database) -> list[Kind]:
    """Every kind of products by name, up to 200, for whoever sees products at all."""
    return await many(db, Kind, "SELECT k.slug, k.name FROM product_category k ORDER BY lower(k.name), k.id LIMIT 200")


async def categories(db: Database, actor: Actor) -> list[Category]:
    """Every kind of products by name, up to 200, with how many of each `actor` sees."""
    return await many(
        db,
        Category,
        f"""
        SELECT k.slug, k.name, count(pr.id) FILTER (WHERE {SEEN}) AS products
        FROM product_category k
        LEFT JOIN product pr ON pr.category_id = k.id
        {READER}
        GROUP BY k.id, k.slug, k.name
        ORDER BY lower(k.name), k.id
        LIMIT 200
        """,
        actor_id=actor.id,
    )


async def products(db: Database, actor: Actor, sought: Sought, *, after: str = "") -> list[RatedRow]:
    """A page of the catalogue behind the address `after`, and one more if there is another page."""
    return await many(
        db,
        RatedRow,
        PAGE_SQL[sought.order, CALLED if sought.q else "", OF_KIND if sought.category else ""],
        actor_id=actor.id,
        after=after,
        category=sought.category,
        pattern=like(sought.q),
        compared=sought.compared,
    )


async def product(db: Database, actor: Actor, slug: str) -> Product:
    """The product at that address, or the one it is part of now. Raises NotFound."""
    return await one(
        db,
        Product,
        f"""
        SELECT pr.id, pr.slug, pr.name, pr.about, pr.website, pr.status, pr.version, pr.vendor_id, pr.review_thread_id,
               v.slug AS vendor_slug, v.name AS vendor_name, k.slug AS category_slug, k.name AS category_name,
               ARRAY(SELECT pn.name FROM product_name pn
                     WHERE pn.product_id = pr.id AND pn.name <> pr.name ORDER BY lower(pn.name), pn.compared)
                   AS other_names,
               ({USED}) AS districts, (SELECT count(*) FROM district) AS all_districts
        FROM product pr
        JOIN vendor v ON v.id = pr.vendor_id
        JOIN product_category k ON k.id = pr.category_id
        {READER}
        WHERE {SEEN} AND pr.id = coalesce(
            (SELECT s.id FROM product s WHERE s.slug = :slug),
            (SELECT pa.product_id FROM product_address pa WHERE pa.slug = :slug)
        )
        """,
        actor_id=actor.id,
        slug=slug,
    )


async def uses(db: Database, product_id: int) -> list[Use]:
    """Which districts run a product, and which have left it; for those whom `may_see_districts` lets."""
    return await many(
        db,
        Use,
        """
        SELECT d.id AS district_id, d.name AS district_name, u.since_year, u.left_year
        FROM product_use u JOIN district d ON d.id = u.district_id
        WHERE u.product_id = :product_id
        ORDER BY u.left_year IS NOT NULL, lower(d.name), d.id
        LIMIT :most
        """,
        product_id=product_id,
        most=MOST_USES,
    )


async def district_of(db: Database, actor: Actor) -> int | None:
    """The district `actor` works for, whoever may see that."""
    found: int | None = await value(
        db,
        """
        SELECT coalesce(x.district_id, m.district_id) FROM member m
        LEFT JOIN member_privacy x ON x.member_id = m.id
        WHERE m.id = :member_id
        """,
        member_id=actor.id,
    )
    return found


async def vendor(db: Database, actor: Actor, slug: str) -> Vendor:
    """The vendor at that address, for those who see one of its products. Raises NotFound."""
    return await one(
        db,
        Vendor,
        f"""
        SELECT DISTINCT v.id, v.slug, v.name
        FROM vendor v
        JOIN product pr ON pr.vendor_id = v.id
        {READER}
        WHERE v.slug = :slug AND {SEEN}
        """,
        actor_id=actor.id,
        slug=slug,
    )


async def hold_names(db: Database) -> None:
    """HOLD, for whoever does not know this room."""
    await value(db, HOLD)


async def hold(db: Database, product_id: int) -> bool:
    """Hold a product's row until the transaction ends; False when it is gone."""
    held = "SELECT pr.id FROM product pr WHERE pr.id = :product_id FOR NO KEY UPDATE"
    return await value(db, held, product_id=product_id) is not None


async def speaks_for(db: Database, actor: Actor, vendor_id: int) -> bool:
    """Whether `actor` is one of a vendor's people."""
    if not actor.is_vendor:
        return False
    found: bool = await value(
        db,
        """
        SELECT EXISTS (SELECT 1 FROM vendor_account va WHERE va.member_id = :member_id AND va.vendor_id = :vendor_id)
        """,
        member_id=actor.id,
        vendor_id=vendor_id,
    )
    return found


async def vendor_called(db: Database, name: str) -> int | None:
    """The id of the vendor with that name."""
    found: int | None = await value(
        db, "SELECT v.id FROM vendor v WHERE v.compared = :compared", compared=compared(name)
    )
    return found


async def products_of(db: Database, actor: Actor, vendor_id: int) -> list[RatedRow]:
    """What a vendor sells or sold, by name: up to 200."""
    return await many(
        db,
        RatedRow,
        f"{ROW_SQL} WHERE {SEEN} AND pr.vendor_id = :vendor_id ORDER BY lower(pr.name), pr.id LIMIT 200",
        actor_id=actor.id,
        vendor_id=vendor_id,
    )


async def vendor_people(db: Database, vendor_id: int) -> list[VendorPerson]:
    """The accounts that speak for a vendor, by name."""
    return await many(
        db,
        VendorPerson,
        """
        SELECT m.id AS member_id, m.handle, m.name
        FROM vendor_account va JOIN member m ON m.id = va.member_id
        WHERE va.vendor_id = :vendor_id
        ORDER BY lower(m.name), m.id
        LIMIT 200
        """,
        vendor_id=vendor_id,
    )


async def product_called(db: Database, name: str) -> int | None:
    """The id of the product that is or was called so."""
    found: int | None = await value(
        db, "SELECT pn.product_id FROM product_name pn WHERE pn.compared = :compared", compared=compared(name)
    )
    return found


async def category_id(db: Database, slug: str) -> int | None:
    """The id of a kind of products."""
    found: int | None = await value(db, "SELECT k.id FROM product_category k WHERE k.slug = :slug", slug=slug)
    return found


SUGGESTION_SQL = """
    SELECT g.id, g.member_id, m.name AS member_name, m.handle AS member_handle, g.name, g.vendor_name,
           k.slug AS category_slug, k.name AS category_name, g.website, g.note, g.created_at
    FROM product_suggestion g
    JOIN member m ON m.id = g.member_id
    JOIN product_category k ON k.id = g.category_id
    WHERE g.decided_at IS NULL
"""


async def suggestions(db: Database, ids: list[int]) -> list[Suggestion]:
    """Those of `ids` that still wait, oldest first; for administrators."""
    return await many(db, Suggestion, f"{SUGGESTION_SQL} AND g.id = ANY(CAST(:ids AS bigint[])) ORDER BY g.id", ids=ids)


async def suggestion_to_decide(db: Database, suggestion_id: int) -> Suggestion:
    """One that still waits, its row held. Raises NotFound."""
    found = await first(db, Suggestion, f"{SUGGESTION_SQL} AND g.id = :id FOR NO KEY UPDATE OF g", id=suggestion_id)
    if found is None:
        raise NotFound
    return found


async def own_suggestions(db: Database, actor: Actor) -> list[str]:
    """Names of the products that `actor` suggested and that still wait."""
    found = await rows(
        db,
        """
        SELECT g.name FROM product_suggestion g
        WHERE g.member_id = :member_id AND g.decided_at IS NULL
        ORDER BY g.id
        LIMIT 50
        """,
        member_id=actor.id,
    )
    return [row["name"] for row in found]
