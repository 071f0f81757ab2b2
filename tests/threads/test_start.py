"""Starting threads."""

import asyncio

import pytest

from forum.kit.db import value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.types import GUEST
from forum.search.jobs import index_changes
from forum.threads import commands, queries
from forum.threads.types import ReplyDraft, ThreadDraft
from tests.factories import a_category, a_group, a_member, a_thread, age, an_admin, sign_in_as

FIELDS = {"kind": "question", "title": "Why is the Wi-Fi slow?", "body": "Since *Monday*.", "topics": "wifi"}


def draft(category, **fields) -> ThreadDraft:
    return ThreadDraft(category=category, **{**FIELDS, "client_key": "k", **fields})


async def test_a_question_asked_by_form_shows_as_a_thread(db, web):
    await sign_in_as(web, db, await a_member(db))
    category = await a_category(db)

    sent = await web.post("/ask", data={**FIELDS, "category": category, "client_key": "k"})
    page = await web.get(sent.headers["location"])

    assert sent.status_code == 303
    assert "<em>Monday</em>" in page.text
    assert "#wifi" in page.text
    assert await value(db, "SELECT thread_count FROM category") == 1


async def test_asking_twice_starts_one_thread(db):
    ann, category = await a_member(db), await a_category(db)

    ids = {await commands.start(db, ann, draft(category)) for _ in range(2)}

    assert len(ids) == 1
    assert await value(db, "SELECT thread_count FROM category") == 1


async def test_asking_twice_at_the_same_moment_starts_one_thread(db):
    ann, category = await a_member(db), await a_category(db)

    ids = await asyncio.gather(*(commands.start(db, ann, draft(category)) for _ in range(5)))

    assert len(set(ids)) == 1
    assert await value(db, "SELECT count(*) FROM post") == 1


async def test_nothing_is_left_of_a_thread_that_rolled_back(db):
    ann, category = await a_member(db), await a_category(db)

    async def ask_and_fail():
        async with db.transaction():
            await commands.start(db, ann, draft(category))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await ask_and_fail()

    assert await value(db, "SELECT count(*) FROM thread") == 0
    assert await value(db, "SELECT thread_count FROM category") == 0


async def test_who_may_not_start_a_thread(db):
    ann, vendor = await a_member(db), await a_member(db, role="vendor")
    circle = await a_category(db, start_by="groups", groups=[await a_group(db)])
    refusals = [
        (GUEST, await a_category(db, read_by="everyone"), Forbidden, "Sign in to start a thread."),
        (ann, await a_category(db, start_by="staff"), Forbidden, "Only staff start a thread in this category."),
        (ann, circle, Forbidden, "Only its groups start a thread in this category."),
        (vendor, await a_category(db, read_by="everyone"), Invalid, "category"),
        (ann, await a_category(db, read_by="staff"), Invalid, "category"),
        (ann, "no-such-category", Invalid, "category"),
    ]
    for actor, category, refusal, reason in refusals:
        with pytest.raises(refusal, match=reason):
            await commands.start(db, actor, draft(category))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"title": "Too short"}, {"title"}),
        ({"title": "x" * 201}, {"title"}),
        ({"title": "Two\nlines of a title"}, {"title"}),
        ({"body": ""}, {"body"}),
        ({"body": "x" * 30_001}, {"body"}),
        ({"kind": "poll"}, {"kind"}),
        ({"topics": "one two three four five six"}, {"topics"}),
        ({"topics": "déjà-vu"}, {"topics"}),
        ({"client_key": ""}, {"client_key"}),
        ({"title": "", "body": "", "client_key": "x" * 81}, {"title", "body", "client_key"}),
    ],
)
async def test_a_draft_that_will_not_do_is_refused_field_by_field(db, fields, wrong):
    with pytest.raises(Invalid) as refusal:
        await commands.start(db, await a_member(db), draft(await a_category(db), **fields))

    assert set(refusal.value.fields) == wrong


async def test_a_refused_form_keeps_everything_that_was_typed(db, web):
    await sign_in_as(web, db, await a_member(db))
    category = await a_category(db)

    page = await web.post("/ask", data={**FIELDS, "category": category, "title": "Short", "client_key": "key-7"})

    assert page.status_code == 422
    for typed in ("Short", "Since *Monday*.", "wifi", "key-7", f'value="{category}" selected'):
        assert typed in page.text


async def test_the_form_offers_only_categories_one_may_start_in(db, web):
    await sign_in_as(web, db, await a_member(db))
    await a_category(db, slug="open-one")
    await a_category(db, slug="for-staff", start_by="staff")

    page = await web.get("/ask")

    assert 'value="open-one"' in page.text
    assert 'value="for-staff"' not in page.text


async def test_a_category_brings_its_kind_and_template(db, web):
    await sign_in_as(web, db, await a_member(db))
    await a_category(db, slug="desk", default_kind="discussion", ask_template="What did you try?")

    page = await web.get("/ask?category=desk")

    assert "What did you try?" in page.text
    assert 'value="discussion" selected' in page.text


async def test_similar_questions_show_before_one_is_asked(db, web, tools):
    await sign_in_as(web, db, await a_member(db))
    await a_thread(db, title="Chromebooks lose the Wi-Fi after an update")
    staff_only = await a_category(db, read_by="staff")
    await a_thread(db, title="Wi-Fi in the staff room", category=staff_only, author=await an_admin(db))
    await index_changes(tools)

    found = await web.get("/ask/similar", params={"title": "chromebook loses wifi after updates"})

    assert "Chromebooks lose the Wi-Fi after an update" in found.text
    assert "staff room" not in found.text
    assert "<html" not in found.text
    assert "<li" not in (await web.get("/ask/similar", params={"title": "chrome"})).text


async def test_guests_are_asked_to_sign_in(web, db):
    page = await web.get("/ask")

    assert page.status_code == 403
    assert "Sign in to ask." in page.text


async def test_a_thread_that_cannot_be_read_looks_like_one_that_is_not_there(db, web):
    hidden = await a_thread(db)
    refused = await web.get(f"/t/{hidden}")
    missing = await web.get(f"/t/{2**40}")

    def masked(page):
        return page.text.replace(page.headers["x-request-id"], "").replace(str(2**40), "").replace(str(hidden), "")

    assert (refused.status_code, missing.status_code) == (404, 404)
    assert masked(refused) == masked(missing)
    with pytest.raises(NotFound):
        await queries.thread(db, GUEST, hidden)


async def test_choosing_a_category_in_the_form_brings_its_kind_and_template(db, web):
    await sign_in_as(web, db, await a_member(db))
    await a_category(db, slug="desk", default_kind="discussion", ask_template="What did you try?")
    form = {**FIELDS, "category": "desk", "client_key": "k", "choose": "1"}

    empty = await web.post("/ask", data={**form, "body": ""})
    written = await web.post("/ask", data=form)

    assert "What did you try?" in empty.text
    assert 'value="discussion" selected' in empty.text
    assert "Since *Monday*." in written.text
    assert await value(db, "SELECT count(*) FROM thread") == 0


@pytest.mark.parametrize(
    "title", ["<SCRIPT SRC=https://cdn.example.org/a/b.js></SCRIPT>", "'quoted' & | ! ( ) :* \\ words", "?" * 40]
)
async def test_similar_questions_survive_any_title(db, web, title):
    assert (await web.get("/ask/similar", params={"title": title})).status_code == 200


async def test_the_same_words_from_a_form_reached_by_back_are_the_same_thread_and_reply(db):
    category, ann = await a_category(db), await a_member(db)
    keys = iter(range(100))

    async def posted(title="Why does it print?", body="It does."):
        return await commands.start(db, ann, ThreadDraft(category, "question", title, body, "", f"k{next(keys)}"))

    async def replied(thread, body):
        return await commands.reply(db, ann, thread, ReplyDraft(body, f"k{next(keys)}"))

    thread = await posted()
    assert await posted() == thread
    assert await posted(body="It does, still.") != thread
    assert [await replied(thread, body) for body in ("Once", "Once", "Twice", "Once")] == [2, 2, 3, 4]
    await age(db, thread, 1)
    assert await posted() != thread
    assert await replied(thread, "Once") == 5
