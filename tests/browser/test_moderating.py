"""A moderator's pages in a real browser: without barriers, by keyboard alone, and without scripts."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visitor
from tests.browser.test_pages import LOOKS, problems

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PAGES = [
    "/moderation",
    "/moderation?kind=flag",
    "HELD",
    "FLAGGED",
    "/moderation/log",
    "/moderation/words",
    "/moderation/health",
    "/moderation/members/tanya.duarte",
    "/log",
    "/flags",
]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_of_moderation_has_no_barrier_in_any_look(visitor: Visitor, path: str) -> None:
    found = {}
    async with visitor("omar.haddad", settled=False) as page:
        if path in ("HELD", "FLAGGED"):
            await page.goto(f"/moderation?kind={'hold' if path == 'HELD' else 'flag'}")
            path = await page.get_attribute(".queue-title a", "href") or ""
        await page.goto(path)
        for width, dark in LOOKS:
            await page.set_viewport_size({"width": width, "height": 900})
            await page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
            if wrong := await problems(page):
                found[f"{width} {'dark' if dark else 'light'}"] = wrong

    assert found == {}


async def test_the_form_to_flag_a_post_has_no_barrier(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as page:
        await page.goto("/search?q=Form+470+window+bundle")
        await page.goto(await page.get_attribute(".hits-title", "href") or "")
        await page.goto(await page.get_attribute("a[href$='/flag']", "href") or "")
        for width, dark in LOOKS:
            await page.set_viewport_size({"width": width, "height": 900})
            await page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
            assert await problems(page) == []


async def test_the_queue_is_worked_off_by_keyboard(visitor: Visitor) -> None:
    async with visitor("omar.haddad") as page:
        await page.goto("/moderation?kind=hold")
        count = await page.locator(".queue-card").count()
        title = await page.locator(".queue-title").first.inner_text()
        await page.keyboard.press("j")
        await page.keyboard.press("x")
        await expect(page.locator(".queue-card input[type=checkbox]").first).to_be_checked()
        await page.keyboard.press("r")
        await expect(page.locator(".queue-card select").first).to_be_focused()
        await page.locator(".queue-title a").first.focus()
        await page.keyboard.press("a")
        await page.wait_for_url("**notice=all-decided")
        await page.goto("/moderation?kind=hold")
        assert await page.locator(".queue-card").count() == count - 1
        assert title not in await page.locator("main").inner_text()


async def test_flags_are_decided_and_undone_without_scripts(visitor: Visitor) -> None:
    async with visitor("omar.haddad", script=False) as page:
        await page.goto("/moderation?kind=flag")
        count = await page.locator(".queue-card").count()
        await page.locator(".queue-card button:has-text('Keep it')").first.click()
        await page.locator("button:has-text('Undo')").first.click()
        await page.goto("/moderation?kind=flag")
        assert await page.locator(".queue-card").count() == count
