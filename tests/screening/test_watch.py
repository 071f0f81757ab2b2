"""Words are watched by those who moderate, and stop, hold or advise whoever posts."""

import asyncio

import pytest

from forum.categories.queries import room
from forum.kit.db import rows, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.screening import commands, queries
from forum.screening.types import WordDraft
from forum.threads import commands as threads
from forum.threads.edit import edit
from forum.threads.queries import thread as read
from forum.threads.types import EditDraft, ReplyDraft, ThreadDraft
from tests.factories import a_category, a_member, a_thread, an_admin, post_id, sign_in_as


def word(words="cheap toner", act="block", sentence="We do not trade toner here.", path="", category=""):
    return WordDraft(words, act, sentence, path, category)


def asked(category, *, title="Where is the printer now", body="Cheap TONER for all!", key="k"):
    return ThreadDraft(category, "question", title, body, "", key)


async def test_a_post_with_a_blocked_word_is_refused_in_the_words_of_the_moderator(db):
    category, ann = await a_category(db), await a_member(db)
    await commands.watch(db, await an_admin(db), word())

    with pytest.raises(Invalid) as refusal:
        await threads.start(db, ann, asked(category))

    assert refusal.value.fields == {"body": "We do not trade toner here."}
    assert await value(db, "SELECT count(*) FROM thread") == 0


async def test_titles_are_screened_too(db):
    category = await a_category(db)
    await commands.watch(db, await an_admin(db), word())

    with pytest.raises(Invalid):
        await threads.start(db, await a_member(db), asked(category, title="Cheap toner, who wants", body="Hello"))


async def test_a_word_of_one_category_counts_only_there(db):
    one, other = await a_category(db), await a_category(db)
    moderator, ann = await a_member(db, moderates=[one]), await a_member(db)
    await commands.watch(db, moderator, word(category=one))

    assert await threads.start(db, ann, asked(other))
    with pytest.raises(Invalid):
        await threads.start(db, ann, asked(one, key="k2"))


async def test_staff_of_the_category_may_write_what_they_watch(db):
    category = await a_category(db)
    await commands.watch(db, await an_admin(db), word())

    assert await threads.start(db, await a_member(db, moderates=[category]), asked(category))


async def test_a_word_that_holds_lets_a_reply_wait(db):
    thread_id, ann = await a_thread(db), await a_member(db)
    await commands.watch(db, await an_admin(db), word(act="hold", sentence=""))

    assert await threads.reply(db, ann, thread_id, ReplyDraft("cheap toner", "k")) == 0
    assert await threads.reply(db, ann, thread_id, ReplyDraft("toner, cheap", "k2")) == 2


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (word(words=""), "words"),
        (word(words="!!!"), "words"),
        (word(words="a b c d e f"), "words"),
        (word(words="x" * 121), "words"),
        (word(act="burn"), "act"),
        (word(sentence=""), "sentence"),
        (word(sentence="x" * 301), "sentence"),
        (word(act="link", path=""), "path"),
        (word(act="link", path="https://evil.example/"), "path"),
        (word(act="link", path="//evil.example/"), "path"),
        (word(act="link", path="/\\evil.example"), "path"),
        (word(category="nowhere"), "category"),
    ],
)
async def test_what_will_not_do_is_said_by_field(db, draft, field):
    with pytest.raises(Invalid) as refusal:
        await commands.watch(db, await an_admin(db), draft)

    assert field in refusal.value.fields


async def test_a_moderator_is_an_ordinary_member_elsewhere(db):
    own, other = await a_category(db), await a_category(db)
    moderator, admin = await a_member(db, moderates=[own]), await an_admin(db)
    for place in ("", other):
        with pytest.raises(Forbidden):
            await commands.watch(db, moderator, word(category=place))
    await commands.watch(db, admin, word())
    await commands.watch(db, admin, word(category=other))
    await commands.watch(db, admin, word(category=own))

    assert [each.category_name for each in await queries.listed_words(db, moderator)] == [
        (await room(db, admin, own)).name
    ]
    for each in await queries.listed_words(db, admin):
        if each.category_name != (await room(db, admin, own)).name:
            with pytest.raises(NotFound):
                await commands.unwatch(db, moderator, each.id)
    assert len(await queries.listed_words(db, admin)) == 3


async def test_the_same_words_again_change_what_follows(db):
    admin = await an_admin(db)
    await commands.watch(db, admin, word())
    await commands.watch(db, admin, word(words="CHEAP, toner", sentence="Not here."))

    (only,) = await queries.listed_words(db, admin)

    assert (only.words, only.sentence) == ("cheap toner", "Not here.")


async def test_ten_at_the_same_moment_make_one_entry(db):
    admin = await an_admin(db)
    await asyncio.gather(*(commands.watch(db, admin, word()) for _ in range(10)))

    assert len(await queries.listed_words(db, admin)) == 1


async def test_there_is_a_most(db, monkeypatch):
    monkeypatch.setattr(commands, "MOST", 2)
    admin = await an_admin(db)
    for words in ("one", "two"):
        await commands.watch(db, admin, word(words=words))

    with pytest.raises(Invalid):
        await commands.watch(db, admin, word(words="three"))
    await commands.watch(db, admin, word(words="two"))


async def test_watching_stands_in_the_log_without_the_words(db):
    admin = await an_admin(db)
    await commands.watch(db, admin, word(words="zqxsecret", sentence="zqxsentence"))
    (only,) = await queries.listed_words(db, admin)
    await commands.unwatch(db, admin, only.id)

    entries = await rows(db, "SELECT act, before, after, reason FROM audit_entry ORDER BY id")

    assert [entry["act"] for entry in entries] == ["word.watched", "word.unwatched"]
    assert "zqx" not in str([dict(entry) for entry in entries])


async def test_a_word_that_leads_to_an_answer_is_shown_once_before_posting(db, web):
    category = await a_category(db)
    await commands.watch(db, await an_admin(db), word(act="link", sentence="See the guide <b>", path="/t/1"))
    await sign_in_as(web, db, await a_member(db))
    form = dict(
        zip(
            ("category", "kind", "title", "body", "topics", "client_key"),
            (category, "question", "Where is <i>the printer</i>", "cheap toner & <b>", "", "k"),
            strict=True,
        )
    )

    first = await web.post("/ask", data=form)
    assert first.status_code == 200
    assert "See the guide &lt;b&gt;" in first.text
    assert 'href="/t/1"' in first.text
    assert "cheap toner &amp; &lt;b&gt;" in first.text
    assert await value(db, "SELECT count(*) FROM thread") == 0

    second = await web.post("/ask", data=form | {"seen_answer": "1"})
    assert second.status_code == 303
    assert await value(db, "SELECT count(*) FROM thread") == 1


async def test_a_refusal_says_the_sentence_as_plain_text(db, web):
    thread_id = await a_thread(db)
    await commands.watch(db, await an_admin(db), word(sentence="<script>alert(1)</script> no"))
    ann = await sign_in_as(web, db, await a_member(db))

    answer = await web.post((await read(db, ann, thread_id)).path, data={"body": "cheap toner", "client_key": "k"})

    assert answer.status_code == 422
    assert "<script>alert(1)" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "cheap toner</textarea>" in answer.text


@pytest.mark.parametrize("act", ["block", "hold"])
async def test_an_edit_is_no_way_around(db, act):
    ann = await a_member(db)
    thread_id = await a_thread(db, author=ann)
    post, admin = await post_id(db, thread_id), await an_admin(db)
    await commands.watch(db, admin, word(act=act))

    for change in (EditDraft("cheap toner", "", 1), EditDraft("Fine", "", 1, title="Who has cheap toner")):
        with pytest.raises(Invalid):
            await edit(db, ann, post, change)
    await edit(db, admin, post, EditDraft("cheap toner", "", 1))
    await edit(db, ann, post, EditDraft("cheap toner, as it was", "", 2))


async def test_words_are_edited_on_their_page(db, web):
    admin = await sign_in_as(web, db, await an_admin(db))
    sent = {"words": "Cheap toner", "act": "block", "sentence": "No.", "path": "", "category": ""}

    assert (await web.post("/moderation/words", data=sent)).status_code == 303
    assert "cheap toner" in (await web.get("/moderation/words")).text
    assert (await web.post("/moderation/words", data=sent | {"act": "x"})).status_code == 422
    (only,) = await queries.listed_words(db, admin)
    assert (await web.post(f"/moderation/words/{only.id}/drop")).status_code == 303
    assert await queries.listed_words(db, admin) == []
