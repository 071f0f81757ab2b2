"""Mails as mail programs show them, the pages about them, and a one-click link from a mail: in a real browser."""

import re

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.barriers import problems
from tests.browser.conftest import Visitor
from tests.product.running import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ADMIN = "ines.varga"


async def a_test_mail(page: Page) -> str:
    """Send one through the queue, wait until it is there, and open it; returns its address as mail programs show it."""
    await page.goto("/admin/mail/queue")
    await page.click("button:has-text('Send me a test through the queue')")
    await expect(page.locator("[role=status], .notice").first).to_contain_text("It is in the queue.")
    row = page.locator(".mailbox-row:has-text('Test email')")
    while True:
        await page.goto("/dev/mail")
        if await row.count():
            break
    await row.first.click()
    return await page.get_by_role("link", name="As email programs show it").get_attribute("href") or ""


async def test_a_mail_goes_through_the_queue_and_reads_well_in_every_look(
    browser: Browser, visitor: Visitor, site: Site
) -> None:
    async with visitor(ADMIN) as page:
        place = await a_test_mail(page)
        await expect(page.locator(".mail-text")).to_contain_text("It works")
    html = httpx.get(f"{site.url}{place}").text
    for width in (320, 600, 1000):
        for scheme in ("light", "dark"):
            context = await browser.new_context(viewport={"width": width, "height": 700}, color_scheme=scheme)
            mail, fetched = await context.new_page(), []
            mail.on("request", lambda request, fetched=fetched: fetched.append(request.url))
            await mail.set_content(html)
            assert await problems(mail, {"type": "rule", "values": ["color-contrast", "link-name", "list"]}) == []
            assert [url for url in fetched if not url.startswith(("about:", "data:"))] == []
            assert await mail.evaluate("document.querySelector('.paper').offsetWidth") <= 600
            await context.close()


async def test_a_mail_in_the_mailbox_runs_and_fetches_nothing(visitor: Visitor, site: Site) -> None:
    async with visitor(ADMIN) as page:
        place = await a_test_mail(page)
    answer = httpx.get(f"{site.url}{place}")

    assert "default-src 'none'; style-src 'unsafe-inline'" in answer.headers["content-security-policy"]
    assert "sandbox" in answer.headers["content-security-policy"]
    assert not re.search(r"<script|<img|<link|<form", answer.text)
