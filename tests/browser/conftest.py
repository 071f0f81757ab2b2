"""The running product in demo mode, and a real Chromium that looks at it."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from time import monotonic

import httpx
import pytest
from playwright.async_api import Browser, Page, Response, async_playwright, expect

from forum.kit.db import connect, value
from forum.kit.embedded import database_of
from tests.product.running import PATIENCE_SECONDS, Site, eventually
from tests.search.recording import URL
from tests.waiting import PATIENCE_S

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)

PATIENCE_MS = 1000 * PATIENCE_S
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program; without one these tests are skipped, but fail where CI=true."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("no Chromium: install the package chromium")
    if found is None:
        pytest.skip("no Chromium here: install the package chromium")
    return found


async def is_indexed(site: Site) -> bool:
    """Whether all that the demo holds can be found."""
    with database_of(site.var) as url:
        async with connect(url, most=1) as db:
            return not await value(db, "SELECT EXISTS (SELECT 1 FROM search_change)")


@pytest.fixture(scope="session")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo community, served by a process of its own."""
    running = Site(tmp_path_factory.mktemp("site"), "--demo")
    try:
        running.wait_until_ready()
        with ThreadPoolExecutor() as beside:  # where no loop runs yet
            assert eventually(lambda: beside.submit(asyncio.run, is_indexed(running)).result(), PATIENCE_SECONDS)
        yield running
    finally:
        running.stop()
        running.process.communicate()


@pytest.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield started
        await started.close()


# A module that is there already is not asked for again; what `main.js` attaches, it has attached before we go on.
# Where scripts are off, none can be had.
STARTED = """() => Promise.allSettled(
    [...document.querySelectorAll("[data-behavior]")]
        .flatMap((element) => element.dataset.behavior.split(" "))
        .map((name) => import(new URL(`${name}.js`, document.querySelector("script[type=module]").src))))
    .then(() => true)"""


async def settle(page: Page) -> None:
    """Wait until all that stands in the page does what its scripts make it do."""
    await page.evaluate(STARTED)


async def _go_and_settle(
    page: Page, goto: Callable[..., Awaitable[Response | None]], url: str, **options: str
) -> Response | None:
    answer = await goto(url, **options)
    await settle(page)
    return answer


class Visitor:
    """Opens windows of the site: `async with visitor("maya.okafor") as page`."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser, self._site = browser, site

    def __call__(
        self, who: str = "", *, script: bool = True, settled: bool = True, width: int = 1280
    ) -> AbstractAsyncContextManager[Page]:
        """A window of `width` px, signed in as `who` of the demo; fails when a page logs an error or breaks its CSP.

        settled: an opened page is waited for until its scripts are there.
        """
        return self._open(who, script=script, settled=settled, width=width)

    @asynccontextmanager
    async def _open(self, who: str, *, script: bool, settled: bool, width: int) -> AsyncIterator[Page]:
        context = await self._browser.new_context(
            base_url=self._site.url,
            java_script_enabled=script,
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
        )
        try:
            page = await context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            complaints: list[str] = []
            page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await page.goto("/demo")
            await page.click(f"button[value='{who or 'guest'}']")
            if script and settled:
                page.goto = partial(_go_and_settle, page, page.goto)
            yield page
            assert [line for line in complaints if "status of 4" not in line] == []
        finally:
            await context.close()


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Visitor:
    return Visitor(browser, site)


@pytest.fixture(scope="session", params=["postgres", "meilisearch"])
def searched_site(
    request: pytest.FixtureRequest, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The demo community, searched by PostgreSQL, and by a Meilisearch where MEILI_URL names one."""
    if request.param == "postgres":
        yield request.getfixturevalue("site")
        return
    if not URL:
        pytest.skip("no Meilisearch here: name one with MEILI_URL and MEILI_MASTER_KEY")
    settings = {"MEILI_URL": URL, "MEILI_MASTER_KEY": os.environ.get("MEILI_MASTER_KEY", "")}
    running = Site(tmp_path_factory.mktemp("searched"), "--demo", **settings)
    try:
        running.wait_until_ready()
        wait_until_it_searches(running)
        yield running
    finally:
        running.stop()
        running.process.communicate()


@pytest.fixture
def searcher(browser: Browser, searched_site: Site) -> Visitor:
    """As `visitor`, of a site with either engine."""
    return Visitor(browser, searched_site)


def wait_until_it_searches(site: Site) -> None:
    """Until the engine elsewhere answers for a site that has one."""
    ends = monotonic() + PATIENCE_SECONDS
    while "without its engine" in httpx.get(f"{site.url}/search?q=filter").text:
        assert monotonic() < ends, "the engine has no index yet"


async def sign_in_by_mail(page: Page, address: str) -> str:
    """Ask for a link, wait for it in the on-screen mailbox and use it; returns the link. One call an address."""
    await page.goto("/sign-in")
    await page.fill("#address", address)
    await page.click("main button")
    link = ""
    while not link:
        await page.goto("/dev/mail")
        mail = page.locator(f".mailbox-row:has-text('{address}'):has-text('Your link')")
        if await mail.count():
            await mail.first.click()
            link = await page.get_attribute("main a[href*='/sign-in/']", "href") or ""
    await page.goto(link)
    await page.click("main button:has-text('Sign in')")
    return link
