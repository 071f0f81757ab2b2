"""What members do all day, in a real browser, with and without JavaScript."""

import re
from itertools import count

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Visitor, settle, sign_in_by_mail

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
with_and_without_script = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
_n = count(1)


async def ask(page: Page, title: str | None = None, body: str = "It hums, but *nothing* comes out.") -> str:
    """Ask a question through the form; returns the thread's path."""
    await page.goto("/ask?category=help&title=A")
    await page.fill("#title", title or f"Why does printer number {next(_n)} hum all night?")
    await page.select_option("#category", "help")
    await page.fill("#body", body)
    await page.fill("#topics", "help-desk")
    await page.click("main form button:has-text('Post')")
    await page.wait_for_url(re.compile(r"/t/\d+/"))
    return page.url.split("#")[0]


async def reply(page: Page, path: str, body: str) -> None:
    await page.goto(path)
    await page.fill("#body", body)
    await page.click("button:has-text('Post reply')")
    await page.wait_for_url(re.compile(r"#p\d+$"))


@pytest.mark.parametrize(("script", "name"), [(True, "Rosa Medina"), (False, "Phil Jarrett")])
async def test_signing_in_by_mailed_link(visitor: Visitor, script: bool, name: str) -> None:
    domain = {"Rosa Medina": "cedarvalley.example", "Phil Jarrett": "birchfield.example"}[name]
    async with visitor(script=script) as page:
        link = await sign_in_by_mail(page, f"{name.lower().replace(' ', '.')}@{domain}")
        await page.wait_for_url(re.compile(r"/$"))
        await page.goto("/settings")
        await expect(page.locator("#name")).to_have_value(name)

        await page.goto(link)
        await expect(page.locator("main")).to_contain_text("used")


@with_and_without_script
async def test_asking_previewing_replying_and_accepting(visitor: Visitor, script: bool) -> None:
    async with visitor("maya.okafor", script=script) as maya, visitor("omar.haddad", script=script) as omar:
        path = await ask(maya)
        await expect(maya.locator("#p1 .post-body em")).to_have_text("nothing")

        await omar.goto(path)
        await omar.fill("#body", "Turn it **off** and on.")
        await omar.click("button:has-text('Preview')")
        await expect(omar.locator("#reply-preview strong")).to_have_text("off")
        await expect(omar.locator("#body")).to_have_value("Turn it **off** and on.")
        await omar.click("button:has-text('Post reply')")
        await omar.wait_for_url(re.compile(r"#p2$"))
        await expect(omar.locator("#p2 strong")).to_have_text("off")

        await maya.goto(path)
        await maya.click("#p2 button:has-text('Helpful')")
        await expect(maya.locator("#p2 button:has-text('Helpful')")).to_contain_text("1")
        await expect(maya.locator("#p2 button:has-text('Helpful')")).to_have_attribute("aria-pressed", "true")
        await maya.click("#p2 button:has-text('This answered it')")
        await expect(maya.locator("#p2")).to_contain_text("Accepted answer")
        await expect(maya.locator("#p1")).to_contain_text("Accepted answer by Omar Haddad")


@with_and_without_script
async def test_quoting_editing_comparing_deleting_and_restoring(visitor: Visitor, script: bool) -> None:
    async with visitor("maya.okafor", script=script) as maya, visitor("omar.haddad", script=script) as omar:
        path = await ask(maya, body="Port 80 or port 443?")
        await omar.goto(path)
        await omar.click("#p1 a:has-text('Quote')")
        await expect(omar.locator("#body")).to_have_value(re.compile(r"@maya\.okafor wrote:\s+> Port 80 or port 443\?"))
        await omar.click("button:has-text('Post reply')")
        await omar.wait_for_url(re.compile(r"#p2$"))
        await expect(omar.locator("#p2 blockquote")).to_contain_text("Port 80 or port 443?")

        await omar.click("#p1 summary")
        await omar.click("#p1 a:has-text('Edit')")
        await omar.fill("#body", "Port 80, 443 or 8443?")
        await omar.fill("#reason", "One more")
        await omar.click("main form button:has-text('Save')")
        await omar.wait_for_url(re.compile(r"#p1$"))
        await omar.click("#p1 a:has-text('changes')")
        await expect(omar.locator(".diff ins").first).to_be_visible()
        await expect(omar.locator("main")).to_contain_text("One more")

        await omar.goto(f"{path}#p2")
        await omar.click("#p2 summary")
        await omar.click("#p2 a:has-text('Delete')")
        await omar.fill("#reason", "Said too soon")
        await omar.click("main form button:has-text('Delete')")
        await expect(omar.locator("#p2")).to_contain_text("Said too soon")
        await maya.goto(path)
        await expect(maya.locator("#p2")).to_have_count(0)
        await omar.click("#p2 button:has-text('Restore')")
        await expect(omar.locator("#p2 blockquote")).to_be_visible()


@with_and_without_script
async def test_unread_threads_resume_at_the_first_new_post(visitor: Visitor, script: bool) -> None:
    async with visitor("maya.okafor", script=script) as maya, visitor("omar.haddad", script=script) as omar:
        title = f"Which of the {next(_n)} switches is unread?"
        path = await ask(maya, title)
        await reply(omar, path, "This one.")

        await maya.goto("/unread")
        await maya.click(f"a:has-text('{title}')")
        await maya.wait_for_url(re.compile(r"#new$"))
        await expect(maya.locator("main")).to_contain_text("New since your last visit")
        await maya.goto("/unread")
        await expect(maya.locator(f"a:has-text('{title}')")).to_have_count(0)


@with_and_without_script
async def test_the_theme_is_chosen_and_stays(visitor: Visitor, script: bool) -> None:
    async with visitor("maya.okafor", script=script) as page:
        await page.goto("/topics")
        await page.click("summary.menu-me")
        async with page.expect_response("**/theme"):
            await page.click("button[name=theme][value=dark]")
        await page.goto("/")
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_what_was_said_once_is_not_said_again_after_a_reload(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as page:
        await page.goto("/settings/following")
        await page.click("form:has(#time_zone) button.btn-primary")
        said = page.get_by_text("Saved.", exact=True)
        await said.wait_for()
        await page.wait_for_url(re.compile(r"/settings/following$"))

        await page.reload()
        await expect(page.locator("h1")).to_be_visible()
        await expect(said).to_have_count(0)


async def test_similar_questions_appear_while_typing_and_the_draft_survives(visitor: Visitor) -> None:
    async with visitor("omar.haddad") as page:
        await page.goto("/ask")
        await page.locator("#title").press_sequentially("Form 470 window: can we bundle")
        await expect(page.locator("#similar")).to_contain_text("can we bundle internal connections")
        await page.fill("#body", "Half a question")
        await expect(page.locator(".draft-status")).to_contain_text("saved", ignore_case=True)
        await page.goto("/drafts")
        await expect(page.locator("main")).to_contain_text("Half a question")
        await page.goto("/ask")
        await expect(page.locator("#body")).to_have_value("Half a question")
        await page.click("button:has-text('Throw it away')")


async def test_similar_questions_also_show_without_script(visitor: Visitor) -> None:
    async with visitor("omar.haddad", script=False) as page:
        await page.goto("/ask?category=help")
        await page.fill("#title", "Form 470 window: can we bundle connections")
        await page.fill("#body", "Can we?")
        await page.click("button:has-text('Preview')")
        await expect(page.locator("#similar")).to_contain_text("can we bundle internal connections")


async def test_selected_words_are_quoted(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as maya, visitor("omar.haddad") as omar:
        path = await ask(maya, body="Only these words matter.")
        await omar.goto(path)
        await omar.locator("#p1 .post-body p").select_text()
        await omar.click("button.quote-button")
        await expect(omar.locator("#body")).to_have_value(
            re.compile(r"@maya\.okafor wrote:\s+> Only these words matter\.")
        )


async def test_a_double_click_posts_once(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as page:
        path = await ask(page)
        await page.fill("#body", "Once is enough.")
        await page.dblclick("button:has-text('Post reply')")
        await page.wait_for_url(re.compile(r"#p2$"))
        await page.goto(path)
        await expect(page.locator("text=Once is enough.")).to_have_count(1)


@with_and_without_script
async def test_a_guest_reads_what_is_open_and_is_asked_to_sign_in(visitor: Visitor, script: bool) -> None:
    async with visitor(script=script) as page:
        await page.goto("/c/help")
        await page.click(".threads-title >> nth=0")
        await expect(page.locator(".reply-refused")).to_contain_text("Sign in to reply.")
        response = await page.goto("/c/e-rate")
        assert response is not None
        assert response.status == 404


async def test_keys_alone_open_a_thread_and_reply(visitor: Visitor) -> None:
    async with visitor("maya.okafor") as page:
        await page.goto("/c/help")
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await page.keyboard.press("o")
        await page.wait_for_url(re.compile(r"/t/\d+/"))
        await settle(page)
        await page.keyboard.press("r")
        await expect(page.locator("#body")).to_be_focused()
        await page.keyboard.type("Typed without a mouse.")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(re.compile(r"#p\d+$"))
        await expect(page.locator("text=Typed without a mouse.")).to_be_visible()


async def test_focus_is_never_hidden_under_the_top_bar(visitor: Visitor) -> None:
    async with visitor("maya.okafor", width=390) as page:
        await page.goto("/")
        for _ in range(60):
            await page.keyboard.press("Tab")
            is_seen = await page.evaluate(
                """() => {
                    const box = document.activeElement.getBoundingClientRect();
                    const at = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 20));
                    return !at || document.activeElement.contains(at) || at.contains(document.activeElement);
                }"""
            )
            assert is_seen, await page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


async def test_the_time_of_a_post_stays_in_its_card_on_a_small_phone_without_a_script(visitor: Visitor) -> None:
    async with visitor("maya.okafor", script=False, width=320) as page:
        await page.goto("/")
        await page.locator("main [data-open]").first.click()
        card, time = page.locator(".post").first, page.locator(".post .post-link time").first
        await expect(time).to_contain_text("Central time")
        edges = [box["x"] + box["width"] for each in (time, card) if (box := await each.bounding_box())]
        assert edges == sorted(edges)
