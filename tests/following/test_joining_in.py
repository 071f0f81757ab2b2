"""Threads that are followed by themselves, and followers who come along when two things become one."""

import asyncio
import re

import pytest
from structlog.testing import capture_logs

from forum.accounts.commands import delete, merge
from forum.accounts.export import export
from forum.accounts.types import DeletionDraft, MergeDraft
from forum.following import commands, jobs, queries
from forum.following.types import Target
from forum.following.wishes import wishes as wishes_of
from forum.kit.db import rows, run, value
from forum.products import commands as products
from forum.search import saving
from forum.search.asked_types import SearchDraft
from forum.threads.merge import merge as merge_threads
from forum.threads.split import split
from forum.threads.staff_types import SplitDraft
from forum.topics import commands as topics
from forum.wiring import HOLDINGS, PRODUCT_MERGES, TOPIC_MERGES
from tests.accounts.test_export import files
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, sign_in_as
from tests.following.scenes import follows, id_of, opening, wishes
from tests.products.catalogue import a_product
from tests.products.reviews import a_review, a_reviewer
from tests.waiting import waiting


async def followers(db, kind, target_id) -> dict[int, tuple[str, str]]:
    found = await rows(
        db,
        "SELECT f.member_id, f.level, f.reason FROM follow f WHERE f.kind = :kind AND f.target_id = :id",
        kind=kind,
        id=target_id,
    )
    return {row["member_id"]: (row["level"], row["reason"]) for row in found}


async def test_who_asks_replies_or_is_mentioned_follows_the_thread_as_they_wish(db, drain):
    ann, bob, kim, lee = [await a_member(db) for _ in range(4)]
    await wishes(db, bob, replying="digest")
    await wishes(db, lee, mentioned="none")
    thread = await a_thread(db, author=ann)
    await a_reply(db, thread, author=bob, body=f"Ask @{kim.handle} or @{lee.handle}.")
    await drain()

    assert await followers(db, "thread", thread) == {
        ann.id: ("each", "asked"),
        bob.id: ("digest", "replied"),
        kim.id: ("each", "mentioned"),
    }


def told_level(page: str) -> str:
    """What the menu beside a thread's title says."""
    return re.search(r'id="level-thread-\d+">(?:<svg.*?</svg>)?\s*([\w ]+)', page)[1]


@pytest.mark.parametrize(("wish", "said"), [("each", "Every message"), ("digest", "Weekly digest"), ("none", "Follow")])
async def test_the_page_says_at_once_how_whoever_asks_or_replies_follows_the_thread(db, web, drain, wish, said):
    ann, category = await sign_in_as(web, db, await a_member(db)), await a_category(db)
    await wishes(db, ann, asking=wish, replying=wish)
    thread = await a_thread(db, category=category)
    asked = {"category": category, "kind": "question", "title": "Which printer hums?", "body": "Ours do.", "topics": ""}

    for path, form in (("/ask", asked), (f"/t/{thread}/replies", {"body": "None of ours."})):
        sent = await web.post(path, data=form | {"client_key": path})
        assert told_level((await web.get(sent.headers["location"])).text) == said
    own = "SELECT f.* FROM follow f WHERE f.member_id = :id ORDER BY f.target_id"
    before = await rows(db, own, id=ann.id)
    await drain()
    assert await rows(db, own, id=ann.id) == before


GIVEN_UP = """
    CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'given up' USING ERRCODE = 'deadlock_detected'; END$$;
    CREATE TRIGGER given_up BEFORE INSERT ON follow FOR EACH ROW EXECUTE FUNCTION give_up()
"""


async def test_what_was_written_is_there_though_its_thread_is_followed_only_later(db, web, drain):
    ann, thread = await sign_in_as(web, db, await a_member(db)), await a_thread(db)
    await run(db, GIVEN_UP)
    try:
        with capture_logs() as logged:
            sent = await web.post(f"/t/{thread}/replies", data={"body": "None of ours.", "client_key": "1"})
    finally:
        await run(db, "DROP TRIGGER given_up ON follow; DROP FUNCTION give_up")
    page = (await web.get(sent.headers["location"])).text

    assert "None of ours." in page
    assert told_level(page) == "Follow"
    assert [line["ids"] for line in logged if line["event"] == "follows later"] == [(thread, 2)]
    await drain()
    assert (await followers(db, "thread", thread))[ann.id] == ("each", "replied")


@pytest.mark.parametrize(("followed", "days"), [([], 7), ([7, 30], 7), ([7, 2], 2)])
async def test_threads_one_joins_in_come_as_often_as_the_digests_one_has(db, tools, followed, days):
    ann, bob = await a_member(db), await a_member(db)
    for who in (ann, bob):
        await wishes(db, who, asking="digest", mentioned="digest")
        for topic_id, every_days in enumerate(followed, 1):
            await follows(db, who, "topic", topic_id, "digest", every_days=every_days)
        await follows(db, who, "topic", 9, "each")
    thread = await a_thread(db, author=ann, body=f"Ask @{bob.handle}.")
    await jobs.follow_by_post(tools, await opening(db, thread))

    found = await rows(db, "SELECT f.member_id, f.every_days FROM follow f WHERE f.kind = 'thread' ORDER BY 1")
    assert [tuple(row.values()) for row in found] == [(ann.id, days), (bob.id, days)]


async def test_the_same_post_twice_and_at_the_same_moment_changes_nothing(db, tools):
    ann = await a_member(db)
    thread = await a_thread(db, author=ann)
    post = await opening(db, thread)
    await asyncio.gather(*(jobs.follow_by_post(tools, post) for _ in range(4)))
    await commands.follow(db, ann, Target("thread", thread), "web")
    await jobs.follow_by_post(tools, post)

    assert await followers(db, "thread", thread) == {ann.id: ("web", "chosen")}


@pytest.mark.parametrize("kind", ["thread", "person", "category", "topic"])
async def test_a_mention_brings_back_nothing_that_is_muted(db, tools, kind):
    ann, bob, slug = await a_member(db), await a_member(db), await a_category(db)
    thread = await a_thread(db, author=bob, category=slug, topics="wifi")
    muted = {
        "thread": thread,
        "person": bob.id,
        "category": await id_of(db, "category", slug),
        "topic": await id_of(db, "topic", "wifi"),
    }
    await follows(db, ann, kind, muted[kind], "muted")
    post = await a_reply(db, thread, author=bob, body=f"@{ann.handle} knows.")
    await jobs.follow_by_post(tools, post)

    expected = ("muted", "chosen") if kind == "thread" else None
    assert (await followers(db, "thread", thread)).get(ann.id) == expected


async def test_who_is_mentioned_where_they_do_not_read_follows_nothing(db, tools):
    ann, admin = await a_member(db), await an_admin(db)
    thread = await a_thread(db, author=admin, category=await a_category(db, read_by="staff"))
    post = await a_reply(db, thread, author=admin, body=f"@{ann.handle} knows.")
    await jobs.follow_by_post(tools, post)

    assert ann.id not in await followers(db, "thread", thread)


async def test_a_deleted_post_brings_nothing(db, tools):
    ann = await a_member(db)
    thread = await a_thread(db)
    post = await a_reply(db, thread, author=ann)
    await run(db, "UPDATE post SET deleted_at = now() WHERE id = :id", id=post)
    await jobs.follow_by_post(tools, post)

    assert await followers(db, "thread", thread) == {}


async def test_a_review_is_followed_on_the_web_also_by_who_shows_no_name(db, drain):
    writer = await a_reviewer(db)
    slug = await a_product(db, "Lantern")
    await a_review(db, slug, by=writer, is_unnamed=True)
    await drain()
    thread = await value(db, "SELECT pr.review_thread_id FROM product pr WHERE pr.slug = :slug", slug=slug)

    assert await followers(db, "thread", thread) == {writer.id: ("web", "replied")}


async def test_followers_of_a_thread_come_along_when_it_is_merged(db, drain):
    ann, bob, kim, admin = [await a_member(db) for _ in range(3)] + [await an_admin(db)]
    category = await a_category(db)
    old, new = await a_thread(db, category=category), await a_thread(db, category=category)
    for who, level in ((ann, "each"), (bob, "muted"), (kim, "each")):
        await follows(db, who, "thread", old, level)
    await follows(db, kim, "thread", new, "web")
    await merge_threads(db, admin, old, new)
    await drain()

    found = await followers(db, "thread", new)
    assert (found[ann.id], bob.id in found, found[kim.id]) == (("each", "chosen"), False, ("web", "chosen"))


async def test_followers_who_come_along_from_two_threads_at_the_same_moment_wait_in_no_circle(db, tools):
    category, members = await a_category(db), [await a_member(db) for _ in range(8)]
    one, two, into = [await a_thread(db, category=category) for _ in range(3)]
    for thread, following in ((one, members), (two, members[::-1])):
        for who in following:
            await follows(db, who, "thread", thread)
        await merge_threads(db, await an_admin(db), thread, into)

    async with db.transaction(force_rollback=True):
        await follows(db, members[4], "thread", into)
        carrying = [asyncio.create_task(jobs.carry_thread(tools, thread, into)) for thread in (one, two)]
        await asyncio.create_task(waiting(db, 2))
    await asyncio.gather(*carrying)

    assert set(await followers(db, "thread", into)) == {who.id for who in members}


async def test_who_follows_or_muted_a_thread_does_so_with_what_is_split_off_it(db, drain):
    ann, bob, admin = await a_member(db), await a_member(db), await an_admin(db)
    slug = await a_category(db)
    thread = await a_thread(db, category=slug)
    post = await a_reply(db, thread)
    await follows(db, ann, "thread", thread, "digest")
    await follows(db, bob, "thread", thread, "muted")
    new, _ = await split(db, admin, thread, SplitDraft((post,), "A question of its own", slug))
    for _ in range(2):
        await drain()

    found = await followers(db, "thread", new)
    assert (found[ann.id], found[bob.id]) == (("digest", "chosen"), ("muted", "chosen"))


async def test_what_is_split_off_is_followed_for_what_one_wrote_in_it_or_else_as_it_was_split_off(db, drain):
    ann, bob, cy, dee, admin = [await a_member(db) for _ in range(4)] + [await an_admin(db)]
    slug = await a_category(db)
    thread = await a_thread(db, category=slug, author=ann)
    posts = [await a_reply(db, thread, author=bob), await a_reply(db, thread, author=cy)]
    await a_reply(db, thread, author=dee, body="This one stays.")
    await drain()
    await commands.follow(db, admin, Target("thread", thread), "web")
    new, _ = await split(db, admin, thread, SplitDraft(tuple(posts), "A question of its own", slug))
    await drain()

    assert await followers(db, "thread", new) == {
        ann.id: ("each", "split"),
        bob.id: ("each", "asked"),
        cy.id: ("each", "replied"),
        dee.id: ("each", "split"),
        admin.id: ("web", "chosen"),
    }
    await a_reply(db, new, author=dee)
    await drain()
    assert (await followers(db, "thread", new))[dee.id] == ("each", "replied")


async def test_who_began_a_thread_that_was_merged_wrote_in_the_other_one(db, drain):
    ann, admin, slug = await a_member(db), await an_admin(db), await a_category(db)
    old, new = await a_thread(db, category=slug, author=ann), await a_thread(db, category=slug)
    await drain()
    await merge_threads(db, admin, old, new)
    for _ in range(2):
        await drain()

    assert (await followers(db, "thread", new))[ann.id] == ("each", "replied")


async def test_followers_of_a_topic_or_product_come_along_when_two_become_one(db):
    ann, kim, admin = await a_member(db), await a_member(db), await an_admin(db)
    await a_thread(db, topics="wifi")
    await a_thread(db, topics="wlan")
    await a_product(db, "Lantern")
    await a_product(db, "Lamp")
    ids = {slug: await id_of(db, kind, slug) for kind, slug in PAIRS}
    for kind, slug in PAIRS:
        await follows(db, kim, kind, ids[slug], "web" if slug in ("wifi", "lantern") else "each")
        if slug in ("wlan", "lamp"):
            await follows(db, ann, kind, ids[slug], "digest")

    await topics.merge(db, admin, "wlan", "wifi", TOPIC_MERGES)
    await products.merge(db, admin, ids["lamp"], "lantern", PRODUCT_MERGES)

    for kind, slug in (("topic", "wifi"), ("product", "lantern")):
        assert await followers(db, kind, ids[slug]) == {ann.id: ("digest", "chosen"), kim.id: ("web", "chosen")}
    assert await value(db, "SELECT count(*) FROM follow") == 4


PAIRS = (("topic", "wifi"), ("topic", "wlan"), ("product", "lantern"), ("product", "lamp"))


async def test_what_leads_to_nothing_is_forgotten_at_night_and_nothing_else(db, tools):
    ann, bob = await a_member(db), await a_member(db)
    thread = await a_thread(db)
    saved_id = await saving.save(db, ann, SearchDraft.from_text("printer"))
    kept = [("thread", thread), ("person", bob.id), ("search", saved_id), ("everything", 0)]
    for kind, target_id in kept:
        await follows(db, ann, kind, target_id)
    for kind in ("thread", "person", "search", "product", "topic", "vendor", "category"):
        await follows(db, ann, kind, 2**62)
    await run(db, "UPDATE thread SET deleted_at = now() WHERE id = :id", id=thread)
    for _ in range(2):
        await jobs.clear_up(tools)

    found = await rows(db, "SELECT f.kind, f.target_id FROM follow f ORDER BY f.kind, f.target_id")
    assert sorted((row["kind"], row["target_id"]) for row in found) == sorted(kept)


async def test_the_export_holds_what_is_followed_by_names_one_may_see(db):
    ann = await a_member(db)
    open_slug, closed = await a_category(db), await a_category(db, read_by="staff", name="The vault")
    for slug in (open_slug, closed):
        await follows(db, ann, "category", await id_of(db, "category", slug))
    found = files(await export(db, ann, HOLDINGS))["following/followed.json"]

    assert '"category"' in found
    assert "vault" not in found


async def test_two_accounts_that_become_one_follow_what_either_did(db, tools):
    old, new, fan, admin = [await a_member(db) for _ in range(3)] + [await an_admin(db)]
    await follows(db, old, "everything", 0, "web")
    await follows(db, new, "everything", 0, "each")
    await follows(db, fan, "person", old.id)
    await follows(db, old, "person", new.id)
    for who in (old, new):
        saved_id = await saving.save(db, who, SearchDraft.from_text("printer"))
    await commands.follow(db, old, Target("search", saved_id - 1), "each")
    await wishes(db, old, hour=9)
    await merge(db, admin, MergeDraft(old.handle, new.handle, "One person"), HOLDINGS)

    assert await followers(db, "everything", 0) == {new.id: ("each", "chosen")}
    assert await followers(db, "person", new.id) == {fan.id: ("each", "chosen")}
    assert await followers(db, "search", saved_id) == {new.id: ("each", "chosen")}
    assert await value(db, "SELECT f.saved_id FROM follow_search f WHERE f.member_id = :id", id=new.id) == saved_id
    assert (await wishes_of(db, new.id)).hour == 9
    await jobs.clear_up(tools)
    assert len(await queries.followed(db, new)) == 2


async def test_who_leaves_follows_nothing_and_is_followed_by_nobody(db, web):
    ann, fan = await sign_in_as(web, db, await a_member(db)), await a_member(db)
    await follows(db, ann, "everything", 0)
    await follows(db, fan, "person", ann.id)
    await wishes(db, ann, hour=9)
    await delete(db, ann, DeletionDraft("anonymise", ann.handle), HOLDINGS)

    left = "SELECT (SELECT count(*) FROM follow) + (SELECT count(*) FROM mail_wish)"
    assert await value(db, left) == 0
