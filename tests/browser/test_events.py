"""Events in a browser: announced and gone to, with a script and without one, and by keys alone."""

import re
from datetime import date, timedelta

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.test_journeys import with_and_without_script
from tests.browser.test_keyboard import press, tab_to, write_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


async def fill_in(page: Page, title: str) -> None:
    day = (date.today() + timedelta(days=40)).isoformat()
    await page.fill("#title", title)
    await page.select_option("#category", "events")
    await page.fill("#starts", f"{day}T14:00")
    await page.fill("#ends", f"{day}T15:30")
    await page.select_option("#time_zone", "America/New_York")
    await page.fill("#place", "Cedar Valley, board room")
    await page.fill("#link", "https://meet.cedarvalley.example/1")
    await page.fill("#body", "Bring one device and its charger.")


@with_and_without_script
async def test_an_event_is_announced_and_somebody_comes(visitor: Visitor, script: bool) -> None:
    title = f"Charger amnesty {'with' if script else 'without'} a script"
    async with visitor("maya.okafor", script=script) as maya, visitor("omar.haddad", script=script) as omar:
        await maya.goto("/events")
        await maya.click("text=Announce an event")
        await fill_in(maya, title)
        await maya.click("button:has-text('Announce it')")
        await maya.wait_for_url(re.compile(r"/t/\d+/"))
        await expect(maya.locator("#event")).to_contain_text("2:00 PM to 3:30 PM Eastern time")
        await expect(maya.locator("main .notice[role='status']")).to_be_in_viewport(ratio=1)

        await omar.goto("/events")
        await omar.click(f"text={title}")
        await omar.click("button:has-text('I will come')")
        await expect(omar.locator("#event")).to_contain_text("You are coming. 1 person is coming: Omar Haddad.")
        await omar.click("button:has-text('I will not come after all')")
        await expect(omar.locator("#event")).not_to_contain_text("1 person is coming")


async def test_what_is_wrong_is_said_and_what_was_typed_stays(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as page:
        await page.goto("/events/new")
        await fill_in(page, "A title that is long enough")
        await page.fill("#ends", "2027-01-01T10:00")
        await page.fill("#starts", "2027-01-01T11:00")
        await page.click("button:has-text('Announce it')")
        await expect(page.locator(".error-summary")).to_contain_text("It must end after it begins")
        await expect(page.locator("#starts")).to_have_value("2027-01-01T11:00")
        await expect(page.locator("#time_zone")).to_have_value("America/New_York")


async def test_an_event_is_changed_and_cancelled_by_keys_alone(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as page:
        await page.goto("/events/new")
        await fill_in(page, "Worked without a mouse")
        await page.focus("#topics")
        await press(page, "Announce it")
        await press(page, "Change")
        await write_in(page, "Place", "Cedar Valley, gym")
        await press(page, "Save")
        await expect(page.locator("#event")).to_contain_text("Cedar Valley, gym")
        await press(page, "Change")
        await press(page, "Cancel the event")
        await expect(page.locator("#event")).to_contain_text("Canceled")
        await tab_to(page, "Add to calendar")


@pytest.mark.parametrize("path", ["/events", "/events/past", "/events/new"])
async def test_nothing_is_wider_than_a_narrow_phone(visitor: Visitor, path: str) -> None:
    async with visitor("maya.okafor", width=320) as page:
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def test_a_long_time_of_ones_own_wraps_on_a_narrow_phone(visitor: Visitor) -> None:
    async with visitor("maya.okafor", width=320) as page:
        await page.goto("/settings/following")
        await page.select_option("#time_zone", "Asia/Tokyo")
        await page.click("form:has(#time_zone) button.btn-primary")
        await page.get_by_text("Saved.", exact=True).wait_for()
        await page.goto("/events")
        await expect(page.locator(".event-own").first).to_contain_text("Tokyo time")
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def test_what_was_typed_is_there_when_one_comes_back(visitor: Visitor) -> None:
    async with visitor("omar.haddad") as page:
        await page.goto("/events/new")
        await fill_in(page, "Begun, and left for later")
        await expect(page.locator(".draft-status")).to_contain_text("Draft saved")
        await page.goto("/events/new")
        await expect(page.locator("#title")).to_have_value("Begun, and left for later")
        await expect(page.locator("#time_zone")).to_have_value("America/New_York")
        await page.click("button:has-text('Throw it away')")
        await expect(page.locator("#title")).to_have_value("")


@with_and_without_script
async def test_whoever_was_slower_reads_what_was_saved_and_saves_theirs_over_it(visitor: Visitor, script: bool) -> None:
    async with visitor("maya.okafor", script=script, width=320) as maya, visitor("maya.okafor") as elsewhere:
        await maya.goto("/events/new")
        await fill_in(maya, f"Changed twice {'with' if script else 'without'} a script")
        await maya.click("button:has-text('Announce it')")
        await maya.wait_for_url(re.compile(r"/t/\d+/"))
        await maya.click("a:has-text('Change')")
        await maya.wait_for_url(re.compile(r"/events/\d+/edit"))
        await elsewhere.goto(maya.url)
        await elsewhere.fill("#place", "Cedar Valley, gym " + "x" * 120)
        await elsewhere.click("button:has-text('Save')")
        await elsewhere.wait_for_url(re.compile(r"/t/\d+/"))

        await maya.fill("#place", "Cedar Valley, library")
        await maya.click("button:has-text('Save')")
        await expect(maya.locator(".event-conflict li")).to_have_count(1)
        await expect(maya.locator(".event-conflict li")).to_contain_text("Cedar Valley, gym")
        await expect(maya.locator("#place")).to_have_value("Cedar Valley, library")
        assert await maya.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        await maya.click("button:has-text('Save mine')")
        await expect(maya.locator("#event")).to_contain_text("Cedar Valley, library")
