"""What must wait for a moderator is no post: nobody but its author and staff can come by it."""

import asyncio

import pytest

from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.moderation import queue
from forum.moderation.types import Ruling
from forum.threads import commands as threads
from forum.threads import hold, queries, release
from forum.threads.merge import merge
from forum.threads.types import ReplyDraft, ThreadDraft
from tests.factories import a_category, a_member, a_reply, a_thread, sign_in_as
from tests.moderation.scenes import KINDS, NO, YES, a_held_reply, a_held_thread, a_holding_category, an_admin, item_id
from tests.threads.recount import assert_counts_are_right


async def test_a_first_post_waits_and_later_ones_do_not(db, drain):
    category, ann, admin = await a_holding_category(db), await a_member(db), await an_admin(db)
    held = await a_held_thread(db, author=ann, category=category)
    assert await value(db, "SELECT count(*) FROM thread") + await value(db, "SELECT count(*) FROM post") == 0
    await drain()

    await queue.decide(db, admin, KINDS, await item_id(db), "approve", YES)

    (thread,) = await rows(db, "SELECT id, title, author_id FROM thread")
    assert (thread["title"], thread["author_id"]) == ("A first question of mine", ann.id)
    assert await threads.reply(db, ann, thread["id"], ReplyDraft("And more.", "k2")) == 2
    assert await hold.waiting(db, admin, [held]) == []
    await assert_counts_are_right(db)


async def test_a_first_post_elsewhere_is_no_way_around(db):
    ann = await a_member(db)
    await a_thread(db, author=ann)

    await a_held_thread(db, author=ann)


async def test_staff_of_the_category_wait_for_nobody(db):
    category = await a_holding_category(db)

    assert await a_thread(db, category=category, author=await a_member(db, moderates=[category]))
    assert await a_thread(db, category=category, author=await an_admin(db))


async def test_sending_twice_holds_once_also_at_the_same_moment(db, drain):
    category, ann = await a_holding_category(db), await a_member(db)
    draft = ThreadDraft(category, "question", "A first question of mine", "Hello", "", "k")

    assert set(await asyncio.gather(*(threads.start(db, ann, draft) for _ in range(10)))) == {0}
    await drain()

    assert await value(db, "SELECT count(*) FROM held_post") == 1
    assert await value(db, "SELECT count(*) FROM queue_item") == 1


async def test_at_most_twenty_wait(db, monkeypatch):
    monkeypatch.setattr(hold, "MOST_WAITING", 2)
    category, ann = await a_holding_category(db), await a_member(db)
    for _ in range(2):
        await a_held_thread(db, author=ann, category=category)

    with pytest.raises(Invalid):
        await a_held_thread(db, author=ann, category=category)


async def test_who_may_not_write_is_refused_not_held(db):
    category = await a_holding_category(db, start_by="staff")

    with pytest.raises(Forbidden):
        await a_held_thread(db, category=category)


async def test_a_draft_is_gone_once_it_is_held(db, web):
    category, ann = await a_holding_category(db), await a_member(db)
    await sign_in_as(web, db, ann)
    form = {"category": category, "kind": "question", "title": "A zqxtitle for you", "body": "zqxbody", "topics": ""}
    await web.post("/drafts", data=form | {"draft_key": "ask", "client_key": ""})

    answer = await web.post("/ask", data=form | {"client_key": "k"})
    page = await web.get(answer.headers["location"])

    assert await value(db, "SELECT count(*) FROM draft") == 0
    assert "Waits for a moderator" in page.text
    assert "zqxtitle" in page.text


async def test_nobody_else_sees_what_waits(db, web, drain):
    category = await a_holding_category(db, read_by="everyone")
    thread = await a_thread(db, category=category, author=await an_admin(db))
    await a_held_thread(db, category=category, title="A zqxtitle that waits", body="zqxbody is here")
    await a_held_reply(db, thread, body="zqxreply is here")
    await drain()
    other = await a_category(db)
    paths = (
        "/",
        f"/c/{category}",
        f"/t/{thread}/x",
        "/search?q=zqxbody",
        "/search?q=zqxreply",
        "/unanswered",
        "/drafts",
    )
    paths += ("/log", "/moderation", "/moderation/items/1", "/people", "/topics")

    for person in (await a_member(db), await a_member(db, moderates=[other])):
        await sign_in_as(web, db, person)
        for path in paths:
            page = await web.get(path, follow_redirects=True)
            assert not any(word in page.text for word in ("zqxtitle", "zqxbody is", "zqxreply is")), path


async def test_its_author_takes_it_back(db, drain):
    ann = await a_member(db)
    held = await a_held_thread(db, author=ann)
    await drain()

    await hold.withdraw(db, await a_member(db), held)
    assert len(await hold.own_held(db, ann)) == 1
    await hold.withdraw(db, ann, held)
    await hold.withdraw(db, ann, held)
    await drain()

    assert await hold.own_held(db, ann) == []
    assert await value(db, "SELECT verdict FROM queue_item") == "solved elsewhere"


async def test_the_moderators_wording_is_published_and_said(db, drain):
    ann, admin = await a_member(db), await an_admin(db)
    await a_held_thread(db, author=ann, body="Ask Tim Smith of class 4.")
    await drain()

    await queue.decide(db, admin, KINDS, await item_id(db), "approve", Ruling(title="", text="Ask your school."))

    assert [row["source"] for row in await rows(db, "SELECT source FROM post")] == ["Ask your school."]
    assert "changed its wording" in await value(db, "SELECT letter FROM queue_item")
    entry = await rows(db, "SELECT act, after FROM audit_entry WHERE act = 'hold.published'")
    assert entry[0]["after"] == {"outcome": "published", "is_edited": True}
    assert "Tim Smith" not in str([dict(row) for row in await rows(db, "SELECT * FROM audit_entry")])


async def test_wording_that_will_not_do_publishes_nothing(db, drain):
    await a_held_thread(db)
    await drain()

    with pytest.raises(Invalid):
        await queue.decide(db, await an_admin(db), KINDS, await item_id(db), "approve", Ruling(title="Short"))

    assert await value(db, "SELECT count(*) FROM thread") == 0
    assert await value(db, "SELECT outcome FROM held_post") == ""


@pytest.mark.parametrize("change", ["silenced", "suspended", "outside", "locked"])
async def test_the_rights_of_its_author_count_when_it_is_published(db, drain, change):
    category = await a_holding_category(db)
    thread, ann = await a_thread(db, category=category, author=await an_admin(db)), await a_member(db)
    held = await a_held_reply(db, thread, author=ann)
    await drain()
    await run(
        db,
        {
            "silenced": "INSERT INTO silence (member_id, until) VALUES (:ann, now() + interval '1 day')",
            "suspended": "UPDATE member SET state = 'suspended' WHERE id = :ann",
            "outside": "UPDATE category SET read_by = 'staff' WHERE :ann > 0",
            "locked": "UPDATE thread SET is_locked = true WHERE :ann > 0",
        }[change],
        ann=ann.id,
    )

    with pytest.raises(Invalid):
        await queue.decide(db, await an_admin(db), KINDS, await item_id(db), "approve", YES)

    assert await value(db, "SELECT count(*) FROM post") == 1
    assert await value(db, "SELECT outcome FROM held_post WHERE id = :id", id=held) == ""


async def test_a_held_reply_follows_its_thread_to_another_category(db, drain):
    category, other = await a_holding_category(db), await a_category(db)
    thread = await a_thread(db, category=category, author=await an_admin(db))
    held = await a_held_reply(db, thread)
    await run(db, "UPDATE thread SET category_id = (SELECT id FROM category WHERE slug = :slug)", slug=other)

    assert await hold.waiting(db, await a_member(db, moderates=[category]), [held]) == []
    assert len(await hold.waiting(db, await a_member(db, moderates=[other]), [held])) == 1
    with pytest.raises(NotFound):
        await release.publish(db, await a_member(db, moderates=[category]), held)


async def test_its_author_sees_no_names_of_what_they_may_not_read_any_more(db):
    category, ann = await a_holding_category(db), await a_member(db)
    thread = await a_thread(db, category=category, author=await an_admin(db))
    await a_held_reply(db, thread, author=ann)
    await run(db, "UPDATE category SET read_by = 'staff', name = 'Zqx'")

    (own,) = await hold.own_held(db, ann)

    assert (own.category_name, own.thread_title, own.heading) == ("", "", "Reply")


async def test_a_refused_text_stays_with_its_author_and_the_reason(db, web, drain):
    ann = await sign_in_as(web, db, await a_member(db))
    await a_held_thread(db, author=ann, body="My text")
    await drain()

    await queue.decide(db, await an_admin(db), KINDS, await item_id(db), "reject", NO)

    page = await web.get("/drafts")
    assert "Not published" in page.text
    assert "Please write it again." in page.text
    assert "My text" in page.text


async def test_a_published_reply_has_the_next_number(db, drain):
    category = await a_holding_category(db)
    admin = await an_admin(db)
    thread, ann = await a_thread(db, category=category, author=admin), await a_member(db)
    await a_held_reply(db, thread, author=ann)
    await a_reply(db, thread, author=admin)
    await drain()

    await queue.decide(db, admin, KINDS, await item_id(db), "approve", YES)

    assert (await queries.post_numbered(db, admin, thread, 3)).author_id == ann.id
    await assert_counts_are_right(db)


async def test_a_held_reply_follows_its_thread_into_the_one_it_was_merged_into(db, drain):
    category, admin, ann = await a_holding_category(db), await an_admin(db), await a_member(db)
    thread, other = [await a_thread(db, category=category, author=admin) for _ in range(2)]
    await a_held_reply(db, thread, author=ann)
    await drain()
    await merge(db, admin, thread, other)

    await queue.decide(db, admin, KINDS, await item_id(db), "approve", YES)

    assert await value(db, "SELECT thread_id FROM post WHERE author_id = :ann", ann=ann.id) == other
    await assert_counts_are_right(db)
