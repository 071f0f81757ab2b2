"""Reviews, peers, rounds and vendors' answers in a real browser: how districts decide together."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PRODUCTS = ("icehouse", "keystead", "drover", "ringline", "tallybook", "patchwell", "namewell", "secondcopy")


async def product_to_review(page: Page) -> str:
    """The path of a product that this visitor has not reviewed yet, opened."""
    for slug in PRODUCTS:
        await page.goto(f"/products/{slug}")
        if await page.locator("a:has-text('Review it')").count():
            return f"/products/{slug}"
    raise AssertionError("they have reviewed all of them")


async def fill_review(page: Page, path: str, words: str) -> None:
    await page.goto(f"{path}/review")
    await page.check("input[name=stars][value='4']")
    await page.fill("#works", words)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
async def test_a_review_under_ones_name_is_there_once(visitor: Visitor, script: bool) -> None:
    handle, name = {True: ("maya.okafor", "Maya Okafor"), False: ("omar.haddad", "Omar Haddad")}[script]
    async with visitor(handle, script=script) as page:
        path = await product_to_review(page)
        await fill_review(page, path, f"Words of {name}.")
        await page.click("button:has-text('Save it now')")
        await page.get_by_text("Your review is there.").wait_for()
        card = page.locator("article.review", has_text=f"Words of {name}.")
        await expect(card).to_contain_text(name)
        await expect(page.locator("a:has-text('Review it')")).to_have_count(0)

        again = await page.request.post(
            f"{path}/review",
            form={"stars": "1", "works": "A second one", "version": "0", "act": "save", "token": await token(page)},
        )
        assert again.status == 422
        assert "You have reviewed it already" in await again.text()


async def token(page: Page) -> str:
    """What each form of the page carries."""
    return await page.locator("input[name=token]").first.get_attribute("value") or ""


async def test_a_review_without_a_name_shows_what_its_preview_showed(visitor: Visitor) -> None:
    async with visitor("ben.lindqvist") as ben, visitor("omar.haddad") as omar:
        path = await product_to_review(ben)
        await fill_review(ben, path, "Said by nobody in particular.")
        await ben.check("input[name=show_as][value='size']")
        await ben.fill("#price", "4.20")
        await ben.click("button:has-text('Show me what others will see') >> nth=0")
        preview = ben.locator("#preview")
        await expect(preview).to_contain_text("A district")
        await expect(preview).not_to_contain_text("Ben")
        await expect(preview).not_to_contain_text("4.20")
        shown = (await preview.locator(".review-by").inner_text()).strip()
        await ben.click("button:has-text('Save it now')")
        await ben.get_by_text("Your review is there.").wait_for()

        await omar.goto(path)
        card = omar.locator("article.review", has_text="Said by nobody in particular.")
        await expect(card).to_contain_text(shown)
        await expect(card).not_to_contain_text("Ben")


async def test_peers_are_chosen_once_and_apply_everywhere(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as page:
        await page.goto("/products/northgate-filter")
        everybody = await page.locator("article.review").count()
        await page.click(".peers > summary")
        await page.select_option("#size", "2500-4999")
        await page.click("button:has-text('Show these')")
        await expect(page.locator(".peers > summary")).to_contain_text("2,500 to 4,999 students")
        assert await page.locator("article.review").count() < everybody
        await page.goto("/products/beacon-web")
        await expect(page.locator(".peers > summary")).to_contain_text("2,500 to 4,999 students")
        await page.click("button:has-text('Show all districts')")
        await expect(page.locator(".peers > summary")).to_contain_text("All districts")


async def test_a_round_is_opened_answered_closed_and_decided(visitor: Visitor) -> None:
    async with visitor("ben.lindqvist") as ben, visitor("maya.okafor") as maya:
        await ben.goto("/renewals/new")
        await ben.fill("#product", "GlassRoom")
        await ben.fill("#ends_on", "2029-06-30")
        await ben.select_option("#visibility", "staff")
        await ben.click("main form button.btn-primary")
        await ben.wait_for_url(re.compile(r"/renewals"))
        await ben.locator(".contract", has_text="Jun 30, 2029").get_by_text("Ask members").click()
        await ben.check("input[name=asks][value='unnamed']")
        await ben.click("button:has-text('Ask now')")
        await ben.wait_for_url(re.compile(r"/rounds/\d+"))
        path = ben.url.partition("?")[0]

        await maya.goto(path)
        await expect(maya.locator("main")).not_to_contain_text("Copper Hills")
        await maya.check("input[name=would_renew][value='only_if']")
        await maya.fill("#works", "Teachers use it in every lesson.")
        await maya.click("main button:has-text('Answer')")
        await expect(maya.locator("#answers")).to_contain_text("Teachers use it in every lesson.")

        await ben.goto(path)
        await ben.click("button:has-text('Close it now')")
        await ben.check("input[name=decision][value='renewed']")
        await ben.fill("#reason", "They lowered the price.")
        await ben.click("button:has-text('Record it')")
        await maya.reload()
        await expect(maya.locator("#decision")).to_contain_text("They lowered the price.")
        await expect(maya.locator("main")).to_contain_text("1 answer from 1 district")


async def test_a_vendor_answers_once_and_is_refused_the_second_time_and_everywhere_else(visitor: Visitor) -> None:
    async with visitor("tess.halloran") as tess:
        await tess.goto("/products/northgate-filter")
        unanswered = tess.locator("article.review", has_not=tess.locator(".review-answer")).first
        await unanswered.get_by_text("Answer", exact=True).click()
        path = tess.url
        await tess.fill("#body", "This is mended in version 8.")
        await tess.click("main form button.btn-primary")
        await tess.wait_for_url(re.compile(r"/products/northgate-filter"))
        await expect(tess.locator("main")).to_contain_text("This is mended in version 8.")

        await tess.goto(path)
        await expect(tess.locator("main form button.btn-primary")).to_have_text("Correct the answer")
        sent = {"body": "A second answer", "version": "0", "token": await token(tess)}
        assert (await tess.request.post(path, form=sent)).status == 409
        review = {"stars": "5", "version": "0", "act": "save", "token": await token(tess)}
        for address, form, status in (
            ("/products/northgate-filter/review", review, 403),
            ("/products/beacon-web/review", review, 404),
            ("/products/peers", {"act": "all", "token": await token(tess)}, 403),
        ):
            assert (await tess.request.post(address, form=form)).status == status, address
        for address in ("/rounds", "/renewals", "/renewals/map", "/people"):
            assert (await tess.request.get(address)).status == 403, address
