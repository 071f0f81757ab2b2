"""Comparing products in a real browser: choose four, look at them, print the two pages for a board."""

import re

import pytest
from playwright.async_api import expect

from forum.kit.db import connect, run
from forum.kit.embedded import database_of
from tests.browser.conftest import Visitor
from tests.product.running import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
with_and_without_script = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
PACKET = "/products/compare/packet?p=northgate-filter&p=beacon-web&p=openshield-dns&p=safehall-cloud"


def sheets(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


@with_and_without_script
async def test_four_are_chosen_in_the_catalogue_by_keyboard_and_stand_side_by_side(
    visitor: Visitor, script: bool
) -> None:
    async with visitor("maya.okafor", script=script) as page:
        await page.goto("/products?category=content-filter")
        boxes = page.locator("input[name=p]")
        for n in range(4):
            await boxes.nth(n).focus()
            await page.keyboard.press("Space")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile(r"/products/compare\?p="))

        await expect(page.locator("h1")).to_have_text("Compare 4 products")
        await expect(page.locator(".compare thead th")).to_have_count(4)
        await expect(page.locator(".compare .badge", has_text="Best").first).to_be_visible()
        await page.click("a:has-text('Take out') >> nth=0")
        await expect(page.locator("h1")).to_have_text("Compare 3 products")


async def test_the_names_of_rows_stay_while_a_narrow_screen_scrolls(visitor: Visitor) -> None:
    async with visitor("maya.okafor", width=320) as page:
        await page.goto(PACKET.replace("/packet", ""))
        name = page.locator(".compare tbody th").first
        before = await name.bounding_box()
        await page.locator(".compare").evaluate("region => region.scrollBy(300, 0)")

        assert await page.locator(".compare").evaluate("region => region.scrollLeft") > 0
        assert (await name.bounding_box())["x"] == before["x"]
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320


async def test_four_products_print_on_two_pages_without_the_frame(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as page:
        await page.goto(PACKET)
        pdf = await page.pdf()
        await page.emulate_media(media="print")

        assert sheets(pdf) == 2
        for part in (".topbar", ".side", ".packet-hint"):
            assert not await page.locator(part).is_visible()
        assert "Cedar Valley" in await page.locator(".packet-made").inner_text()
        assert "Price for a student" in await page.locator(".packet").inner_text()


LONG = (
    "ALTER TABLE product ADD COLUMN kept text",
    "ALTER TABLE vendor ADD COLUMN kept text",
    "ALTER TABLE review ADD COLUMN kept text[]",
    "UPDATE product SET kept = name, name = left(name || repeat(' for every district', 9), 120)",
    "UPDATE vendor SET kept = name, name = left(name || repeat(' for every district', 9), 120)",
    "UPDATE review SET kept = ARRAY[works, lacks], works = repeat('Responsible ', 99), lacks = repeat('Terrible ', 99)",
)
SHORT = (
    "UPDATE product SET name = kept",
    "UPDATE vendor SET name = kept",
    "UPDATE review SET works = kept[1], lacks = kept[2]",
    "ALTER TABLE product DROP COLUMN kept",
    "ALTER TABLE vendor DROP COLUMN kept",
    "ALTER TABLE review DROP COLUMN kept",
)


async def test_the_longest_names_and_words_still_print_on_two_pages(visitor: Visitor, site: Site) -> None:
    with database_of(site.var) as url:
        async with connect(url) as db:
            for statement in LONG:
                await run(db, statement)
            try:
                async with visitor("maya.okafor") as page:
                    await page.goto(PACKET)
                    assert sheets(await page.pdf()) == 2
            finally:
                for statement in SHORT:
                    await run(db, statement)
