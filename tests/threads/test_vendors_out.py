"""Threads that not all vendors read: those that keep vendors out, and the room of one vendor."""

import asyncio
import json
from functools import partial

import pytest

from forum.categories.queries import categories
from forum.directory.queries import people
from forum.directory.types import Sought
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.queries import actor
from forum.members.roles import change_role
from forum.members.types import GUEST
from forum.moderation import flags, log
from forum.moderation.types import FlagDraft
from forum.moderation.undo import undo
from forum.screening.commands import watch
from forum.screening.types import WordDraft
from forum.search.finding import find
from forum.search.likeness import alike
from forum.search.parsing import parse
from forum.threads import bulk, commands, drafts, hold, queries, state
from forum.threads.lists import Selection, pinned, threads
from forum.threads.merge import merge
from forum.threads.move import move
from forum.threads.release import publish
from forum.threads.similar import similar_threads
from forum.threads.split import split
from forum.threads.staff_types import SplitDraft
from forum.threads.types import ReplyDraft, ThreadDraft
from forum.topics.queries import topic_called, topics
from forum.votes.commands import vote
from forum.wiring import HOLDINGS
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, post_id, sign_in_as
from tests.products.catalogue import a_vendor_account

TITLE = "What does Glowlamp cost you each year?"


@pytest.fixture
async def lobby(db):
    """Vendors and guests read here."""
    return await a_category(db, read_by="everyone", lets_vendors_in=True)


async def hide(db, thread_id, vendor=None):
    """Keep vendors out of a thread, or make it the room of one of them."""
    if vendor is None:
        await run(db, "UPDATE thread SET keeps_vendors_out = true WHERE id = :id", id=thread_id)
    else:
        sql = "UPDATE thread SET vendor_id = (SELECT v.id FROM vendor v WHERE v.name = :name) WHERE id = :id"
        await run(db, sql, name=vendor, id=thread_id)


async def finds(db, actor, thread_id) -> bool:
    try:
        await queries.thread(db, actor, thread_id)
    except NotFound:
        return False
    return True


async def test_no_query_tells_a_vendor_or_a_guest_of_it(db, tools, lobby, indexed):
    ann, vic = await a_member(db), await a_vendor_account(db)
    thread = await a_thread(db, category=lobby, title=TITLE, topics="prices", keeps_vendors_out=True)
    answer = await a_reply(db, thread, author=ann, body="About four dollars for each child")
    await run(db, "UPDATE thread SET is_pinned = true WHERE id = :id", id=thread)
    await indexed()

    async def told(actor):
        return {
            "show": await finds(db, actor, thread),
            "merged": await queries.merged(db, actor, thread) is not None,
            "post": bool(await queries.replies_to_choose(db, actor, thread, after=1)),
            "latest": bool(await threads(db, actor, Selection())),
            "of a category": bool(await threads(db, actor, Selection("top", lobby))),
            "pinned": bool(await pinned(db, actor, lobby)),
            "of a topic": bool(await threads(db, actor, Selection(topic="prices"))),
            "search by title": bool((await find(tools, actor, parse("Glowlamp"))).hits),
            "search by words": bool((await find(tools, actor, parse("dollars child"))).hits),
            "search by likeness": bool((await find(tools, actor, parse("Glowlamp cosst you each yeer"))).hits),
            "search by topic": bool((await find(tools, actor, parse("topic:prices"))).hits),
            "topic found": bool((await find(tools, actor, parse("kind:topic prices"))).hits),
            "similar": bool(await similar_threads(db, actor, TITLE, partial(alike, tools))),
            "topics": bool(await topics(db, actor)),
            "topic": await topic_called(db, actor, "prices") is not None,
            "count": sum(each.thread_count for each in await categories(db, actor)) > 0,
            "directory": [each.handle for each in await people(db, actor, Sought(topic="prices"))] == [ann.handle],
        }

    assert set((await told(ann)).values()) == {True}
    assert set((await told(vic)).values()) == {False}
    assert set((await told(GUEST)).values()) == {False}
    for write in (
        commands.reply(db, vic, thread, ReplyDraft("We sell it", "k")),
        vote(db, vic, answer, is_helpful=True),
        flags.flag(db, vic, answer, FlagDraft("other", "Wrong")),
    ):
        with pytest.raises(NotFound):
            await write


async def test_a_thread_beside_an_open_one_is_not_shown_as_alike(db, tools, lobby, indexed):
    open_thread = await a_thread(db, category=lobby, title=TITLE)
    await a_thread(db, category=lobby, title=f"{TITLE} Really?", keeps_vendors_out=True)
    await indexed()

    seen = {}
    for role in ("member", "vendor"):
        reader = await a_member(db, role=role)
        seen[role] = (await queries.reading(db, reader, open_thread, alike=partial(alike, tools))).similar

    assert (len(seen["member"]), len(seen["vendor"])) == (1, 0)


async def test_one_vendors_room_is_closed_to_the_others_and_to_guests(db, tools, lobby, web, indexed):
    own, other = await a_vendor_account(db, vendor="NorthGate"), await a_vendor_account(db, vendor="Beacon")
    none, ann = await a_member(db, role="vendor"), await a_member(db)
    thread = await a_thread(db, category=lobby, title=TITLE)
    await hide(db, thread, "NorthGate")
    await indexed()

    assert [await finds(db, who, thread) for who in (own, other, none, ann)] == [True, False, False, True]
    found = [await find(tools, who, parse("Glowlamp")) for who in (own, other, none, ann)]
    assert [results.count for results in found] == [1, 0, 0, 1]
    counts = [(await categories(db, who))[0].thread_count for who in (own, other, none, ann)]
    assert counts == [1, 0, 0, 1]
    assert (await web.get(f"/t/{thread}")).status_code == 404
    await hide(db, thread)
    assert not await finds(db, own, thread)


async def test_what_a_vendor_wrote_and_flagged_goes_out_of_their_sight_with_the_thread(db, lobby):
    vic, ann = await a_vendor_account(db, vendor="NorthGate"), await a_member(db)
    thread = await a_thread(db, category=lobby, author=ann, title="NorthGate is slow today")
    await a_reply(db, thread, author=vic, body="We look into it")
    await flags.flag(db, vic, await post_id(db, thread), FlagDraft("other", "Not so"))
    await drafts.save_draft(db, vic, f"thread:{thread}", {"body": "More from us"})

    await state.keep_vendors_out(db, ann, thread, out=True)

    held = [await holding.export(db, vic) for holding in HOLDINGS]
    said = json.dumps([[dict(row) for row in rows] for each in held for rows in each.values()], default=str)
    assert "NorthGate is slow" not in said
    assert "We look into it" not in said
    assert [(flag.path, flag.thread_title) for flag in await flags.own_flags(db, vic)] == [("", "")]


async def test_the_log_for_members_tells_vendors_nothing_of_it(db, lobby):
    admin, ann, vic = await an_admin(db), await a_member(db), await a_vendor_account(db)
    thread = await a_thread(db, category=lobby, keeps_vendors_out=True)
    await state.lock(db, admin, thread)

    assert [len(await log.public_log(db, who, before=2**60)) for who in (ann, vic)] == [1, 0]


async def test_who_asks_ticks_it_and_a_draft_and_a_held_post_keep_the_tick(db, web):
    lobby = await a_category(db, slug="lobby", lets_vendors_in=True, holds_first_posts=True)
    await a_category(db, slug="desk")
    ann = await sign_in_as(web, db, await a_member(db))
    typed = {"title": TITLE, "body": "Tell me", "category": lobby, "kind": "question", "topics": ""}

    assert "Keep vendors out" in (await web.get("/ask")).text
    assert "Keep vendors out" not in (await web.get("/ask?category=desk")).text
    await web.post("/drafts", data=typed | {"keeps_vendors_out": "1", "draft_key": "ask"})
    form = await web.get("/ask")
    assert 'name="keeps_vendors_out" value="1" checked' in form.text

    await web.post("/ask", data=typed | {"keeps_vendors_out": "1", "client_key": "k"})
    waiting = await rows(db, "SELECT h.id FROM held_post h WHERE h.author_id = :id", id=ann.id)
    await publish(db, await an_admin(db), waiting[0]["id"])
    assert await value(db, "SELECT t.keeps_vendors_out FROM thread t")


async def test_a_page_of_advice_carries_the_tick_on(db, web):
    lobby = await a_category(db, slug="lobby", lets_vendors_in=True)
    await watch(db, await an_admin(db), WordDraft("printer", "link", "Look here.", "/help", ""))
    await sign_in_as(web, db, await a_member(db))
    typed = {"title": "A printer that prints", "body": "Tell me", "category": lobby, "kind": "question", "topics": ""}

    page = await web.post("/ask", data=typed | {"keeps_vendors_out": "1", "client_key": "k"})

    assert 'name="keeps_vendors_out" value="1"' in page.text


async def test_the_tick_is_changed_later_by_the_asker_and_staff_and_stands_in_the_log(db, lobby, web):
    ann, ben = await sign_in_as(web, db, await a_member(db)), await a_member(db)
    thread = await a_thread(db, category=lobby, author=ann)
    assert "Keep vendors out" in (await web.get(f"/t/{thread}")).text

    await web.post(f"/threads/{thread}/vendors", data={"vendors": "out"})
    page = await web.get(f"/t/{thread}")
    assert "No vendors" in page.text
    assert "Let vendors in" in page.text
    await a_reply(db, thread, author=ben)
    refused = await web.post(f"/threads/{thread}/vendors", data={"vendors": "in"})
    assert refused.status_code == 403
    with pytest.raises(Forbidden):
        await state.keep_vendors_out(db, ben, thread, out=False)

    await state.keep_vendors_out(db, await an_admin(db), thread, out=False)
    acts = await rows(db, "SELECT e.act FROM audit_entry e WHERE e.subject_kind = 'thread' ORDER BY e.id")
    assert [row["act"] for row in acts] == ["thread.vendors_kept_out", "thread.vendors_let_in"]


async def test_changing_it_twice_or_at_once_is_one_change_and_it_is_undone(db, lobby):
    ann = await a_member(db)
    thread = await a_thread(db, category=lobby, author=ann)

    done = await asyncio.gather(*(state.keep_vendors_out(db, ann, thread, out=True) for _ in range(8)))

    assert sorted(done)[:-1] == [0] * 7
    await undo(db, ann, max(done))
    assert not (await queries.thread(db, ann, thread)).keeps_vendors_out


async def test_undoing_opens_nothing_that_others_have_written_since(db, lobby):
    ann = await a_member(db)
    thread = await a_thread(db, category=lobby, author=ann)
    entry_id = await state.keep_vendors_out(db, ann, thread, out=True)
    await a_reply(db, thread)

    with pytest.raises(Forbidden):
        await undo(db, ann, entry_id)
    assert (await queries.thread(db, ann, thread)).keeps_vendors_out


async def test_merging_does_not_open_what_was_kept_from_vendors(db, lobby):
    admin, vic = await an_admin(db), await a_vendor_account(db)
    closed, open_thread = await a_thread(db, category=lobby), await a_thread(db, category=lobby)
    await hide(db, closed)

    with pytest.raises(Invalid) as refusal:
        await merge(db, admin, closed, open_thread)
    assert "Keep them out of the other thread first." in refusal.value.fields["into"]

    await drafts.save_draft(db, vic, f"thread:{open_thread}", {"body": "From us"})
    await merge(db, admin, open_thread, closed)
    assert not await finds(db, vic, closed)
    assert await queries.merged(db, vic, open_thread) is None
    assert [draft.key for draft in await drafts.drafts(db, vic)] == [f"thread:{open_thread}"]


async def test_a_part_that_is_split_off_keeps_vendors_out_too_and_so_does_a_moved_thread(db, lobby):
    admin, vic = await an_admin(db), await a_vendor_account(db, vendor="Beacon")
    await a_vendor_account(db, vendor="NorthGate")
    hall = await a_category(db, lets_vendors_in=True)
    for vendor in (None, "NorthGate"):
        thread = await a_thread(db, category=lobby)
        reply = await a_reply(db, thread)
        await hide(db, thread, vendor)

        part, _ = await split(db, admin, thread, SplitDraft((reply,), "A part of its own", lobby))
        await move(db, admin, thread, hall)

        assert not await finds(db, vic, part)
        assert not await finds(db, vic, thread)


async def test_threads_of_an_archive_that_become_one_keep_vendors_out_together(db, lobby):
    vic = await a_vendor_account(db)
    one, other = await a_thread(db, category=lobby), await a_thread(db, category=lobby)
    await hide(db, other)

    await bulk.join_threads(db, one, other)

    assert not await finds(db, vic, one)


async def test_a_moderator_who_becomes_a_vendor_moderates_nothing_and_is_kept_out(db, lobby):
    admin, mia = await an_admin(db), await a_member(db, moderates=[lobby])
    thread = await a_thread(db, category=lobby, keeps_vendors_out=True)
    await run(db, "UPDATE category SET holds_first_posts = true")
    await a_held_post(db, lobby)

    await change_role(db, admin, mia.id, "vendor")

    mia = await actor(db, mia.id)
    held_ids = [row["id"] for row in await rows(db, "SELECT h.id FROM held_post h")]
    assert not await finds(db, mia, thread)
    assert not mia.is_staff
    assert await hold.waiting(db, mia, held_ids) == []


async def a_held_post(db, category):
    draft = ThreadDraft(category, "question", "A first question of mine", "Hello there", "", "k")
    assert await commands.start(db, await a_member(db), draft) == 0
