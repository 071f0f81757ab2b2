"""Reads of comparisons: products side by side in a fixed number of queries, whatever is compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from forum.categories.policy import READABLE_THREAD, READER
from forum.kit.db import Database, many, rows, value
from forum.members.types import Actor
from forum.products import policy, prices, scoring
from forum.products.compare_types import (
    MOST,
    MOST_ASKED,
    Asked,
    Candidate,
    ComparedProduct,
    Comparison,
    Point,
    RelatedThread,
)
from forum.products.policy import SEEN
from forum.products.queries import USED
from forum.products.review_queries import choosing
from forum.products.score_types import Peers
from forum.products.scoring import OF_PEERS, peer_values
from forum.threads.policy import THREAD_THERE

POINTS_EACH, THREADS_EACH, LONGEST_SOURCE = 2, 3, 400


async def products_asked(db: Database, actor: Actor, asked: Asked) -> list[ComparedProduct]:
    """The products at those addresses, or that are there today instead, each once, in the order they were asked for."""
    return await many(
        db,
        ComparedProduct,
        f"""
        SELECT pr.id, pr.slug, pr.name, pr.status, v.name AS vendor_name, k.name AS category_name,
               k.slug AS category_slug, ({USED}) AS districts, n.addresses
        FROM (
            SELECT coalesce(s.id, pa.product_id) AS id, min(w.place) AS place, array_agg(w.slug) AS addresses
            FROM unnest(CAST(:slugs AS text[])) WITH ORDINALITY w (slug, place)
            LEFT JOIN product s ON s.slug = w.slug
            LEFT JOIN product_address pa ON pa.slug = w.slug
            GROUP BY coalesce(s.id, pa.product_id)
        ) n
        JOIN product pr ON pr.id = n.id
        JOIN vendor v ON v.id = pr.vendor_id
        JOIN product_category k ON k.id = pr.category_id
        {READER}
        WHERE {SEEN}
        ORDER BY n.place, pr.id
        LIMIT :most
        """,
        actor_id=actor.id,
        slugs=list(asked.slugs),
        most=MOST_ASKED,
    )


async def comparison(db: Database, actor: Actor, products: Sequence[ComparedProduct]) -> Comparison:
    """The first four of `products` side by side, as the peers of `actor` judge them."""
    shown = products[:MOST]
    ids = [each.id for each in shown]
    chosen = await choosing(db, actor)
    return Comparison(
        products=shown,
        choosing=chosen,
        scores=await scoring.peer_scores(db, ids, chosen.peers),
        prices=await prices.price_ranges(db, ids, chosen.peers) if policy.may_see_prices(actor) else None,
        points=await points(db, actor, ids, chosen.peers),
        threads=await related_threads(db, actor, ids),
    )


WRITERS = "JOIN member a ON a.id = p.author_id LEFT JOIN district d ON d.id = a.district_id"
# Reviews that count, as reader `r` may read them; what the others say is no ground for a decision. The newest hundred
# of each product, so that it takes no longer where there are thousands. One statement where peers are asked for and
# one where they are not: it is planned once then, and not for each reader.
COUNTED = {
    PEERS: f"""
    FROM (SELECT i.id FROM unnest(CAST(:product_ids AS bigint[])) i (id) ORDER BY i.id LIMIT 4) n
    CROSS JOIN LATERAL (
        SELECT o.id, o.product_id, o.post_id, o.works, o.lacks, o.said_at, o.is_unnamed, o.size, o.left_year,
               o.since_year
        FROM review o
        WHERE o.product_id = n.id AND NOT o.has_conflict AND NOT o.is_set_aside
        ORDER BY o.said_at DESC, o.id DESC
        LIMIT 100
    ) rv
    JOIN post p ON p.id = rv.post_id AND p.deleted_at IS NULL
    JOIN thread t ON t.id = p.thread_id AND t.deleted_at IS NULL
    JOIN category c ON c.id = t.category_id
    {JOINED} {READER}
    WHERE {READABLE_THREAD} AND {THREAD_THERE} {PEERS}
    """
    for PEERS, JOINED in (("", ""), (OF_PEERS, WRITERS))
}
POINTS_SQL = {
    PEERS: f"""
    SELECT w.product_id, w.is_good, left(CASE WHEN w.is_good THEN y.works ELSE y.lacks END, :longest) AS source,
           y.post_id
    FROM (
        SELECT e.product_id, e.id, x.is_good, row_number() OVER (
            PARTITION BY e.product_id, x.is_good ORDER BY e.helpful_count DESC, e.said_at DESC, e.id DESC
        ) AS place
        FROM (
            SELECT rv.product_id, rv.id, rv.said_at, p.helpful_count, rv.works <> '' AS says_good,
                   rv.lacks <> '' AS says_bad
            {COUNTING}
        ) e
        CROSS JOIN LATERAL (VALUES (true, e.says_good), (false, e.says_bad)) x (is_good, is_said)
        WHERE x.is_said
    ) w
    JOIN review y ON y.id = w.id
    WHERE w.place <= :each
    ORDER BY w.product_id, w.is_good DESC, w.place
    LIMIT :page
    """
    for PEERS, COUNTING in COUNTED.items()
}
NEWEST_SQL = {
    PEERS: f"SELECT rv.product_id, max(rv.said_at) AS newest {COUNTING} GROUP BY rv.product_id"
    for PEERS, COUNTING in COUNTED.items()
}


async def points(db: Database, actor: Actor, product_ids: Sequence[int], peers: Peers) -> list[Point]:
    """What works and what does not, by the two reviews of each product that helped most; the newest of as helpful."""
    return await many(
        db,
        Point,
        POINTS_SQL["" if peers.is_anybody else OF_PEERS],
        actor_id=actor.id,
        product_ids=list(product_ids),
        longest=LONGEST_SOURCE,
        each=POINTS_EACH,
        page=2 * POINTS_EACH * MOST,
        **peer_values(peers),
    )


async def related_threads(db: Database, actor: Actor, product_ids: Sequence[int]) -> list[RelatedThread]:
    """Readable threads whose titles name a product by one of its names, those last spoken in first; not its reviews."""
    return await many(
        db,
        RelatedThread,
        f"""
        SELECT n.product_id, f.id, f.slug, f.title, f.reply_count
        FROM (
            SELECT pn.product_id, CAST(string_agg(CAST(q.words AS text), ' | ') AS tsquery) AS words
            FROM product_name pn
            CROSS JOIN LATERAL phraseto_tsquery('english', pn.name) q (words)
            WHERE pn.product_id = ANY(CAST(:product_ids AS bigint[])) AND numnode(q.words) > 0
            GROUP BY pn.product_id
        ) n
        CROSS JOIN LATERAL (
            SELECT t.id, t.slug, t.title, t.reply_count, t.active_at
            FROM thread t
            JOIN category c ON c.id = t.category_id
            {READER}
            WHERE to_tsvector('english', t.title) @@ n.words AND t.deleted_at IS NULL
              AND NOT EXISTS (SELECT 1 FROM product o WHERE o.review_thread_id = t.id)
              AND {READABLE_THREAD} AND {THREAD_THERE}
            ORDER BY t.active_at DESC, t.id DESC
            LIMIT :each
        ) f
        ORDER BY n.product_id, f.active_at DESC, f.id DESC
        LIMIT :most
        """,
        actor_id=actor.id,
        product_ids=list(product_ids),
        each=THREADS_EACH,
        most=THREADS_EACH * MOST,
    )


async def candidates(db: Database, actor: Actor, category: str, chosen: Sequence[int]) -> list[Candidate]:
    """What one may choose from: up to 200 products of a kind by name, those that are chosen already first."""
    return await many(
        db,
        Candidate,
        f"""
        SELECT pr.slug, pr.name, v.name AS vendor_name, s.score, coalesce(s.districts, 0) AS rated_by
        FROM product pr
        JOIN vendor v ON v.id = pr.vendor_id
        JOIN product_category k ON k.id = pr.category_id
        LEFT JOIN product_score s ON s.product_id = pr.id
        {READER}
        WHERE {SEEN} AND (k.slug = :category OR pr.id = ANY(CAST(:chosen AS bigint[])))
        ORDER BY pr.id = ANY(CAST(:chosen AS bigint[])) DESC, lower(pr.name), pr.id
        LIMIT 200
        """,
        actor_id=actor.id,
        category=category,
        chosen=list(chosen),
    )


@dataclass(frozen=True)
class Grounds:
    """For whom a packet is made, and when the newest review of each product was said."""

    district_name: str
    newest: dict[int, datetime]


async def grounds(db: Database, actor: Actor, product_ids: Sequence[int], peers: Peers) -> Grounds:
    """What a packet says of itself."""
    district_name = await value(
        db,
        """
        SELECT d.name FROM member m
        LEFT JOIN member_privacy x ON x.member_id = m.id
        JOIN district d ON d.id = coalesce(x.district_id, m.district_id)
        WHERE m.id = :member_id
        """,
        member_id=actor.id,
    )
    found = await rows(
        db,
        NEWEST_SQL["" if peers.is_anybody else OF_PEERS],
        actor_id=actor.id,
        product_ids=list(product_ids),
        **peer_values(peers),
    )
    return Grounds(district_name or "", {row["product_id"]: row["newest"] for row in found})
