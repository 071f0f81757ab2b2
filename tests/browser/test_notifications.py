"""The bell and what is behind it, in a real browser."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.test_journeys import ask, reply

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def bell(page: Page):
    return page.locator(".topbar .bell")


async def count(page: Page) -> int:
    number = bell(page).locator("[data-count]")
    return int(await number.get_attribute("data-count") or 0) if await number.count() else 0


async def test_the_count_grows_in_another_window_without_loading_it_anew(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as maya, visitor("omar.haddad") as omar:
        path = await ask(omar)
        await maya.goto("/topics")
        await maya.evaluate("() => { window.isTheSame = true; }")
        before = await count(maya)

        await reply(omar, path, "Do you know it, @maya.okafor?")

        await expect(bell(maya).locator("[data-count]")).to_have_attribute("data-count", str(before + 1))
        await expect(bell(maya)).to_have_accessible_name(re.compile(rf"^Notifications\s*{before + 1} new$"))
        assert await maya.evaluate("() => window.isTheSame")


async def test_reading_what_is_new_takes_it_off_the_bell_at_once(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as maya, visitor("omar.haddad") as omar:
        path = await ask(omar)
        await maya.goto("/topics")
        before = await count(maya)
        await reply(omar, path, "And you, @maya.okafor?")
        await expect(bell(maya).locator("[data-count]")).to_have_attribute("data-count", str(before + 1))

        await maya.click(".topbar .bell")
        await maya.click(".told-title >> nth=0")
        await maya.wait_for_url(re.compile(r"/t/\d+/.*#p2$"))

        if before:
            await expect(bell(maya).locator("[data-count]")).to_have_attribute("data-count", str(before))
        else:
            await expect(bell(maya).locator("[data-count]")).to_have_count(0)


async def test_signing_out_ends_what_other_windows_hear(visitor: Visitor) -> None:
    async with visitor("omar.haddad") as page:
        other = await page.context.new_page()
        await other.goto("/topics")
        await other.evaluate(
            """() => {
                const live = new EventSource("/notifications/live");
                live.addEventListener("over", () => { window.isOver = true; live.close(); });
                return new Promise((resolve) => live.addEventListener("open", resolve));
            }"""
        )
        await page.goto("/topics")
        await page.click("summary.menu-me")
        await page.click("button:has-text('Sign out')")

        await other.wait_for_function("() => window.isOver", timeout=6_000)


async def test_without_a_script_the_bell_leads_to_what_is_new_and_it_can_be_done(visitor: Visitor) -> None:
    title = "Who has a spare toner for the old printer?"
    async with visitor("maya.okafor", script=False) as maya, visitor("omar.haddad") as omar:
        await reply(omar, await ask(omar, title), "What would you do, @maya.okafor?")
        line = maya.locator(".told", has_text=title)
        await maya.goto("/")
        await bell(maya).click()
        while not await line.count():  # until the worker has come to it
            await maya.reload()
        await expect(line).to_contain_text("Omar Haddad mentioned you in")
        before = await count(maya)

        await line.locator("button:has-text('Done')").click()

        assert await count(maya) == before - 1
        await expect(line).to_have_count(0)
        await maya.click("main .tabs a:has-text('Done')")
        await expect(line).to_have_count(1)


async def test_all_is_done_by_keyboard(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as maya, visitor("omar.haddad") as omar:
        await reply(omar, await ask(omar), "Hello, @maya.okafor.")
        await maya.goto("/notifications")
        await expect(bell(maya).locator("[data-count]")).to_have_count(1)
        await maya.reload()
        await maya.focus("button:has-text('Mark all done')")
        await maya.keyboard.press("Enter")

        await maya.wait_for_url(re.compile("notice=all-done"))
        await expect(bell(maya).locator("[data-count]")).to_have_count(0)
        await expect(maya.locator("main")).to_contain_text("Nothing is new for you.")
