"""Writes of the products room: kinds of products, products with their names, and what districts run."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.kit.db import Database, rows, run, value
from forum.kit.errors import Invalid, Stale
from forum.kit.text import has_controls, has_words, one_line, slug
from forum.members.types import Actor
from forum.products import policy, queries, reviewing
from forum.products.queries import HOLD
from forum.products.types import MAX_CATEGORY, ProductDraft, UseDraft, compared

NO_CATEGORY = "Choose one of the kinds of products there are."


async def add_category(db: Database, name: str, *, actor: Actor | None = None) -> str:
    """Add a kind of products, for an administrator or (None) for the system. Returns its slug. Raises Invalid."""
    if actor:
        policy.may_manage(actor).require()
    name = one_line(name)
    if not 0 < len(name) <= MAX_CATEGORY or not has_words(name) or has_controls(name):
        raise Invalid(category_name=f"Write its name: 1 to {MAX_CATEGORY} characters.")
    async with db.transaction():
        await run(db, HOLD)
        if await value(db, "SELECT k.id FROM product_category k WHERE lower(k.name) = lower(:name)", name=name):
            raise Invalid(category_name=f"“{name}” is there already.")
        address = await _free_address(db, name, CATEGORY_TAKEN)
        category_id: int = await value(
            db,
            "INSERT INTO product_category (slug, name) VALUES (:slug, :name) RETURNING id",
            slug=address,
            name=name,
        )
        await _record(db, actor, "product_category.added", category_id, {"slug": address})
    return address


async def add(db: Database, draft: ProductDraft, *, actor: Actor | None = None) -> int:
    """Add a product, and its vendor if that is new, for an administrator or (None) for the system. Returns its id.

    Raises Forbidden, Invalid: also when one of its names leads to another product.
    """
    if actor:
        policy.may_manage(actor).require()
    draft.check()
    async with db.transaction():
        await run(db, HOLD)
        category_id = await _category(db, draft.category)
        product_id: int = await value(
            db,
            """
            INSERT INTO product (vendor_id, category_id, slug, name, about, website, status)
            VALUES (:vendor_id, :category_id, :slug, :name, :about, :website, :status)
            RETURNING id
            """,
            vendor_id=await _vendor(db, draft.vendor),
            category_id=category_id,
            slug=await _free_address(db, draft.name, PRODUCT_TAKEN),
            name=draft.name,
            about=draft.about,
            website=draft.website,
            status=draft.status,
        )
        await _set_names(db, product_id, draft)
        await _record(db, actor, "product.added", product_id, {"status": draft.status})
    return product_id


async def edit(db: Database, actor: Actor, product_id: int, draft: ProductDraft, *, version: int) -> None:
    """Change a product; its old name stays one of its names. Raises Forbidden, Invalid, Stale."""
    policy.may_manage(actor).require()
    draft.check()
    async with db.transaction():
        await run(db, HOLD)
        category_id = await _category(db, draft.category)
        before = await value(db, "SELECT pr.name FROM product pr WHERE pr.id = :id FOR NO KEY UPDATE", id=product_id)
        changed = await run(
            db,
            """
            UPDATE product
            SET vendor_id = :vendor_id, category_id = :category_id, name = :name, about = :about, website = :website,
                status = :status, version = version + 1
            WHERE id = :product_id AND version = :version
            """,
            vendor_id=await _vendor(db, draft.vendor),
            category_id=category_id,
            name=draft.name,
            about=draft.about,
            website=draft.website,
            status=draft.status,
            product_id=product_id,
            version=version,
        )
        if not changed:
            raise Stale
        await reviewing.follow_vendor(db, product_id)
        await _set_names(db, product_id, draft, (before,))
        await _record(db, actor, "product.changed", product_id, {"status": draft.status})


async def merge(db: Database, actor: Actor, product_id: int, into: str, also: Sequence[str] = ()) -> str:
    """Make `product_id` one with the product at the address `into`: names, districts and its own address lead there.

    also: statements that hand over from :old to :new what upper rooms keep of products, see wiring.PRODUCT_MERGES.
    Returns the path of what stays. Raises Forbidden, Invalid.
    """
    policy.may_manage(actor).require()
    into = into.strip().lower()
    async with db.transaction():
        await run(db, HOLD)
        found = {row["id"]: row["slug"] for row in await rows(db, BOTH, id=product_id, into=into)}
        address = found.pop(product_id, None)
        if address is None or not found:
            raise Invalid(into="Write the address of another product: the end of /products/….")
        (into_id,) = found
        for statement in (*MERGED, *also):
            await run(db, statement, old=product_id, new=into_id)
        await reviewing.hand_reviews_on(db, product_id, into_id)
        await run(db, "DELETE FROM product WHERE id = :old", old=product_id)
        await run(db, "INSERT INTO product_address (slug, product_id) VALUES (:slug, :new)", slug=address, new=into_id)
        await _record(db, actor, "product.merged", into_id, {"from": address})
    return f"/products/{into}"


# Nothing new is said of either until they are one: FOR UPDATE, as one of them is deleted.
BOTH = "SELECT pr.id, pr.slug FROM product pr WHERE pr.id = :id OR pr.slug = :into ORDER BY pr.id FOR UPDATE"
MERGED = (
    # A district that runs both keeps the earlier beginning; it has left only if it left both.
    """
    INSERT INTO product_use AS kept (product_id, district_id, since_year, left_year, said_by, said_at)
    SELECT :new, u.district_id, u.since_year, u.left_year, u.said_by, u.said_at
    FROM product_use u WHERE u.product_id = :old
    ON CONFLICT (product_id, district_id) DO UPDATE
    SET since_year = least(kept.since_year, excluded.since_year),
        left_year = CASE WHEN kept.left_year IS NOT NULL AND excluded.left_year IS NOT NULL
                         THEN greatest(kept.left_year, excluded.left_year) END
    """,
    "UPDATE product_name SET product_id = :new WHERE product_id = :old",
    "UPDATE product_address SET product_id = :new WHERE product_id = :old",
    "UPDATE product_suggestion SET product_id = :new WHERE product_id = :old",
)


async def say_use(db: Database, actor: Actor, address: str, draft: UseDraft) -> None:
    """Say that one's district runs a product, or ran it; the newest word holds. Raises NotFound, Forbidden, Invalid."""
    draft.check(datetime.now(UTC).year)
    async with db.transaction():
        product_id, district_id = await _own_use(db, actor, address)
        await run(
            db,
            """
            INSERT INTO product_use (product_id, district_id, since_year, left_year, said_by)
            VALUES (:product_id, :district_id, :since_year, :left_year, :actor_id)
            ON CONFLICT (product_id, district_id) DO UPDATE
            SET since_year = excluded.since_year, left_year = excluded.left_year, said_by = excluded.said_by,
                said_at = now()
            """,
            product_id=product_id,
            district_id=district_id,
            since_year=draft.since_year,
            left_year=draft.left_year,
            actor_id=actor.id,
        )


async def unsay_use(db: Database, actor: Actor, address: str) -> None:
    """One's district never ran it: that was a mistake. Raises NotFound, Forbidden."""
    async with db.transaction():
        product_id, district_id = await _own_use(db, actor, address)
        await run(
            db,
            "DELETE FROM product_use WHERE product_id = :product_id AND district_id = :district_id",
            product_id=product_id,
            district_id=district_id,
        )


async def _own_use(db: Database, actor: Actor, address: str) -> tuple[int, int | None]:
    """The product at that address, which stays as the transaction runs, and the district `actor` may speak for.

    Raises NotFound, Forbidden.
    """
    await run(db, HOLD)
    product = await queries.product(db, actor, address)
    district_id = await queries.district_of(db, actor)
    policy.may_say_use(actor, district_id).require()
    return product.id, district_id


async def _category(db: Database, address: str) -> int:
    category_id = await queries.category_id(db, address)
    if category_id is None:
        raise Invalid(category=NO_CATEGORY)
    return category_id


async def _vendor(db: Database, name: str) -> int:
    """The vendor called so, made if there is none; held by HOLD."""
    if vendor_id := await queries.vendor_called(db, name):
        return vendor_id
    made: int = await value(
        db,
        "INSERT INTO vendor (slug, name, compared) VALUES (:slug, :name, :compared) RETURNING id",
        slug=await _free_address(db, name, VENDOR_TAKEN),
        name=name,
        compared=compared(name),
    )
    return made


async def _set_names(db: Database, product_id: int, draft: ProductDraft, before: Sequence[str] = ()) -> None:
    """Its names are those of the draft and `before`. Raises Invalid when one leads to another product."""
    names = {compared(name): name for name in (*before, *draft.names, draft.name)}
    taken = await value(
        db,
        """
        SELECT pn.name FROM product_name pn
        WHERE pn.compared = ANY(CAST(:compared AS text[])) AND pn.product_id <> :product_id
        ORDER BY pn.compared
        LIMIT 1
        """,
        compared=list(names),
        product_id=product_id,
    )
    if taken is not None:
        field = "name" if compared(taken) == compared(draft.name) else "other_names"
        raise Invalid(**{field: f"“{taken}” leads to another product already. Merge the two, or take another name."})
    await run(db, "DELETE FROM product_name WHERE product_id = :product_id", product_id=product_id)
    await run(
        db,
        """
        INSERT INTO product_name (compared, name, product_id)
        SELECT w.compared, w.name, :product_id
        FROM unnest(CAST(:compared AS text[]), CAST(:names AS text[])) w (compared, name)
        """,
        compared=list(names),
        names=list(names.values()),
        product_id=product_id,
    )


PRODUCT_TAKEN = """
    SELECT EXISTS (SELECT 1 FROM product pr WHERE pr.slug = :slug)
        OR EXISTS (SELECT 1 FROM product_address pa WHERE pa.slug = :slug)
"""
VENDOR_TAKEN = "SELECT EXISTS (SELECT 1 FROM vendor v WHERE v.slug = :slug)"
CATEGORY_TAKEN = "SELECT EXISTS (SELECT 1 FROM product_category k WHERE k.slug = :slug)"
# Ends of addresses that pages of their own have.
RESERVED = ("suggest", "compare", "new", "peers", "reviews")


async def _free_address(db: Database, name: str, taken_sql: str) -> str:
    """The end of an address that reads like `name` and that nothing has yet: "northgate-filter", then "…-2"."""
    base = slug(name, most=50, otherwise="product")
    free, number = base, 1
    while free in RESERVED or await value(db, taken_sql, slug=free):
        number += 1
        free = f"{base}-{number}"
    return free


async def _record(db: Database, actor: Actor | None, act: str, subject_id: int, after: Mapping[str, str]) -> None:
    await audit.record(db, actor.id if actor else None, Act(act, act.partition(".")[0], subject_id, after=after))
