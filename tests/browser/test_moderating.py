"""A moderator's pages in a real browser: without barriers, by keyboard alone, and without scripts."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


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
        await page.get_by_text("Decided.", exact=True).wait_for()
        await page.goto("/moderation?kind=hold")
        await expect(page.locator(".queue-card")).to_have_count(count - 1)
        assert title not in await page.locator("main").inner_text()


async def test_flags_are_decided_and_undone_without_scripts(visitor: Visitor) -> None:
    async with visitor("omar.haddad", script=False) as page:
        await page.goto("/moderation?kind=flag")
        count = await page.locator(".queue-card").count()
        await page.locator(".queue-card button:has-text('Keep it')").first.click()
        await page.locator("button:has-text('Undo')").first.click()
        await page.goto("/moderation?kind=flag")
        await expect(page.locator(".queue-card")).to_have_count(count)
