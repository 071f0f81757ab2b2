"""Editing posts, their history, and two edits at once."""

import asyncio

import pytest

from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Stale
from forum.kit.forms import Form
from forum.members.types import GUEST
from forum.threads import queries
from forum.threads.edit import edit
from forum.threads.types import EditDraft
from tests.factories import a_category, a_member, a_reply, a_thread, age, post_id, sign_in_as


def changed(body="Because it *must*.", version=1, reason="", **more) -> EditDraft:
    return EditDraft(body, reason, version, **more)


async def test_an_edit_shows_and_its_history_tells_what_changed(db, web):
    ann, thread = await a_member(db), await a_thread(db)
    post = await a_reply(db, thread, author=ann, body="Use port 80.")
    await age(db, thread, 1)
    await sign_in_as(web, db, ann)

    sent = await web.post(f"/p/{post}/edit", data={"body": "Use port 443.", "reason": "Encrypt it", "version": "1"})
    history = await web.get(f"/p/{post}/history")

    assert sent.status_code == 303
    assert "Use port 443." in (await web.get(sent.headers["location"])).text
    assert "Encrypt it" in history.text
    assert "80" in history.text
    assert "443" in history.text


async def test_the_first_ten_minutes_are_silent(db):
    ann, thread = await a_member(db), await a_thread(db)
    post = await a_reply(db, thread, author=ann)

    await edit(db, ann, post, changed())

    [_, shown] = (await queries.reading(db, ann, thread)).posts
    assert (shown.version, shown.edited_at) == (2, None)
    assert "<em>must</em>" in shown.html
    assert await queries.revisions(db, ann, post) == []


async def test_staff_never_edit_silently(db):
    category = await a_category(db)
    moderator, thread = await a_member(db, moderates=[category]), await a_thread(db, category=category)
    post = await a_reply(db, thread, body="Rude.")

    await edit(db, moderator, post, changed("Kind.", reason="Tone"))

    [revision] = await queries.revisions(db, moderator, post)
    assert (revision.source, revision.reason, revision.editor_name) == ("Rude.", "Tone", moderator.name)


async def test_an_edit_of_an_old_version_is_stale_and_shows_both_texts(db, web):
    ann, thread = await a_member(db), await a_thread(db)
    post = await a_reply(db, thread, author=ann)
    await edit(db, ann, post, changed("Theirs, which came first."))
    await sign_in_as(web, db, ann)

    page = await web.post(f"/p/{post}/edit", data={"body": "Mine, which came later.", "version": "1"})
    again = await web.post(f"/p/{post}/edit", data={"body": "Mine, which came later.", "version": "2"})

    assert page.status_code == 409
    assert "Theirs, which came first." in page.text
    assert "Mine, which came later." in page.text
    assert again.status_code == 303


async def test_of_edits_at_the_same_moment_one_wins(db):
    ann, thread = await a_member(db), await a_thread(db)
    post = await a_reply(db, thread, author=ann)

    outcomes = await asyncio.gather(
        *(edit(db, ann, post, changed(f"Text {n}.")) for n in range(5)), return_exceptions=True
    )

    assert sum(isinstance(outcome, Stale) for outcome in outcomes) == 4
    assert await value(db, "SELECT version FROM post WHERE id = :id", id=post) == 2


async def test_saving_without_a_change_changes_nothing(db):
    ann, thread = await a_member(db), await a_thread(db)
    post = await a_reply(db, thread, author=ann, body="Same.")

    await edit(db, ann, post, changed("Same."))

    assert await value(db, "SELECT version FROM post WHERE id = :id", id=post) == 1


async def test_the_opening_post_brings_title_and_topics(db):
    ann = await a_member(db)
    thread = await a_thread(db, author=ann, topics="old-topic")

    await edit(
        db, ann, await post_id(db, thread), changed(title="Why does the plotter plot?", topics="new-topic other")
    )

    found = await queries.thread(db, ann, thread)
    assert (found.title, found.slug) == ("Why does the plotter plot?", "why-does-the-plotter-plot")
    assert found.topics == ("new-topic", "other")


async def test_who_may_not_edit(db):
    ann, stranger = await a_member(db), await a_member(db)
    thread, locked = await a_thread(db), await a_thread(db, author=ann)
    post, in_locked = await a_reply(db, thread, author=ann), await a_reply(db, locked, author=ann)
    await run(db, "UPDATE thread SET is_locked = true WHERE id = :id", id=locked)
    mailed = await a_reply(db, thread, author=ann)
    await run(db, "UPDATE post SET format = 'mail' WHERE id = :id", id=mailed)
    refusals = [
        (stranger, post, Forbidden, "Only its author and staff edit a post."),
        (ann, in_locked, Forbidden, "This thread is locked."),
        (ann, mailed, Forbidden, "An email of the archive stays as it was sent."),
        (GUEST, post, NotFound, "^$"),
        (ann, 2**40, NotFound, "^$"),
    ]
    for actor, target, refusal, reason in refusals:
        with pytest.raises(refusal, match=reason):
            await edit(db, actor, target, changed())


@pytest.mark.parametrize(
    ("draft", "field"),
    [(changed(""), "body"), (changed(reason="x" * 201), "reason"), (changed(title="Short"), "title")],
)
async def test_an_edit_that_will_not_do_is_refused(db, draft, field):
    ann, thread = await a_member(db), await a_thread(db)
    post = await a_reply(db, thread, author=ann)

    with pytest.raises(Invalid) as refusal:
        await edit(db, ann, post, draft)

    assert set(refusal.value.fields) == {field}


async def test_nothing_is_left_of_an_edit_that_rolled_back(db):
    ann, thread = await a_member(db), await a_thread(db)
    post = await a_reply(db, thread, author=ann, body="Before.")

    async def edit_and_fail():
        async with db.transaction():
            await edit(db, ann, post, changed("After."))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await edit_and_fail()

    assert (await queries.post_source(db, ann, post)).source == "Before."


async def test_the_history_of_a_hidden_post_is_not_there(db, web):
    ann, thread = await a_member(db), await a_thread(db)
    post = await a_reply(db, thread, author=ann)
    await sign_in_as(web, db, await a_member(db, role="vendor"))

    assert (await web.get(f"/p/{post}/history")).status_code == 404
    assert (await web.get(f"/p/{post}")).status_code == 404
    assert (await web.get(f"/p/{post}/edit")).status_code == 404


async def test_a_title_alone_is_an_edit_with_a_history(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db, author=ann, body="Same text.", days_ago=1)
    opening = await post_id(db, thread)

    await edit(db, ann, opening, changed("Same text.", title="Why does the plotter plot?", reason="Not a printer"))

    assert await value(db, "SELECT version FROM post WHERE id = :id", id=opening) == 2
    with pytest.raises(Stale):
        await edit(db, ann, opening, changed("Same text.", title="Yet another title here"))
    history = await web.get(f"/p/{opening}/history")
    assert "printer" in history.text
    assert "plotter" in history.text


async def test_what_a_conflict_replaced_stays_in_the_history(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    post = await a_reply(db, await a_thread(db), author=ann)
    await edit(db, ann, post, changed("Theirs."))

    page = await web.post(f"/p/{post}/edit", data={"body": "Mine.", "version": "1"})
    await web.post(f"/p/{post}/edit", data={"body": "Mine.", "version": "2", "after_conflict": "1"})

    assert 'name="after_conflict"' in page.text
    assert [revision.source for revision in await queries.revisions(db, ann, post)] == ["Theirs."]


async def test_a_title_pasted_with_odd_spaces_is_one_line(db):
    ann = await a_member(db)
    thread = await a_thread(db, author=ann)
    draft = EditDraft.from_form(
        Form([("body", "x"), ("version", "1"), ("title", " Why\u00a0does\n it \u00ad print? ")])
    )

    await edit(db, ann, await post_id(db, thread), draft)

    assert (await queries.thread(db, ann, thread)).title == "Why does it \u00ad print?"
