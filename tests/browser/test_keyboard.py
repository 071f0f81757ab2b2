"""Staff pages and settings worked by keys alone: Tab reaches every control, shows where one is, and keys operate it."""

import re
from collections.abc import AsyncIterator

import pyotp
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Visitor, sign_in_by_mail
from tests.browser.test_journeys import ask, reply

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
MOST_STOPS = 400
# What Tab is on: its words, and whether a ring, or the like, shows it.
STOP = """() => {
    const one = document.activeElement, style = getComputedStyle(one);
    return {
        name: (one.labels?.[0]?.textContent || one.textContent || '').replace(/\\s+/g, ' ').trim(),
        shown: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none',
        inMain: document.getElementById('main').contains(one) && one.id !== 'main',
    };
}"""


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of that name (`Choose…`: that begins so) is reached; each stop shows it is one."""
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        stop = await page.evaluate(STOP)
        assert stop["shown"] or not stop["inMain"], stop
        is_it = stop["name"].startswith(name[:-1]) if name.endswith("…") else stop["name"] == name
        if stop["inMain"] and is_it:
            return
    raise AssertionError(f"Tab does not reach {name!r}")


async def press(page: Page, name: str) -> None:
    """Tab to it, press Enter, and wait for the page it leads to."""
    await tab_to(page, name)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def write_in(page: Page, name: str, text: str) -> None:
    await tab_to(page, name)
    await page.keyboard.press("Control+a")
    await page.keyboard.type(text)


@pytest.fixture
async def ines(visitor: Visitor) -> AsyncIterator[Page]:
    async with visitor("ines.varga") as page:
        yield page


@pytest.fixture
async def omar(visitor: Visitor) -> AsyncIterator[Page]:
    async with visitor("omar.haddad") as page:
        yield page


async def test_the_queue_is_decided_refused_and_undone_by_tab_and_enter(omar: Page) -> None:
    await omar.goto("/moderation?kind=flag")
    count = await omar.locator(".queue-card").count()
    await press(omar, "Reject the chosen")
    await omar.wait_for_selector(".error-summary")
    await tab_to(omar, "Choose at least one.")
    await omar.keyboard.press("Enter")
    await tab_to(omar, "Choose …")
    await omar.keyboard.press("Space")
    await expect(omar.locator(".queue-card input[type=checkbox]").first).to_be_checked()

    await omar.goto("/moderation?kind=flag")
    await press(omar, "Keep it…")
    await expect(omar.locator(":focus")).to_have_text("Undo")
    async with omar.expect_navigation(url="**/t/*/**"):  # the page before also changes its address, without the notice
        await omar.keyboard.press("Enter")
    await omar.goto("/moderation?kind=flag")
    await expect(omar.locator(".queue-card")).to_have_count(count)


async def test_an_item_is_taken_and_left_by_keys(omar: Page) -> None:
    await omar.goto("/moderation?kind=hold")
    await press(omar, "More")
    await press(omar, "Take it for 15 minutes")
    await omar.get_by_text("It is yours for 15 minutes").wait_for()
    await press(omar, "Leave it to others")
    await omar.wait_for_url(re.compile("/moderation$"))


async def test_words_are_watched_and_taken_away_by_keys(omar: Page) -> None:
    await omar.goto("/moderation/words")
    await write_in(omar, "Words", "quince jelly")
    await tab_to(omar, "Where")
    await tab_to(omar, "What happens")
    await omar.keyboard.press("ArrowDown")
    await omar.keyboard.press("ArrowUp")
    await write_in(omar, "What its author is told", "Jelly is for another place.")
    await press(omar, "Watch")
    await omar.get_by_text("quince jelly").first.wait_for()
    await press(omar, "Take away quince jelly")
    await expect(omar.get_by_text("quince jelly")).to_have_count(0)


async def test_categories_are_ordered_by_keys_and_one_stays_where_one_was(ines: Page) -> None:
    await ines.goto("/admin/categories")
    names = await ines.locator(".category-name").all_inner_texts()
    await press(ines, f"Down: {names[0]}")
    await ines.wait_for_url(re.compile("#category-"))
    assert await ines.locator(".category-name").all_inner_texts() != names
    await press(ines, f"Up: {names[0]}")
    await expect(ines.locator(".category-name").first).to_have_text(names[0])


async def test_rights_are_chosen_with_arrows(ines: Page) -> None:
    await ines.goto("/admin/categories/new")
    await write_in(ines, "Name", "By keys alone")
    await write_in(ines, "Address", "by-keys")
    await tab_to(ines, "Members")
    await ines.keyboard.press("ArrowLeft")
    assert await ines.evaluate("document.activeElement.type") == "radio"
    chosen = await ines.evaluate("[document.activeElement.name, document.activeElement.value]")
    await press(ines, "Make the category")
    await press(ines, "By keys alone")
    assert await ines.locator(f"[name={chosen[0]}][value={chosen[1]}]").is_checked()
    await press(ines, "Remove this empty category")


async def test_a_list_of_invitations_is_read_looked_at_and_sent_by_keys(ines: Page) -> None:
    await ines.goto("/admin/invitations")
    await tab_to(ines, "CSV file")
    await write_in(ines, "Or paste it here", "address,name\nkeys.only@elsewhere.example,Keys Only\nnot an address")
    await press(ines, "Read the list")
    await ines.wait_for_url(re.compile("/admin/invitations/lists/"))
    await expect(ines.locator("main")).to_contain_text("Line 3")
    await press(ines, "Invite 1 person")
    await expect(ines.locator("main")).to_contain_text("The invitations go out")


async def test_a_domain_is_added_and_removed_by_keys(ines: Page) -> None:
    await ines.goto("/admin/domains")
    await write_in(ines, "Email domain", "no domain")
    await press(ines, "Add the rule")
    await ines.wait_for_selector(".error-summary")
    await ines.keyboard.press("Tab")
    await ines.keyboard.press("Enter")
    await expect(ines.locator("#domain")).to_be_focused()
    await ines.keyboard.press("Control+a")
    await ines.keyboard.type("keys.example")
    await press(ines, "Add the rule")
    await expect(ines.locator("main")).to_contain_text("The rule holds from now on.")
    await press(ines, "Remove the rule for keys.example")
    await expect(ines.get_by_text("keys.example")).to_have_count(0)


async def test_people_are_found_by_keys(ines: Page) -> None:
    await ines.goto("/people")
    await write_in(ines, "Name", "o")
    await tab_to(ines, "Size")
    await ines.keyboard.press("ArrowDown")
    await tab_to(ines, "Role")
    await write_in(ines, "Answers in topic", "network")
    await ines.keyboard.press("Enter")
    await ines.wait_for_url(re.compile("topic=network"))
    await expect(ines.locator(".people-row, .empty").first).to_be_visible()


async def test_threads_are_pinned_merged_and_split_by_keys(ines: Page) -> None:
    kept = await ask(ines)
    await reply(ines, kept, "One answer that goes.")
    other = await ask(ines)
    title = await ines.locator("h1").inner_text()
    await ines.goto("/c/help/manage")
    await tab_to(ines, f"{title} …")
    await ines.keyboard.press("Space")
    await press(ines, "Pin")
    await ines.wait_for_url(re.compile("/c/help"))

    await ines.goto(f"/threads/{kept.split('/')[-2]}/split")
    await tab_to(ines, "2. …")
    await ines.keyboard.press("Space")
    await write_in(ines, "Title of the new thread", "What was split off by keys")
    await press(ines, "Make the new thread")
    await expect(ines.locator("h1")).to_have_text("What was split off by keys")

    await ines.goto(f"/threads/{other.split('/')[-2]}/manage")
    await write_in(ines, "Into the thread", kept)
    await press(ines, "Merge the threads")
    await ines.wait_for_url(re.compile(kept.split("/")[-2]))


async def test_codes_are_set_up_by_keys(visitor: Visitor) -> None:
    async with visitor() as page:
        await sign_in_by_mail(page, "carla.dietz@dunmore.example")
        await page.wait_for_url(re.compile(r"/$"))
        await page.goto("/settings/security")
        await press(page, "Set up an app")
        await page.wait_for_selector(".key-secret")
        await write_in(page, "Code", "000000")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".error-summary:focus")
        secret = (await page.locator(".key-secret code").inner_text()).replace(" ", "")
        await write_in(page, "Code", pyotp.TOTP(secret).now())
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".key-codes")
