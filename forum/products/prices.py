"""What districts pay: published in blocks of at least five districts, never one by one. Owns review_price, price_block,
published_price.

A price becomes visible only as part of a block: at least FEWEST districts, none with more than a quarter of what they
spend together, each price said at least three months ago (the floor that the antitrust agencies' Statements of Health
Care, 1996, statement 6, called safe). A block holds amounts, not districts, and is never changed. A district
is in one block of a product within the three years that blocks count. Everything that is
shown comes from whole blocks, so two values that differ, under whatever filters and on whatever days, differ by whole
blocks: nothing about fewer than five districts can be worked out from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from forum.districts.types import SIZE_BANDS
from forum.kit.db import Database, many, run, value
from forum.products.queries import HOLD
from forum.products.review_types import PriceDraft
from forum.products.score_types import Peers, PriceRange
from forum.products.scoring import VISIBLE

FEWEST, LARGEST_SHARE = 5, 0.25


@dataclass(frozen=True)
class Waiting:
    """A price that is old enough to be published. spend: of its district in a year, in cents."""

    review_id: int
    product_id: int
    unit: str
    cents: int
    term_months: int | None
    enrolment: int

    @property
    def spend(self) -> int:
        return self.cents * self.enrolment


WAITING_SQL = f"""
    SELECT DISTINCT ON (rv.product_id, x.unit, rv.district_id)
           rv.id AS review_id, rv.product_id, x.unit, x.cents, x.term_months, w.enrolment
    FROM review rv
    JOIN review_price x ON x.review_id = rv.id
    JOIN district w ON w.id = rv.district_id
    {VISIBLE}
      AND x.cents IS NOT NULL AND x.said_at <= now() - interval '3 months' AND w.enrolment > 0
      AND NOT EXISTS (
          SELECT 1 FROM review o JOIN review_price q ON q.review_id = o.id
          WHERE o.product_id = rv.product_id AND o.district_id = rv.district_id AND q.published_unit = x.unit
            AND q.published_at > now() - interval '3 years'
      )
    ORDER BY rv.product_id, x.unit, rv.district_id, x.said_at DESC, rv.id
"""


async def say(db: Database, review_id: int, draft: PriceDraft) -> None:
    """Keep what a review says of money; a price that changes waits again. Within the transaction of the review."""
    if draft.is_empty:
        await take_back(db, review_id)
        return
    await run(
        db,
        """
        INSERT INTO review_price AS x (review_id, cents, unit, term_months, included, ends_on)
        VALUES (:review_id, :cents, :unit, :term_months, :included, :ends_on)
        ON CONFLICT (review_id) DO UPDATE
        SET cents = excluded.cents, unit = excluded.unit, term_months = excluded.term_months,
            included = excluded.included, ends_on = excluded.ends_on,
            said_at = CASE WHEN (x.cents, x.unit) IS NOT DISTINCT FROM (excluded.cents, excluded.unit)
                           THEN x.said_at ELSE now() END
        """,
        review_id=review_id,
        cents=draft.cents,
        unit=draft.unit,
        term_months=draft.term_months,
        included=draft.included,
        ends_on=draft.ends_on,
    )


async def take_back(db: Database, review_id: int) -> None:
    """Keep nothing of what a review says of money, but that its district is in a block already."""
    await run(
        db,
        """
        UPDATE review_price SET cents = NULL, term_months = NULL, included = '', ends_on = NULL
        WHERE review_id = :review_id
        """,
        review_id=review_id,
    )


async def publish(db: Database) -> int:
    """Publish every block that can be made of the prices that wait. Returns how many; for one caller at a time."""
    async with db.transaction():
        await run(db, HOLD)  # no product goes meanwhile
        await run(db, "SELECT pg_advisory_xact_lock(hashtext('price_block'))")
        waiting = await many(db, Waiting, WAITING_SQL)
        made = blocks(waiting)
        for block in made:
            await _publish(db, block)
    return len(made)


def blocks(waiting: Sequence[Waiting]) -> list[list[Waiting]]:
    """The blocks that can be made of prices, one of each district: of like spending, each as small as the floor lets it
    be. What is left over goes on waiting."""
    made: list[list[Waiting]] = []
    begun: list[Waiting] = []
    for each in sorted(waiting, key=lambda price: (price.product_id, price.unit, price.spend, price.review_id)):
        if begun and (begun[0].product_id, begun[0].unit) != (each.product_id, each.unit):
            begun = []
        begun.append(each)
        if may_publish([price.spend for price in begun]):
            made.append(begun)
            begun = []
    return made


def may_publish(spends: Sequence[int]) -> bool:
    """Whether that many districts, which spend that, may be shown together."""
    return len(spends) >= FEWEST and max(spends) <= LARGEST_SHARE * sum(spends)


async def _publish(db: Database, block: Sequence[Waiting]) -> None:
    sizes = [each.enrolment for each in block]
    block_id = await value(
        db,
        """
        INSERT INTO price_block (product_id, unit, districts, least, most)
        VALUES (:product_id, :unit, :districts, :least, :most)
        RETURNING id
        """,
        product_id=block[0].product_id,
        unit=block[0].unit,
        districts=len(block),
        least=max(band.least for band in SIZE_BANDS if band.least <= min(sizes)),
        most=min(band.most for band in SIZE_BANDS if band.most > max(sizes)),
    )
    ordered = sorted(block, key=lambda each: each.cents)  # by amount: their order says nothing of whose they are
    await run(
        db,
        """
        INSERT INTO published_price (block_id, place, cents, term_months)
        SELECT :block_id, w.place, w.cents, w.term_months
        FROM unnest(CAST(:cents AS integer[]), CAST(:terms AS smallint[])) WITH ORDINALITY w (cents, term_months, place)
        """,
        block_id=block_id,
        cents=[each.cents for each in ordered],
        terms=[each.term_months for each in ordered],
    )
    await run(
        db,
        """
        UPDATE review_price SET published_at = now(), published_unit = unit
        WHERE review_id = ANY(CAST(:ids AS bigint[]))
        """,
        ids=[each.review_id for each in block],
    )


async def price_ranges(db: Database, product_ids: Sequence[int], peers: Peers) -> list[PriceRange]:
    """What districts pay for products, by product and unit; for those whom `may_see_prices` lets.

    Of `peers` only the size counts: those blocks are taken that hold districts of it. Blocks of three years count.
    """
    least, most = peers.bounds
    return await many(
        db,
        PriceRange,
        """
        SELECT b.product_id, b.unit,
               CAST(round(percentile_cont(0.25) WITHIN GROUP (ORDER BY w.cents)) AS integer) AS low,
               CAST(round(percentile_cont(0.5) WITHIN GROUP (ORDER BY w.cents)) AS integer) AS middle,
               CAST(round(percentile_cont(0.75) WITHIN GROUP (ORDER BY w.cents)) AS integer) AS high,
               CAST(count(*) AS integer) AS districts, min(b.least) AS least, max(b.most) AS most,
               CAST(percentile_disc(0.5) WITHIN GROUP (ORDER BY w.term_months) AS integer) AS term_months
        FROM price_block b JOIN published_price w ON w.block_id = b.id
        WHERE b.product_id = ANY(CAST(:product_ids AS bigint[])) AND b.published_at > now() - interval '3 years'
          AND (CAST(:most AS integer) = 0 OR b.least < :most AND b.most > CAST(:least AS integer))
        GROUP BY b.product_id, b.unit
        ORDER BY b.product_id, b.unit DESC
        """,
        product_ids=list(product_ids),
        least=least,
        most=most,
    )
