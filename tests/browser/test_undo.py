"""The Undo button: there for ten seconds, worked by keyboard, gone after a reload."""

import pytest

from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


async def test_undo_is_there_for_ten_seconds(visitor: Visitor) -> None:
    async with visitor("ines.varga") as page:
        await page.clock.install()
        await page.goto("/c/help")
        await page.goto(await page.get_attribute(".threads-title", "href") or "")
        await page.click(".thread-staff summary")
        await page.click("button[value='lock']")
        button = page.locator("[data-behavior=undo] button")
        await button.wait_for()
        await page.wait_for_url(lambda address: "undo=" not in address)

        await page.clock.fast_forward(9_000)
        assert await button.is_visible()
        await page.clock.fast_forward(2_000)
        assert not await button.is_visible()

        await page.click(".thread-staff summary")
        await page.click("button[value='unlock']")
        await button.focus()
        await page.keyboard.press("Enter")
        await page.get_by_text("Undone: it is as it was.").wait_for()
        assert await page.locator("button[value='unlock']").count() == 1
        await page.click(".thread-staff summary")
        await page.click("button[value='unlock']")
        await button.wait_for()
        await page.wait_for_url(lambda address: "undo=" not in address)
        await page.reload()
        assert await button.count() == 0
