"""Following with a real browser: two clicks, with and without scripts, by keyboard, on a phone."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.barriers import problems
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("script", [True, False])
async def test_a_topic_is_followed_with_two_clicks_and_left_with_two(visitor: Visitor, script: bool) -> None:
    async with visitor("ben.lindqvist", script=script) as page:
        await page.goto("/topics/budget")
        await page.click("main .follow summary")
        await page.click("main .follow button[value='weekly']")
        await expect(page.locator("main .follow summary")).to_contain_text("Weekly digest")
        await expect(page.locator("main [role='status']")).to_contain_text("in your weekly digest")

        await page.click("main .follow summary")
        await page.click("main .follow button[value='stop']")
        await expect(page.locator("main .follow summary")).to_have_text(re.compile(r"^\s*Follow\b"))


@pytest.mark.parametrize("script", [True, False])
async def test_whoever_chose_a_level_is_at_its_menu_and_takes_it_back_by_keyboard(
    visitor: Visitor, script: bool
) -> None:
    async with visitor("ben.lindqvist", script=script) as page:
        for place in ("/topics/wifi", "/c/help", "/products/lantern-lms", "/people/priya.nair"):
            await page.goto(place)
            menu = page.locator("main .follow summary")
            await menu.press("Enter")
            await page.locator("main .follow button[value='web']").press("Enter")
            await expect(menu).to_contain_text("On the web")
            await expect(menu).to_be_focused()
            await expect(page.locator("main [role='status']")).to_contain_text("on the web")

            await page.locator("main .notice-undo button").press("Enter")
            await expect(page.locator("main [role='status']")).to_contain_text("Undone: it is as it was.")
            await expect(menu).to_contain_text("Follow")
            await expect(menu).to_be_focused()


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_a_thread_is_followed_beside_its_title(visitor: Visitor, width: int) -> None:
    async with visitor("maya.okafor", width=width) as page:
        await page.goto("/c/help")
        await page.goto(await page.get_attribute(".threads-title", "href") or "")
        menu, posts = page.locator("main .follow summary"), page.locator(".posts")
        assert await page.locator(".follow").count() == 1
        at, below = await menu.bounding_box(), await posts.bounding_box()
        assert at
        assert below
        assert at["y"] + at["height"] < min(below["y"], 700)
        await menu.click()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await problems(page) == []


async def test_days_are_set_by_keyboard(visitor: Visitor) -> None:
    async with visitor("ben.lindqvist") as page:
        await page.goto("/c/e-rate")
        await page.focus("main .follow summary")
        await page.keyboard.press("Enter")
        await page.focus("main .follow [name='every_days']")
        await page.keyboard.press("Control+A")
        await page.keyboard.type("5")
        await page.keyboard.press("Enter")

        await expect(page.locator("main .follow summary")).to_contain_text("Digest every 5 days")


@pytest.mark.parametrize("width", [320, 1280])
async def test_the_open_menu_has_no_barrier_and_fits(visitor: Visitor, width: int) -> None:
    async with visitor("maya.okafor", width=width) as page:
        for place in ("/topics/renewals", "/products/northgate-filter", "/people/priya.nair", "/searches"):
            await page.goto(place)
            await page.locator("main .follow summary").first.click()
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place
            assert await problems(page) == [], place


async def follow(page: Page, *places: str) -> None:
    for place in places:
        await page.goto(place)
        await page.locator("main .follow summary").first.click()
        await page.click("main .follow button[value='weekly']")
        await page.locator("main [role='status']:has-text('in your weekly digest')").wait_for()


@pytest.mark.parametrize("script", [True, False])
async def test_whoever_removes_what_they_follow_goes_on_at_the_row_beside_it(visitor: Visitor, script: bool) -> None:
    async with visitor("ines.varga", script=script) as page:
        await follow(page, "/topics/budget", "/topics/wifi", "/topics/voip")
        await page.goto("/settings/following")
        if script:
            await page.fill("#paused_until", "2031-01-01")  # what is typed beside the list stays
        removals = page.locator("#followed-rows button:has-text('Remove')")
        count = await removals.count()
        ids = [await removals.nth(n).get_attribute("id") for n in range(count)]

        await page.locator(f"#{ids[0]}").press("Enter")
        await expect(removals).to_have_count(count - 1)
        await expect(page.locator(f"#{ids[1]}")).to_be_focused()
        await page.locator(f"#{ids[-1]}").press("Enter")
        await expect(removals).to_have_count(count - 2)
        await expect(page.locator(f"#{ids[-2]}")).to_be_focused()
        await expect(page.locator("main [role='status']:not(:empty)")).to_contain_text(
            "You no longer follow this topic."
        )
        if script:
            assert await page.input_value("#paused_until") == "2031-01-01"


@pytest.mark.parametrize("script", [True, False])
async def test_a_removal_is_taken_back_and_its_row_has_the_focus(visitor: Visitor, script: bool) -> None:
    async with visitor("ines.varga", script=script, width=390) as page:
        await follow(page, "/topics/voip", "/topics/budget")
        await page.goto("/settings/following")
        row = page.locator("#followed-rows .followed:has-text('budget')")
        removal = row.locator("button:has-text('Remove')")
        await removal.press("Enter")
        await expect(row).to_have_count(0)
        undo = page.locator("main .notice-undo button")
        await expect(undo).to_be_in_viewport()
        await undo.press("Enter")

        await expect(row).to_contain_text("Weekly digest")
        await expect(removal).to_be_focused()
        await expect(removal).to_be_in_viewport()
        await expect(page.locator("main [role='status']:not(:empty)")).to_contain_text("Undone: it is as it was.")


async def test_a_level_changed_in_the_list_leaves_the_focus_on_its_menu(visitor: Visitor) -> None:
    async with visitor("ines.varga") as page:
        await follow(page, "/topics/budget")
        await page.goto("/settings/following")
        menu = page.locator("#followed-rows .followed:has-text('budget') summary")
        await menu.click()
        await page.click("#followed-rows .followed:has-text('budget') button[value='web']")

        await expect(menu).to_contain_text("On the web")
        await expect(menu).to_be_focused()


@pytest.mark.parametrize("script", [True, False])
async def test_a_newcomer_begins_by_keyboard_on_a_phone(visitor: Visitor, script: bool) -> None:
    async with visitor("tess.halloran", script=script, width=390) as page:
        await page.goto("/settings/following/start")
        begin, summary = page.locator("main .btn-primary"), page.locator(".error-summary")
        await page.locator("input[value='1'][name='every_days']").press("Space")
        await begin.press("Enter")
        await expect(summary).to_contain_text("Check at least one thing")
        await expect(summary).to_be_focused()
        await expect(page.locator("input[value='1'][name='every_days']")).to_be_checked()
        if script:
            assert await problems(page) == []

        await page.locator("input[name='topic']").first.press("Space")
        await begin.press("Enter")
        await expect(page.locator("main [role='status']")).to_contain_text("You are all set.")
