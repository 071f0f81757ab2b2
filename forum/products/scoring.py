"""Scores of products: what districts' stars come to, with how sure one can be. Owns product_score, category_stars.

The stars of a product are draws from five levels with unknown shares. Before any review the shares are those of its
kind of products, weighing as much as PRIOR districts; each district then adds its weight to the level it chose: a
Dirichlet-multinomial model (A. Gelman et al., Bayesian Data Analysis, 3rd ed. 2013, section 3.4). With a_k = PRIOR
times the share of level k among products of its kind, plus the weight of districts that gave k stars, and A their sum:

    score     = sum(k a_k) / A                       the posterior mean of the stars
    variance  = (sum(k² a_k) / A - score²) / (A + 1) of that mean, under the posterior
    range     = score ± NORMAL_80 sqrt(variance)     80 in 100, within 1 and 5

The number of districts that is shown counts each review without a name as a district of its own: the true number
would tell whose colleague wrote it. The floor of FEWEST asks for the true one.

A district weighs 1, times YEARLY to the power of the years since it last said so, times LEFT where it has left the
product; several members of a district share its weight. Whoever has an interest of their own does not count.
"""

from collections.abc import Sequence
from datetime import datetime

from forum.kit.db import Database, many, run, value
from forum.products import queries
from forum.products.score_types import NO_SCORE, Peers, Score

PRIOR = "5.0"
YEARLY = "0.7"
LEFT = "0.7"
NORMAL_80 = "1.2815515655446004"  # the 90 % point of the normal distribution
FEWEST = "3"  # districts; below this only a list is shown

# Behind `review rv`: those that count. `a` and `d` are the writer and
# district that readers see: a stand-in has none, so that no filter on places can tell who is not named.
VISIBLE = """
    JOIN product pr ON pr.id = rv.product_id
    JOIN post p ON p.id = rv.post_id AND p.deleted_at IS NULL
    JOIN thread t ON t.id = p.thread_id AND t.deleted_at IS NULL
    JOIN member a ON a.id = p.author_id
    LEFT JOIN district d ON d.id = a.district_id
    WHERE NOT rv.has_conflict AND NOT rv.is_set_aside
"""
# What a review weighs now, and weighed a year before.
YEARS_SINCE = "greatest(0, extract(epoch FROM coalesce(CAST(:at AS timestamptz), now()) - rv.said_at) / 31557600.0)"
JUDGED_COLUMNS = f"""
    rv.product_id, pr.category_id, rv.district_id,
    CASE WHEN rv.is_unnamed THEN -rv.id ELSE rv.district_id END AS seen_district,
    rv.stars, rv.promise, rv.rollout, rv.support, rv.worth, rv.privacy,
    rv.would_renew,
    power({YEARLY}, {YEARS_SINCE}) * CASE WHEN rv.left_year IS NULL THEN 1.0 ELSE {LEFT} END AS strength,
    CASE WHEN rv.created_at <= coalesce(CAST(:at AS timestamptz), now()) - interval '1 year'
         THEN power({YEARLY}, greatest(0, {YEARS_SINCE} - 1)) * CASE WHEN rv.left_year IS NULL THEN 1.0 ELSE {LEFT} END
         END AS strength_then
"""
JUDGED = f"SELECT {JUDGED_COLUMNS} FROM review rv {VISIBLE}"
OF_PRODUCTS = "AND rv.product_id = ANY(CAST(:product_ids AS bigint[]))"

# The reviews of peers: see Peers. A review under a stand-in has a size, where that was shown, and no place.
OF_PEERS = """
    AND (:size = '' OR rv.is_unnamed AND rv.size = :size
         OR NOT rv.is_unnamed AND d.enrolment >= :least AND d.enrolment < :most)
    AND (:state = '' OR d.state = :state)
    AND (:locale = '' OR d.locale = :locale)
    AND (:standing = '' OR (rv.left_year IS NOT NULL) = (:standing = 'left'))
    AND (:years = 0 OR NOT rv.is_unnamed
         AND coalesce(rv.left_year, extract(year FROM now())) - rv.since_year >= :years)
"""

# Needs `judged`, and `prior` with the shares of each kind of products; gives `scored`, a row for each product.
SCORED = f"""
    shared AS (
        SELECT j.*, j.strength / count(*) OVER district AS weight,
               j.strength_then / count(j.strength_then) OVER district AS weight_then
        FROM judged j
        WINDOW district AS (PARTITION BY j.product_id, j.district_id)
    ),
    counted AS (
        SELECT s.product_id, s.category_id, count(*) AS reviews, count(DISTINCT s.district_id) AS districts,
               count(DISTINCT s.seen_district) AS seen_districts,
               sum(s.weight) AS total, sum(s.weight * s.stars) AS stars, sum(s.weight * s.stars * s.stars) AS squares,
               count(DISTINCT s.district_id) FILTER (WHERE s.weight_then IS NOT NULL) AS districts_then,
               sum(s.weight_then) AS total_then, sum(s.weight_then * s.stars) AS stars_then,
               count(DISTINCT s.district_id) FILTER (WHERE s.would_renew <> '') AS renewing,
               sum(s.weight) FILTER (WHERE s.would_renew = 'yes') AS would,
               sum(s.weight) FILTER (WHERE s.would_renew <> '') AS said,
               ARRAY[count(*) FILTER (WHERE s.stars = 1), count(*) FILTER (WHERE s.stars = 2),
                     count(*) FILTER (WHERE s.stars = 3), count(*) FILTER (WHERE s.stars = 4),
                     count(*) FILTER (WHERE s.stars = 5)] AS by_stars,
               ARRAY[sum(s.weight * s.promise) / sum(s.weight) FILTER (WHERE s.promise IS NOT NULL),
                     sum(s.weight * s.rollout) / sum(s.weight) FILTER (WHERE s.rollout IS NOT NULL),
                     sum(s.weight * s.support) / sum(s.weight) FILTER (WHERE s.support IS NOT NULL),
                     sum(s.weight * s.worth) / sum(s.weight) FILTER (WHERE s.worth IS NOT NULL),
                     sum(s.weight * s.privacy) / sum(s.weight) FILTER (WHERE s.privacy IS NOT NULL)] AS parts,
               ARRAY[count(DISTINCT s.district_id) FILTER (WHERE s.promise IS NOT NULL),
                     count(DISTINCT s.district_id) FILTER (WHERE s.rollout IS NOT NULL),
                     count(DISTINCT s.district_id) FILTER (WHERE s.support IS NOT NULL),
                     count(DISTINCT s.district_id) FILTER (WHERE s.worth IS NOT NULL),
                     count(DISTINCT s.district_id) FILTER (WHERE s.privacy IS NOT NULL)] AS part_districts
        FROM shared s
        GROUP BY s.product_id, s.category_id
    ),
    leaning AS (
        SELECT n.*, {PRIOR} * (q.shares[1] + 2 * q.shares[2] + 3 * q.shares[3] + 4 * q.shares[4] + 5 * q.shares[5])
                   AS prior_stars,
               {PRIOR} * (q.shares[1] + 4 * q.shares[2] + 9 * q.shares[3] + 16 * q.shares[4] + 25 * q.shares[5])
                   AS prior_squares
        FROM counted n
        JOIN LATERAL (
            SELECT coalesce((SELECT y.shares FROM prior y WHERE y.category_id = n.category_id),
                            ARRAY[0.2, 0.2, 0.2, 0.2, 0.2]) AS shares
        ) q ON true
    ),
    judgement AS (
        SELECT l.*, (l.prior_stars + l.stars) / ({PRIOR} + l.total) AS mean,
               sqrt(greatest(0, (l.prior_squares + l.squares) / ({PRIOR} + l.total)
                                - power((l.prior_stars + l.stars) / ({PRIOR} + l.total), 2))
                    / ({PRIOR} + l.total + 1)) AS spread
        FROM leaning l
    ),
    scored AS (
        SELECT g.product_id, CAST(g.reviews AS integer) AS reviews, CAST(g.seen_districts AS integer) AS districts,
               CASE WHEN g.districts >= {FEWEST} THEN CAST(g.mean AS real) END AS score,
               CASE WHEN g.districts >= {FEWEST} THEN CAST(greatest(1, g.mean - {NORMAL_80} * g.spread) AS real) END
                   AS low,
               CASE WHEN g.districts >= {FEWEST} THEN CAST(least(5, g.mean + {NORMAL_80} * g.spread) AS real) END
                   AS high,
               CASE WHEN g.districts_then >= {FEWEST}
                    THEN CAST((g.prior_stars + g.stars_then) / ({PRIOR} + g.total_then) AS real) END AS year_ago,
               CASE WHEN g.renewing >= {FEWEST} THEN CAST(coalesce(g.would, 0) / g.said AS real) END AS would_renew,
               CAST(g.renewing AS integer) AS renewing, CAST(g.by_stars AS integer[]) AS by_stars,
               ARRAY(SELECT CASE WHEN x.districts >= {FEWEST} THEN CAST(x.part AS real) END
                     FROM unnest(g.parts, g.part_districts) WITH ORDINALITY x (part, districts, place)
                     ORDER BY x.place) AS parts
        FROM judgement g
    )
"""
SCORE_COLUMNS = """
    s.product_id, s.reviews, s.districts, s.score, s.low, s.high, s.year_ago, s.would_renew, s.renewing, s.by_stars,
    s.parts
"""
KEPT_PRIOR = "prior AS (SELECT y.category_id, y.shares FROM category_stars y)"
# Each district weighs once for each product; a share of one more district on each level keeps all levels possible.
WEIGHED = """
    weighed AS (
        SELECT j.category_id, j.stars,
               j.strength / count(*) OVER (PARTITION BY j.product_id, j.district_id) AS weight
        FROM judged j
    ),
    weighted AS (
        SELECT w.category_id,
               ARRAY[1 + coalesce(sum(w.weight) FILTER (WHERE w.stars = 1), 0),
                     1 + coalesce(sum(w.weight) FILTER (WHERE w.stars = 2), 0),
                     1 + coalesce(sum(w.weight) FILTER (WHERE w.stars = 3), 0),
                     1 + coalesce(sum(w.weight) FILTER (WHERE w.stars = 4), 0),
                     1 + coalesce(sum(w.weight) FILTER (WHERE w.stars = 5), 0)] AS weights,
               5 + sum(w.weight) AS total
        FROM weighed w
        GROUP BY w.category_id
    )
"""
STORE = f"""
    INSERT INTO product_score (product_id, reviews, districts, score, low, high, year_ago, would_renew, renewing,
                               by_stars, parts)
    SELECT {SCORE_COLUMNS} FROM scored s
    ON CONFLICT (product_id) DO UPDATE
    SET reviews = excluded.reviews, districts = excluded.districts, score = excluded.score, low = excluded.low,
        high = excluded.high, year_ago = excluded.year_ago, would_renew = excluded.would_renew,
        renewing = excluded.renewing, by_stars = excluded.by_stars, parts = excluded.parts, counted_at = now()
"""
ONE_SQL = f"WITH judged AS ({JUDGED} {OF_PRODUCTS}), {KEPT_PRIOR}, {SCORED} {STORE}"
ALL_SQL = f"""
    WITH judged AS ({JUDGED}), {WEIGHED},
    prior AS (
        INSERT INTO category_stars (category_id, shares)
        SELECT w.category_id, ARRAY(SELECT CAST(x / w.total AS real) FROM unnest(w.weights) x) FROM weighted w
        ON CONFLICT (category_id) DO UPDATE SET shares = excluded.shares, counted_at = now()
        RETURNING category_id, shares
    ),
    {SCORED} {STORE}
"""
PEERS_SQL = f"""
    WITH judged AS ({JUDGED} {OF_PRODUCTS} {OF_PEERS}), {KEPT_PRIOR}, {SCORED}
    SELECT {SCORE_COLUMNS} FROM scored s ORDER BY s.product_id
"""


async def rescore(db: Database, product_id: int) -> None:
    """Write the score of one product anew; no other row changes. Call it where its reviews have changed."""
    async with db.transaction():
        await queries.hold(db, product_id)
        await run(db, "SELECT pg_advisory_xact_lock_shared(hashtext('product_score'))")
        await run(db, "DELETE FROM product_score WHERE product_id = :product_id", product_id=product_id)
        await run(db, ONE_SQL, product_ids=[product_id], at=None)


async def rescore_all(db: Database, at: datetime | None = None) -> int:
    """Write what each kind of products leans on, and every score, in one pass. Returns how many products have one."""
    async with db.transaction():
        await run(db, queries.HOLD)  # no product goes meanwhile
        await run(db, "SELECT pg_advisory_xact_lock(hashtext('product_score'))")  # no review is written meanwhile
        scored = await run(db, ALL_SQL, at=at)
        await run(db, "DELETE FROM product_score WHERE counted_at < now()")
    return scored


async def score(db: Database, product_id: int) -> Score:
    """The score of one product from all its reviews; NO_SCORE when it has none."""
    found = await scores(db, [product_id])
    return found.get(product_id, NO_SCORE)


async def scores(db: Database, product_ids: Sequence[int]) -> dict[int, Score]:
    """The scores of products that have reviews, by product."""
    found = await many(
        db,
        Score,
        f"""
        SELECT {SCORE_COLUMNS} FROM product_score s
        WHERE s.product_id = ANY(CAST(:product_ids AS bigint[]))
        """,
        product_ids=list(product_ids),
    )
    return {each.product_id: each for each in found}


async def peer_scores(db: Database, product_ids: Sequence[int], peers: Peers) -> dict[int, Score]:
    """The scores that products have among `peers`, by product; without those that no peer has reviewed."""
    if peers.is_anybody:
        return await scores(db, product_ids)
    found = await many(
        db,
        Score,
        PEERS_SQL,
        product_ids=list(product_ids),
        at=None,
        **peer_values(peers),
    )
    return {each.product_id: each for each in found}


def peer_values(peers: Peers) -> dict[str, object]:
    """What OF_PEERS asks for."""
    least, most = peers.bounds
    return {
        "size": peers.size,
        "least": least,
        "most": most,
        "state": peers.state,
        "locale": peers.locale,
        "standing": peers.standing,
        "years": peers.years,
    }


async def products_of_thread(db: Database, thread_id: int) -> list[int]:
    """Ids of the products that have reviews in a thread."""
    found = await value(
        db,
        """
        SELECT array_agg(DISTINCT rv.product_id)
        FROM review rv JOIN post p ON p.id = rv.post_id
        WHERE p.thread_id = :thread_id
        """,
        thread_id=thread_id,
    )
    return list(found or ())
