"""The Undo button: there for ten seconds, worked by keyboard, gone after a reload."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


async def test_undo_is_there_for_ten_seconds(visitor: Visitor) -> None:
    async with visitor("ines.varga") as page:
        await page.clock.install()
        await page.goto("/c/help")
        await page.goto(await page.get_attribute(".threads-title", "href") or "")
        await page.click(".thread-staff summary")
        await page.click("button[value='lock']")
        button = page.locator(".notice-undo button")
        await button.wait_for()
        await page.wait_for_url(lambda address: "undo=" not in address)

        await page.clock.fast_forward(9_000)
        await expect(button).to_be_visible()
        await page.clock.fast_forward(2_000)
        await expect(button).to_be_hidden()

        await page.click(".thread-staff summary")
        await page.click("button[value='unlock']")
        await expect(button).to_be_visible()
        await button.focus()
        await page.keyboard.press("Enter")
        await page.get_by_text("Undone: it is as it was.").wait_for()
        await expect(page.locator("button[value='unlock']")).to_have_count(1)
        await page.click(".thread-staff summary")
        await page.click("button[value='unlock']")
        await button.wait_for()
        await page.wait_for_url(lambda address: "undo=" not in address)
        await page.reload()
        await expect(button).to_have_count(0)
