"""A catalogue of 2,000 products with 100,000 reviews: its pages next to the floor, and all scores in one pass."""

import asyncio
import time
from pathlib import Path

from forum.kit.db import Database, connect, rows, run, value
from forum.products import scoring
from tests.bench import pages, table
from tests.bench.fill import MEMBERS
from tests.bench.pages import Page
from tests.bench.servers import Floor, Staffroom

PRODUCTS, REVIEWS, MOST_REVIEWS, KINDS = 2_000, 100_000, 500, 10
PAGES = (
    Page(
        "Product page, 500 reviews", "product", "/products/tool-1", '<article class="review"', "</article>\n",
        "reviews.html", ("member",),
    ),
    Page(
        "Comparison of 4 products", "compare", "/products/compare?p=tool-1&p=tool-11&p=tool-21&p=tool-31",
        '<tr><th scope="row">', "</tr>\n", "compare.html", ("member",),
    ),
    Page(
        "Catalogue of 2,000, by name", "catalogue-name", "/products", '<li class="product-row"', "</li>\n",
        "products.html", ("member",),
    ),
    Page(
        "Catalogue of 2,000, by rating", "catalogue-rating", "/products?order=rating", '<li class="product-row"',
        "</li>\n", "products.html", ("member",),
    ),
)  # fmt: skip
# Product 1 has 500 reviews, all others 49 or 50. Each is by another member, whose district counts.
FILL = (
    f"INSERT INTO product_category (slug, name) SELECT 'kind-' || n, 'Kind ' || n FROM generate_series(1, {KINDS}) n",
    "INSERT INTO vendor (slug, name, compared) SELECT 'maker-' || n, 'Maker ' || n, 'maker' || n FROM "
    "generate_series(1, 200) n",
    """
    INSERT INTO category (slug, name, description, position, read_by, lets_vendors_in)
    VALUES ('reviews', 'Reviews', '', 99, 'everyone', true)
    """,
    f"""
    INSERT INTO product (vendor_id, category_id, slug, name, about)
    SELECT v.id, k.id, 'tool-' || n, 'Tool ' || n, 'What it does for districts, in a sentence or two of its vendor.'
    FROM generate_series(1, {PRODUCTS}) n
    JOIN vendor v ON v.slug = 'maker-' || (n % 200 + 1)
    JOIN product_category k ON k.slug = 'kind-' || (n % {KINDS} + 1)
    """,
    "INSERT INTO product_name (compared, product_id, name) SELECT replace(pr.slug, '-', ''), pr.id, pr.name "
    "FROM product pr",
    """
    INSERT INTO product_use (product_id, district_id, since_year)
    SELECT pr.id, d.id, 2015 + (pr.id + d.id) % 10 FROM product pr JOIN district d ON (pr.id + d.id) % 3 = 0
    """,
    """
    INSERT INTO thread (category_id, author_id, kind, title, slug, client_key, next_number, last_number, created_at,
                        active_at)
    SELECT c.id, 1, 'review', pr.name || ' by a vendor: reviews', pr.slug, pr.slug, 600, 599, now() - interval '2 y',
           now() - interval '1 y'
    FROM product pr JOIN category c ON c.slug = 'reviews'
    """,
    "UPDATE product pr SET review_thread_id = t.id FROM thread t WHERE t.client_key = pr.slug",
    f"""
    INSERT INTO post (thread_id, author_id, number, source, html, client_key, helpful_count, created_at)
    SELECT pr.review_thread_id, (k * 7 + pr.id) % {MEMBERS} + 1, k + 1, 'Words',
           '<p><b>' || (k * k + pr.id) % 5 + 1 || ' of 5</b></p><p>It blocks what it should and teachers can open a '
           || 'page for one lesson; updates come on Fridays, and support answers within a day.</p>',
           pr.slug || '.' || k, (k * 13) % 4, now() - k * interval '2 days'
    FROM product pr
    CROSS JOIN LATERAL generate_series(1, CASE
        WHEN pr.slug = 'tool-1' THEN {MOST_REVIEWS}
        WHEN CAST(substr(pr.slug, 6) AS integer) <= 1550 THEN 50
        ELSE 49
    END) k
    """,
    """
    INSERT INTO review (product_id, member_id, district_id, post_id, stars, promise, rollout, support, worth, privacy,
                        works, lacks, would_renew, created_at, said_at)
    SELECT pr.id, a.id, a.district_id, p.id, (p.number * p.number + pr.id) % 5 + 1, (p.number + pr.id) % 5 + 1,
           p.number % 5 + 1, (p.number + 1) % 5 + 1, (p.number + 2) % 5 + 1, (p.number + 3) % 5 + 1,
           'It blocks what it should, and teachers can open a page for one lesson.', 'Reports time out.',
           (ARRAY['yes', 'no', 'only_if'])[p.number % 3 + 1], p.created_at, p.created_at
    FROM product pr
    JOIN post p ON p.thread_id = pr.review_thread_id
    JOIN member a ON a.id = p.author_id
    """,
    """
    INSERT INTO price_block (product_id, unit, districts, least, most)
    SELECT pr.id, 'student', 5, 1000, 5000 FROM product pr
    """,
    """
    INSERT INTO published_price (block_id, place, cents, term_months)
    SELECT b.id, n, 300 + n * 10 + b.id % 50, 36 FROM price_block b CROSS JOIN generate_series(1, 5) n
    """,
)


def report(ours: Staffroom, floor: Floor, folder: Path, url: str, token: str, *, rounds: int, seconds: float) -> None:
    """Fill the catalogue, print how long all scores take, and one line for each page."""
    print(f"\nFilling {PRODUCTS:,} products with {REVIEWS:,} reviews …", flush=True)
    asyncio.run(_scores(url))
    pages.write_floor(ours, token, folder, PAGES)
    pages.report(ours, floor, token, rounds=rounds, seconds=seconds, pages=PAGES)


async def _scores(url: str) -> None:
    async with connect(url) as db:
        for statement in FILL:
            await run(db, statement)
        if await value(db, "SELECT count(*) FROM review") != REVIEWS:
            raise RuntimeError("the catalogue has another number of reviews")
        await run(db, "VACUUM ANALYZE")
        began = time.perf_counter()
        scored = await scoring.rescore_all(db)
        whole = time.perf_counter() - began
        one, changed = await _one_more(db)
        await run(db, "VACUUM ANALYZE product_score")
    print("\nScores: all in one pass, and one review more.\n")
    table.row("", "seconds", "rows")
    table.row("All scores", f"{whole:.2f}", f"{scored:,}")
    table.row("One product", f"{one:.3f}", f"{changed}")


async def _one_more(db: Database) -> tuple[float, int]:
    """A review has changed: the seconds that its product's score takes, and how many products' rows are other ones."""
    product_id = await value(db, "SELECT pr.id FROM product pr WHERE pr.slug = 'tool-1'")
    one = "UPDATE review SET stars = 6 - stars WHERE id = (SELECT min(id) FROM review WHERE product_id = :product_id)"
    await run(db, one, product_id=product_id)
    before = await _versions(db)
    began = time.perf_counter()
    await scoring.rescore(db, product_id)
    seconds = time.perf_counter() - began
    after = await _versions(db)
    return seconds, sum(before[each] != after[each] for each in after)


async def _versions(db: Database) -> dict[int, str]:
    found = await rows(db, "SELECT product_id, CAST(xmin AS text) || CAST(ctid AS text) AS version FROM product_score")
    return {row["product_id"]: row["version"] for row in found}
