"""Scores of reviews that stand in no table, so that properties and simulations ask the very SQL that counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from forum.kit.db import Database, many
from forum.products.score_types import Score
from forum.products.scoring import SCORE_COLUMNS, SCORED

UNIFORM = (0.2,) * 5


@dataclass(frozen=True)
class Judged:
    """A review: of which product, by which district, its stars, and how many years ago it was said."""

    product: int
    district: int
    stars: int
    years: float = 0.0
    has_left: bool = False

    @property
    def strength(self) -> float:
        return 0.7**self.years * (0.7 if self.has_left else 1.0)


SQL = f"""
    WITH judged AS (
        SELECT w.product_id, 1 AS category_id, w.district_id, w.district_id AS seen_district, w.stars,
               CAST(NULL AS smallint) AS promise,
               CAST(NULL AS smallint) AS rollout, CAST(NULL AS smallint) AS support, CAST(NULL AS smallint) AS worth,
               CAST(NULL AS smallint) AS privacy, '' AS would_renew, w.strength,
               CAST(NULL AS double precision) AS strength_then
        FROM unnest(CAST(:products AS bigint[]), CAST(:districts AS bigint[]), CAST(:stars AS smallint[]),
                    CAST(:strengths AS double precision[])) w (product_id, district_id, stars, strength)
    ),
    prior AS (SELECT 1 AS category_id, CAST(:shares AS real[]) AS shares),
    {SCORED}
    SELECT {SCORE_COLUMNS} FROM scored s ORDER BY s.product_id
"""


async def judge(db: Database, reviews: Sequence[Judged], shares: Sequence[float] = UNIFORM) -> dict[int, Score]:
    """The score of each product; `shares` is what its kind leans on."""
    found = await many(
        db,
        Score,
        SQL,
        products=[each.product for each in reviews],
        districts=[each.district for each in reviews],
        stars=[each.stars for each in reviews],
        strengths=[each.strength for each in reviews],
        shares=list(shares),
    )
    return {each.product_id: each for each in found}
