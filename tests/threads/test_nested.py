"""What a post, a draft or a form names of other places is not looked up for those who may not read there (row 13)."""

import pytest

from forum.kit.db import value
from tests.factories import a_category, a_group, a_member, a_reply, a_thread, post_id, sign_in_as

SECRET = "zqxsecret"


@pytest.fixture
async def scene(db, web):
    """An ordinary member on the site, an open thread, and one in a category of others; returns their ids."""
    closed = await a_category(db, read_by="groups", groups=[await a_group(db)])
    insider = await a_member(db, groups=["circle"], name="In Sider")
    hidden = await a_thread(db, category=closed, author=insider, title=f"About {SECRET}", body=f"All of {SECRET}")
    await a_reply(db, hidden, author=insider, body=f"More {SECRET}")
    ann = await sign_in_as(web, db, await a_member(db))
    return await a_thread(db, author=ann), hidden


async def test_a_post_that_names_a_hidden_thread_or_post_shows_nothing_of_it(db, web, scene):
    thread, hidden = scene
    post = await post_id(db, hidden, 2)
    body = (
        f"/t/{hidden} http://forum.example/t/{hidden} [x](/p/{post}) #{post} @in.sider\n\n> @in.sider wrote: /p/{post}"
    )

    preview = await web.post("/preview", data={"body": body})
    await web.post(f"/t/{thread}/x", data={"body": body, "client_key": "k"})

    assert SECRET not in preview.text
    assert SECRET not in (await web.get(f"/t/{thread}")).text
    assert SECRET not in await value(db, "SELECT html FROM post ORDER BY id DESC LIMIT 1")


async def test_no_number_in_an_address_or_form_brings_words_from_a_hidden_thread(db, web, scene):
    thread, hidden = scene
    post = await post_id(db, hidden, 2)
    for path in (f"/t/{thread}?quote={post}", f"/t/{thread}?edit={post}", f"/t/{hidden}?quote=1", f"/p/{post}"):
        assert SECRET not in (await web.get(path, follow_redirects=True)).text, path
    forms = {
        f"/p/{post}/edit": {"body": "Mine now.", "version": "1"},
        f"/p/{post}/flag": {"reason": "rude", "note": "x"},
        f"/p/{post}/helpful": {"helpful": "yes"},
        f"/p/{post}/accept": {},
        f"/t/{hidden}/x": {"body": "Hello.", "client_key": "k"},
        f"/threads/{thread}/duplicate": {"of": f"/t/{hidden}"},
    }
    for path, sent in forms.items():
        answer = await web.post(path, data=sent)
        assert answer.status_code in (403, 404, 422), path
        assert SECRET not in answer.text, path
    assert await value(db, "SELECT count(*) FROM post") == 3


async def test_a_draft_for_a_hidden_thread_learns_nothing_of_it(db, web, scene):
    hidden = scene[1]
    kept = [
        await web.post("/drafts", data={"draft_key": f"thread:{thread}", "body": "Hello."})
        for thread in (hidden, hidden + 1_000)
    ]

    assert len({(answer.status_code, answer.text) for answer in kept}) == 1
    assert SECRET not in (await web.get("/drafts")).text
