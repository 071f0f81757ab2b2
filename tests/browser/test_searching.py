"""Searching in a real browser: while one types and as a page, with words misspelt, with filters, by keys alone."""

import asyncio
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Error, Locator, Page, Route, expect

from tests.browser.barriers import LOOKS, look, problems
from tests.browser.conftest import Visitor, wait_until_it_searches
from tests.product.running import Site
from tests.search.far_engine import far_engine

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
MISSPELT, WANTED = "filtr renewl", "Content filter up for renewal in July: who has moved off appliance filtering?"


async def type_anywhere(page: Page, words: str) -> None:
    """Open the overlay over whatever page this is, and type."""
    await page.keyboard.press("Control+k")
    await page.keyboard.press("Control+a")
    await page.keyboard.type(words)


def rows(page: Page) -> Locator:
    """What the overlay offers to go to, besides actions."""
    return page.locator("#palette [data-part=found] [role=option]:not([data-action])")


def row(page: Page, words: str) -> Locator:
    return page.locator("#palette [role=option]", has_text=words)


def box(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search")


async def test_a_misspelt_thread_is_found_while_one_types(searcher: Visitor) -> None:
    async with searcher("maya.okafor") as page:
        await page.goto("/topics")
        await page.click("#q")
        await page.keyboard.type(MISSPELT)
        await row(page, WANTED).click()
        await expect(page.locator("h1")).to_contain_text(WANTED)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
async def test_a_misspelt_thread_is_found_on_the_page(searcher: Visitor, script: bool) -> None:
    async with searcher("maya.okafor", script=script) as page:
        await page.goto("/topics")
        if script:
            await type_anywhere(page, MISSPELT)
        else:
            await page.fill("#q", MISSPELT)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/search?q=filtr+renewl")
        await page.locator(".hits-title", has_text=WANTED).click()
        await expect(page.locator("h1")).to_contain_text(WANTED)


async def test_filters_are_fields_and_chips_without_script(searcher: Visitor) -> None:
    async with searcher("maya.okafor", script=False) as page:
        await page.goto("/search?q=filter")
        await page.click(".search-filters > summary")
        await page.select_option("#category", "help")
        await page.select_option("#is", "answered")
        await page.click("text=Search with these")
        await page.wait_for_url(re.compile("answered"))
        hits = page.locator(".hits-row")
        await expect(hits.first).to_contain_text("Answered")
        assert await hits.count() == await hits.filter(has=page.locator("a[href='/c/help']")).count()
        assert await hits.count() == await hits.filter(has_text="Answered").count()
        await expect(page.locator("#search-q")).to_have_value("filter")
        await expect(page.locator("#category")).to_have_value("help")

        await page.click(".chips a:has-text('answered')")
        await page.wait_for_url("**/search?q=filter+category%3Ahelp")
        await expect(page.locator(".chips a")).to_have_count(1)


async def test_a_facet_narrows_and_widens(searcher: Visitor) -> None:
    async with searcher("maya.okafor") as page:
        await page.goto("/search?q=filter")
        facet = page.locator(".facets a[href*='category']").first
        count = int(await facet.locator(".num").inner_text())
        name = (await facet.inner_text()).split("\n")[0].strip()
        await facet.click()
        await expect(page.locator(".search-count[role=status]")).to_contain_text(f"{count} result")
        await page.locator(".facets a[aria-current]", has_text=name).click()
        await page.wait_for_url(re.compile(r"/search\?q=filter$"))


async def test_filters_are_typed_and_clicked_in_the_overlay(searcher: Visitor) -> None:
    async with searcher("maya.okafor") as page:
        await page.goto("/topics")
        await type_anywhere(page, "filter is:answered")
        answered = page.locator("#palette [data-filter='is:answered']")
        await expect(answered).to_have_attribute("aria-pressed", "true")
        await expect(rows(page).filter(has_text="Answered").first).to_be_visible()
        await page.click("#palette [data-filter='is:unanswered']")
        await expect(box(page)).to_have_value("filter is:unanswered ")
        await expect(box(page)).to_be_focused()
        await expect(answered).to_have_attribute("aria-pressed", "false")
        await expect(rows(page).filter(has_text="Answered")).to_have_count(0)
        await page.click("#palette [data-filter='is:unanswered']")
        await expect(box(page)).to_have_value("filter ")
        await page.keyboard.type("foo:bar ")
        await expect(page.locator("#palette [data-part=notes]")).to_contain_text("“foo:” is no filter here")


async def test_keys_alone_open_choose_and_close(searcher: Visitor) -> None:
    async with searcher("maya.okafor") as page:
        await page.goto("/ask?title=Half+a+question")
        await page.focus("#title")
        await page.keyboard.press("Control+k")
        await expect(box(page)).to_be_focused()
        await expect(row(page, "Ask a question")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("#palette")).to_be_hidden()
        await expect(page.locator("#title")).to_be_focused()

        await page.goto("/topics")
        await page.keyboard.press("/")
        await expect(box(page)).to_be_focused()
        await page.keyboard.type("content filter renewal")
        await expect(row(page, WANTED)).to_be_visible()
        await page.keyboard.press("Home")
        await page.keyboard.type("x")
        await expect(box(page)).to_have_value("xcontent filter renewal")
        await page.keyboard.press("Backspace")
        await expect(row(page, WANTED)).to_be_visible()
        await page.keyboard.press("ArrowUp")
        await expect(box(page)).to_have_attribute("aria-activedescendant", "palette-all")
        await page.keyboard.press("ArrowDown")
        await expect(box(page)).not_to_have_attribute("aria-activedescendant", re.compile("."))
        while await row(page, WANTED).get_attribute("aria-selected") != "true":
            await page.keyboard.press("ArrowDown")
        await expect(page.locator("#palette [aria-selected=true]")).to_have_count(1)
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_contain_text(WANTED)


async def test_the_box_of_the_top_bar_opens_by_what_is_done_with_it_not_by_focus(searcher: Visitor) -> None:
    async with searcher("maya.okafor") as page:
        await page.goto("/topics")
        await page.focus("#q")
        await expect(page.locator("#palette")).to_be_hidden()
        await page.keyboard.type("w")
        await page.keyboard.type("ifi")
        await expect(box(page)).to_have_value("wifi")
        await page.keyboard.press("Escape")
        await expect(page.locator("#q")).to_be_focused()
        await expect(page.locator("#q")).to_have_value("")
        await expect(page.locator("#palette")).to_be_hidden()


async def test_ctrl_enter_opens_in_a_new_tab_and_this_one_stays(searcher: Visitor) -> None:
    async with searcher("maya.okafor") as page:
        await page.goto("/topics")
        await type_anywhere(page, "content filter renewal")
        await expect(row(page, WANTED)).to_be_visible()
        while await row(page, WANTED).get_attribute("aria-selected") != "true":
            await page.keyboard.press("ArrowDown")
        async with page.context.expect_page() as opened:
            await page.keyboard.press("Control+Enter")
        tab = await opened.value
        await expect(tab.locator("h1")).to_contain_text(WANTED)
        assert page.url.endswith("/topics")
        await expect(page.locator("#palette")).to_be_visible()


async def test_what_is_not_found_is_asked_with_its_words_as_the_title(searcher: Visitor) -> None:
    async with searcher("maya.okafor") as page:
        await page.goto("/topics")
        await type_anywhere(page, "Zqxj quagga vending is:answered")
        await row(page, "Ask this as a question").click()
        await expect(page.locator("#title")).to_have_value("Zqxj quagga vending")


async def test_recent_searches_are_ones_own_and_can_be_forgotten(searcher: Visitor) -> None:
    async with searcher("maya.okafor") as page:
        for number in range(10):
            await page.goto("/topics")
            await type_anywhere(page, f"wifi {number}")
            await page.keyboard.press("Enter")
            await page.wait_for_url("**/search?q=wifi*")
        await page.goto("/topics")
        await page.keyboard.press("/")
        recent = page.locator("#palette [data-part=recent] [role=option]")
        await expect(recent).to_have_text([re.compile(f"wifi {number}") for number in range(9, 1, -1)])
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Delete")
        await expect(recent).to_have_count(7)
        await recent.nth(0).locator("[data-forget]").click()
        await expect(recent.first).to_contain_text("wifi 7")
        await expect(box(page)).to_be_focused()
        await page.keyboard.type("w")
        await expect(recent).to_have_count(0)

        await page.goto("/demo")
        await page.click("button[value='omar.haddad']")
        await page.goto("/topics")
        await page.keyboard.press("/")
        await expect(row(page, "Ask a question")).to_be_visible()
        await expect(recent).to_have_count(0)
        await page.goto("/demo")
        await page.click("button[value='maya.okafor']")
        await page.goto("/topics")
        await page.keyboard.press("/")
        await expect(recent).to_have_count(6)
        await page.click("text=Forget recent searches")
        await expect(recent).to_have_count(0)


async def test_nothing_recent_is_left_after_signing_out(searcher: Visitor) -> None:
    async with searcher("maya.okafor") as page:
        await page.goto("/topics")
        await type_anywhere(page, "wifi")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/search?q=wifi")
        assert await page.evaluate("Object.keys(localStorage).some(key => key.startsWith('recent:'))")
        await page.click("summary.menu-me")
        await page.click("text=Sign out")
        await page.get_by_text("You are signed out.").wait_for()
        assert not await page.evaluate("Object.keys(localStorage).some(key => key.startsWith('recent:'))")


async def test_an_answer_that_comes_too_late_is_dropped(searcher: Visitor) -> None:
    async with searcher("maya.okafor") as page:
        await page.goto("/topics")
        held, asked = asyncio.Event(), asyncio.Event()

        async def late(route: Route) -> None:
            asked.set()
            await held.wait()
            with suppress(Error):  # the browser has given it up
                await route.fulfill(body="<div data-part=found><a role=option id=late href=/>Too late</a></div>")

        await page.route(re.compile(r"instant\?q=backup$"), late)
        await type_anywhere(page, "backup")
        await asked.wait()
        await page.keyboard.press("Control+a")
        await page.keyboard.type("content filter renewal")
        await expect(row(page, WANTED)).to_be_visible()
        held.set()
        await page.evaluate("new Promise(done => setTimeout(done))")
        await expect(row(page, "Too late")).to_have_count(0)
        await expect(row(page, WANTED)).to_be_visible()


async def test_typing_fast_asks_once(searcher: Visitor) -> None:
    async with searcher("maya.okafor") as page:
        await page.goto("/topics")
        await page.keyboard.press("Control+k")
        await expect(row(page, "Ask a question")).to_be_visible()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.evaluate(
            """() => {
                const box = document.getElementById("palette-q");
                for (const text of ["c", "co", "con", "content filter renewal"]) {
                    box.value = text;
                    box.dispatchEvent(new Event("input", { bubbles: true }));
                }
            }"""
        )
        await expect(row(page, WANTED)).to_be_visible()
        assert len([url for url in asked if "/search/instant" in url]) == 1


async def test_without_an_answer_all_results_remain_and_enter_searches(searcher: Visitor) -> None:
    async with searcher("maya.okafor") as page:
        await page.goto("/topics")
        await page.route("**/search/instant*", lambda route: route.fulfill(status=429, body="Too often"))
        await type_anywhere(page, "content filter renewal")
        await expect(page.locator("#palette [data-part=notes]")).to_contain_text("Enter searches")
        await expect(row(page, "All results for “content filter renewal”")).to_be_visible()
        await expect(rows(page)).to_have_count(0)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/search?q=content+filter+renewal")
        await expect(page.locator(".hits-title", has_text=WANTED)).to_be_visible()


async def test_a_hit_opens_at_its_post_in_a_long_thread(searcher: Visitor) -> None:
    async with searcher("maya.okafor") as page:
        await page.goto("/search?q=first+week+of+school+learn")
        await page.click(".hits-title:has-text('first week of school')")
        await page.wait_for_url(re.compile(r"/t/\d+/"))
        thread = page.url.split("#")[0].split("?")[0]
        await page.goto(f"{thread}?after=50")
        post = page.locator("article.post").nth(2)
        place = await post.get_attribute("id")
        words = re.findall(r"[A-Za-z]+", await post.locator(".post-body p").first.inner_text())[:7]
        await page.goto("/topics")
        await type_anywhere(page, f'"{" ".join(words)}"')
        await rows(page).first.click()
        await page.wait_for_url(f"{thread}?after=50#{place}")
        await expect(page.locator(f"#{place}:target")).to_be_in_viewport()


@pytest.mark.parametrize(("width", "dark"), LOOKS)
async def test_the_overlay_has_no_barrier(searcher: Visitor, width: int, dark: bool) -> None:
    async with searcher("maya.okafor") as page:
        await page.goto("/topics")
        await look(page, width, dark=dark)
        await page.keyboard.press("Control+k")
        await expect(row(page, "Ask a question")).to_be_visible()
        assert await problems(page) == []
        await page.keyboard.type("filter foo:bar ")
        await expect(page.locator("#palette [data-part=notes]")).to_contain_text("foo:")
        await page.keyboard.press("ArrowDown")
        assert await problems(page) == []


async def test_the_number_of_choices_is_said(searcher: Visitor) -> None:
    async with searcher("maya.okafor") as page:
        await page.goto("/topics")
        await type_anywhere(page, "content filter renewal")
        await expect(row(page, WANTED)).to_be_visible()
        count = await page.locator("#palette [data-part=found] [role=option]").count()
        await expect(page.locator("#palette [role=status]")).to_contain_text(f"{count} choices")
        await expect(page.get_by_role("listbox", name="Results")).to_be_visible()
        await expect(page.get_by_role("group", name="Threads")).to_be_visible()


async def test_a_phone_opens_it_full_screen_from_the_bar_at_the_foot(searcher: Visitor) -> None:
    async with searcher("maya.okafor", width=390) as page:
        await page.goto("/topics")
        await page.click(".tabbar a[href='/search']")
        await expect(box(page)).to_be_focused()
        size = await page.locator("#palette").bounding_box()
        assert size is not None
        assert (size["x"], size["y"], size["width"], size["height"]) == (0, 0, 390, 900)
        await page.click("#palette >> text=Close")
        await expect(page.locator("#palette")).to_be_hidden()
        assert page.url.endswith("/topics")


async def test_when_the_engine_stops_search_goes_on_and_says_so(
    browser: Browser, tmp_path: Path, chromium: str
) -> None:
    async with far_engine() as wire:
        site = Site(tmp_path, "--demo", **wire.settings)
        try:
            await asyncio.to_thread(site.wait_until_ready)
            await asyncio.to_thread(wait_until_it_searches, site)
            async with Visitor(browser, site)("maya.okafor") as page:
                await page.goto(f"/search?q={quote(MISSPELT)}")
                await expect(page.locator("main .notice")).to_have_count(0)
                await wire.cut()

                await page.reload()
                await expect(page.locator("main .notice")).to_contain_text("without its engine")
                await page.locator(".hits-title", has_text=WANTED).click()
                await expect(page.locator("h1")).to_contain_text(WANTED)
                await type_anywhere(page, MISSPELT)
                await row(page, WANTED).click()
                await expect(page.locator("h1")).to_contain_text(WANTED)
        finally:
            site.stop()
            site.process.communicate()
