"""Accepted answers."""

import asyncio

import pytest

from forum.kit.db import value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.types import GUEST
from forum.threads import queries
from forum.threads.accept import accept, unaccept
from forum.threads.delete import delete
from tests.factories import a_category, a_member, a_reply, a_thread, age, post_id, sign_in_as


async def test_the_asker_accepts_an_answer_and_both_posts_link_to_each_other(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db, author=ann)
    post = await a_reply(db, thread)

    sent = await web.post(f"/p/{post}/accept")
    page = await web.get(f"/t/{thread}")

    assert sent.status_code == 303
    assert "is-accepted" in page.text
    assert 'href="#p2"' in page.text or '#p2"' in page.text
    assert '#p1">To the question' in page.text


async def test_the_choice_can_change_and_be_taken_back(db):
    ann = await a_member(db)
    thread = await a_thread(db, author=ann)
    first, second = await a_reply(db, thread), await a_reply(db, thread)

    await accept(db, ann, first)
    await accept(db, ann, second)
    await unaccept(db, ann, first)
    assert (await queries.thread(db, ann, thread)).accepted_post_id == second
    await unaccept(db, ann, second)
    assert (await queries.thread(db, ann, thread)).accepted_post_id is None


async def test_accepting_at_the_same_moment_leaves_one(db):
    ann = await a_member(db)
    thread = await a_thread(db, author=ann)
    replies = [await a_reply(db, thread) for _ in range(5)]

    await asyncio.gather(*(accept(db, ann, post) for post in replies))

    assert (await queries.thread(db, ann, thread)).accepted_post_id in replies


async def test_staff_accept_after_seven_days(db):
    category = await a_category(db)
    moderator = await a_member(db, moderates=[category])
    fresh, old = await a_thread(db, category=category), await a_thread(db, category=category)
    answers = [await a_reply(db, fresh), await a_reply(db, old)]
    await age(db, old, 7.01)

    with pytest.raises(Forbidden, match="For seven days"):
        await accept(db, moderator, answers[0])
    await accept(db, moderator, answers[1])

    assert (await queries.thread(db, moderator, old)).accepted_post_id == answers[1]


async def test_who_may_not_accept(db):
    ann, bob = await a_member(db), await a_member(db)
    public = await a_category(db, read_by="everyone")
    thread = await a_thread(db, author=ann, category=public)
    talk = await a_thread(db, author=ann, kind="discussion")
    refusals = [
        (bob, await a_reply(db, thread), Forbidden, "The asker chooses the accepted answer."),
        (GUEST, await a_reply(db, thread), Forbidden, "Sign in to accept an answer."),
        (ann, await a_reply(db, talk), Forbidden, "Only questions have an accepted answer."),
        (ann, await post_id(db, thread), Invalid, "post"),
        (ann, 2**40, NotFound, "^$"),
    ]
    for actor, post, refusal, reason in refusals:
        with pytest.raises(refusal, match=reason):
            await accept(db, actor, post)


async def test_nothing_is_left_of_an_acceptance_that_rolled_back(db):
    ann = await a_member(db)
    thread = await a_thread(db, author=ann)
    post = await a_reply(db, thread)

    async def accept_and_fail():
        async with db.transaction():
            await accept(db, ann, post)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await accept_and_fail()

    assert await value(db, "SELECT accepted_post_id FROM thread") is None


async def test_accepting_while_it_is_deleted_leaves_no_deleted_answer(db):
    for _ in range(10):
        ann, bob = await a_member(db), await a_member(db)
        thread = await a_thread(db, author=ann)
        post = await a_reply(db, thread, author=bob)

        await asyncio.gather(accept(db, ann, post), delete(db, bob, post), return_exceptions=True)

        assert (await queries.thread(db, ann, thread)).accepted_post_id is None
