"""What of a notification is shown: what stands, and what its reader may read now."""

import asyncio

import pytest

from forum.kit.db import run, value
from forum.members.unnamed import stand_in
from forum.notifications import commands, jobs, queries
from forum.notifications.types import Notice
from forum.threads import merge, split
from forum.threads.staff_types import SplitDraft
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, sign_in_as
from tests.following.scenes import follows
from tests.notifications.scenes import (
    WORLD,
    a_told_reply,
    follows_thread,
    on_the_bell,
    saw,
    sees,
    told,
    two_of_a_category,
    waiting_for_a_row,
)
from tests.products.catalogue import a_product

TITLE = "Why does the printer print?"


async def shown(db, web, member) -> tuple[int, list[str], list[str]]:
    """What the bell counts, and what is new and done for a member."""
    await sign_in_as(web, db, member)
    return await on_the_bell(db, web), await sees(db, member), await saw(db, member)


@pytest.mark.parametrize(
    "taken_away",
    [
        "UPDATE category SET is_hidden = true",
        "UPDATE category SET read_by = 'staff', seen_by = 'readers'",
        "UPDATE thread SET deleted_at = now()",
        "UPDATE post SET deleted_at = now() WHERE number > 1",
    ],
)
async def test_what_may_not_be_read_any_more_is_as_if_it_never_was(db, tools, web, taken_away):
    ann, category = await a_member(db), await a_category(db)
    thread = await a_thread(db, category=category, title="A title nobody may read now")
    await follows_thread(db, ann, thread)
    await a_told_reply(tools, thread)
    assert await shown(db, web, ann) != (0, [], [])

    await run(db, taken_away)

    assert await shown(db, web, ann) == (0, [], [])
    for path in ("/notifications", "/notifications/done"):
        assert "A title nobody may read now" not in (await web.get(path)).text
    own = await value(db, "SELECT n.id FROM notification n")
    assert (await web.get(f"/notifications/{own}")).status_code == 404


async def test_a_vendor_is_not_told_of_a_thread_that_keeps_vendors_out(db, tools, web):
    vendor = await a_member(db, role="vendor")
    category = await a_category(db, read_by="everyone", lets_vendors_in=True)
    thread = await a_thread(db, category=category)
    await follows_thread(db, vendor, thread)
    await a_told_reply(tools, thread)
    assert len(await sees(db, vendor)) == 1

    await run(db, "UPDATE thread SET keeps_vendors_out = true")

    assert await shown(db, web, vendor) == (0, [], [])


async def test_what_was_new_in_both_of_two_merged_threads_is_one_line(db, tools, drain):
    ann, cy, admin, category = (
        await a_member(db),
        await a_member(db, name="Cy"),
        await an_admin(db),
        await a_category(db),
    )
    thread = await a_thread(db, category=category, title="Where does it come from?")
    into = await a_thread(db, category=category, title="Where does it go to?")
    for each in (thread, into):
        await follows_thread(db, ann, each)
        await a_told_reply(tools, each, author=await a_member(db))
    await follows_thread(db, cy, thread)
    await drain()

    await merge.merge(db, admin, thread, into)
    await drain()
    await jobs.carry_thread(tools, thread, into)
    await a_told_reply(tools, into)

    for member, posts in ((ann, 5), (cy, 3)):  # with the opening posts
        assert [(line.title, line.posts) for line in await queries.new_lines(db, member)] == [
            ("Where does it go to?", posts)
        ]


async def test_what_is_told_of_a_thread_while_another_one_comes_into_it_is_in_the_same_line(db, tools):
    ann = await a_member(db)
    thread, into = await two_of_a_category(db, ann)
    await a_told_reply(tools, thread)
    await merge.merge(db, await an_admin(db), thread, into)

    async with db.transaction():
        await a_told_reply(tools, into)
        merging = asyncio.create_task(jobs.carry_thread(tools, thread, into))
        await asyncio.create_task(waiting_for_a_row(db))  # a transaction sees the activity of its first look only
    await merging

    assert [(line.thread_id, line.posts) for line in await queries.new_lines(db, ann)] == [(into, 2)]


async def test_deleted_posts_and_their_authors_are_counted_no_more(db, tools):
    ann, thread = await a_member(db), await a_thread(db)
    await follows_thread(db, ann, thread)
    posts = [await a_told_reply(tools, thread, author=await a_member(db, name=name)) for name in ("Bob", "Cy", "Dee")]

    await run(db, "UPDATE post SET deleted_at = now() WHERE id = :id", id=posts[2])

    assert await sees(db, ann) == [f"Cy and Bob answered in {TITLE}, because you follow it"]


async def test_posts_of_somebody_muted_are_not_told_among_others(db, tools):
    ann, bob, cy = [await a_member(db, name=name) for name in ("Ann", "Bob", "Cy")]
    thread = await a_thread(db, author=cy)
    await follows(db, ann, *WORLD)
    await follows(db, ann, "person", bob.id, "muted")

    for author in (cy, bob, cy):
        await a_told_reply(tools, thread, author=author)

    assert await sees(db, ann) == [f"Cy answered in {TITLE}, because you follow everything"]


async def test_nobody_learns_who_wrote_without_a_name(db, tools):
    ann, bob, thread = await a_member(db, name="Ann"), await a_member(db, name="Bob"), await a_thread(db)
    await follows_thread(db, ann, thread)
    nobody = await stand_in(db, "A district with 2,000 students")
    post = await a_reply(db, thread, author=bob)
    await run(db, "UPDATE post SET author_id = :nobody WHERE id = :id", nobody=nobody, id=post)

    await told(tools, post)

    assert await sees(db, ann) == [f"A district with 2,000 students answered in {TITLE}, because you follow it"]


async def test_posts_are_followed_to_the_thread_they_were_merged_into_or_split_off_to(db, tools):
    ann, admin, category = await a_member(db), await an_admin(db), await a_category(db)
    thread = await a_thread(db, category=category, title="Where does it come from?")
    into = await a_thread(db, category=category, title="Where does it go to?")
    await follows_thread(db, ann, thread)
    bob, cy = await a_member(db, name="Bob"), await a_member(db, name="Cy")
    await a_told_reply(tools, thread, author=bob)
    last = await a_told_reply(tools, thread, author=cy)

    await merge.merge(db, admin, thread, into)
    assert await sees(db, ann) == ["Cy and Bob answered in Where does it go to?, because you follow it"]

    await split.split(db, admin, into, SplitDraft((last,), "Where does it end then?", category))
    assert sorted(await sees(db, ann)) == [
        "Bob answered in Where does it go to?, because you follow it",
        "Cy asked Where does it end then?, because you follow it",
    ]


NAMED = {
    "topic": ("SELECT o.id FROM topic o", "#wifi", "a topic of it", "DELETE FROM thread_topic"),
    "category": (
        "SELECT t.category_id FROM thread t",
        "Desk",
        "its category",
        "UPDATE notification SET target_ids = '{0}'",
    ),
    "product": (
        "SELECT pr.id FROM product pr",
        "Lantern",
        "a product it is about",
        "UPDATE member SET role = 'vendor'",
    ),
    "vendor": ("SELECT v.id FROM vendor v", "NorthGate", "a vendor it is about", "UPDATE member SET role = 'vendor'"),
    "person": (
        "SELECT m.id FROM member m WHERE m.name = 'Bob'",
        "Bob",
        "somebody who writes in it",
        "UPDATE member SET state = 'suspended' WHERE name = 'Bob'",
    ),
    "search": (
        "SELECT s.id FROM saved_search s",
        "the search “toner”",
        "a search that finds it",
        "UPDATE saved_search SET member_id = (SELECT m.id FROM member m WHERE m.name = 'Bob')",
    ),
}


@pytest.mark.parametrize("kind", NAMED)
async def test_the_name_of_what_is_followed_is_said_while_its_reader_may_know_it(db, kind):
    target, name, without, lost = NAMED[kind]
    ann, bob = await a_member(db, name="Ann"), await a_member(db, name="Bob")
    category = await a_category(db, name="Desk", read_by="members", lets_vendors_in=True)
    thread = await a_thread(db, category=category, topics="wifi", kind="discussion")
    post = await a_reply(db, thread, author=bob)
    await a_product(db, "Lantern")
    await run(db, "INSERT INTO saved_search (member_id, query) VALUES (:ann, 'toner')", ann=ann.id)
    await commands.notify(db, post, [Notice(ann.id, kind, await value(db, target))])
    assert await sees(db, ann) == [f"Bob replied in {TITLE}, because you follow {name}"]

    await run(db, lost)

    assert await sees(db, ann) == [f"Bob replied in {TITLE}, because you follow {without}"]


async def test_opening_a_thread_takes_it_off_the_bell(db, tools, web):
    ann, thread = await sign_in_as(web, db, await a_member(db)), await a_thread(db)
    await follows_thread(db, ann, thread)
    await a_told_reply(tools, thread)
    assert await on_the_bell(db, web) == 1

    await web.get(f"/t/{thread}/x")

    assert await on_the_bell(db, web) == 0
    assert len(await saw(db, ann)) == 1


async def test_the_bell_counts_to_ninety_nine(db, tools, web):
    ann = await sign_in_as(web, db, await a_member(db))
    bob = await a_member(db)
    await a_category(db)
    await run(
        db,
        """
        INSERT INTO thread (category_id, author_id, kind, title, slug, client_key, next_number, last_number)
        SELECT c.id, :bob, 'question', 'Why is it ' || n, 'x', 'k' || n, 2, 1
        FROM category c, generate_series(1, 120) n
        """,
        bob=bob.id,
    )
    await run(
        db,
        """
        INSERT INTO post (thread_id, number, author_id, source, html, client_key)
        SELECT t.id, 1, :bob, 'x', 'x', 'k' FROM thread t
        """,
        bob=bob.id,
    )
    await run(
        db,
        """
        INSERT INTO notification (member_id, thread_id, post_ids, reasons, target_ids)
        SELECT :ann, p.thread_id, ARRAY[p.id], ARRAY['thread'], ARRAY[p.thread_id] FROM post p
        """,
        ann=ann.id,
    )

    page = (await web.get("/notifications")).text
    assert ">99+<" in page
    assert page.count("told-title") == 30
    assert (await web.get("/notifications/bell")).text.count("99+") == 1

    titles, path = set(), "/notifications"
    while path:
        page = (await web.get(path)).text
        titles |= {part.partition("<")[0] for part in page.split("</span> Why is it ")[1:]}
        path = "/notifications" + after if (after := older(page)) else ""
    assert len(titles) == 120


def older(page: str) -> str:
    return page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")


async def test_guests_are_led_to_signing_in_and_see_no_bell(web):
    assert "Sign in to see what is new for you." in (await web.get("/notifications")).text
    assert 'data-behavior="bell"' not in (await web.get("/")).text
