"""Telling members of posts: one open notification for a member and a thread."""

import asyncio

import pytest

from forum.kit.db import run, value
from forum.notifications import commands, jobs
from forum.notifications.types import Notice
from forum.threads.reading import mark_read
from tests.factories import a_category, a_member, a_reply, a_thread, post_id
from tests.following.scenes import follows, id_of
from tests.notifications.scenes import WORLD, a_told_reply, follows_thread, kept, saw, sees, told

TITLE = "Why does the printer print?"


async def test_who_follows_a_thread_is_told_of_what_is_new_in_it(db, tools):
    ann, bob = await a_member(db, name="Ann"), await a_member(db, name="Bob")
    thread = await a_thread(db)
    await follows_thread(db, ann, thread)

    await a_told_reply(tools, thread, author=bob)

    assert await sees(db, ann) == [f"Bob answered in {TITLE}, because you follow it"]
    assert await sees(db, bob) == []


@pytest.mark.parametrize(
    ("kind", "reason", "because"),
    [
        ("question", "asked", "you asked it"),
        ("question", "replied", "you answered in it"),
        ("discussion", "replied", "you replied in it"),
        ("question", "mentioned", "you were mentioned in it"),
        ("event", "coming", "you said you are coming to it"),
    ],
)
async def test_who_follows_by_what_they_did_is_told_what_and_by_choice_that(db, tools, kind, reason, because):
    ann, thread = await a_member(db), await a_thread(db, kind=kind)
    await follows_thread(db, ann, thread, reason=reason)
    await a_told_reply(tools, thread)
    assert [line.partition(", because ")[2] for line in await sees(db, ann)] == [because]

    await run(db, "UPDATE follow SET reason = 'chosen'")
    await a_told_reply(tools, thread)
    kept_as = because if reason in ("asked", "replied") else "you follow it"  # those are the stronger ones
    assert [line.partition(", because ")[2] for line in await sees(db, ann)] == [kept_as]


async def test_posts_of_one_thread_are_one_line_that_names_the_newest_author_first(db, tools):
    ann = await a_member(db, name="Ann")
    thread = await a_thread(db, kind="discussion")
    await follows_thread(db, ann, thread)
    seen = []

    for name in ("Bob", "Cy", "Dee", "Eve"):
        await a_told_reply(tools, thread, author=await a_member(db, name=name))
        seen += await sees(db, ann)

    assert [line.partition(" replied in ")[0] for line in seen] == [
        "Bob",
        "Cy and Bob",
        "Dee and 2 others",
        "Eve and 3 others",
    ]


async def test_a_new_thread_is_told_to_who_follows_its_category(db, tools):
    ann, bob = await a_member(db, name="Ann"), await a_member(db, name="Bob")
    category = await a_category(db, name="Desk")
    await follows(db, ann, "category", await id_of(db, "category", category))
    thread = await a_thread(db, category=category, author=bob)

    await told(tools, await post_id(db, thread))
    assert await sees(db, ann) == [f"Bob asked {TITLE}, because you follow Desk"]

    await a_told_reply(tools, thread, author=bob)
    assert await sees(db, ann) == [f"Bob wrote in {TITLE}, because you follow Desk"]


async def test_the_strongest_reason_of_what_is_new_is_said(db, tools):
    ann = await a_member(db, name="Ann")
    thread = await a_thread(db, kind="discussion", topics="wifi")
    await follows(db, ann, *WORLD, level="web")
    await a_told_reply(tools, thread)
    assert (await sees(db, ann))[0].endswith("because you follow everything")

    await follows(db, ann, "topic", await id_of(db, "topic", "wifi"))
    await a_told_reply(tools, thread)
    assert (await sees(db, ann))[0].endswith("because you follow #wifi")

    mention = await a_told_reply(tools, thread, body=f"What do you say, @{ann.handle}?")
    await a_told_reply(tools, thread)
    assert (await sees(db, ann))[0].endswith("because you are mentioned")

    await run(db, "UPDATE post SET deleted_at = now() WHERE id = :id", id=mention)
    assert (await sees(db, ann))[0].endswith("because you follow #wifi")


async def test_a_mention_says_so(db, tools):
    ann, bob = await a_member(db, name="Ann"), await a_member(db, name="Bob")
    thread = await a_thread(db)

    await a_told_reply(tools, thread, author=bob, body=f"Look, @{ann.handle}.")

    assert await sees(db, ann) == [f"Bob mentioned you in {TITLE}, because you are mentioned"]


async def test_twice_is_once_one_after_the_other_and_at_the_same_moment(db, tools):
    ann, thread = await a_member(db), await a_thread(db)
    await follows_thread(db, ann, thread)
    first = await a_told_reply(tools, thread)
    await told(tools, first)
    second = await a_reply(db, thread)

    await asyncio.gather(*(jobs.notify_post(tools, second) for _ in range(6)))

    assert await kept(db) == [(ann.id, [first, second], ["thread", "thread"], False)]


async def test_posts_told_at_the_same_moment_are_all_there(db, tools):
    people = [await a_member(db) for _ in range(5)]
    threads = [await a_thread(db) for _ in range(3)]
    for thread in threads:
        for person in people:
            await follows_thread(db, person, thread)
    posts = [await a_reply(db, thread) for thread in threads * 4]

    await asyncio.gather(*(jobs.notify_post(tools, post) for post in posts))

    found = await kept(db)
    assert len(found) == 15
    assert all(len(post_ids) == 4 for _, post_ids, _, _ in found)


async def test_what_was_put_aside_does_not_come_back_with_its_job(db, tools):
    ann, thread = await a_member(db), await a_thread(db)
    await follows_thread(db, ann, thread)
    post = await a_told_reply(tools, thread)
    await commands.put_all_aside(db, ann, 10**17)

    await told(tools, post)
    assert await sees(db, ann) == []

    again = await a_told_reply(tools, thread)
    assert [post_ids for _, post_ids, _, is_done in await kept(db) if not is_done] == [[again]]


async def test_who_has_read_a_post_before_its_job_ran_is_not_told(db, tools):
    ann, thread = await a_member(db), await a_thread(db)
    await follows_thread(db, ann, thread)
    post = await a_reply(db, thread)
    await mark_read(db, ann, thread, 2)

    await told(tools, post)

    assert await kept(db) == []


async def test_reading_makes_it_done_by_itself(db, tools):
    ann, bob = await a_member(db), await a_member(db, name="Bob")
    thread = await a_thread(db)
    await follows_thread(db, ann, thread)
    await a_told_reply(tools, thread, author=await a_member(db))
    await a_told_reply(tools, thread, author=bob)

    await mark_read(db, ann, thread, 2)
    assert await sees(db, ann) == [f"Bob answered in {TITLE}, because you follow it"]
    assert await saw(db, ann) == []

    await mark_read(db, ann, thread, 3)
    assert await sees(db, ann) == []
    assert len(await saw(db, ann)) == 1


async def test_the_newest_hundred_posts_are_kept(db, tools):
    ann, bob, thread = await a_member(db), await a_member(db), await a_thread(db)
    for n in range(2, 105):
        await run(
            db,
            """
            INSERT INTO post (thread_id, number, author_id, source, html, client_key)
            VALUES (:thread, :n, :bob, 'x', 'x', :key)
            """,
            thread=thread,
            n=n,
            bob=bob.id,
            key=f"k{n}",
        )
        await commands.notify(db, await post_id(db, thread, n), [Notice(ann.id, "thread", thread)])

    [(_, post_ids, _, _)] = await kept(db)
    assert post_ids == [await post_id(db, thread, n) for n in range(5, 105)]


async def test_nothing_is_left_behind_when_it_fails(db, tools):
    ann, thread = await a_member(db), await a_thread(db)
    post = await a_reply(db, thread)

    with pytest.raises(Exception, match="notification_says_why"):
        await commands.notify(db, post, [Notice(ann.id, "thread", thread), Notice(thread + 10**6, "no reason", 0)])

    assert await value(db, "SELECT count(*) FROM notification") == 0
