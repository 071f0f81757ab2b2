"""Suggesting a product that is missing, and what becomes of it; as a kind of the moderators' queue."""

from collections.abc import Mapping, Sequence

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.kit import outbox
from forum.kit.db import Database, rows, run, value
from forum.kit.errors import Invalid
from forum.members.policy import require_admin
from forum.members.queries import hold
from forum.members.types import Actor
from forum.moderation.types import Card, Decision, Deed, Kind, Ruling
from forum.products import commands, policy, queries
from forum.products.types import ProductDraft, Suggestion, SuggestionDraft, compared

MOST_WAITING = 10


async def suggest(db: Database, actor: Actor, draft: SuggestionDraft) -> None:
    """Say that a product is missing; the same one twice is once. Raises Forbidden, Invalid."""
    policy.may_suggest(actor).require()
    draft.check()
    async with db.transaction():
        if await queries.product_called(db, draft.name):
            raise Invalid(name=f"“{draft.name}” is in the catalog already: look for it there.")
        category_id = await queries.category_id(db, draft.category)
        if category_id is None:
            raise Invalid(category=commands.NO_CATEGORY)
        await hold(db, actor.id)
        if len(await queries.own_suggestions(db, actor)) >= MOST_WAITING:
            raise Invalid(form=f"{MOST_WAITING} of your suggestions still wait. Wait until some are decided.")
        suggestion_id = await value(
            db,
            """
            INSERT INTO product_suggestion (member_id, name, compared, vendor_name, category_id, website, note)
            VALUES (:member_id, :name, :compared, :vendor, :category_id, :website, :note)
            ON CONFLICT (member_id, compared) WHERE decided_at IS NULL DO NOTHING
            RETURNING id
            """,
            member_id=actor.id,
            name=draft.name,
            compared=compared(draft.name),
            vendor=draft.vendor,
            category_id=category_id,
            website=draft.website,
            note=draft.note,
        )
        if suggestion_id is not None:
            await outbox.emit(db, "product.suggested", suggestion_id=suggestion_id)


async def cards(db: Database, actor: Actor, ids: Sequence[int]) -> list[Card]:
    """What members miss; for administrators."""
    if not actor.is_admin:
        return []
    return [_card(each) for each in await queries.suggestions(db, list(ids))]


def _card(each: Suggestion) -> Card:
    return Card(
        subject_id=each.id,
        heading=f"{each.name} by {each.vendor_name}",
        text=each.note,
        created_at=each.created_at,
        author_id=each.member_id,
        author_name=each.member_name,
        author_handle=each.member_handle,
        lines=tuple(line for line in (each.category_name, each.website) if line),
    )


async def places(db: Database, ids: Sequence[int]) -> Mapping[int, int | None]:
    """Those that still wait, in no category."""
    found = await rows(
        db,
        "SELECT g.id FROM product_suggestion g WHERE g.id = ANY(CAST(:ids AS bigint[])) AND g.decided_at IS NULL",
        ids=list(ids),
    )
    return {row["id"]: None for row in found}


async def approve(db: Database, actor: Actor, suggestion_id: int, ruling: Ruling) -> Decision:
    """It is a product then, unless somebody has added it meanwhile: then that one is meant. Raises NotFound."""
    require_admin(actor)
    async with db.transaction():
        await run(db, queries.HOLD)  # no product goes meanwhile
        each = await queries.suggestion_to_decide(db, suggestion_id)
        product_id = await queries.product_called(db, each.name)
        if product_id is None:
            draft = ProductDraft(each.name, each.vendor_name, each.category_slug, website=each.website)
            product_id = await commands.add(db, draft, actor=actor)
        entry_id = await _settle(db, actor, each, product_id, "approved", ruling)
    return Decision(entry_id, "added", f"“{each.name}” is in the catalog now.", may_undo=False)


async def decline(db: Database, actor: Actor, suggestion_id: int, ruling: Ruling) -> Decision:
    """It is not to be a product; whoever suggested it reads why. Raises NotFound."""
    require_admin(actor)
    async with db.transaction():
        each = await queries.suggestion_to_decide(db, suggestion_id)
        entry_id = await _settle(db, actor, each, None, "declined", ruling)
    letter = f"“{each.name}”, which you suggested, was not added to the catalog.\n\n{ruling.letter}"
    return Decision(entry_id, "not added", letter, may_undo=False)


async def _settle(
    db: Database, actor: Actor, each: Suggestion, product_id: int | None, outcome: str, ruling: Ruling
) -> int:
    await run(
        db,
        "UPDATE product_suggestion SET decided_at = now(), product_id = :product_id WHERE id = :id",
        product_id=product_id,
        id=each.id,
    )
    act = Act(f"product_suggestion.{outcome}", "product_suggestion", each.id, reason=ruling.reason)
    return await audit.record(db, actor.id, act)


KIND = Kind(
    "product",
    "Products",
    cards,
    places,
    {"approve": Deed("Add it", approve), "reject": Deed("Decline", decline, True)},
    hold=queries.hold_names,
)
