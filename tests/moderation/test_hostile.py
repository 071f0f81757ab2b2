"""Whatever people write, staff see it as text: names, titles, posts, notes, reasons and watched words."""

import pytest

from forum.kit.db import run
from forum.members import joining
from forum.members.types import JoinDraft
from forum.moderation import notes, queue, reasons
from forum.moderation.types import Ruling
from forum.screening import commands as screening
from forum.screening.types import WordDraft
from tests.factories import a_category, a_member, a_reply, a_thread, sign_in_as
from tests.moderation.scenes import KINDS, a_held_reply, a_held_thread, an_admin, flag_it, item_id

ATTACKS = [
    '<img src=x onerror="zqx()">',
    "<script>zqx()</script>",
    "\"><svg/onload=zqx()>'",
    "{{ 7*7 }}{% raw %}<b>",
    "</textarea></title><script>zqx()</script>",
    "javascript:zqx()//<a href='javascript:zqx()'>",
    "<!--<iframe srcdoc='zqx()'>-->",
    "&lt;script&gt;zqx()&lt;/script&gt;<i>",
]
PAGES = ["/moderation", "/moderation/log", "/moderation/words", "/moderation/reasons", "/log", "/flags", "/drafts"]


@pytest.mark.parametrize("attack", ATTACKS)
async def test_an_attack_is_only_text_in_what_staff_see(db, web, drain, attack):
    admin = await sign_in_as(web, db, await an_admin(db))
    category = await a_category(db)
    author, reporter = await a_member(db, name=f"A {attack}"[:120]), await a_member(db, name=f"R {attack}"[:120])
    thread = await a_thread(db, category=category, title=f"A title with {attack}", author=admin)
    post = await a_reply(db, thread, author=author, body=f"A body with {attack}")
    await flag_it(db, post, reporter, reason="other", note=f"A note with {attack}")
    await a_held_thread(db, author=author, title=f"Held, with {attack}", body=f"Held body {attack}")
    await run(db, "UPDATE category SET holds_first_posts = true")
    await a_held_reply(db, thread, body=f"Held reply {attack}")
    await joining.ask_to_join(
        db, JoinDraft(f"J {attack}", f"T {attack}", "join@elsewhere.example", None, f"N {attack}")
    )
    await reasons.save_reason(db, admin, f"Reason {attack}", f"Letter {attack}")
    await screening.watch(db, admin, WordDraft("zqxword", "block", f"Sentence {attack}", "", ""))
    await notes.write_note(db, admin, author.id, None, f"Noted {attack}")
    await drain()
    first = await item_id(db, "hold")
    await queue.decide(db, admin, KINDS, first, "reject", Ruling(f"Why {attack}"[:400], f"Letter {attack}"))

    pages = [*PAGES, f"/moderation/members/{author.handle}", f"/p/{post}/flag", f"/people/{author.handle}"]
    pages += [f"/moderation/items/{first + step}" for step in range(-3, 3)]
    answers = {path: await web.get(path, follow_redirects=True) for path in pages}

    assert sum(answer.status_code == 200 for answer in answers.values()) >= 12
    for path, answer in answers.items():
        assert attack not in answer.text, path
        assert "<svg/onload" not in answer.text, path


@pytest.mark.parametrize("attack", ATTACKS)
async def test_what_is_refused_comes_back_as_text(db, web, attack):
    await sign_in_as(web, db, await an_admin(db))
    post = await a_reply(db, await a_thread(db))
    sent = {
        f"/p/{post}/flag": {"reason": attack, "note": attack},
        "/moderation/words": {"words": attack, "act": attack, "sentence": attack, "path": attack, "category": attack},
        "/moderation/reasons": {"name": "", "letter": attack},
        "/moderation": {"deed": attack, "item_ids": attack},
    }
    for path, form in sent.items():
        answer = await web.post(path, data=form)
        assert answer.status_code == 422, path
        assert attack not in answer.text, path
    for path in (
        "/moderation/log?by={0}&act={0}&kind={0}&before={0}",
        "/moderation?kind={0}&after={0}",
        "/log?before={0}",
    ):
        answer = await web.get(path.format(attack.replace("&", "%26").replace("#", "%23")))
        assert attack not in answer.text, path
