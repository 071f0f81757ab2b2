"""What stars come to: the properties a score must have, and what is stored of it."""

import random
from datetime import UTC, datetime, timedelta
from math import isclose

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forum.kit.db import rows, value
from forum.products import queries, scoring
from forum.products.score_types import NO_SCORE, Peers
from tests.factories import a_member
from tests.products.catalogue import a_product
from tests.products.judging import UNIFORM, Judged, judge
from tests.products.reviews import a_place, a_review, a_reviewer

QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
REVIEW = st.builds(
    Judged,
    product=st.just(1),
    district=st.integers(1, 9),
    stars=st.integers(1, 5),
    years=st.floats(0, 12),
    has_left=st.booleans(),
)
REVIEWS = st.lists(REVIEW, min_size=1, max_size=25)
SHARES = st.lists(st.floats(0.01, 1), min_size=5, max_size=5).map(lambda each: [x / sum(each) for x in each])


async def only(db, reviews, shares=UNIFORM):
    return (await judge(db, reviews, shares))[1]


@QUIET
@given(REVIEWS, SHARES)
async def test_a_score_lies_within_one_and_five_and_within_its_range(db, reviews, shares):
    score = await only(db, reviews, shares)

    if score.districts < 3:
        assert (score.score, score.low, score.high) == (None, None, None)
    else:
        assert 1 <= score.low <= score.score <= score.high <= 5


@QUIET
@given(REVIEWS, SHARES, st.data())
async def test_more_stars_never_lower_a_score(db, reviews, shares, data):
    at = data.draw(st.integers(0, len(reviews) - 1))
    each = reviews[at]
    raised = [*reviews[:at], Judged(1, each.district, min(5, each.stars + 1), each.years, each.has_left)]
    raised += reviews[at + 1 :]

    before, after = await only(db, reviews, shares), await only(db, raised, shares)

    if before.score is not None:
        assert after.score >= before.score - 1e-5


@QUIET
@given(REVIEWS, st.randoms())
async def test_the_order_of_reviews_does_not_matter(db, reviews, chance):
    mixed = list(reviews)
    chance.shuffle(mixed)
    one, other = await only(db, reviews), await only(db, mixed)

    assert one.score is other.score is None or isclose(one.score, other.score, abs_tol=1e-5)


@QUIET
@given(REVIEWS, st.integers(1, 5), st.integers(2, 30))
async def test_a_district_never_counts_twice(db, reviews, stars, times):
    others = [each for each in reviews if each.district != 5]
    once = await only(db, [*others, Judged(1, 5, stars)])
    often = await only(db, [*others, *[Judged(1, 5, stars)] * times])

    assert once.districts == often.districts
    assert once.score is often.score is None or isclose(once.score, often.score, abs_tol=1e-5)


@QUIET
@given(REVIEWS, SHARES)
async def test_old_reviews_decay_to_what_the_kind_leans_on(db, reviews, shares):
    old = [Judged(1, each.district, each.stars, 60) for each in reviews]
    score = await only(db, old, shares)

    prior = sum((at + 1) * share for at, share in enumerate(shares))
    assert score.score is None or isclose(score.score, prior, abs_tol=1e-3)


async def test_the_formula_is_the_posterior_mean_that_the_docstring_says(db):
    score = await only(db, [Judged(1, n, 5) for n in range(7)] + [Judged(1, 8, 1, 1.0), Judged(1, 9, 3, 0, True)])

    total = 5 + 7 + 0.7 + 0.7
    mean = (5 * 3 + 7 * 5 + 0.7 * 1 + 0.7 * 3) / total
    square = (5 * 11 + 7 * 25 + 0.7 + 0.7 * 9) / total
    spread = ((square - mean**2) / (total + 1)) ** 0.5
    assert isclose(score.score, mean, abs_tol=1e-5)
    assert isclose(score.low, mean - 1.2815515655 * spread, abs_tol=1e-5)


@pytest.mark.parametrize("stars", [(5, 5, 5, 5, 4, 4), (1, 2, 1), (1, 5, 1, 5, 3, 3, 5, 1)])
async def test_the_range_holds_four_fifths_of_the_posterior(db, stars):
    score = await only(db, [Judged(1, n, each) for n, each in enumerate(stars)])
    weights = [1 + stars.count(level) for level in range(1, 6)]
    chance = random.Random(7)

    def drawn() -> float:
        shares = [chance.gammavariate(each, 1) for each in weights]
        return sum(level * share for level, share in enumerate(shares, 1)) / sum(shares)

    inside = sum(score.low <= drawn() <= score.high for _ in range(20_000)) / 20_000
    assert abs(inside - 0.8) < 0.015


@pytest.fixture
async def slug(db):
    await a_place(db)
    return await a_product(db)


async def of(db, slug, peers=None):
    product_id = await value(db, "SELECT pr.id FROM product pr WHERE pr.slug = :slug", slug=slug)
    if peers:
        return (await scoring.peer_scores(db, [product_id], peers)).get(product_id, NO_SCORE)
    return await scoring.score(db, product_id)


async def test_two_districts_make_a_list_and_three_a_score(db, slug):
    for expected in (False, False, True):
        await a_review(db, slug, 4, would_renew="yes", support=2)
        score = await of(db, slug)
        shown = (score.score is not None, score.would_renew is not None, score.parts[2] is not None)
        assert shown == (expected,) * 3
    assert (score.reviews, score.by_stars, score.would_renew, score.parts[2]) == (3, (0, 0, 0, 3, 0), 1.0, 2.0)


async def test_one_new_review_changes_one_row_only(db, slug):
    for each in (slug, other := await a_product(db)):
        for _ in range(3):
            await a_review(db, each, 4)
    before = await value(db, "SELECT array_agg(s ORDER BY s.product_id) FROM product_score s WHERE s.score IS NOT NULL")
    await a_review(db, slug, 1)
    after = await value(db, "SELECT array_agg(s ORDER BY s.product_id) FROM product_score s WHERE s.score IS NOT NULL")

    assert (len(before), before[0] == after[0], before[1] == after[1]) == (2, False, True)
    assert (await of(db, other)).score == pytest.approx(await value(db, "SELECT max(s.score) FROM product_score s"))


async def test_the_nightly_count_says_the_same_as_each_review_did(db, slug):
    for stars in (5, 4, 2, 1):
        await a_review(db, slug, stars, days=100 * stars)
    await scoring.rescore_all(db)
    product_id = await value(db, "SELECT pr.id FROM product pr WHERE pr.slug = :slug", slug=slug)
    counted = await of(db, slug)
    await scoring.rescore(db, product_id)

    assert (await of(db, slug)).score == pytest.approx(counted.score, abs=1e-4)
    shares = await value(db, "SELECT y.shares FROM category_stars y")
    assert sum(shares) == pytest.approx(1)


async def test_a_product_without_reviews_left_has_no_score_after_the_night(db, slug):
    review_id = await a_review(db, slug, 5)
    await rows(db, "DELETE FROM review WHERE id = :id RETURNING id", id=review_id)
    assert await scoring.rescore_all(db) == 0
    assert await of(db, slug) == NO_SCORE


async def test_the_trend_is_against_the_reviews_of_a_year_before(db, slug):
    for _ in range(4):
        await a_review(db, slug, 5, days=500)
    for _ in range(4):
        await a_review(db, slug, 1)
    await scoring.rescore_all(db)

    score = await of(db, slug)
    assert score.year_ago > 3.5
    assert score.trend < -0.5
    later = datetime.now(UTC) + timedelta(days=366 * 2)
    await scoring.rescore_all(db, at=later)
    assert (await of(db, slug)).year_ago < score.year_ago


async def test_an_interest_of_ones_own_does_not_count(db, slug):
    for _ in range(3):
        await a_review(db, slug, 4)
    before = await of(db, slug)
    await a_review(db, slug, 1, has_conflict=True)

    assert (await of(db, slug)) == before


async def test_peers_have_scores_of_their_own_from_three_districts(db, slug):
    for n in range(3):
        await a_review(db, slug, 5, by=await a_reviewer(db, enrolment=500))
        await a_review(db, slug, 1, by=await a_reviewer(db, enrolment=30_000), left=2024 if n else None)

    small, large = await of(db, slug, Peers("under-1000")), await of(db, slug, Peers("10000-up"))
    assert small.score > 3.7 > 2.5 > large.score
    assert (await of(db, slug, Peers("10000-up", standing="left"))).score is None
    assert await of(db, slug, Peers()) == await of(db, slug)
    assert (await of(db, slug, Peers(state="Maine"))) == NO_SCORE
    assert (await queries.product(db, await a_member(db), slug)).slug == slug
