"""The floor: what one request for the same page costs without a forum.

A bare Starlette application on asyncpg, without middleware: four queries, for products as many as ours, then the same
bytes through Jinja2: categories, posts and rows in loops, all else as constant text. No rights, no drafts, no marks.

python -m tests.bench.floor PORT DATABASE_URL TEMPLATE_FOLDER
"""

import asyncio
import hashlib
import sys
from collections import defaultdict

import asyncpg
import uvicorn
import uvloop
from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.bench import product_floor

MEMBER = """
    SELECT m.id, m.name, m.handle, m.unread_since
    FROM session s
    JOIN member m ON m.id = s.member_id
    WHERE s.token_hash = $1 AND s.expires_at > now()
"""
CATEGORIES = "SELECT slug, name, colour, thread_count FROM category WHERE read_by = 'everyone' ORDER BY position, id"
THREAD = """
    SELECT t.id, t.title, t.slug, t.reply_count, t.created_at, c.name AS category_name, a.name AS author_name
    FROM thread t
    JOIN category c ON c.id = t.category_id
    JOIN member a ON a.id = t.author_id
    WHERE t.id = $1 AND t.deleted_at IS NULL
"""
POSTS = """
    SELECT p.id, p.number, p.html, p.helpful_count, p.created_at, a.id AS author_id, a.handle, a.name,
           a.title, d.name AS district, d.enrolment, v.post_id IS NOT NULL AS is_mine
    FROM post p
    JOIN member a ON a.id = p.author_id
    LEFT JOIN district d ON d.id = a.district_id
    LEFT JOIN helpful_vote v ON v.post_id = p.id AND v.member_id = $2
    WHERE p.thread_id = $1 AND p.deleted_at IS NULL
    ORDER BY p.number
    LIMIT 50
"""
ROWS = """
    SELECT t.id, t.title, t.slug, t.reply_count, t.active_at, c.slug AS category, c.name AS category_name, c.colour,
           a.id AS author_id, a.name, d.name AS district,
           m.id IS NOT NULL AND t.active_at > m.unread_since AND coalesce(k.number, 0) < t.last_number AS is_unread
    FROM thread t
    JOIN category c ON c.id = t.category_id
    JOIN member a ON a.id = t.author_id
    LEFT JOIN district d ON d.id = a.district_id
    LEFT JOIN member m ON m.id = $1
    LEFT JOIN read_mark k ON k.thread_id = t.id AND k.member_id = m.id
    WHERE t.deleted_at IS NULL
    ORDER BY t.active_at DESC, t.id DESC
    LIMIT 30
"""
TOPICS = """
    SELECT tt.thread_id, o.slug
    FROM thread_topic tt
    JOIN topic o ON o.id = tt.topic_id
    WHERE tt.thread_id = ANY($1)
    ORDER BY tt.thread_id, o.slug
"""


async def home(request: Request) -> Response:
    """The list of all threads."""
    async with request.app.state.pool.acquire() as db:
        member = await db.fetchrow(MEMBER, _digest(request))
        categories = await db.fetch(CATEGORIES)
        rows = await db.fetch(ROWS, member["id"] if member else 0)
        topics = defaultdict(list)
        for thread_id, slug in await db.fetch(TOPICS, [row["id"] for row in rows]):
            topics[thread_id].append(slug)
    return _page(request, "list", member, categories=categories, rows=rows, topics=topics)


async def thread(request: Request) -> Response:
    """The first page of a thread."""
    thread_id = request.path_params["thread_id"]
    async with request.app.state.pool.acquire() as db:
        member = await db.fetchrow(MEMBER, _digest(request))
        categories = await db.fetch(CATEGORIES)
        found = await db.fetchrow(THREAD, thread_id)
        posts = await db.fetch(POSTS, thread_id, member["id"] if member else 0)
    return _page(request, f"thread-{thread_id}", member, categories=categories, thread=found, posts=posts)


async def _member(db: asyncpg.Connection, request: Request) -> asyncpg.Record:
    return await db.fetchrow(MEMBER, _digest(request))


def _digest(request: Request) -> bytes:
    return hashlib.sha256(request.cookies.get("session", "").encode()).digest()


def _page(request: Request, name: str, member: asyncpg.Record | None, **found: object) -> Response:
    template = request.app.state.templates.get_template(f"{name}-{'member' if member else 'guest'}.html")
    return HTMLResponse(template.render(member=member, **found))


async def _serve(port: int, url: str, folder: str) -> None:
    app = Starlette(
        routes=[
            Route("/", home),
            Route("/t/{thread_id:int}/{slug}", thread),
            *product_floor.routes(_member, _page),
        ]
    )
    loader = FileSystemLoader(folder)
    app.state.templates = Environment(
        loader=loader, autoescape=True, auto_reload=False, trim_blocks=True, lstrip_blocks=True
    )
    async with asyncpg.create_pool(url, min_size=1, max_size=10, reset=_keep) as app.state.pool:
        config = uvicorn.Config(
            app, port=port, http="httptools", ws="none", lifespan="off", log_config=None, access_log=False,
            server_header=False,
        )  # fmt: skip
        await uvicorn.Server(config).serve()


async def _keep(connection: asyncpg.Connection) -> None:
    """Spare the round trip of RESET ALL: the floor makes four."""


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
