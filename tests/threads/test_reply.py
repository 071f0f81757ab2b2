"""Replying."""

import asyncio
import re

import pytest

from forum.kit.db import value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.types import GUEST
from forum.threads import commands, queries
from forum.threads.types import MAX_BODY, ReplyDraft
from tests.factories import a_category, a_group, a_member, a_reply, a_thread, sign_in_as
from tests.threads.recount import assert_counts_are_right

HELLO = ReplyDraft(body="Hello *you*", client_key="k1")


async def test_a_reply_shows_on_the_thread_page(db, web):
    ann, thread = await sign_in_as(web, db, await a_member(db)), await a_thread(db)

    sent = await web.post(f"/t/{thread}/replies", data={"body": "Hello *you*", "client_key": "k"})

    assert (sent.status_code, sent.headers["location"]) == (303, f"/t/{thread}/why-does-the-printer-print#p2")
    assert "<em>you</em>" in (await web.get(f"/t/{thread}")).text
    assert (await queries.thread(db, ann, thread)).reply_count == 1


async def test_sending_twice_adds_one_post(db):
    ann, thread = await a_member(db), await a_thread(db)

    numbers = [await commands.reply(db, ann, thread, HELLO) for _ in range(2)]

    assert numbers == [2, 2]
    assert len((await queries.reading(db, ann, thread)).posts) == 2


async def test_sending_twice_at_the_same_moment_adds_one_post(db):
    ann, thread = await a_member(db), await a_thread(db)

    numbers = await asyncio.gather(*(commands.reply(db, ann, thread, HELLO) for _ in range(5)))

    assert set(numbers) == {2}
    assert len((await queries.reading(db, ann, thread)).posts) == 2


async def test_replies_at_the_same_moment_get_their_own_numbers(db):
    thread = await a_thread(db)
    people = [await a_member(db) for _ in range(8)]

    numbers = await asyncio.gather(*(commands.reply(db, person, thread, HELLO) for person in people))

    assert sorted(numbers) == list(range(2, 10))
    assert (await queries.thread(db, people[0], thread)).reply_count == 8


async def test_who_may_not_reply(db):
    ann, vendor = await a_member(db), await a_member(db, role="vendor")
    circle = await a_category(db, reply_by="groups", groups=[await a_group(db)])
    public = await a_category(db, read_by="everyone")
    staff_only = await a_category(db, reply_by="staff")
    refusals = [
        (GUEST, await a_thread(db, category=public), Forbidden, "Sign in to reply."),
        (ann, await a_thread(db, is_locked=True), Forbidden, "This thread is locked."),
        (ann, await a_thread(db, category=staff_only), Forbidden, "Only staff reply in this category."),
        (ann, await a_thread(db, category=circle), Forbidden, "Only its groups reply in this category."),
        (GUEST, await a_thread(db), NotFound, "^$"),
        (vendor, await a_thread(db), NotFound, "^$"),
        (ann, 2**40, NotFound, "^$"),
    ]
    for actor, thread, refusal, reason in refusals:
        with pytest.raises(refusal, match=reason):
            await commands.reply(db, actor, thread, HELLO)


async def test_staff_reply_where_others_may_not(db):
    category = await a_category(db, reply_by="staff")
    moderator = await a_member(db, moderates=[category])
    thread = await a_thread(db, category=category, is_locked=True)

    assert await commands.reply(db, moderator, thread, HELLO) == 2


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (ReplyDraft("", "k"), "body"),
        (ReplyDraft("x" * (MAX_BODY + 1), "k"), "body"),
        (ReplyDraft("x", ""), "client_key"),
    ],
)
async def test_a_reply_that_will_not_do_is_refused_with_a_sentence(db, draft, field):
    with pytest.raises(Invalid) as refusal:
        await commands.reply(db, await a_member(db), await a_thread(db), draft)

    assert set(refusal.value.fields) == {field}


async def test_a_refused_form_comes_back_with_its_text(db, web):
    await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db)

    page = await web.post(f"/t/{thread}/replies", data={"body": "y" * 30_001, "client_key": "k"})

    assert page.status_code == 422
    assert "At most 30,000 characters" in page.text
    assert "y" * 30_001 in page.text


async def test_nothing_is_left_of_a_reply_that_rolled_back(db):
    ann, thread = await a_member(db), await a_thread(db)

    async def reply_and_fail():
        async with db.transaction():
            await commands.reply(db, ann, thread, HELLO)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await reply_and_fail()

    assert await value(db, "SELECT count(*) FROM post") == 1
    assert (await queries.thread(db, ann, thread)).reply_count == 0


async def test_a_preview_keeps_the_text_and_posts_nothing(db, web):
    await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db)

    page = await web.post(f"/t/{thread}/replies", data={"body": "So **bold**", "client_key": "k", "preview": "1"})

    assert "<strong>bold</strong>" in page.text
    assert "So **bold**" in page.text
    assert await value(db, "SELECT count(*) FROM post") == 1


async def test_quoting_a_post_begins_the_reply_with_it(db, web):
    await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db)
    await a_reply(db, thread, author=await a_member(db, name="Ann Lee"), body="First\n\nSecond")

    page = await web.get(f"/t/{thread}?quote=2")

    assert "@ann.lee wrote:\n\n&gt; First\n&gt;\n&gt; Second" in page.text


async def test_a_quote_comes_behind_what_was_typed_before(db, web):
    await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db, body="Quote me.")
    await web.post("/drafts", data={"draft_key": f"thread:{thread}", "body": "Typed before."})

    page = await web.get(f"/t/{thread}?quote=1")

    assert re.search(r"Typed before\.\s+@\S+ wrote:\s+&gt; Quote me\.", page.text)


async def test_the_same_key_in_another_thread_is_another_reply(db):
    ann, first, second = await a_member(db), await a_thread(db), await a_thread(db)

    assert [await commands.reply(db, ann, thread, HELLO) for thread in (first, second)] == [2, 2]
    assert await a_thread(db, author=ann)


async def test_any_refusal_gives_the_text_back(db, web):
    thread = await a_thread(db, is_locked=True)
    form = {"body": "Half an hour of typing", "client_key": "k"}

    signed_out = await web.post(f"/t/{thread}/x", data=form)
    await sign_in_as(web, db, await a_member(db))
    locked = await web.post(f"/t/{thread}/x", data=form)

    assert (signed_out.status_code, locked.status_code) == (404, 403)
    assert "Half an hour of typing" in signed_out.text
    assert f"/sign-in?next=/t/{thread}/x" in signed_out.text
    assert "Half an hour of typing" in locked.text


async def test_guests_make_nothing_be_rendered(db, web):
    public = await a_thread(db, category=await a_category(db, read_by="everyone"))
    answers = [
        await web.post("/preview", data={"body": "[" * 20_000}),
        await web.post(f"/t/{public}/x", data={"body": "[" * 20_000, "client_key": "k", "preview": "1"}),
        await web.post("/ask", data={"title": "Ten characters", "body": "[" * 20_000, "preview": "1"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


async def test_text_that_cannot_be_seen_is_no_text(db):
    with pytest.raises(Invalid) as refusal:
        await commands.reply(db, await a_member(db), await a_thread(db), ReplyDraft("\u200b \u3164", "k"))

    assert set(refusal.value.fields) == {"body"}


async def test_a_reply_that_began_before_another_makes_no_thread_older(db):
    ann, ben, thread = await a_member(db), await a_member(db), await a_thread(db)

    async with db.transaction():
        await value(db, "SELECT now()")  # from here on its time stands still
        await asyncio.create_task(commands.reply(db, ben, thread, ReplyDraft("I was first.", "key-ben")))
        await commands.reply(db, ann, thread, ReplyDraft("I began first.", "key-ann"))

    await assert_counts_are_right(db)
