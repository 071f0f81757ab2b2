"""Deleting and restoring: tombstones for author and staff, nothing for others, counts equal to a recount."""

import asyncio

import pytest

from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.types import GUEST
from forum.threads import queries
from forum.threads.accept import accept
from forum.threads.delete import delete, restore
from tests.factories import a_category, a_member, a_reply, a_thread, post_id, sign_in_as
from tests.threads.recount import assert_counts_are_right


async def test_a_deleted_reply_is_a_tombstone_for_its_author_and_nothing_for_others(db, web):
    ann, bob, thread = await a_member(db), await a_member(db), await a_thread(db)
    post = await a_reply(db, thread, author=ann, body="Said in anger.")

    await delete(db, ann, post, "I was wrong")

    await sign_in_as(web, db, bob)
    assert "Said in anger" not in (await web.get(f"/t/{thread}")).text
    assert 'id="p2"' not in (await web.get(f"/t/{thread}")).text
    await sign_in_as(web, db, ann)
    page = await web.get(f"/t/{thread}")
    assert "I was wrong" in page.text
    assert f'action="/p/{post}/restore"' in page.text
    await assert_counts_are_right(db)


async def test_restoring_brings_it_back_for_everybody(db, web):
    ann, thread = await a_member(db), await a_thread(db)
    post = await a_reply(db, thread, author=ann, body="Said in haste.")
    await delete(db, ann, post)
    await sign_in_as(web, db, ann)

    sent = await web.post(f"/p/{post}/restore")

    assert sent.headers["location"].endswith("#p2")
    assert [shown.number for shown in (await queries.reading(db, await a_member(db), thread)).posts] == [1, 2]
    await assert_counts_are_right(db)


async def test_deleting_the_opening_post_deletes_the_thread(db, web):
    ann, category = await a_member(db), await a_category(db)
    thread = await a_thread(db, author=ann, category=category)
    opening = await post_id(db, thread)

    await delete(db, ann, opening, "Asked twice")

    with pytest.raises(NotFound):
        await queries.thread(db, await a_member(db), thread)
    assert (await queries.thread(db, ann, thread)).delete_reason == "Asked twice"
    await assert_counts_are_right(db)
    await restore(db, ann, opening)
    assert (await queries.thread(db, await a_member(db), thread)).deleted_at is None
    await assert_counts_are_right(db)


async def test_twice_is_once(db):
    ann, thread = await a_member(db), await a_thread(db)
    post = await a_reply(db, thread, author=ann)

    for _ in range(2):
        await delete(db, ann, post)
    await assert_counts_are_right(db)
    for _ in range(2):
        await restore(db, ann, post)
    await assert_counts_are_right(db)


async def test_at_the_same_moment_the_counts_stay_right(db):
    ann, thread = await a_member(db), await a_thread(db)
    replies = [await a_reply(db, thread, author=ann) for _ in range(4)]

    await asyncio.gather(*(delete(db, ann, post) for post in replies * 2))

    assert (await queries.thread(db, ann, thread)).reply_count == 0
    await assert_counts_are_right(db)


async def test_a_deleted_answer_is_not_accepted_any_more(db):
    ann, bob = await a_member(db), await a_member(db)
    thread = await a_thread(db, author=ann)
    post = await a_reply(db, thread, author=bob)
    await accept(db, ann, post)

    await delete(db, bob, post)

    assert (await queries.thread(db, ann, thread)).accepted_post_id is None


async def test_numbers_are_never_given_twice(db):
    ann, thread = await a_member(db), await a_thread(db)
    await delete(db, ann, await a_reply(db, thread, author=ann))

    await a_reply(db, thread, author=ann)

    assert await value(db, "SELECT array_agg(number ORDER BY number) FROM post") == [1, 2, 3]


async def test_who_may_not_delete(db):
    ann, bob = await a_member(db), await a_member(db)
    thread = await a_thread(db, author=ann)
    reply = await a_reply(db, thread, author=bob)
    locked = await a_thread(db, author=ann)
    in_locked = await a_reply(db, locked, author=bob)
    await run(db, "UPDATE thread SET is_locked = true WHERE id = :id", id=locked)
    refusals = [
        (ann, reply, Forbidden, "Only its author and staff delete a post."),
        (ann, await post_id(db, thread), Forbidden, "Others have replied. Ask staff to delete the thread."),
        (bob, in_locked, Forbidden, "This thread is locked."),
        (GUEST, reply, NotFound, "^$"),
    ]
    for actor, post, refusal, reason in refusals:
        with pytest.raises(refusal, match=reason):
            await delete(db, actor, post)
    with pytest.raises(Invalid, match="reason"):
        await delete(db, bob, reply, "x" * 201)


async def test_what_staff_deleted_only_staff_restore(db):
    category, ann = await a_category(db), await a_member(db)
    moderator = await a_member(db, moderates=[category])
    thread = await a_thread(db, category=category)
    post = await a_reply(db, thread, author=ann)
    await delete(db, moderator, post, "Off topic")

    with pytest.raises(Forbidden, match="only staff restore"):
        await restore(db, ann, post)
    await restore(db, moderator, post)

    assert len((await queries.reading(db, ann, thread)).posts) == 2


async def test_nothing_is_left_of_a_deletion_that_rolled_back(db):
    ann, thread = await a_member(db), await a_thread(db)
    post = await a_reply(db, thread, author=ann)

    async def delete_and_fail():
        async with db.transaction():
            await delete(db, ann, post)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await delete_and_fail()

    assert (await queries.thread(db, ann, thread)).reply_count == 1


async def test_deleting_asks_first(db, web):
    ann, thread = await a_member(db), await a_thread(db)
    post = await a_reply(db, thread, author=ann)
    await sign_in_as(web, db, ann)

    asked = await web.get(f"/p/{post}/delete")
    sent = await web.post(f"/p/{post}/delete", data={"reason": "Done with it"})

    assert asked.status_code == 200
    assert sent.status_code == 303
    assert await value(db, "SELECT delete_reason FROM post WHERE id = :id", id=post) == "Done with it"
