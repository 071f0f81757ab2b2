"""What districts pay is shown in blocks, from which nobody's price can be worked out."""

import asyncio
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forum.districts.types import SIZE_BANDS
from forum.kit.db import run, value
from forum.members.types import GUEST
from forum.products import policy, prices, reviewing
from forum.products.prices import Waiting, blocks, may_publish
from forum.products.review_types import cents_of
from forum.products.score_types import Peers, PriceRange
from tests.factories import a_member
from tests.products.catalogue import a_product
from tests.products.reviews import a_draft, a_place, a_review, a_reviewer

SIZES = ["", *(band.slug for band in SIZE_BANDS)]


@pytest.fixture
async def slug(db):
    await a_place(db)
    return await a_product(db)


async def product_id(db, slug):
    return await value(db, "SELECT pr.id FROM product pr WHERE pr.slug = :slug", slug=slug)


async def ranges(db, slug, size=""):
    return await prices.price_ranges(db, [await product_id(db, slug)], Peers(size))


async def five_pay(db, slug, *, days=100, enrolment=3000):
    for dollars in (3.6, 3.8, 4, 4.2, 4.4):
        by = await a_reviewer(db, enrolment=enrolment)
        await a_review(db, slug, by=by, price=dollars, days=days)


async def test_five_districts_of_three_months_ago_show_quartiles(db, slug):
    await five_pay(db, slug)
    assert await ranges(db, slug) == []

    assert [await prices.publish(db), await prices.publish(db)] == [1, 0]

    found = (await ranges(db, slug))[0]
    assert (found.low, found.middle, found.high, found.districts) == (380, 400, 420, 5)
    assert (found.words, found.whose) == (
        "$3.80 · $4.00 · $4.20",
        "5 districts with 2,500 to 4,999 students",
    )


async def test_four_districts_new_prices_and_one_that_pays_most_wait(db, slug):
    for _ in range(4):
        await a_review(db, slug, price=5, days=100)
    await a_review(db, slug, price=5, days=60)
    await a_review(db, slug, by=await a_reviewer(db, enrolment=90_000), price=5, days=100)

    assert await prices.publish(db) == 0
    assert await ranges(db, slug) == []


async def test_a_district_is_in_one_block_however_often_it_says_a_price(db, slug):
    ann = await a_reviewer(db)
    for n in range(5):
        await a_review(db, slug, by=ann if n == 0 else None, price=5, days=100)
    await prices.publish(db)
    await reviewing.review(db, ann, slug, a_draft(4, price=6, version=1))
    await run(db, "UPDATE review_price SET said_at = said_at - interval '1 year'")
    for _ in range(4):
        await a_review(db, slug, price=5, days=100)

    assert await prices.publish(db) == 0
    assert (await ranges(db, slug))[0].districts == 5


async def test_several_members_of_a_district_give_one_price(db, slug):
    for _ in range(4):
        await a_review(db, slug, price=4, days=100)
    ann = await a_reviewer(db)
    district_id = await value(db, "SELECT m.district_id FROM member m WHERE m.id = :id", id=ann.id)
    for by in (ann, await a_reviewer(db, district_id=district_id)):
        await a_review(db, slug, by=by, price=5, days=100)

    await prices.publish(db)

    assert (await ranges(db, slug))[0].districts == 5


async def test_a_value_that_is_shown_does_not_move_when_one_review_comes_goes_or_changes(db, slug):
    await five_pay(db, slug)
    await prices.publish(db)
    before = await ranges(db, slug)
    assert len(before) == 1

    ann = await a_reviewer(db)
    await a_review(db, slug, by=ann, price=99, days=100)
    await prices.publish(db)
    assert await ranges(db, slug) == before
    await reviewing.review(db, ann, slug, a_draft(4, price=88, version=1))
    await reviewing.withdraw(db, ann, slug)
    await run(db, "DELETE FROM review_price WHERE published_at IS NOT NULL")
    await prices.publish(db)
    assert await ranges(db, slug) == before


async def test_publishing_twice_at_the_same_moment_publishes_once(db, slug):
    await five_pay(db, slug)

    assert sorted(await asyncio.gather(*(prices.publish(db) for _ in range(4)))) == [0, 0, 0, 1]


async def test_a_price_that_is_said_again_keeps_its_age_and_another_waits_anew(db, slug):
    ann = await a_reviewer(db)
    await a_review(db, slug, by=ann, price=4, days=100)
    age = "SELECT x.said_at < now() - interval '90 days' FROM review_price x"
    await reviewing.review(db, ann, slug, a_draft(4, price=4, version=1))
    assert await value(db, age)
    await reviewing.review(db, ann, slug, a_draft(4, price=5, version=2))
    assert not await value(db, age)


async def test_whose_interest_does_not_count_tells_no_price(db, slug):
    await five_pay(db, slug)
    await run(db, "UPDATE review SET has_conflict = true WHERE id = (SELECT min(rv.id) FROM review rv)")

    assert await prices.publish(db) == 0


@pytest.mark.parametrize(
    ("text", "cents"), [("4.20", 420), ("$1,204.5", 120450), ("", None), ("0.001", 1), (" 7 ", 700)]
)
def test_amounts_are_read_as_people_write_them(text, cents):
    assert cents_of(text) == cents


async def test_members_alone_see_prices(db):
    verdicts = [bool(policy.may_see_prices(who)) for who in (GUEST, await a_member(db, role="vendor"))]
    assert [*verdicts, bool(policy.may_see_prices(await a_member(db)))] == [False, False, True]


PRICE = st.tuples(st.integers(1, 40), st.integers(50, 2000), st.integers(100, 60_000))
ARRIVALS = st.lists(st.lists(PRICE, max_size=12), min_size=1, max_size=6)


def arrived(waiting, batch, first_id):
    """What waits once more prices have come; a district that says another price takes back the one that waits."""
    kept = {(each.product_id, each.unit, each.review_id % 1000): each for each in waiting}
    for at, (district, cents, enrolment) in enumerate(batch):
        each = Waiting((first_id + at) * 1000 + district, 1, "student", cents, None, enrolment)
        kept[(1, "student", district)] = each
    return list(kept.values())


@settings(max_examples=200, deadline=None)
@given(ARRIVALS)
def test_no_two_values_ever_shown_differ_by_less_than_the_floor(arrivals):
    """Whatever filter is asked on whatever day shows a union of blocks; so what two of them tell apart is one too."""
    waiting, published, shown, first_id = [], [], {frozenset()}, 1
    for batch in arrivals:
        waiting, first_id = arrived(waiting, batch, first_id), first_id + len(batch)
        made = blocks(waiting)
        published += made
        waiting = [each for each in waiting if not any(each in block for block in made)]
        for size in SIZES:
            least, most = Peers(size).bounds
            taken = [block for block in published if not most or any(least <= each.enrolment < most for each in block)]
            shown.add(frozenset(each for block in taken for each in block))
    for one, other in combinations(shown, 2):
        for told_apart in (one - other, other - one):
            assert not told_apart or may_publish([each.spend for each in told_apart])


@settings(max_examples=200, deadline=None)
@given(st.lists(PRICE, max_size=40, unique_by=lambda each: each[0]))
def test_every_block_is_over_the_floor_and_no_price_is_in_two(batch):
    made = blocks(arrived([], batch, 1))
    ids = [each.review_id for block in made for each in block]

    assert all(may_publish([each.spend for each in block]) for block in made)
    assert len(ids) == len(set(ids))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(SIZES), st.sampled_from(["", "now", "left"]), st.sampled_from([0, 1, 5]), st.booleans())
async def test_no_combination_of_filters_shows_other_prices_than_its_size_does(db, size, standing, years, is_placed):
    found = await value(db, "SELECT pr.slug FROM product pr WHERE pr.name = 'Priced'")
    if not found:
        await a_place(db)
        found = await a_product(db, "Priced")
        await five_pay(db, found)
        await five_pay(db, found, enrolment=700)
        await prices.publish(db)
    peers = Peers(size, "Maine" if is_placed else "", "rural" if is_placed else "", standing, years)

    shown = await prices.price_ranges(db, [await product_id(db, found)], peers)

    assert shown == await ranges(db, found, size)
    assert bool(shown) == (size in ("", "under-1000", "2500-4999"))
    assert all(each.districts >= 5 for each in shown)


def test_sizes_are_said_in_words():
    most = SIZE_BANDS[-1].most
    for least, top, words in (
        (0, 1000, "under 1,000 students"),
        (10_000, most, "10,000 students and more"),
        (0, most, "any number of students"),
    ):
        assert PriceRange(1, "student", 1, 2, 3, 6, least, top, None).whose == f"6 districts with {words}"
