"""Following with a real browser: two clicks, with and without scripts, by keyboard, on a phone."""

import pytest

from tests.browser.barriers import problems
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("script", [True, False])
async def test_a_topic_is_followed_with_two_clicks_and_left_with_two(visitor: Visitor, script: bool) -> None:
    async with visitor("ben.lindqvist", script=script) as page:
        await page.goto("/topics/budget")
        await page.click("main .follow summary")
        await page.click("main .follow button[value='weekly']")
        assert (await page.inner_text("main .follow summary")).startswith("Weekly digest")
        assert "This is how you hear of it" in await page.inner_text("main [role='status']")

        await page.click("main .follow summary")
        await page.click("main .follow button[value='stop']")
        assert (await page.inner_text("main .follow summary")).startswith("Follow")


async def test_days_are_set_by_keyboard(visitor: Visitor) -> None:
    async with visitor("ben.lindqvist") as page:
        await page.goto("/c/e-rate")
        await page.focus("main .follow summary")
        await page.keyboard.press("Enter")
        await page.focus("main .follow [name='every_days']")
        await page.keyboard.press("Control+A")
        await page.keyboard.type("5")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**notice=followed")

        assert (await page.inner_text("main .follow summary")).startswith("Digest every 5 days")


@pytest.mark.parametrize("width", [320, 1280])
async def test_the_open_menu_has_no_barrier_and_fits(visitor: Visitor, width: int) -> None:
    async with visitor("maya.okafor", width=width) as page:
        for place in ("/topics/renewals", "/products/northgate-filter", "/people/priya.nair", "/searches"):
            await page.goto(place)
            await page.locator("main .follow summary").first.click()
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place
            assert await problems(page) == [], place
