"""Reviews for tests: name only what the test is about."""

from dataclasses import replace
from itertools import count

from forum.categories import commands as categories
from forum.categories.types import CategoryDraft
from forum.districts.commands import add_district
from forum.kit.db import run, value
from forum.products import queries, review_queries, reviewing
from forum.products.review_types import PriceDraft, ReviewDraft
from forum.products.types import UseDraft
from tests.factories import a_member

_n = count(1)


async def a_place(db, **fields) -> str:
    """The category where review threads begin."""
    draft = CategoryDraft("reviews", "Product reviews", default_kind="review", lets_vendors_in=True, **fields)
    if not await value(db, "SELECT c.id FROM category c WHERE c.slug = 'reviews'"):
        await categories.add_category(db, draft)
    return "reviews"


async def a_reviewer(db, *, enrolment=3000, district_id=None, **fields):
    """A member of a district of their own."""
    await a_place(db)
    district_id = district_id or await add_district(db, f"District {next(_n)}", enrolment=enrolment)
    return await a_member(db, district_id=district_id, **fields)


def a_draft(stars=4, *, since=None, left=None, price=None, **fields) -> ReviewDraft:
    """A review; `price` in dollars a student."""
    said = PriceDraft(round(price * 100)) if price else PriceDraft()
    return replace(ReviewDraft(stars, use=UseDraft(since, left), price=said), **fields)


async def a_review(db, slug, stars=4, *, by=None, days=0, **fields) -> int:
    """A review of the product at that address by a member of a district of their own; returns its id.

    days: how long ago all of it was said.
    """
    by = by or await a_reviewer(db)
    await reviewing.review(db, by, slug, a_draft(stars, **fields))
    product = await queries.product(db, by, slug)
    mine = await review_queries.own_review(db, by, product.id)
    if days:
        await age_review(db, mine.id, days)
    return mine.id


async def age_review(db, review_id, days) -> None:
    """As if it had been written that long ago."""
    for sql in (
        "UPDATE review SET created_at = created_at - :days * interval '1 day', said_at = said_at - :days * interval "
        "'1 day' WHERE id = :id",
        "UPDATE review_price SET said_at = said_at - :days * interval '1 day' WHERE review_id = :id",
    ):
        await run(db, sql, days=days, id=review_id)
