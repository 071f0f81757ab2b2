"""Reviews that come much faster than usual wait for administrators."""

import pytest

from forum.kit.db import value
from forum.moderation import queue
from forum.moderation.types import Ruling
from forum.products import bursts, scoring
from tests.factories import a_category, a_member, an_admin, sign_in_as
from tests.products.catalogue import a_product
from tests.products.reviews import a_place, a_review


@pytest.fixture
async def admin(db, web):
    return await sign_in_as(web, db, await an_admin(db))


@pytest.fixture
async def slug(db):
    await a_place(db)
    return await a_product(db)


async def the_score(db):
    return await scoring.score(db, await value(db, "SELECT pr.id FROM product pr"))


async def waiting(db):
    return await value(db, "SELECT i.id FROM queue_item i WHERE i.kind = 'burst' AND i.decided_at IS NULL")


async def test_six_reviews_in_a_week_wait_once_and_set_aside_they_do_not_count(db, drain, slug, admin):
    for _ in range(3):
        await a_review(db, slug, 3, days=200)
    for _ in range(5):
        await a_review(db, slug, 5)
    await drain()
    assert await waiting(db) is None
    await a_review(db, slug, 5)
    await a_review(db, slug, 5)
    await drain()
    item_id, before = await waiting(db), await the_score(db)
    assert await value(db, "SELECT b.reviews FROM review_burst b") == 7

    await queue.decide(db, admin, {"burst": bursts.KIND}, item_id, "reject", Ruling(reason="Bought"))

    assert ((await the_score(db)).districts, before.districts) == (3, 10)
    assert await waiting(db) is None


async def test_honest_ones_count_on_and_do_not_wait_again_the_same_week(db, drain, slug, admin):
    for _ in range(6):
        await a_review(db, slug, 4)
    await drain()

    await queue.decide(db, admin, {"burst": bursts.KIND}, await waiting(db), "approve", Ruling())
    await a_review(db, slug, 4)
    await drain()

    assert (await waiting(db), (await the_score(db)).districts) == (None, 7)


async def test_a_pace_that_is_usual_is_no_burst(db, drain, slug):
    for n in range(110):
        await a_review(db, slug, 4, days=8 + n)
    for _ in range(6):
        await a_review(db, slug, 4)
    await drain()

    assert await waiting(db) is None


async def test_only_administrators_see_them(db, drain, slug, admin):
    for _ in range(6):
        await a_review(db, slug, 4)
    await drain()
    burst_id = await value(db, "SELECT b.id FROM review_burst b")

    mod = await a_member(db, moderates=[await a_category(db)])
    assert await bursts.cards(db, mod, [burst_id]) == []
    card = (await bursts.cards(db, admin, [burst_id]))[0]
    assert ("6 reviews" in card.heading, card.lines) == (True, ("Usual are 0.0 in 7 days",))
