"""What becomes of reviews when an account is exported, handed over or deleted."""

import pytest

from forum.kit.db import value
from forum.products import account, queries, review_queries, scoring
from forum.products.reviewing import choose_peers
from forum.products.score_types import Peers
from tests.products.catalogue import a_product
from tests.products.reviews import a_place, a_review, a_reviewer


@pytest.fixture
async def slug(db):
    await a_place(db)
    return await a_product(db)


async def test_all_of_ones_reviews_come_along_also_those_under_no_name(db, slug):
    ann = await a_reviewer(db)
    await a_review(db, slug, 4, by=ann, is_unnamed=True, works="Fine", price=4.2)
    await choose_peers(db, ann, Peers("under-1000"))

    found = await account.export(db, ann)

    assert [(row["stars"], row["works"], row["cents"]) for row in found["reviews"]] == [(4, "Fine", 420)]
    assert [row["size"] for row in found["peers"]] == ["under-1000"]


async def test_the_reviews_of_an_account_that_becomes_part_of_another_are_the_others(db, slug):
    ann, other, second = await a_reviewer(db), await a_reviewer(db), await a_product(db)
    for each in (slug, second):
        await a_review(db, each, 2, by=ann)
    await a_review(db, slug, 5, by=other)

    await account.hand_over(db, ann.id, other.id)

    stars = []
    for each in (slug, second):
        product = await queries.product(db, other, each)
        stars.append((await review_queries.own_review(db, other, product.id)).draft.stars)
    assert stars == [5, 2]
    assert await value(db, "SELECT count(*) FROM review") == 3


@pytest.mark.parametrize(("removes", "reviews"), [(False, 4), (True, 3)])
async def test_who_leaves_leaves_the_districts_word_or_takes_every_word_along(db, slug, removes, reviews):
    ann = await a_reviewer(db)
    await a_review(db, slug, 1, by=ann, is_unnamed=True, works="Secret words")
    for _ in range(3):
        await a_review(db, slug, 5)

    await account.forget(db, ann.id, removes)

    product_id = await value(db, "SELECT pr.id FROM product pr")
    assert (await scoring.score(db, product_id)).districts == reviews
    assert await value(db, "SELECT count(*) FROM review rv WHERE rv.member_id = :id", id=ann.id) == 0
    assert (await value(db, "SELECT count(*) FROM post p WHERE p.source LIKE '%Secret%'") == 0) == removes
