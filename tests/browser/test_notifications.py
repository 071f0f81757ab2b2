"""The bell and what is behind it, in a real browser."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Visitor, settle
from tests.browser.test_journeys import ask, reply

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def bell(page: Page):
    return page.locator(".topbar .bell")


async def count(page: Page) -> int:
    number = bell(page).locator("[data-count]")
    return int(await number.get_attribute("data-count") or 0) if await number.count() else 0


async def comes_to(page: Page, number: int) -> None:
    mark = bell(page).locator("[data-count]")
    if number:
        await expect(mark).to_have_attribute("data-count", str(number))
    else:
        await expect(mark).to_have_count(0)


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

        await comes_to(maya, before)


async def test_who_is_mentioned_later_in_what_they_read_is_led_there_and_has_seen_it_then(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as maya, visitor("omar.haddad") as omar:
        path = await ask(omar)
        await maya.goto(path)
        await maya.goto("/topics")
        before = await count(maya)

        await omar.goto(path)
        await omar.click("#p1 summary")
        await omar.click("#p1 a:has-text('Edit')")
        await omar.fill("#body", "It hums. Does yours, @maya.okafor?")
        await omar.click("main form button:has-text('Save')")
        await omar.wait_for_url(re.compile(r"#p1$"))
        await expect(bell(maya).locator("[data-count]")).to_have_attribute("data-count", str(before + 1))

        await maya.click(".topbar .bell")
        await expect(maya.locator(".told-title >> nth=0")).to_contain_text("mentioned you in")
        await maya.click(".told-title >> nth=0")
        await maya.wait_for_url(re.compile(r"/t/\d+/"))

        await comes_to(maya, before)


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

        await other.wait_for_function("() => window.isOver")


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

        await comes_to(maya, before - 1)
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

        await expect(maya.locator("main [data-said]")).to_contain_text("Everything you have seen is done.")
        await expect(bell(maya).locator("[data-count]")).to_have_count(0)
        await expect(maya.locator("main")).to_contain_text("Nothing new. You are all caught up.")
        await expect(maya.locator("h1")).to_be_focused()


async def tell(maya: Page, omar: Page, *titles: str) -> None:
    """Omar asks these, and mentions Maya in each; she sees them in her list, opened anew, the last on top."""
    for title in titles:
        await reply(omar, await ask(omar, title), "What would you do, @maya.okafor?")
        await maya.goto("/notifications")
        while not await line(maya, title).count():  # until the worker has come to it
            await maya.reload()
        await settle(maya)


def line(page: Page, title: str):
    return page.locator(".told", has_text=title)


async def test_what_is_read_and_done_in_one_window_the_others_hear(visitor: Visitor) -> None:
    first, second = "Which scales for the kitchen?", "Which paper for the posters?"
    async with visitor("maya.okafor") as maya, visitor("omar.haddad") as omar:
        await tell(maya, omar, first, second)
        other = await maya.context.new_page()
        await other.goto("/topics")
        await settle(other)
        before = await count(other)
        number = bell(other).locator("[data-count]")

        await maya.click(f".told:has-text('{first}') .told-title")
        await maya.wait_for_url(re.compile(r"/t/\d+/"))
        await expect(number).to_have_attribute("data-count", str(before - 1))

        await maya.goto("/notifications")
        await maya.click(f".told:has-text('{second}') button:has-text('Done')")
        if before > 2:
            await expect(number).to_have_attribute("data-count", str(before - 2))
        else:
            await expect(number).to_have_count(0)


async def test_the_open_list_says_what_is_new_and_shows_it_when_asked(visitor: Visitor) -> None:
    first, second = "Which ladder reaches the lamps?", "Which lamps last longest?"
    async with visitor("maya.okafor") as maya, visitor("omar.haddad") as omar:
        await tell(maya, omar, first)
        said, show = maya.locator("[data-news]"), maya.locator("[data-show]")
        await expect(show).to_be_hidden()
        done = line(maya, first).locator("button:has-text('Done')")
        await done.focus()
        place = await done.bounding_box()

        await reply(omar, await ask(omar, second), "And here, @maya.okafor?")

        await expect(said).to_have_text("1 new")
        await expect(line(maya, second)).to_have_count(0)
        await expect(done).to_be_focused()
        assert await done.bounding_box() == place
        await show.click()
        await expect(line(maya, second).locator("[data-open]")).to_be_focused()
        await expect(said).to_have_text("")
        await expect(show).to_be_hidden()


async def test_the_next_line_comes_to_where_the_last_one_was_though_something_new_has_come_above(
    visitor: Visitor,
) -> None:
    titles = [f"Which {thing} for the gym?" for thing in ("mat", "net", "rack")]
    async with visitor("maya.okafor", width=390) as maya, visitor("omar.haddad") as omar:
        await tell(maya, omar, *titles)
        mat, net, _ = (line(maya, title) for title in titles)
        await reply(omar, await ask(omar, "Which whistle for the coach?"), "Which one, @maya.okafor?")
        await expect(maya.locator("[data-news]")).to_have_text("1 new")
        await maya.evaluate("document.body.style.minBlockSize = '200rem'")  # room to scroll, however short the list is
        place = await net.bounding_box()

        await net.locator("button:has-text('Done')").click()

        await expect(mat.locator("button:has-text('Done')")).to_be_focused()
        await expect(line(maya, "Which whistle for the coach?")).to_have_count(1)
        came = await mat.bounding_box()
        assert place
        assert came
        assert abs(came["y"] - place["y"]) < 2


async def test_the_open_list_says_what_was_done_elsewhere(visitor: Visitor) -> None:
    title = "Which glue for the chairs?"
    async with visitor("maya.okafor") as maya, visitor("omar.haddad") as omar:
        await tell(maya, omar, title)
        other = await maya.context.new_page()
        await other.goto("/notifications")
        await settle(other)

        await maya.click(f".told:has-text('{title}') button:has-text('Done')")

        await expect(other.locator("[data-news]")).to_have_text("1 done")
        await expect(line(other, title)).to_have_count(1)
        await expect(maya.locator("[data-show]")).to_be_hidden()  # of one's own deed nothing is said
        await other.click("[data-show]")
        await expect(line(other, title)).to_have_count(0)


@pytest.mark.parametrize("script", [True, False])
async def test_whoever_is_done_with_a_line_goes_on_at_the_next(visitor: Visitor, script: bool) -> None:
    titles = [f"Which {thing} for the {'hall' if script else 'yard'}?" for thing in ("bench", "clock", "bell")]
    async with visitor("maya.okafor", script=script) as maya, visitor("omar.haddad") as omar:
        await tell(maya, omar, *titles)
        bench, clock, its_bell = (line(maya, title) for title in titles)
        await maya.evaluate("() => { window.isTheSame = true; }") if script else None

        await its_bell.locator("button:has-text('Done')").press("Enter")
        await expect(its_bell).to_have_count(0)
        await expect(clock.locator("button:has-text('Done')")).to_be_focused()
        await clock.locator("button:has-text('Mute')").press("Enter")
        await expect(clock).to_have_count(0)
        await expect(bench.locator("button:has-text('Done')")).to_be_focused()
        await expect(maya.locator("main [role='status']:not(:empty)")).to_contain_text(
            "Muted: you will hear no more about it."
        )
        if script:
            assert await maya.evaluate("() => window.isTheSame")


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("deed", ["Done", "Mute"])
async def test_a_line_that_was_done_or_muted_is_taken_back_by_keyboard(
    visitor: Visitor, deed: str, script: bool
) -> None:
    thing = f"{'quiet' if deed == 'Mute' else 'loud'} {'fan' if script else 'pump'}"
    async with visitor("maya.okafor", script=script) as maya, visitor("omar.haddad") as omar:
        await tell(maya, omar, f"Which {thing}?", f"Which other {thing}?")
        its = line(maya, f"Which {thing}?")
        await its.locator(f"button:has-text('{deed}')").press("Enter")
        await expect(its).to_have_count(0)
        undo = maya.locator("main .notice-undo button")
        await expect(undo).to_be_in_viewport()

        await undo.press("Enter")

        await expect(its.locator("button:has-text('Done')")).to_be_focused()
        await expect(maya.locator("main [role='status']:not(:empty)")).to_contain_text("Undone: it is as it was.")


@pytest.mark.parametrize("script", [True, False])
async def test_all_that_was_marked_done_is_new_again_with_one_press(visitor: Visitor, script: bool) -> None:
    titles = [f"Which {thing} for the {'roof' if script else 'cellar'}?" for thing in ("lamp", "door")]
    async with visitor("maya.okafor", script=script) as maya, visitor("omar.haddad") as omar:
        await tell(maya, omar, *titles)
        there = await maya.locator(".told").count()
        await maya.click("button:has-text('Mark all done')")
        await expect(maya.locator("main")).to_contain_text("Nothing new. You are all caught up.")

        await maya.locator("main .notice-undo button").press("Enter")

        await expect(maya.locator(".told")).to_have_count(there)
        await expect(maya.locator("h1")).to_be_focused()


async def test_when_the_last_line_is_done_the_heading_has_the_focus(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as maya, visitor("omar.haddad") as omar:
        await maya.goto("/notifications")
        if await maya.locator("button:has-text('Mark all done')").count():
            await maya.click("button:has-text('Mark all done')")
            await expect(maya.locator(".told")).to_have_count(0)
        await tell(maya, omar, "Which rope for the swing?")
        await maya.click(".told button:has-text('Done')")

        await expect(maya.locator("h1")).to_be_focused()
        await expect(maya.locator("main")).to_contain_text("Nothing new. You are all caught up.")


async def test_a_session_that_has_ended_is_said_instead_of_a_line_that_stays(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as maya, visitor("omar.haddad") as omar:
        await tell(maya, omar, "Which wax for the floor?")
        await maya.context.clear_cookies()

        await maya.locator(".told button:has-text('Done')").first.click()

        await expect(maya.locator("h1")).to_have_text("Not allowed")
