"""Looks at an open page as axe does, in light and dark, on a screen and on phones."""

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Page

LOOKS = [(width, dark) for width in (1280, 390, 320) for dark in (False, True)]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERYTHING = {"type": "tag", "values": RULES}
# What else the colours, or the width, may change: the rest is the same page.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
PLACES = {"type": "rule", "values": ["target-size", "scrollable-region-focusable", "label", "link-name", "button-name"]}
# Of a list with many rows of the same make, the first are enough.
SHORTEN = """
    for (const list of document.querySelectorAll('main :is(ul, ol, tbody, section, div, fieldset)')) {
        const rows = [...list.children].filter(row => row.className === list.children[1]?.className);
        for (const row of rows.slice(5)) row.remove();
    }
"""
LOST = """
    [...document.querySelectorAll('.error-summary a')].map(a => a.getAttribute('href'))
        .filter(href => !document.getElementById(href.slice(1)))
"""


async def problems(page: Page, rules: dict[str, object] = EVERYTHING) -> list[str]:
    """What axe finds in the whole page, whether it scrolls sideways, and complaints of a form that lead to no field."""
    await page.wait_for_load_state()
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_FILE_PATH.read_text())
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = await page.evaluate("options => axe.run(document, options)", options)
    violations = [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]
    return violations + await _out_of_place(page)


async def _out_of_place(page: Page) -> list[str]:
    found = [f"leads to no field: {href}" for href in await page.evaluate(LOST)]
    if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("scrolls sideways")
    return found


async def look(page: Page, width: int, *, dark: bool) -> None:
    """Show the page from its top, at this width and in this theme: what a bar covers just now is no barrier."""
    await page.set_viewport_size({"width": width, "height": 900})
    await page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
    await page.evaluate("scrollTo(0, 0)")


async def problems_of(page: Page) -> dict[str, list[str]]:
    """What is wrong by width and theme: all rules on a wide light screen, elsewhere those that a look can change.

    Shortens long lists.
    """
    await look(page, 390, dark=False)
    found = {"390": await _out_of_place(page)}
    await look(page, 320, dark=False)
    found["320"] = await _out_of_place(page)
    await page.evaluate(SHORTEN)
    found["320"] += await problems(page, PLACES)
    await look(page, 1280, dark=True)
    found["1280 dark"] = await problems(page, COLOURS)
    await look(page, 1280, dark=False)
    found["1280 light"] = await problems(page)
    return {where: wrong for where, wrong in found.items() if wrong}


async def problems_in_every_look(page: Page) -> dict[str, list[str]]:
    """As `problems_of`, with all rules in each look: for the pages whose frame and parts all others share."""
    found = {}
    for width, dark in LOOKS:
        await look(page, width, dark=dark)
        found[f"{width} {'dark' if dark else 'light'}"] = await problems(page)
    return {where: wrong for where, wrong in found.items() if wrong}
