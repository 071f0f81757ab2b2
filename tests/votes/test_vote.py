"""Marking posts helpful."""

import asyncio

import pytest

from forum.kit.errors import Forbidden, NotFound
from forum.members.types import GUEST
from forum.threads import queries
from forum.votes.commands import vote
from tests.factories import a_category, a_member, a_reply, a_thread, sign_in_as
from tests.threads.recount import assert_counts_are_right


async def helpful(db, actor, thread, number=2) -> tuple[int, bool]:
    post = (await queries.reading(db, actor, thread)).posts[number - 1]
    return post.helpful_count, post.is_mine_helpful


async def test_a_mark_is_one_per_member_and_can_be_taken_back(db):
    ann, thread = await a_member(db), await a_thread(db)
    post = await a_reply(db, thread)

    for _ in range(2):
        await vote(db, ann, post, is_helpful=True)
    assert await helpful(db, ann, thread) == (1, True)
    await assert_counts_are_right(db)

    for _ in range(2):
        await vote(db, ann, post, is_helpful=False)
    assert await helpful(db, ann, thread) == (0, False)
    await assert_counts_are_right(db)


async def test_marks_at_the_same_moment_all_count(db):
    thread = await a_thread(db)
    post = await a_reply(db, thread)
    people = [await a_member(db) for _ in range(6)]

    await asyncio.gather(*(vote(db, person, post, is_helpful=True) for person in people * 2))

    assert await helpful(db, people[0], thread) == (6, True)
    await assert_counts_are_right(db)


async def test_who_may_not_mark(db):
    ann, vendor = await a_member(db), await a_member(db, role="vendor")
    category = await a_category(db, read_by="everyone", lets_vendors_in=True)
    thread = await a_thread(db, category=category)
    post = await a_reply(db, thread, author=ann)
    refusals = [
        (ann, post, Forbidden, "Others say whether your post helped."),
        (GUEST, post, Forbidden, "Sign in to mark posts helpful."),
        (vendor, post, Forbidden, "Vendors do not mark posts."),
        (GUEST, await a_reply(db, await a_thread(db)), NotFound, "^$"),
    ]
    for actor, target, refusal, reason in refusals:
        with pytest.raises(refusal, match=reason):
            await vote(db, actor, target, is_helpful=True)


async def test_nothing_is_left_of_a_mark_that_rolled_back(db):
    ann, thread = await a_member(db), await a_thread(db)
    post = await a_reply(db, thread)

    async def vote_and_fail():
        async with db.transaction():
            await vote(db, ann, post, is_helpful=True)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await vote_and_fail()

    assert await helpful(db, ann, thread) == (0, False)


async def test_the_button_works_without_a_script_and_is_swapped_with_one(db, web):
    await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db)
    post = await a_reply(db, thread)

    plain = await web.post(f"/p/{post}/helpful", data={"helpful": "yes"})
    swapped = await web.post(f"/p/{post}/helpful", data={"helpful": "no"}, headers={"accept": "text/html; fragment"})

    assert plain.headers["location"].endswith("#p2")
    assert swapped.status_code == 200
    assert "<html" not in swapped.text
    assert "Helpful" in swapped.text
