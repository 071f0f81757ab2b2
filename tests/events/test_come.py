"""Saying that one comes."""

import asyncio

import pytest

from forum.events import commands, queries
from forum.events.account import HOLDING
from forum.following.jobs import follow_by_coming
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, NotFound
from forum.members.types import GUEST
from tests.events.scenes import an_event, over
from tests.factories import a_category, a_member
from tests.following.scenes import follows, wishes


async def coming(db, actor, thread_id) -> tuple[int, bool]:
    event = await queries.event(db, actor, thread_id)
    return event.guests, event.is_coming


async def test_who_comes_is_counted_once_and_may_change_their_mind(db):
    ann, bob = await a_member(db, name="Ann Lee"), await a_member(db)
    thread_id = await an_event(db)

    for _ in range(2):
        await commands.come(db, ann, thread_id, is_coming=True)
    assert (await coming(db, ann, thread_id), await coming(db, bob, thread_id)) == ((1, True), (1, False))
    event = await queries.event(db, bob, thread_id)
    assert event.guest_words == "1 person is coming"
    assert [each.name for each in await queries.guests(db, event.post_id)] == ["Ann Lee"]

    for _ in range(2):
        await commands.come(db, ann, thread_id, is_coming=False)
    assert await coming(db, ann, thread_id) == (0, False)


async def test_suspended_members_are_neither_counted_nor_named(db):
    ann, gone, thread_id = await a_member(db), await a_member(db), await an_event(db)
    for each in (ann, gone):
        await commands.come(db, each, thread_id, is_coming=True)

    await run(db, "UPDATE member SET state = 'suspended' WHERE id = :id", id=gone.id)

    event = await queries.event(db, ann, thread_id)
    assert event.guests == len(await queries.guests(db, event.post_id)) == 1


@pytest.mark.parametrize(("wish", "level"), [("each", "each"), ("digest", "digest"), ("web", "web"), ("none", None)])
async def test_who_comes_follows_the_thread_as_they_follow_those_they_reply_in(db, drain, wish, level):
    ann, thread_id = await a_member(db), await an_event(db)
    await wishes(db, ann, replying=wish)

    for _ in range(2):
        await commands.come(db, ann, thread_id, is_coming=True)
        await drain()

    followed = await rows(db, "SELECT f.level, f.reason FROM follow f WHERE f.member_id = :id", id=ann.id)
    assert [tuple(row.values()) for row in followed] == ([(level, "coming")] if level else [])


@pytest.mark.parametrize(
    ("level", "reason", "left"),
    [("each", "coming", []), ("web", "coming", []), ("none", "coming", ["none"]), ("each", "chosen", ["each"]),
     ("digest", "mentioned", ["digest"]), ("muted", "chosen", ["muted"])],
)  # fmt: skip
async def test_who_will_not_come_after_all_follows_the_thread_only_for_something_else(db, drain, level, reason, left):
    ann, thread_id = await a_member(db), await an_event(db)
    await commands.come(db, ann, thread_id, is_coming=True)
    await drain()
    await run(
        db, "UPDATE follow SET level = :level, reason = :reason, every_days = :days WHERE member_id = :id",
        level=level, reason=reason, days=7 if level == "digest" else None, id=ann.id,
    )  # fmt: skip

    for _ in range(2):
        await commands.come(db, ann, thread_id, is_coming=False)
        await drain()

    found = await rows(db, "SELECT f.level FROM follow f WHERE f.member_id = :id", id=ann.id)
    assert [row["level"] for row in found] == left


async def test_whatever_comes_first_of_coming_and_not_it_is_followed_as_it_stands(db, tools, drain):
    ann, thread_id = await a_member(db), await an_event(db)
    post = await commands.come(db, ann, thread_id, is_coming=True)
    await commands.come(db, ann, thread_id, is_coming=False)
    await commands.come(db, ann, thread_id, is_coming=True)
    await drain()
    for _ in range(2):
        await asyncio.gather(*(follow_by_coming(tools, post, ann.id) for _ in range(5)))
    assert await value(db, "SELECT f.reason FROM follow f WHERE f.member_id = :id", id=ann.id) == "coming"

    await commands.come(db, ann, thread_id, is_coming=False)
    await asyncio.gather(*(follow_by_coming(tools, post, ann.id) for _ in range(5)))
    assert await value(db, "SELECT count(*) FROM follow f WHERE f.member_id = :id", id=ann.id) == 0


async def test_who_muted_the_thread_comes_without_hearing_of_it(db, drain):
    ann, thread_id = await a_member(db), await an_event(db)
    await follows(db, ann, "thread", thread_id, "muted")

    await commands.come(db, ann, thread_id, is_coming=True)
    await drain()

    assert await value(db, "SELECT f.level FROM follow f WHERE f.member_id = :id", id=ann.id) == "muted"


async def test_all_who_say_so_at_the_same_moment_come(db):
    thread_id, people = await an_event(db), [await a_member(db) for _ in range(5)]

    await asyncio.gather(*(commands.come(db, each, thread_id, is_coming=True) for each in people * 2))

    assert await coming(db, people[0], thread_id) == (5, True)


async def test_nothing_is_left_of_a_word_that_rolled_back(db):
    ann, thread_id = await a_member(db), await an_event(db)

    async def come_and_fail():
        async with db.transaction():
            await commands.come(db, ann, thread_id, is_coming=True)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await come_and_fail()

    assert await coming(db, ann, thread_id) == (0, False)


async def test_who_may_not_say_so_and_of_what(db):
    author, ann = await a_member(db), await a_member(db)
    shared = await a_category(db, read_by="everyone", lets_vendors_in=True)
    open_one, gone, off = [await an_event(db, author=author, category=shared) for _ in range(3)]
    await over(db, gone)
    await commands.cancel(db, author, off, is_cancelled=True)
    refusals = [
        (GUEST, open_one, Forbidden, "Sign in to say that you come."),
        (await a_member(db, role="vendor"), open_one, Forbidden, "Members say here"),
        (ann, gone, Forbidden, "It is over."),
        (ann, off, Forbidden, "It is canceled."),
        (ann, await an_event(db, author=author, category=shared, out=True), None, ""),
        (GUEST, await an_event(db), NotFound, "^$"),
    ]
    for actor, thread_id, refusal, words in refusals:
        if refusal is None:
            await commands.come(db, actor, thread_id, is_coming=True)
            continue
        with pytest.raises(refusal, match=words):
            await commands.come(db, actor, thread_id, is_coming=True)


async def test_what_somebody_announced_and_goes_to_is_exported_as_far_as_they_may_read_it(db):
    ann, staff_room = await a_member(db), await a_category(db)
    own = await an_event(db, author=ann, title="What I announced once", place="Room 4")
    other = await an_event(db, category=staff_room, title="What others announced")
    await commands.come(db, ann, other, is_coming=True)

    told = await HOLDING.export(db, ann)

    assert [(row["thread_id"], row["place"]) for row in told["events"]] == [(own, "Room 4")]
    assert [row["title"] for row in told["going_to"]] == ["What others announced"]


async def test_two_accounts_that_become_one_come_once(db):
    ann, again = await a_member(db), await a_member(db)
    both, one = await an_event(db), await an_event(db)
    for actor, thread_id in ((ann, both), (again, both), (again, one)):
        await commands.come(db, actor, thread_id, is_coming=True)

    async with db.transaction():
        await HOLDING.hand_over(db, again.id, ann.id)

    assert {row["member_id"] for row in await rows(db, "SELECT g.member_id FROM event_guest g")} == {ann.id}
    assert (await coming(db, ann, both))[0] == (await coming(db, ann, one))[0] == 1


@pytest.mark.parametrize(("removes", "left"), [(False, 1), (True, 0)])
async def test_who_leaves_comes_no_more_and_takes_the_time_along_only_with_their_words(db, removes, left):
    ann = await a_member(db)
    await an_event(db, author=ann)
    other = await an_event(db)
    await commands.come(db, ann, other, is_coming=True)

    async with db.transaction():
        await HOLDING.forget(db, ann.id, removes)

    assert await value(db, "SELECT count(*) FROM event_guest") == 0
    assert await value(db, "SELECT count(*) FROM event") == left + 1
