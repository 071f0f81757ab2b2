"""Writes of the renewals room: a district's contracts."""

from forum.kit.db import Database, run, value
from forum.kit.errors import Invalid, Stale
from forum.members.types import Actor
from forum.products.queries import HOLD, product_called
from forum.renewals import policy, queries
from forum.renewals.types import NO_SUCH_PRODUCT, ContractDraft, Terms

KEPT = "Your district has a contract for it that ends on that day already. Change that one."

# What becomes of contracts when the product :old becomes one with :new; products.commands.merge does it.
MERGED = ("UPDATE contract SET product_id = :new WHERE product_id = :old",)


async def add(db: Database, actor: Actor, draft: ContractDraft) -> int:
    """Keep a contract of one's own district. Returns its id. Raises Forbidden, Invalid."""
    office = await queries.office(db, actor)
    policy.may_keep_contracts(actor, office.district_id).require()
    terms = draft.terms()
    async with db.transaction():
        await run(db, HOLD)  # no product goes meanwhile, and nobody adds the same
        product_id = await _product(db, draft.product)
        district_id = office.district_id or 0
        if await queries.is_kept(db, district_id, product_id, terms.ends_on):
            raise Invalid(ends_on=KEPT)
        return await insert(db, actor, district_id, product_id, terms)


async def insert(db: Database, actor: Actor, district_id: int, product_id: int, terms: Terms) -> int:
    """Store one whose product is held by HOLD. Returns its id."""
    contract_id: int = await value(
        db,
        """
        INSERT INTO contract (district_id, product_id, ends_on, notice_days, term_months, yearly_cents, visibility,
            note, created_by)
        VALUES (:district_id, :product_id, :ends_on, :notice_days, :term_months, :yearly_cents, :visibility,
            :note, :actor_id)
        RETURNING id
        """,
        district_id=district_id,
        product_id=product_id,
        actor_id=actor.id,
        **vars(terms),
    )
    return contract_id


async def edit(db: Database, actor: Actor, contract_id: int, draft: ContractDraft, *, version: int) -> None:
    """Change one of one's own district. Raises NotFound, Invalid, Stale."""
    async with db.transaction():
        await run(db, HOLD)
        before = await queries.contract_to_change(db, actor, contract_id)
        terms = draft.terms()
        if before.version != version:
            raise Stale
        product_id = await _product(db, draft.product)
        office = await queries.office(db, actor)
        is_moved = (product_id, terms.ends_on) != (before.product_id, before.ends_on)
        if is_moved and await queries.is_kept(db, office.district_id or 0, product_id, terms.ends_on):
            raise Invalid(ends_on=KEPT)
        await run(
            db,
            """
            UPDATE contract
            SET product_id = :product_id, ends_on = :ends_on, notice_days = :notice_days, term_months = :term_months,
                yearly_cents = :yearly_cents, visibility = :visibility, note = :note, version = version + 1,
                changed_at = now()
            WHERE id = :contract_id
            """,
            contract_id=contract_id,
            product_id=product_id,
            **vars(terms),
        )


async def remove(db: Database, actor: Actor, contract_id: int) -> None:
    """Keep one of one's own district no more. Raises NotFound."""
    async with db.transaction():
        await queries.contract_to_change(db, actor, contract_id)
        await run(db, "DELETE FROM contract WHERE id = :contract_id", contract_id=contract_id)


async def _product(db: Database, name: str) -> int:
    product_id = await product_called(db, name)
    if product_id is None:
        raise Invalid(product=NO_SUCH_PRODUCT.format(name))
    return product_id
