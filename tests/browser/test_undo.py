"""The Undo button: there for ten seconds, worked by keyboard, gone after a reload."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


async def test_what_is_said_of_a_place_far_down_is_in_sight_there_until_one_goes_on(visitor: Visitor) -> None:
    async with visitor("maya.okafor", width=390) as page:
        await page.goto("/search?q=first+week+of+school+learn")
        thread = await page.get_attribute(".hits-title >> nth=0", "href") or ""
        await page.goto(f"{thread.split('?')[0].split('#')[0]}?notice=undone#p9")
        said = page.get_by_text("Undone: it is as it was.")
        await expect(page.locator("#p9:target")).to_be_in_viewport()
        await expect(said).to_be_in_viewport(ratio=1)
        notice, post = await page.locator(".notice-once").bounding_box(), await page.locator("#p9").bounding_box()
        assert notice
        assert post
        assert notice["y"] + notice["height"] <= post["y"]

        await page.keyboard.press("PageDown")
        await expect(said).not_to_be_in_viewport()


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
