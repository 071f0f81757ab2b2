"""Fifty of one request at the same moment decide one thing, once: the database has the last word."""

import asyncio
from collections import Counter

import httpx
import pytest

from forum.app import build
from forum.kit.db import rows, run, value
from forum.members import sign_in
from forum.threads.merge import merge
from tests import tokened
from tests.factories import a_category, a_member, a_reply, a_thread, sign_in_as
from tests.moderation.scenes import a_held_reply, a_neighbour, an_admin, item_id
from tests.threads.recount import assert_counts_are_right
from tests.waiting import waiting

AT_ONCE = 50


async def statuses(*asking) -> Counter:
    return Counter(answer.status_code for answer in await asyncio.gather(*asking))


@pytest.fixture
async def elsewhere(db, tools):
    """A browser that is signed in as somebody else than `web`."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(build(tools)), base_url="http://forum.example", event_hooks=tokened.HOOKS
    ) as client:
        yield client


async def test_fifty_who_use_one_invitation_are_one_member(db, web):
    link = await sign_in.issue_link(db, "join", "new@district.example", hours=1)

    found = await statuses(*(web.post(f"/join/{link}", data={"name": f"New {n}", "title": ""}) for n in range(AT_ONCE)))

    assert found == {303: 1, 404: AT_ONCE - 1}
    assert await value(db, "SELECT count(*) FROM member") == 1
    assert await value(db, "SELECT count(*) FROM member_email") == 1
    assert await value(db, "SELECT count(*) FROM session") == 1


async def test_fifty_acceptances_leave_one_accepted_answer(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db, author=ann)
    replies = [await a_reply(db, thread) for _ in range(5)]

    found = await statuses(*(web.post(f"/p/{replies[n % 5]}/accept") for n in range(AT_ONCE)))

    assert set(found) == {303}
    assert await value(db, "SELECT accepted_post_id FROM thread WHERE id = :id", id=thread) in replies
    await assert_counts_are_right(db)


async def test_fifty_votes_of_one_member_are_one_mark(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    post = await a_reply(db, await a_thread(db))

    found = await statuses(*(web.post(f"/p/{post}/helpful", data={"helpful": "yes"}) for _ in range(AT_ONCE)))

    assert set(found) == {303}
    assert [dict(row) for row in await rows(db, "SELECT member_id, post_id FROM helpful_vote")] == [
        {"member_id": ann.id, "post_id": post}
    ]
    assert await value(db, "SELECT helpful_count FROM post WHERE id = :id", id=post) == 1
    await assert_counts_are_right(db)


async def test_votes_given_and_taken_back_at_the_same_moment_are_counted_right(db, web):
    await sign_in_as(web, db, await a_member(db))
    post = await a_reply(db, await a_thread(db))

    await statuses(*(web.post(f"/p/{post}/helpful", data={"helpful": ("yes", "no")[n % 2]}) for n in range(AT_ONCE)))

    marks = await value(db, "SELECT count(*) FROM helpful_vote")
    assert marks in (0, 1)
    assert await value(db, "SELECT helpful_count FROM post WHERE id = :id", id=post) == marks
    await assert_counts_are_right(db)


async def test_fifty_flags_of_one_member_are_one_flag_and_one_item(db, web, drain):
    await sign_in_as(web, db, await a_neighbour(db))
    post = await a_reply(db, await a_thread(db))

    found = await statuses(
        *(web.post(f"/p/{post}/flag", data={"reason": "rude", "note": f"{n}"}) for n in range(AT_ONCE))
    )
    await drain()

    assert set(found) <= {303, 429}  # so often a day at most
    assert await value(db, "SELECT count(*) FROM post_flag WHERE post_id = :id", id=post) == 1
    assert await value(db, "SELECT count(*) FROM queue_item WHERE kind = 'flag'") == 1


async def test_fifty_approvals_publish_a_held_reply_once(db, web, elsewhere, drain):
    thread = await a_thread(db)
    await run(db, "UPDATE category SET holds_first_posts = true")
    await a_held_reply(db, thread)
    await drain()
    item = await item_id(db, "hold")
    for browser in (web, elsewhere):
        await sign_in_as(browser, db, await an_admin(db))

    found = await statuses(
        *(
            (web, elsewhere)[n % 2].post(f"/moderation/items/{item}", data={"deed": "approve", "note": f"{n}"})
            for n in range(AT_ONCE)
        )
    )

    assert found[303] == 1
    assert set(found) <= {303, 403, 404, 422}
    assert await value(db, "SELECT count(*) FROM post WHERE thread_id = :id", id=thread) == 2
    assert await value(db, "SELECT count(*) FROM queue_item WHERE decided_at IS NOT NULL") == 1
    await assert_counts_are_right(db)


async def test_fifty_merges_of_twins_into_each_other_leave_one_thread(db, web):
    category = await a_category(db)
    await sign_in_as(web, db, await a_member(db, moderates=[category]))
    one, two = await a_thread(db, category=category), await a_thread(db, category=category)
    await a_reply(db, one)
    await a_reply(db, two)
    pairs = [(one, two), (two, one)] * (AT_ONCE // 2)

    found = await statuses(
        *(web.post(f"/threads/{source}/merge", data={"into": f"/t/{into}"}) for source, into in pairs)
    )

    assert found[303] == 1
    assert set(found) <= {303, 403, 404, 422}
    assert await value(db, "SELECT count(*) FROM thread WHERE merged_into_id IS NULL") == 1
    assert await value(db, "SELECT count(*) FROM post") == 4
    await assert_counts_are_right(db)


async def test_two_threads_that_are_merged_into_each_other_are_held_in_one_order(db):
    category = await a_category(db)
    staff = await a_member(db, moderates=[category])
    one, two = await a_thread(db, category=category), await a_thread(db, category=category)
    async with db.transaction():  # both wait for the first of the two, and neither holds the other meanwhile
        await run(db, "SELECT t.id FROM thread t WHERE t.id = :id FOR NO KEY UPDATE", id=one)
        pairs = ((one, two), (two, one))
        merging = [asyncio.create_task(merge(db, staff, source, into)) for source, into in pairs]
        await asyncio.create_task(waiting(db, 2))
        await run(db, "SELECT t.id FROM thread t WHERE t.id = :id FOR NO KEY UPDATE NOWAIT", id=two)

    done = await asyncio.gather(*merging, return_exceptions=True)

    assert sorted(type(each).__name__ for each in done) in (["Invalid", "int"], ["NotFound", "int"])
    assert await value(db, "SELECT count(*) FROM thread WHERE merged_into_id IS NULL") == 1
    await assert_counts_are_right(db)


async def test_whoever_waits_in_a_circle_is_told_to_try_again_and_nothing_is_half_done(db, web):
    category = await a_category(db)
    await sign_in_as(web, db, await a_member(db, moderates=[category]))
    one, two = await a_thread(db, category=category), await a_thread(db, category=category)
    hold = "SELECT t.id FROM thread t WHERE t.id = :id FOR NO KEY UPDATE"
    async with db.transaction():
        await run(db, "SET LOCAL deadlock_timeout = '1 min'")  # the other one notices first
        await run(db, hold, id=two)
        merging = asyncio.create_task(web.post(f"/threads/{one}/merge", data={"into": f"/t/{two}"}))
        await asyncio.create_task(waiting(db, 1))
        await run(db, hold, id=one)

    answer = await merging

    assert answer.status_code == 409
    assert "Somebody did the same at this moment, so yours was not done. Try again." in answer.text
    assert await value(db, "SELECT count(*) FROM thread WHERE merged_into_id IS NULL") == 2
    again = await web.post(f"/threads/{one}/merge", data={"into": f"/t/{two}"})
    assert again.status_code == 303
    await assert_counts_are_right(db)
