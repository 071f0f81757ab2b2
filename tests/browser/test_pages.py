"""Every page is accessible, fits its screen and is light: checked with axe in light and dark at three widths."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Page

from tests import tokened
from tests.browser.conftest import Visitor
from tests.product.running import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SHOTS = Path(__file__).parents[2] / "docs" / "screenshots"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [(width, dark) for width in (1280, 390, 320) for dark in (False, True)]

GUEST_PAGES = ["/demo", "/c/help", "/sign-in", "/sign-in/sent", "/sign-in/used-up", "/join", "/nowhere", "/help"]
MEMBER_PAGES = [
    "/",
    "/unread",
    "/unanswered",
    "/top",
    "/c",
    "/c/e-rate",
    "/topics",
    "/topics/renewals",
    "/search?q=filter+renewal",
    "/search?q=zzzzzz",
    "/ask?category=help",
    "/drafts",
    "/settings",
    "/settings/security",
    "/people",
    "/people/priya.nair",
    "/help/accessibility",
    "/help/keyboard",
    "/dev/mail",
    "SOLVED",
    "LONGEST",
    "CODE",
    "EDIT",
    "DELETE",
]
ADMIN_PAGES = [
    "/people/requests",
    "/topics",
    "EDITED",
    "DELETED",
    "/c/help/manage",
    "MANAGE",
    "SPLIT",
    "DUPLICATE",
    "HIDE",
    "/admin",
    "/admin/look",
    "/admin/announcements",
    "/admin/pages",
    "/admin/pages/terms",
    "/admin/features",
    "/admin/sign-in",
    "/admin/mail",
    "/admin/jobs",
]


async def resolved(page: Page, path: str) -> str:
    """The address behind a name in capitals: threads of the demo in a certain state."""
    searches = {
        "SOLVED": "Form 470 window bundle internal connections",
        "LONGEST": "first week of school",
        "CODE": "PowerShell retire stale AD computer objects",
    }
    if path in searches:
        await page.goto(f"/search?q={searches[path].replace(' ', '+')}")
        return await page.get_attribute(".hits-title", "href") or ""
    if path in ("EDIT", "DELETE"):
        await page.goto("/ask?category=help")
        await page.fill("#title", f"A thread to {path.lower()} in a test")
        await page.fill("#body", "With `code`, a [link](https://example.org) and a list:\n\n- [ ] one\n- [x] two")
        await page.click("main form button:has-text('Post')")
        return await page.get_attribute(f"#p1 a[href$='/{path.lower()}']", "href") or ""
    links = {"MANAGE": "/manage", "SPLIT": "/split", "DUPLICATE": "/duplicate", "HIDE": "/delete"}
    if path in links:
        await page.goto(await resolved(page, "LONGEST"))
        return await page.get_attribute(f"main .menu-panel a[href$='{links[path]}']", "href") or ""
    if path == "EDITED":
        return await _first(page, "a[href$='/history']")
    if path == "DELETED":
        return await _thread_with(page, ".is-deleted")
    return path


async def _first(page: Page, selector: str) -> str:
    await page.goto(await _thread_with(page, selector))
    return await page.get_attribute(selector, "href") or ""


async def _thread_with(page: Page, selector: str) -> str:
    for words in ("edited", "script", "policy", "filter", "network", "backup", "password"):
        await page.goto(f"/search?q={words}")
        for link in await page.locator(".hits-title").evaluate_all("links => links.map(a => a.getAttribute('href'))"):
            await page.goto(link)
            if await page.locator(selector).count():
                return link
    raise AssertionError(f"no thread of the demo shows {selector}")


async def problems(page: Page) -> list[str]:
    """What axe finds, and whether the page scrolls sideways."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_FILE_PATH.read_text())
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = await page.evaluate("options => axe.run(document, options)", options)
    violations = [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]
    if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        violations.append("scrolls sideways")
    return violations


@pytest.mark.parametrize(
    ("who", "path"),
    [
        *(("", path) for path in GUEST_PAGES),
        *(("maya.okafor", path) for path in MEMBER_PAGES),
        *(("ines.varga", path) for path in ADMIN_PAGES),
    ],
)
async def test_a_page_has_no_barrier_in_any_look(visitor: Visitor, who: str, path: str) -> None:
    found = {}
    async with visitor(who, settled=False) as page:
        address = await resolved(page, path)
        await page.goto(address)
        for width, dark in LOOKS:
            await page.set_viewport_size({"width": width, "height": 900})
            await page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
            if wrong := await problems(page):
                found[f"{width} {'dark' if dark else 'light'}"] = wrong

    assert found == {}


async def test_refused_forms_have_no_barrier_either(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as page:
        await page.goto("/ask?category=help")
        await page.fill("#title", "Short")
        await page.evaluate("document.querySelectorAll('[required]').forEach(field => field.required = false)")
        await page.click("main form button:has-text('Post')")
        await page.wait_for_selector(".error-summary")

        assert await problems(page) == []


@pytest.fixture(scope="session")
def reader(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, follow_redirects=True, event_hooks=tokened.HOOKS_NOW) as client:
        client.post("/demo", data={"handle": "maya.okafor"})
        yield client


def test_the_first_paint_is_light(reader: httpx.Client) -> None:
    """At most 30 KB of HTML, 15 KB of CSS and 30 KB of JavaScript, gzipped."""
    longest = reader.get("/search", params={"q": "first week of school"}).text.split('class="hits-title" href="')[1]
    page = reader.get(longest.split('"')[0].split("?")[0])
    prefix = page.text.split('rel="stylesheet" href="')[1].split("/site.css")[0]
    scripts = Path(__file__).parents[2] / "static" / "js"

    assert page.text.count('<article class="post') == 50
    assert len(gzip.compress(page.content)) <= 30_000
    assert len(gzip.compress(reader.get(f"{prefix}/site.css").content)) <= 15_000
    assert sum(len(gzip.compress(script.read_bytes())) for script in scripts.glob("*.js")) <= 30_000


async def test_a_thread_is_readable_after_at_most_eight_requests(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as page:
        address = await resolved(page, "SOLVED")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.resource_type))
        await page.goto(address, wait_until="networkidle")

        assert len([kind for kind in asked if kind != "script"]) <= 8
        assert [kind for kind in asked if kind in ("font", "websocket")] == []


async def test_a_thread_prints_without_the_frame(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as page:
        await page.goto(await resolved(page, "SOLVED"))
        await page.emulate_media(media="print")

        assert not await page.locator(".topbar").is_visible()
        assert not await page.locator(".composer").is_visible()
        assert await page.locator("#p1 .post-body").is_visible()


async def test_the_pictures_of_the_readme(visitor: Visitor, tmp_path: Path) -> None:
    """Two screenshots; `FORUM_SHOTS=1` puts them where the README shows them."""
    folder = SHOTS if os.environ.get("FORUM_SHOTS") else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    async with visitor("maya.okafor") as page:
        for name, path in [("threads", "/"), ("thread", "SOLVED")]:
            address = await resolved(page, path)
            await page.goto(address.split("#")[0])
            await page.screenshot(path=folder / f"{name}.png")

            assert (folder / f"{name}.png").stat().st_size > 10_000
