"""Mails as mail programs show them: on a phone and in a column, light and dark, without images or scripts."""

from email import message_from_bytes, policy

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from forum.events import commands as events
from forum.kit.db import run, value
from forum.mail.changing import queue_change, render_changes
from forum.mail.instant import render_instant
from forum.mail.instant_jobs import queue_instant
from forum.mail.queueing import claim
from forum.threads.accept import accept
from tests.events.scenes import an_event, facts
from tests.factories import a_category, a_member, a_reply, a_thread, post_id
from tests.following.scenes import follows
from tests.mail.digests.scenes import a_digest_reader, digest_of

pytestmark = pytest.mark.browser
LONG = "Contentfilterauthenticationproxyconfigurationfileswithoutaspace" * 3
POST = f"""
We moved all **6,200 Chromebooks** to the new filter in August. What we learned:

1. Test with one school first.
2. Keep the old profile for a month.

> Did you keep the proxy?

    curl -s https://filter.example/v1/devices?{LONG[:90]}

| Model | Count |
| --- | --- |
| Eleven-inch | 4,100 |

Write to {LONG} if you want our notes: https://filter.example/notes
"""


async def instant_html(db, tools) -> str:
    reader = await a_member(db)
    await follows(db, reader, "everything", 0)
    category = await a_category(db, name="Filtering & safety")
    thread = await a_thread(db, category=category, title="Moving a whole district to a new content filter", body=POST)
    await queue_instant(tools, await post_id(db, thread))
    await run(db, "UPDATE mail SET next_at = now()")
    (mail,) = await claim(db, domain="forum.example")
    made = (await render_instant(tools, [mail]))[mail.id]
    return message_from_bytes(made.message, policy=policy.SMTP).get_body(("html",)).get_content()


async def digest_html(db, tools) -> str:
    reader = await a_digest_reader(db)
    category = await a_category(db, name="Filtering & safety")
    ann = await a_member(db, name="Ann Lee")
    thread = await a_thread(db, category=category, author=ann, title="Which filter works for 1:1 iPads?", body=POST)
    await accept(db, ann, await a_reply(db, thread, body="The one that your help desk can explain in a sentence."))
    for number in range(3):
        await a_thread(db, category=category, title=f"{LONG[: 60 * number]} Renewal number {number} of the filter")
    return (await digest_of(tools, reader)).html


async def change_html(db, tools) -> str:
    ann, reader = await a_member(db, name="Ann Lee"), await a_member(db)
    category = await a_category(db, name="Filtering & safety")
    thread = await an_event(
        db, author=ann, category=category, place="Room 4", link=f"https://meet.example/{LONG[:120]}"
    )
    await events.come(db, reader, thread, is_coming=True)
    await events.change(db, ann, thread, facts(days=9, place=f"The library, {LONG[:120]}"), 1)
    await queue_change(tools, await post_id(db, thread), 2, ann.id)
    await run(db, "UPDATE mail SET next_at = now()")
    (mail,) = await claim(db, domain="forum.example")
    made = (await render_changes(tools, [mail]))[mail.id]
    return message_from_bytes(made.message, policy=policy.SMTP).get_body(("html",)).get_content()


HTML_OF = {"instant": instant_html, "digest": digest_html, "change": change_html}


@pytest.mark.parametrize("kind", HTML_OF)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 600])
async def test_a_mail_fits_and_can_be_read(db, tools, browser: Browser, kind, scheme, width, tmp_path):
    html = await HTML_OF[kind](db, tools)
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=True, offline=True
    )
    page = await context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    await page.set_content(html)

    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    found = (await Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag22aa"]})).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert asked == [], "a mail asks nobody for anything"
    await page.screenshot(path=tmp_path / f"{kind}-{scheme}-{width}.png", full_page=True)
    assert await value(db, "SELECT count(*) FROM mail") == 1
    await context.close()
