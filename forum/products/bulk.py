"""Many uses of products, and many reviews, at once. Who may do so is asked elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from forum.kit.db import Database, copy, rows, run
from forum.products.review_types import PARTS, ReviewDraft


@dataclass(frozen=True, slots=True)
class KnownUse:
    """That a district runs a product since a year, or ran it until another."""

    product_id: int
    district_id: int
    since_year: int
    left_year: int | None


async def insert_uses(db: Database, uses: Iterable[KnownUse]) -> None:
    """Add uses that are not there yet, one for a product and district."""
    columns = ("product_id", "district_id", "since_year", "left_year")
    await copy(db, "product_use", columns, (astuple(use) for use in uses))


@dataclass(frozen=True, slots=True)
class KnownReview:
    """A review whose post is there. size: the band that a stand-in shows, "" for none."""

    product_id: int
    member_id: int
    district_id: int
    post_id: int
    draft: ReviewDraft
    size: str
    said_at: datetime


REVIEW_COLUMNS = (
    *("product_id", "member_id", "district_id", "post_id", "stars", *PARTS, "works", "lacks", "to_ask", "since_year"),
    *("left_year", "left_for", "would_renew", "renew_if", "has_conflict", "is_unnamed", "size"),
    *("created_at", "said_at"),
)


def _cells(each: KnownReview) -> tuple[object, ...]:
    draft = each.draft
    return (
        *(each.product_id, each.member_id, each.district_id, each.post_id, draft.stars),
        *(getattr(draft, part) for part in PARTS),
        *(draft.works, draft.lacks, draft.to_ask, draft.use.since_year, draft.use.left_year, draft.left_for),
        *(draft.would_renew, draft.renew_if, draft.has_conflict, draft.is_unnamed, each.size),
        *(each.said_at, each.said_at),
    )


def _price_cells(review_id: int, each: KnownReview) -> tuple[object, ...]:
    price = each.draft.price
    return (review_id, price.cents, price.unit, price.term_months, each.said_at)


async def insert_reviews(db: Database, reviews: Sequence[KnownReview]) -> None:
    """Add reviews with their prices, one for a product and member; their products' threads are those of their posts."""
    await copy(db, "review", REVIEW_COLUMNS, map(_cells, reviews))
    found = await rows(
        db,
        "SELECT rv.id, rv.post_id FROM review rv WHERE rv.post_id = ANY(CAST(:ids AS bigint[]))",
        ids=[each.post_id for each in reviews],
    )
    ids = {row["post_id"]: row["id"] for row in found}
    await copy(
        db,
        "review_price",
        ("review_id", "cents", "unit", "term_months", "said_at"),
        [_price_cells(ids[each.post_id], each) for each in reviews if each.draft.price.cents],
    )
    await run(
        db,
        """
        UPDATE product pr SET review_thread_id = p.thread_id
        FROM review rv JOIN post p ON p.id = rv.post_id
        WHERE rv.product_id = pr.id AND p.id = ANY(CAST(:ids AS bigint[]))
        """,
        ids=list(ids),
    )
