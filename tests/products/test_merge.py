"""What is said of a product while it becomes part of another one is said of that, and nobody waits in a circle."""

import asyncio

import pytest

from forum.accounts import commands as accounts
from forum.accounts.types import DeletionDraft, MergeDraft
from forum.districts.commands import add_district
from forum.kit.db import run, value
from forum.kit.errors import NotFound
from forum.moderation.types import Ruling
from forum.products import bursts, commands, owners, prices, queries, scoring, suggesting
from forum.products.types import SuggestionDraft, UseDraft
from forum.renewals import rounds
from forum.renewals.round_types import DecisionDraft
from forum.wiring import HOLDINGS, PRODUCT_MERGES
from tests.factories import a_member, an_admin, sign_in_as
from tests.following.scenes import follows
from tests.products.catalogue import a_kind, a_product
from tests.products.reviews import a_place, a_review, a_reviewer, age_review
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


async def _much_of(db, who, slug) -> None:
    """Much is kept of somebody and a product, in several rooms."""
    product = await queries.product(db, who, slug)
    await follows(db, who, "product", product.id)
    await commands.say_use(db, who, slug, UseDraft(2015))
    await owners.say_contact(db, who, slug, may_be_asked=True)
    await a_review(db, slug, by=who)
    await a_contract(db, who, product.name)


async def test_that_two_who_speak_of_it_are_one_member(db, merged_while):
    ann, bob = await a_reviewer(db), await a_reviewer(db)
    old, new = await a_product(db), await a_product(db)
    await _much_of(db, ann, old)
    await _much_of(db, bob, old)
    admin, draft = await an_admin(db), MergeDraft(ann.handle, bob.handle, "One person")

    await merged_while(old, new, accounts.merge(db, admin, draft, HOLDINGS))

    product = await queries.product(db, bob, new)
    followed = "SELECT array_agg(f.member_id) FROM follow f WHERE f.kind = 'product' AND f.target_id = :id"
    assert await value(db, followed, id=product.id) == [bob.id]
    reviews = "SELECT array_agg(rv.member_id ORDER BY rv.id) FROM review rv WHERE rv.product_id = :id"
    assert await value(db, reviews, id=product.id) == [None, bob.id]
    kept = "SELECT array_agg(DISTINCT n.created_by) FROM contract n WHERE n.product_id = :id"
    assert await value(db, kept, id=product.id) == [bob.id]


@pytest.mark.parametrize("choice", ["anonymise", "remove"])
async def test_that_who_speaks_of_it_leaves(db, merged_while, choice):
    ann = await a_reviewer(db)
    old, new = await a_product(db), await a_product(db)
    await _much_of(db, ann, old)

    await merged_while(old, new, accounts.delete(db, ann, DeletionDraft(choice, ann.handle), HOLDINGS))

    assert await value(db, "SELECT count(*) FROM follow f WHERE f.member_id = :id", id=ann.id) == 0
    assert await value(db, "SELECT count(*) FROM review") == (0 if choice == "remove" else 1)


async def test_that_all_scores_are_counted(db, merged_while):
    old, new = await a_product(db), await a_product(db)
    for slug in (old, new, new):
        await a_review(db, slug)
    await run(db, "DELETE FROM product_score")

    assert await merged_while(old, new, scoring.rescore_all(db)) == 1

    product = await queries.product(db, await an_admin(db), new)
    assert (await scoring.score(db, product.id)).reviews == 3


async def test_that_its_prices_are_published(db, merged_while):
    old, new = await a_product(db), await a_product(db)
    for _ in range(5):
        await age_review(db, await a_review(db, old, price=10), 100)

    assert await merged_while(old, new, prices.publish(db)) == 1

    product = await queries.product(db, await an_admin(db), new)
    assert await value(db, "SELECT b.product_id FROM price_block b") == product.id


async def test_that_somebody_who_missed_it_is_told_that_it_is_there(db, web, merged_while):
    ann = await a_member(db)
    await suggesting.suggest(db, ann, SuggestionDraft("Lantern", "Lumen Works", await a_kind(db)))
    old, new = await a_product(db, "Lantern"), await a_product(db)
    admin = await sign_in_as(web, db, await an_admin(db))
    suggestion_id = await value(db, "SELECT g.id FROM product_suggestion g")

    await merged_while(old, new, suggesting.approve(db, admin, suggestion_id, Ruling()))

    product = await queries.product(db, ann, new)
    assert await value(db, "SELECT g.product_id FROM product_suggestion g") == product.id
    assert await queries.own_suggestions(db, ann) == []
