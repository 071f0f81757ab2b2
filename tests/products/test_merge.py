"""What is said of a product while it becomes part of another one is said of that, and nobody waits in a circle."""

import asyncio

import pytest

from forum.districts.commands import add_district
from forum.kit.db import run, value
from forum.kit.errors import NotFound
from forum.moderation.types import Ruling
from forum.products import bursts, commands, queries
from forum.products.types import UseDraft
from forum.renewals import rounds
from forum.renewals.round_types import DecisionDraft
from forum.wiring import PRODUCT_MERGES
from tests.factories import a_member, an_admin, sign_in_as
from tests.products.catalogue import a_product
from tests.products.reviews import a_place
from tests.renewals.contracts import a_contract, a_keeper
from tests.waiting import waiting

PAUSE = "SELECT pg_advisory_xact_lock(1)"


@pytest.fixture
async def merged_while(db, monkeypatch):
    """Does a deed in the middle of the merge of two products, the one at `old` into the one at `new`."""

    async def do(old, new, deed):
        monkeypatch.setattr(commands, "MERGED", (PAUSE, *commands.MERGED))
        admin = await an_admin(db)
        old_id = (await queries.product(db, admin, old)).id
        async with db.transaction():
            await run(db, PAUSE)
            merging = asyncio.create_task(commands.merge(db, admin, old_id, new, PRODUCT_MERGES))
            await asyncio.create_task(waiting(db, 1))
            doing = asyncio.create_task(deed)
            await asyncio.create_task(waiting(db, 2))
        await merging
        return await doing

    return do


@pytest.mark.parametrize("at", [0, 1])
async def test_that_a_district_runs_either(db, merged_while, at):
    ann = await a_member(db, district_id=await add_district(db, "Pine County"))
    pair = await a_product(db), await a_product(db)
    await commands.say_use(db, ann, pair[0], UseDraft(2015))

    await merged_while(*pair, commands.say_use(db, ann, pair[at], UseDraft(2020)))

    product = await queries.product(db, ann, pair[1])
    assert [use.since_year for use in await queries.uses(db, product.id)] == [2020]


async def test_that_its_reviews_came_too_fast(db, web, merged_while):
    admin, old, new = await sign_in_as(web, db, await an_admin(db)), await a_product(db), await a_product(db)
    product = await queries.product(db, admin, old)
    burst_id = await value(
        db,
        """
        INSERT INTO review_burst (product_id, reviews, usual, begins_at) VALUES (:id, 9, 0, now()) RETURNING id
        """,
        id=product.id,
    )

    with pytest.raises(NotFound):  # of what the two are now, pace is looked at anew
        await merged_while(old, new, bursts.set_aside(db, admin, burst_id, Ruling(reason="Bought")))


async def test_that_members_are_asked_whether_to_renew_it(db, merged_while):
    await a_place(db)
    keeper = await a_keeper(db)
    old, new = await a_product(db, "Lantern"), await a_product(db)
    contract_id = await a_contract(db, keeper)

    opening = rounds.open_now(db, keeper, contract_id, is_unnamed=False, time_zone="America/Chicago")
    round_id = await merged_while(old, new, opening)

    asked_of = await value(db, "SELECT o.product_id FROM review_round o WHERE o.id = :id", id=round_id)
    assert asked_of == (await queries.product(db, keeper, new)).id


async def test_that_a_district_has_chosen_it(db, merged_while):
    await a_place(db)
    keeper = await a_keeper(db)
    old, new = await a_product(db, "Lantern"), await a_product(db, "Beacon")
    contract_id = await a_contract(db, keeper)
    round_id = await rounds.open_now(db, keeper, contract_id, is_unnamed=False, time_zone="America/Chicago")
    await rounds.close_now(db, keeper, round_id)

    await merged_while(old, new, rounds.decide(db, keeper, round_id, DecisionDraft("switched", "Beacon", "Cheaper.")))

    chosen = await value(db, "SELECT o.chosen_product_id FROM review_round o WHERE o.id = :id", id=round_id)
    assert chosen == (await queries.product(db, keeper, new)).id
