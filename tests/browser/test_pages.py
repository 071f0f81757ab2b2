"""Every page is accessible, fits its screen and is light: checked with axe in light and dark at three widths."""

import gzip
import os
import re
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page

from forum.kit.db import connect, run
from forum.kit.embedded import database_of
from tests import tokened
from tests.browser.barriers import problems, problems_in_every_look, problems_of
from tests.browser.conftest import Visitor, sign_in_by_mail
from tests.browser.visits import ADMIN, GUEST, MEMBER, MODERATOR, NO_PAGE, SOLVED, STAFF, VISITS
from tests.product.running import Site
from tests.routes import requests

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SHOTS = Path(__file__).parents[2] / "docs" / "screenshots"
ALL_VISITS = list(dict.fromkeys(visit for visits in VISITS.values() for visit in visits))


class Windows:
    """One window for each who looks, kept from page to page; `complaints` is what the browser said since."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser, self._site = browser, site
        self._pages: dict[str, Page] = {}
        self.complaints: list[str] = []

    async def of(self, who: str) -> Page:
        self.complaints.clear()
        if who not in self._pages:
            context = await self._browser.new_context(base_url=self._site.url, reduced_motion="reduce")
            page = self._pages[who] = await context.new_page()
            page.set_default_timeout(30_000)
            page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
            page.on("pageerror", lambda error: self.complaints.append(str(error)))
            await page.goto("/demo")
            await page.click(f"button[value='{who or 'guest'}']")
        return self._pages[who]

    async def close(self) -> None:
        for page in self._pages.values():
            await page.context.close()


@pytest.fixture(scope="module")
async def windows(browser: Browser, site: Site) -> AsyncIterator[Windows]:
    kept = Windows(browser, site)
    yield kept
    await kept.close()


async def open_visit(page: Page, place: str) -> None:
    """Open what a visit names."""
    start, *links = place.split(" >> ")
    await PREPARED[start](page) if start in PREPARED else await page.goto(start)
    for link in links:
        href = await page.get_attribute(link, "href")
        assert href, (place, link)
        await page.goto(href)


async def _own_thread(page: Page) -> None:
    await page.goto("/ask?category=help")
    await page.fill("#title", "A thread of mine to look at in a test")
    await page.fill("#body", "With `code`, a [link](https://example.org) and a list:\n\n- [ ] one\n- [x] two")
    await page.click("main form button:has-text('Post')")
    await page.wait_for_selector("#p1")


async def _thread_with(page: Page, mark: str) -> None:
    """Open the first thread in whose HTML `mark` stands; those on the way to it are only read."""
    for words in ("edited", "script", "policy", "filter", "network", "backup", "password"):
        await page.goto(f"/search?q={words}")
        for link in await page.locator(".hits-title").evaluate_all("links => links.map(a => a.getAttribute('href'))"):
            if mark in await (await page.request.get(link)).text():
                await page.goto(link)
                return
    raise AssertionError(f"no thread of the demo shows {mark}")


async def _list_of_people(page: Page) -> None:
    await page.goto("/admin/invitations")
    await page.fill(
        "#list", "address,name\nnew.person@elsewhere.example,New Person\nnobody\nines.varga@clearwater.example"
    )
    await page.click("button:has-text('Read the list')")
    await page.wait_for_url("**/admin/invitations/lists/*")


async def _list_of_contracts(page: Page) -> None:
    await page.goto("/renewals/import")
    await page.fill("#list", "product,ends_on,cost\nLantern LMS,2031-06-30,12500\nUnheard of,soon,-1")
    await page.click("button:has-text('Read the list')")
    await page.wait_for_url("**/renewals/import/*")


async def _published(page: Page) -> None:
    await page.goto("/admin/pages/privacy")
    if not await page.locator("main a[href^='/privacy/']").count():
        await page.click("button:has-text('Publish')")
        await page.get_by_text("Published.", exact=True).wait_for()


PREPARED = {
    "OWN": _own_thread,
    "EDITED": partial(_thread_with, mark='/history"'),
    "DELETED": partial(_thread_with, mark=" is-deleted"),
    "LIST": _list_of_people,
    "CONTRACTS": _list_of_contracts,
    "PUBLISHED": _published,
}


def test_every_page_is_looked_at_or_has_a_reason_why_not() -> None:
    pages = {path for method, path in requests() if method == "GET"}

    assert VISITS.keys() | NO_PAGE.keys() == pages
    assert VISITS.keys() & NO_PAGE.keys() == set()
    assert [reason for reason in NO_PAGE.values() if reason.startswith("test_") and reason not in globals()] == []


@pytest.mark.parametrize("place", ["/topics/renewals", SOLVED])
async def test_the_frame_and_a_thread_have_no_barrier_in_any_look(windows: Windows, place: str) -> None:
    page = await windows.of(MEMBER)
    await open_visit(page, place)

    assert await problems_in_every_look(page) == {}


@pytest.mark.parametrize(("who", "place"), ALL_VISITS)
async def test_a_page_has_no_barrier(windows: Windows, who: str, place: str) -> None:
    page = await windows.of(who)
    await open_visit(page, place)

    assert await problems_of(page) == {}
    assert [line for line in windows.complaints if "status of 4" not in line] == []


@pytest.mark.parametrize(
    ("who", "place", "typed", "button"),
    [
        (MEMBER, "/ask?category=help", {"title": "Short"}, "Post"),
        (MEMBER, "/settings/account", {"handle": "somebody.else"}, "Delete my account"),
        (MEMBER, "/settings/sign-in", {"address": "nowhere"}, "Email the link"),
        (MODERATOR, "/moderation", {}, "Reject the chosen"),
        (MODERATOR, "/moderation?kind=flag >> .queue-title a", {}, "Hide it"),
        (MODERATOR, "/moderation/words", {"words": "one, two, three, four, five, six"}, "Watch"),
        (MODERATOR, "/moderation/members/tanya.duarte", {"body": ""}, "Keep the note"),
        (ADMIN, "/moderation/reasons", {}, "Save"),
        (ADMIN, "/admin/invitations", {"list": "nothing of use"}, "Read the list"),
        (ADMIN, "/admin/domains", {"domain": "no domain"}, "Add the rule"),
        (ADMIN, "/admin/domains", {"domain": "no domain"}, "Let its people"),
        (ADMIN, "/admin/groups", {"name": "", "slug": "Not So"}, "Make the group"),
        (ADMIN, "/admin/groups >> main a[href^='/admin/groups/']", {"handles": "@nobody.here"}, "Put them in"),
        (ADMIN, "/admin/categories/new", {"name": ""}, "Make"),
        (ADMIN, "/admin/categories >> main a[href$='/moderators']", {"handle": "nobody"}, "Make moderator"),
        (ADMIN, "/admin/look", {"accent": "#ffff00"}, "Save"),
        (ADMIN, "/admin/announcements", {"body": ""}, "Announce"),
        (ADMIN, "/admin/accounts/merge", {}, "Make them one"),
        (ADMIN, "/people/requests", {"address": "nowhere"}, "Send the invitation"),
        (ADMIN, "/c/help/manage", {}, "Lock"),
        (ADMIN, STAFF, {"into": "/t/999999"}, "Merge the threads"),
        (ADMIN, f"{STAFF} >> a[href$='/split']", {"title": ""}, "Make the new thread"),
        (ADMIN, f"{STAFF} >> a[href$='/duplicate']", {"of": "nothing"}, "Close as duplicate"),
    ],
)
async def test_a_refused_form_says_why_where_one_is_and_leads_to_the_field(
    windows: Windows, who: str, place: str, typed: dict[str, str], button: str
) -> None:
    page = await windows.of(who)
    await open_visit(page, place)
    await page.evaluate("document.querySelectorAll('main form').forEach(form => form.noValidate = true)")
    for name, text in typed.items():
        await page.locator(f"main [name={name}]:visible").first.fill(text)
    await page.locator(f"main button:has-text('{button}')").first.press("Enter")

    await page.wait_for_selector(".error-summary:focus")
    assert await problems(page) == []


async def test_what_is_behind_mailed_links_has_no_barrier(windows: Windows) -> None:
    """Invited, joined, closed and come back: each page that a mail leads to, while its link is good."""
    address = "lena.ostrow@elsewhere.example"
    admin, guest = await windows.of(ADMIN), await windows.of(GUEST)
    await admin.goto("/people/requests")
    await admin.fill("#address", address)
    await admin.click("button:has-text('Send the invitation')")

    await guest.goto(await mailed(guest, address, "/join/"))
    assert await problems_of(guest) == {}
    await guest.fill("#name", "Lena Ostrow")
    await guest.click("main button.btn-primary")
    await guest.goto("/settings/sign-in")
    await guest.fill("#address", "lena@other.example")
    await guest.click("button:has-text('Email the link')")
    await guest.goto(await mailed(guest, "lena@other.example", "/address/"))
    assert await problems_of(guest) == {}
    await guest.goto("/settings/account")
    await guest.fill("#address", "phil.jarrett@birchfield.example")
    await guest.click("button:has-text('Email the link')")
    await guest.goto(await mailed(guest, "phil.jarrett@birchfield.example", "/merge/"))
    assert await problems_of(guest) == {}

    await guest.goto("/settings/account")
    await guest.click("button:has-text('Close my account')")
    await guest.goto("/sign-in")
    await guest.fill("#address", address)
    await guest.click("main button:has-text('link')")
    await guest.goto(await mailed(guest, address, "/return/"))
    assert await problems_of(guest) == {}


async def mailed(page: Page, address: str, path: str) -> str:
    """The newest link of that kind mailed to the address, once it is there."""
    while True:
        await page.goto("/dev/mail")
        rows = page.locator(f".mailbox-row:has-text('{address}')")
        for mail in await rows.evaluate_all("rows => rows.map(row => row.getAttribute('href'))"):
            await page.goto(mail)
            if await (links := page.locator(f"main a[href*='{path}']")).count():
                return str(await links.first.get_attribute("href"))


async def test_what_asks_who_one_is_has_no_barrier(browser: Browser, site: Site) -> None:
    context = await browser.new_context(base_url=site.url, reduced_motion="reduce")
    page = await context.new_page()
    await sign_in_by_mail(page, "omar.haddad@stonebridge.example")
    await page.wait_for_url(f"{site.url}/")
    await page.goto("/moderation")
    await page.wait_for_url(re.compile("/confirm/second-factor"))
    assert await problems_of(page) == {}
    await page.click("button:has-text('Set up an app')")
    await page.wait_for_url(re.compile("/settings/security/codes"))
    assert await problems_of(page) == {}
    await page.fill("#code", "000000")
    await page.click("main button:has-text('Turn codes on')")
    await page.wait_for_selector(".error-summary:focus")
    assert await problems(page) == []

    with database_of(site.var) as url:
        async with connect(url, most=1) as db:
            await run(db, "UPDATE session SET confirmed_at = now() - interval '11 minutes'")
    await page.goto("/settings/sign-in/change")
    await page.wait_for_url(re.compile(r"/confirm\?"))
    assert await problems_of(page) == {}
    await context.close()


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
        await open_visit(page, SOLVED)
        address = page.url.split("#")[0]
        await page.goto("/help")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.resource_type))
        await page.goto(address, wait_until="networkidle")

        assert len([kind for kind in asked if kind != "script"]) <= 8
        assert [kind for kind in asked if kind in ("font", "websocket")] == []


async def test_a_thread_prints_without_the_frame(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as page:
        await open_visit(page, SOLVED)
        await page.emulate_media(media="print")

        assert not await page.locator(".topbar").is_visible()
        assert not await page.locator(".composer").is_visible()
        assert await page.locator("#p1 .post-body").is_visible()


async def test_the_pictures_of_the_readme(visitor: Visitor, tmp_path: Path) -> None:
    """Three screenshots; `FORUM_SHOTS=1` puts them where the README shows them."""
    folder = SHOTS if os.environ.get("FORUM_SHOTS") else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    async with visitor("maya.okafor") as page:
        for name, place in [("threads", "/"), ("thread", SOLVED), ("product", "/products/northgate-filter")]:
            await open_visit(page, place)
            await page.goto(page.url.split("#")[0])
            await page.screenshot(path=folder / f"{name}.png")

            assert (folder / f"{name}.png").stat().st_size > 10_000
