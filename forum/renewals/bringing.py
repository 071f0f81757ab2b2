"""Bringing many contracts in from a list: it is kept for a look, then its good lines are stored, once."""

from collections.abc import Sequence

from forum.kit.db import Database, run, value
from forum.members.types import Actor
from forum.products.queries import HOLD
from forum.renewals import policy, queries
from forum.renewals.commands import insert
from forum.renewals.contract_lists import ListedContract, judged, read_contracts
from forum.renewals.types import KeptList


async def lay_out(db: Database, actor: Actor, text: str) -> int:
    """Keep a list for a look before anything is stored. Returns its id. Raises Forbidden, Invalid."""
    office = await queries.office(db, actor)
    policy.may_keep_contracts(actor, office.district_id).require()
    read_contracts(text)
    list_id: int = await value(
        db,
        """
        INSERT INTO contract_list (district_id, created_by, source) VALUES (:district_id, :actor_id, :source)
        RETURNING id
        """,
        district_id=office.district_id,
        actor_id=actor.id,
        source=text,
    )
    return list_id


async def lines(db: Database, kept: KeptList) -> list[ListedContract]:
    """Each line of a list with what would become of it now. Raises Invalid when it is no list."""
    listed = read_contracts(kept.source)
    products = await queries.products_called(db, [each.draft.product for each in listed])
    return judged(listed, products, await queries.kept_days(db, kept.district_id, list(products.values())))


async def store(db: Database, actor: Actor, list_id: int) -> None:
    """Store the good lines of one's own list; a second time changes nothing. Raises NotFound."""
    async with db.transaction():
        await run(db, HOLD)  # no product goes meanwhile, nobody adds the same, nor stores this list too
        kept = await queries.contract_list(db, actor, list_id)
        if not kept.is_confirmed:
            good = [each for each in await lines(db, kept) if each.status == "new"]
            await _store(db, actor, kept, good)


async def _store(db: Database, actor: Actor, kept: KeptList, good: Sequence[ListedContract]) -> None:
    for each in good:
        if each.terms:
            await insert(db, actor, kept.district_id, each.product_id, each.terms)
    await run(
        db,
        "UPDATE contract_list SET confirmed_at = now(), stored = :stored WHERE id = :id",
        id=kept.id,
        stored=len(good),
    )


async def forget_lists(db: Database) -> None:
    """Drop the lists that are older than a day, stored or not."""
    await run(db, "DELETE FROM contract_list WHERE created_at < now() - interval '1 day'")
