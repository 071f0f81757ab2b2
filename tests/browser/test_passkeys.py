"""Passkeys with Chromium's own virtual authenticator, and the way without JavaScript: codes."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pyotp
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.barriers import problems
from tests.browser.conftest import PATIENCE_MS, sign_in_by_mail
from tests.product.running import Site, free_port

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def named_site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo under a name: browsers keep no passkeys for a number."""
    port = free_port()
    name = f"http://localhost:{port}"
    running = Site(tmp_path_factory.mktemp("named"), "--demo", port=port, FORUM_BASE_URL=name, FORUM_HOST="localhost")
    running.url = name
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()
        running.process.communicate()


@asynccontextmanager
async def window(browser: Browser, site: Site, who: str = "", *, script: bool = True) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=site.url, java_script_enabled=script, reduced_motion="reduce")
    try:
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        if who:
            await page.goto("/demo")
            await page.click(f"button[value='{who}']")
        yield page
    finally:
        await context.close()


async def plugged_in(page: Page) -> Callable[[bool], Awaitable[Any]]:
    """A virtual authenticator, touched by its owner whenever asked; returns how to tell it whether they are there."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable", {"enableUI": False})
    added = await session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    async def touched(is_there: bool) -> None:
        await session.send("WebAuthn.setAutomaticPresenceSimulation", {**added, "enabled": is_there})

    return touched


async def test_a_passkey_is_added_signs_in_and_opens_staff_pages(browser: Browser, named_site: Site) -> None:
    async with window(browser, named_site, "ines.varga") as page:
        await plugged_in(page)
        await page.goto("/settings/security", wait_until="networkidle")
        await page.fill("#name", "Work laptop")
        await page.press("button:has-text('Add a passkey')", "Enter")
        await expect(page.locator(".notice")).to_contain_text("The passkey is there")
        await expect(page.locator(".entry b").first).to_have_text("Work laptop")
        assert await problems(page) == []
        await page.click("main button:has-text('Set up an app')")
        await page.wait_for_selector(".key-secret")
        assert await problems(page) == []

        await page.click(".menu-me")
        await page.click("button:has-text('Sign out')")
        await page.get_by_text("You are signed out.").wait_for()
        # The browser may offer it before the button is pressed.
        await page.goto("/sign-in?next=/settings/security")
        await page.wait_for_load_state("networkidle")
        if "/sign-in" in page.url:
            await page.press("button:has-text('Sign in with a passkey')", "Enter")
        await page.wait_for_url(re.compile("/settings/security"))
        await page.goto("/admin")
        await expect(page).to_have_url(re.compile("/admin"))


async def test_a_passkey_is_a_second_factor_after_a_mailed_link(browser: Browser, named_site: Site) -> None:
    async with window(browser, named_site, "omar.haddad") as page:
        touched = await plugged_in(page)
        await page.goto("/settings/security", wait_until="networkidle")
        await page.fill("#name", "Key ring")
        await page.press("button:has-text('Add a passkey')", "Enter")
        await expect(page.locator(".notice")).to_contain_text("The passkey is there")
        await page.context.clear_cookies()
        await touched(False)  # or it would sign in before the mail is asked for
        await sign_in_by_mail(page, "omar.haddad@stonebridge.example")
        await touched(True)
        await page.goto("/moderation")
        await expect(page.locator("h1")).to_have_text("Show that it is you")
        await page.wait_for_load_state("networkidle")
        assert await problems(page) == []
        await page.click("button:has-text('Use a passkey')")
        await page.wait_for_url(re.compile("/moderation"))


async def test_a_browser_without_passkeys_is_told_so(browser: Browser, named_site: Site) -> None:
    async with window(browser, named_site) as page:
        await page.add_init_script("delete window.PublicKeyCredential")
        await page.goto("/sign-in", wait_until="networkidle")
        await page.press("button:has-text('Sign in with a passkey')", "Enter")
        await expect(page.locator(".passkey-status")).to_have_text(
            "This browser has no passkeys. Update it, or choose another way."
        )


async def test_without_javascript_an_app_with_codes_does_it(browser: Browser, named_site: Site) -> None:
    async with window(browser, named_site, "maya.okafor", script=False) as page:
        await page.goto("/settings/security")
        assert not await page.locator("button:has-text('Add a passkey')").is_visible()
        await page.click("button:has-text('Set up an app')")
        secret = (await page.inner_text(".key-secret code")).replace(" ", "")
        await page.fill("#code", pyotp.TOTP(secret).now())
        await page.click("button:has-text('Turn codes on')")
        await expect(page.locator(".key-codes code")).to_have_count(10)
        await page.click("text=I have kept them")
        await page.goto("/settings/security")
        await expect(page.locator("main")).to_contain_text("10 of 10 are left")
