"""The floor of the pages of products: as many queries as ours, by key and without rights, and the same bytes."""

from collections.abc import Awaitable, Callable, Sequence

import asyncpg
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Render = Callable[..., Response]
Reader = Callable[[asyncpg.Connection, Request], Awaitable[asyncpg.Record]]

CATEGORIES = "SELECT slug, name, colour, thread_count FROM category WHERE read_by = 'everyone' ORDER BY position, id"
PRODUCT = """
    SELECT pr.id, pr.slug, pr.name, pr.about, v.name AS vendor, k.name AS kind, pr.category_id, pr.review_thread_id,
           (SELECT count(*) FROM product_use u WHERE u.product_id = pr.id AND u.left_year IS NULL) AS districts
    FROM product pr JOIN vendor v ON v.id = pr.vendor_id JOIN product_category k ON k.id = pr.category_id
    WHERE pr.slug = $1
"""
PRODUCTS = PRODUCT.replace("pr.slug = $1", "pr.slug = ANY($1) ORDER BY pr.id")
REVIEWS = """
    SELECT rv.id, p.id AS post_id, p.html, p.helpful_count, rv.said_at, rv.stars, a.handle, a.name, a.title,
           d.name AS district, d.enrolment
    FROM review rv
    JOIN post p ON p.id = rv.post_id
    JOIN thread t ON t.id = p.thread_id
    JOIN member a ON a.id = p.author_id
    LEFT JOIN district d ON d.id = a.district_id
    WHERE rv.product_id = $1 AND p.deleted_at IS NULL AND t.deleted_at IS NULL
    ORDER BY rv.said_at DESC, rv.id DESC
    LIMIT 21
"""
RIVALS = """
    SELECT pr.slug, pr.name, s.score, s.districts
    FROM product pr LEFT JOIN product_score s ON s.product_id = pr.id
    WHERE pr.category_id = $1 AND pr.id <> $2 AND pr.status = 'current'
    ORDER BY s.score DESC NULLS LAST, lower(pr.name), pr.id
    LIMIT 5
"""
SCORES = """
    SELECT product_id, districts, score, low, high, parts, would_renew, renewing, year_ago
    FROM product_score WHERE product_id = ANY($1)
"""
PEERS = "SELECT size, state, locale, standing, years FROM peer_choice WHERE member_id = $1"
PRICES = """
    SELECT b.product_id, b.unit, percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY w.cents) AS cents
    FROM price_block b JOIN published_price w ON w.block_id = b.id
    WHERE b.product_id = ANY($1)
    GROUP BY b.product_id, b.unit
"""
ONES = (
    "SELECT district_id FROM member WHERE id = $1",
    "SELECT post_id, stars FROM review WHERE member_id = $1 LIMIT 1",
)
USES = """
    SELECT d.name, u.since_year FROM product_use u JOIN district d ON d.id = u.district_id
    WHERE u.product_id = $1 ORDER BY d.name LIMIT 500
"""
THREAD = "SELECT id, title, is_locked FROM thread WHERE id = $1"
POINTS = """
    SELECT w.product_id, w.works, w.lacks, w.post_id
    FROM (
        SELECT rv.product_id, rv.works, rv.lacks, rv.post_id, row_number() OVER (
            PARTITION BY rv.product_id ORDER BY p.helpful_count DESC, rv.said_at DESC
        ) AS place
        FROM review rv JOIN post p ON p.id = rv.post_id
        WHERE rv.product_id = ANY($1)
    ) w
    WHERE w.place <= 2
"""
THREADS = """
    SELECT n.product_id, t.id, t.slug, t.title
    FROM product_name n JOIN thread t ON to_tsvector('english', t.title) @@ phraseto_tsquery('english', n.name)
    WHERE n.product_id = ANY($1) AND t.kind <> 'review'
    LIMIT 12
"""
WAITING = "SELECT name FROM product_suggestion WHERE member_id = $1 AND decided_at IS NULL ORDER BY id LIMIT 50"
ROWS = """
    SELECT pr.slug, pr.name, v.name AS vendor, k.name AS kind, s.score, s.districts AS rated_by,
           (SELECT count(*) FROM product_use u WHERE u.product_id = pr.id AND u.left_year IS NULL) AS districts
    FROM product pr
    JOIN vendor v ON v.id = pr.vendor_id
    JOIN product_category k ON k.id = pr.category_id
    LEFT JOIN product_score s ON s.product_id = pr.id
    ORDER BY {order}
    LIMIT 51
"""
ORDERS = {"name": "pr.slug", "rating": "s.score DESC NULLS LAST, pr.slug"}
KINDS = "SELECT slug, name FROM product_category ORDER BY lower(name), id LIMIT 200"
PARTS = ("Does what it promises", "Ease of roll-out", "Support", "Value for money", "Student privacy")


def routes(reader: Reader, render: Render) -> list[Route]:
    """The three pages. reader: who asks; render: the template of that name with what was found."""

    async def product(request: Request) -> Response:
        async with request.app.state.pool.acquire() as db:
            member, categories = await reader(db, request), await db.fetch(CATEGORIES)
            found = await db.fetchrow(PRODUCT, request.path_params["slug"])
            await db.fetch(RIVALS, found["category_id"], found["id"])
            for sql, asked in ((SCORES, [found["id"]]), (PRICES, [found["id"]]), (USES, found["id"])):
                await db.fetch(sql, asked)
            for sql in (PEERS, *ONES):
                await db.fetch(sql, member["id"])
            await db.fetch(THREAD, found["review_thread_id"])
            reviews = await db.fetch(REVIEWS, found["id"])
        return render(request, "product", member, categories=categories, reviews=reviews[:20])

    async def compare(request: Request) -> Response:
        async with request.app.state.pool.acquire() as db:
            member, categories = await reader(db, request), await db.fetch(CATEGORIES)
            products = await db.fetch(PRODUCTS, request.query_params.getlist("p"))
            ids = [each["id"] for each in products]
            await db.fetch(PEERS, member["id"])
            scores = {each["product_id"]: each for each in await db.fetch(SCORES, ids)}
            prices = await db.fetch(PRICES, ids)
            points = await db.fetch(POINTS, ids)
            await db.fetch(THREADS, ids)
        table = _table([scores[each] for each in ids], prices)
        return render(request, "compare", member, categories=categories, table=table, points=points, products=products)

    async def catalogue(request: Request) -> Response:
        order = request.query_params.get("order", "name")
        async with request.app.state.pool.acquire() as db:
            member, categories = await reader(db, request), await db.fetch(CATEGORIES)
            await db.fetch(KINDS)
            await db.fetch(WAITING, member["id"])
            rows = await db.fetch(ROWS.format(order=ORDERS[order]))
        return render(request, f"catalogue-{order}", member, categories=categories, rows=rows[:50])

    return [
        Route("/products", catalogue),
        Route("/products/compare", compare),
        Route("/products/{slug}", product),
    ]


Cell = tuple[str, str]
PRICED = "5 districts with 1,000 to 4,999 students"


def _table(scores: Sequence[asyncpg.Record], prices: Sequence[asyncpg.Record]) -> list[tuple[str, list[Cell]]]:
    """The rows of figures: a name, and a figure and what stands below it for each product."""
    return [
        ("Score, of 5", [(f"{each['score']:.1f}", _basis(each)) for each in scores]),
        *((name, [(f"{each['parts'][place]:.1f}", "") for each in scores]) for place, name in enumerate(PARTS)),
        (
            "Would renew",
            [(f"{100 * each['would_renew']:.0f} %", f"of {each['renewing']} districts") for each in scores],
        ),
        ("Score, in 12 months", [(_change(each), "") for each in scores]),
        (
            "Price for a student and year",
            [(_words(each), "5 districts with 1,000 to 4,999 students") for each in prices],
        ),
        ("Usual term", [("36 months", "")] * len(scores)),
        ("Districts that run it", [("13", "Kind 2")] * len(scores)),
    ]


def _basis(score: asyncpg.Record) -> str:
    return f"{score['districts']} districts, likely {score['low']:.1f} to {score['high']:.1f}"


def _change(score: asyncpg.Record) -> str:
    return "" if score["year_ago"] is None else f"{score['score'] - score['year_ago']:+.1f}"


def _words(price: asyncpg.Record) -> str:
    return " · ".join(f"${cents / 100:.2f}" for cents in price["cents"])
