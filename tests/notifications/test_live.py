"""Open pages hear, within a moment, that something changed for their reader, and no longer than their session lasts."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import httpx
import pytest

from forum.app import build
from forum.kit.db import rows, run
from forum.members import sign_in
from forum.notifications import commands, live, queries
from forum.serve import Web, configuration
from tests.factories import a_member, a_thread, sign_in_as
from tests.notifications.scenes import a_told_reply, follows_thread
from tests.product.running import free_port
from tests.waiting import PATIENCE_S

EVENTS = {"accept": "text/event-stream", "host": "forum.example"}
WRONG = 7  # a count that no page here has: so it is told at once that it is open
HERE = ": still here"


class Served:
    """The site behind a real server."""

    def __init__(self, tools) -> None:
        self.app, self.port = build(tools), free_port()
        made = configuration(self.app)
        made.port = self.port
        self.server = Web(made)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.server.should_exit = True
        self.app.state.streams.end()


@pytest.fixture
async def served(tools) -> AsyncIterator[Served]:
    site = Served(tools)
    serving = asyncio.create_task(site.server.serve())
    while not site.server.started:
        await asyncio.sleep(0.01)
    yield site
    site.stop()
    await serving


class Page:
    """An open page, and what it is sent."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._told: asyncio.Queue[str] = asyncio.Queue()

    async def read(self) -> None:
        async for line in self.answer.aiter_lines():
            if line.startswith(("event:", ":")):
                self._told.put_nowait(line.removeprefix("event: "))
        self._told.put_nowait("")

    async def next(self, seconds: float = PATIENCE_S) -> str:
        """The next event or comment; "" when the stream has ended."""
        return await asyncio.wait_for(self._told.get(), seconds)

    async def last(self, seconds: float = PATIENCE_S) -> str:
        """The last event before the stream ends."""
        told = told_before = ""
        while told or not told_before:
            told_before, told = told, await self.next(seconds)
        return told_before

    async def hush(self) -> None:
        """Until nothing is said any more: of what was before it was open, and once it listens, it hears in any case."""
        with suppress(TimeoutError):
            while await self.next(1.5):
                pass


@asynccontextmanager
async def opened(site, token, count=WRONG) -> AsyncIterator[Page]:
    async with (
        httpx.AsyncClient(base_url=site.url, cookies={"session": token}, timeout=30) as client,
        client.stream("GET", "/notifications/live", params={"count": count}, headers=EVENTS) as answer,
    ):
        page = Page(answer)
        reading = asyncio.create_task(page.read())
        yield page
        reading.cancel()


async def hush(*pages: Page) -> None:
    await asyncio.gather(*(page.hush() for page in pages))


async def eventually(condition, seconds=PATIENCE_S) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        await asyncio.sleep(0.02)


async def listeners(db) -> int:
    found = await rows(db, "SELECT a.pid FROM pg_stat_activity a WHERE a.query LIKE 'LISTEN%notification_changed%'")
    return len(found)


async def test_who_is_told_hears_it_and_nobody_else(db, tools, served):
    ann, bob, thread = await a_member(db), await a_member(db), await a_thread(db)
    await follows_thread(db, ann, thread)
    tokens = [await sign_in.start_session(db, member.id, "Test") for member in (ann, bob)]

    async with opened(served, tokens[0]) as page, opened(served, tokens[1]) as other:
        assert [await page.next(), await other.next()] == ["changed", "changed"]
        assert page.answer.headers["content-type"].startswith("text/event-stream")
        assert page.answer.headers["content-security-policy"]
        assert page.answer.headers["cache-control"] == "private, no-store"
        await hush(page, other)
        await a_told_reply(tools, thread)

        assert await page.next() == "changed"
        with pytest.raises(TimeoutError):
            await other.next(1.5)
        await commands.put_all_aside(db, ann, 10**17)
        assert await page.next() == "changed"


@pytest.mark.parametrize("deed", ["read", "done", "all done", "mute", "undo"])
async def test_what_is_read_done_or_muted_in_one_browser_is_told_to_another_where_the_member_signed_in(
    db, tools, web, served, deed
):
    ann, thread = await a_member(db), await a_thread(db)
    await follows_thread(db, ann, thread)
    await a_told_reply(tools, thread)
    its = (await queries.new_lines(db, ann))[0].id
    await sign_in_as(web, db, ann)
    moment = await commands.put_all_aside(db, ann, 10**17) if deed == "undo" else 0
    until = {"until": str(10**17)}

    async with opened(served, await sign_in.start_session(db, ann.id, "Another browser")) as page:
        await hush(page)
        match deed:
            case "read":
                await web.get(f"/t/{thread}/x")
            case "done":
                await web.post(f"/notifications/{its}/done", data=until)
            case "all done":
                await web.post("/notifications/done", data=until)
            case "mute":
                await web.post(f"/notifications/{its}/mute")
            case _:
                await commands.bring_back(db, ann, moment)

        assert await page.next() == "changed"
    assert await queries.notified(db, ann) == (1 if deed == "undo" else 0)


async def test_a_page_is_told_at_once_only_when_its_count_is_not_right(db, tools, served):
    ann, thread = await a_member(db), await a_thread(db)
    await follows_thread(db, ann, thread)
    await a_told_reply(tools, thread)
    token = await sign_in.start_session(db, ann.id, "Test")

    for count, told in ((0, "changed"), (1, HERE), (2, "changed")):
        async with opened(served, token, count) as page:
            assert await page.next() == told


async def test_nothing_is_said_of_what_was_rolled_back(db, tools, served):
    ann, thread = await a_member(db), await a_thread(db)
    await follows_thread(db, ann, thread)

    async with opened(served, await sign_in.start_session(db, ann.id, "Test")) as page:
        await page.hush()
        async with db.transaction(force_rollback=True):
            await a_told_reply(tools, thread)
        with pytest.raises(TimeoutError):
            await page.next(1.5)


@pytest.mark.parametrize(
    "lost",
    [
        "DELETE FROM session",
        "UPDATE session SET expires_at = now()",
        "UPDATE member SET state = 'suspended' WHERE id = (SELECT s.member_id FROM session s)",
    ],
    ids=["signed out", "expired", "suspended"],
)
async def test_it_ends_within_five_seconds_of_its_session(db, served, lost):
    ann = await a_member(db)

    async with opened(served, await sign_in.start_session(db, ann.id, "Test")) as page:
        assert await page.next() == "changed"
        await run(db, lost)
        began = time.monotonic()
        assert await page.last() == "over"
        assert time.monotonic() - began < 5

    await eventually(lambda: len(served.app.state.streams) == 0)


async def test_the_server_stops_at_once_while_pages_are_open(db, tools):
    site = Served(tools)
    serving = asyncio.create_task(site.server.serve())
    while not site.server.started:
        await asyncio.sleep(0.01)
    token = await sign_in.start_session(db, (await a_member(db)).id, "Test")

    async with opened(site, token) as page, opened(site, token) as other:
        assert [await page.next(), await other.next()] == ["changed", "changed"]
        began = time.monotonic()
        site.stop()
        await serving
        assert time.monotonic() - began < 3


async def test_a_member_has_three_at_most_and_the_oldest_goes(db, served):
    token = await sign_in.start_session(db, (await a_member(db)).id, "Test")

    async with opened(served, token) as first, opened(served, token) as second, opened(served, token) as third:
        for page in (first, second, third):
            assert await page.next() == "changed"
        async with opened(served, token) as fourth:
            assert await fourth.next() == "changed"
            assert await first.last() == "over"
            await eventually(lambda: len(served.app.state.streams) == 3)


async def test_all_pages_share_one_listening_connection_that_goes_some_time_after_the_last(db, served, monkeypatch):
    monkeypatch.setattr(live, "SECONDS_UNCHECKED", 0.1)
    monkeypatch.setattr(live, "SECONDS_IDLE", 2.0)
    people = [await a_member(db) for _ in range(3)]
    tokens = [await sign_in.start_session(db, member.id, "Test") for member in people]

    async with opened(served, tokens[0]) as one, opened(served, tokens[1]) as two, opened(served, tokens[2]) as three:
        await hush(one, two, three)
        assert await listeners(db) == 1

    await eventually(lambda: len(served.app.state.streams) == 0)
    assert await listeners(db) == 1
    ends = time.monotonic() + PATIENCE_S
    while await listeners(db):
        assert time.monotonic() < ends
        await asyncio.sleep(0.05)


async def test_a_lost_connection_is_made_anew_and_missed_news_is_asked_for(db, tools, served):
    ann, thread = await a_member(db), await a_thread(db)
    await follows_thread(db, ann, thread)

    async with opened(served, await sign_in.start_session(db, ann.id, "Test")) as page:
        await page.hush()
        await run(
            db,
            """
            SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a
            WHERE a.query LIKE 'LISTEN%notification_changed%' AND a.pid <> pg_backend_pid()
            """,
        )
        assert await page.next() == "changed"
        await a_told_reply(tools, thread)
        assert await page.next() == "changed"


async def test_a_quiet_page_is_kept_alive(db, served, monkeypatch):
    monkeypatch.setattr(live, "SECONDS_ALIVE", 0.2)
    async with opened(served, await sign_in.start_session(db, (await a_member(db)).id, "Test")) as page:
        told = [await page.next() for _ in range(3)]

    assert told[-1] == HERE


async def test_no_page_stays_open_that_nobody_looks_after(db, served, monkeypatch):
    async def broken(*_):
        raise RuntimeError

    monkeypatch.setattr(live.queries, "live_sessions", broken)
    monkeypatch.setattr(live, "SECONDS_UNCHECKED", 0.1)
    async with opened(served, await sign_in.start_session(db, (await a_member(db)).id, "Test")) as page:
        assert await page.last() == "over"


async def test_an_open_page_holds_no_connection_of_the_pages(db, served):
    tokens = [await sign_in.start_session(db, (await a_member(db)).id, "Test") for _ in range(12)]

    async with asyncio.timeout(60), AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(opened(served, token)) for token in tokens]
        assert [await page.next() for page in pages] == ["changed"] * 12
        async with httpx.AsyncClient(base_url=served.url) as client:
            assert (await client.get("/notifications", headers={"host": "forum.example"})).status_code == 403


async def test_guests_have_none_and_no_page_is_one(db, web, served):
    async with httpx.AsyncClient(base_url=served.url) as client:
        assert (await client.get("/notifications/live", headers=EVENTS)).status_code == 403
    await sign_in_as(web, db, await a_member(db))
    assert (await web.get("/notifications/live")).headers["location"] == "/notifications"
    assert (await web.head("/notifications/live", headers=EVENTS)).headers["location"] == "/notifications"
