"""Announcing events, and changing when and where they are."""

import asyncio
from dataclasses import replace

import pytest

from forum.events import commands, jobs, queries
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Stale
from forum.members.types import GUEST
from forum.threads import commands as thread_commands
from forum.threads import delete, drafts, merge, move, release, split
from forum.threads import queries as threads
from forum.threads.lists import Place
from forum.threads.staff_types import SplitDraft
from forum.threads.types import MAX_BODY
from tests.events.scenes import a_draft, an_event, facts, over
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, post_id


async def test_an_event_is_a_thread_with_a_time_and_a_place(db):
    ann = await a_member(db)
    category = await a_category(db, name="Meetings")
    draft = a_draft(category, title="Filters, and what they see", topics="wifi", days=3, place="Austin, Texas")

    thread_id = await commands.announce(db, ann, draft)

    thread = await threads.thread(db, ann, thread_id)
    assert (thread.kind, thread.title, thread.topics) == ("event", "Filters, and what they see", ("wifi",))
    event = await queries.event(db, ann, thread_id)
    assert event.facts == draft.facts
    assert event.where == "Austin, Texas"
    assert not event.is_over
    assert [each.thread_id for each in await queries.coming(db, ann)] == [thread_id]


async def test_sending_the_same_event_twice_or_at_the_same_moment_announces_one(db):
    ann, category = await a_member(db), await a_category(db)
    draft = a_draft(category)

    ids = await asyncio.gather(*(commands.announce(db, ann, draft) for _ in range(4)))

    assert len(set(ids)) == 1
    assert await commands.announce(db, ann, draft) == ids[0]
    assert await value(db, "SELECT count(*) FROM event") == await value(db, "SELECT count(*) FROM thread") == 1


async def test_the_same_words_with_another_time_are_another_event_and_with_the_same_one_none(db):
    ann, category = await a_member(db), await a_category(db)
    words = {"title": "Office hours of the month", "body": "We answer what you ask."}
    first, next_month = a_draft(category, days=3, **words), a_draft(category, days=33, **words)

    ids = [await commands.announce(db, ann, draft) for draft in (first, next_month)]

    assert [each.thread_id for each in await queries.coming(db, ann)] == ids
    for draft in (first, next_month):  # the form reached by Back has a key of its own
        again = replace(draft, thread=replace(draft.thread, client_key=f"again {draft.thread.client_key}"))
        assert await commands.announce(db, ann, again) in ids
    assert await value(db, "SELECT count(*) FROM event") == 2


async def test_a_form_that_is_sent_once_more_with_another_time_announces_another_event(db):
    ann, category = await a_member(db), await a_category(db)
    draft = a_draft(category, days=3)

    ids = [await commands.announce(db, ann, each) for each in (draft, replace(draft, facts=facts(days=33)))]

    assert [each.thread_id for each in await queries.coming(db, ann)] == ids


async def test_an_event_with_the_words_of_a_discussion_is_a_thread_of_its_own(db):
    ann, category = await a_member(db), await a_category(db)
    draft = a_draft(category, title="Office hours of the month", body="We answer what you ask.")
    discussion = await thread_commands.start(db, ann, replace(draft.thread, kind="discussion", client_key="other"))

    thread_id = await commands.announce(db, ann, draft)

    assert thread_id != discussion
    assert (await threads.thread(db, ann, thread_id)).has_event


async def test_a_draft_is_gone_once_the_event_is_announced_or_waits(db):
    ann = await a_member(db)
    for category in (await a_category(db), await a_category(db, holds_first_posts=True)):
        await drafts.save_draft(db, ann, "event", {"title": "Filters, and what they see", "place": "Room 4"})
        await commands.announce(db, ann, a_draft(category))
        assert await drafts.draft(db, ann, "event") is None


async def test_nothing_is_left_of_an_event_that_rolled_back(db):
    ann, category = await a_member(db), await a_category(db)

    async def announce_and_fail():
        async with db.transaction():
            await commands.announce(db, ann, a_draft(category))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await announce_and_fail()

    assert await rows(db, "SELECT post_id FROM event UNION ALL SELECT id FROM thread") == []


async def test_who_may_not_announce_and_what(db):
    ann, vendor = await a_member(db), await a_member(db, role="vendor")
    shared = await a_category(db, read_by="everyone", lets_vendors_in=True)
    news, archived = await a_category(db, start_by="staff"), await a_category(db, is_archived=True)
    refusals = [
        (GUEST, a_draft(shared), Forbidden, "Sign in to start a thread."),
        (vendor, a_draft(shared), Forbidden, "Members begin threads"),
        (ann, a_draft(news), Forbidden, "Only staff start a thread"),
        (ann, a_draft(archived), Forbidden, "archived"),
        (ann, a_draft(await a_category(db, read_by="staff")), Invalid, "category"),
        (ann, a_draft(shared, title="Short"), Invalid, "title"),
        (ann, a_draft(shared, days=-3), Invalid, "ends"),
        (ann, a_draft(shared, title="Short", link="ftp://x"), Invalid, "title, link"),
    ]
    for actor, draft, refusal, words in refusals:
        with pytest.raises(refusal, match=words):
            await commands.announce(db, actor, draft)
    assert await value(db, "SELECT count(*) FROM event") == 0
    assert await value(db, "SELECT count(*) FROM held_post") == 0


@pytest.mark.parametrize("field", ["title", "body", "place"])
async def test_words_that_are_watched_are_watched_in_all_of_it(db, field):
    await run(db, "INSERT INTO watched_word (words, act) VALUES ('casino', 'hold')")
    draft = a_draft(await a_category(db), **{field: "An evening in the casino"})

    assert await commands.announce(db, await a_member(db), draft) == 0
    assert await value(db, "SELECT h.why FROM held_post h") == "word"
    assert await rows(db, "SELECT post_id FROM event UNION ALL SELECT id FROM thread") == []


async def test_what_a_moderator_sees_first_waits_once_with_its_time_and_has_it_when_it_is_there(db, tools, drain):
    ann, category = await a_member(db), await a_category(db, holds_first_posts=True)
    draft = a_draft(category, place="Room 4", body="w" * MAX_BODY)

    assert await asyncio.gather(*(commands.announce(db, ann, draft) for _ in range(3))) == [0, 0, 0]

    (held,) = await rows(db, "SELECT h.id, h.kind, h.beside FROM held_post h")
    assert held["kind"] == "event"
    assert held["beside"].endswith("Central time\nRoom 4\nhttps://meet.example/1")
    await release.publish(db, await an_admin(db), held["id"])
    await drain()
    thread_id = await value(db, "SELECT t.id FROM thread t")
    event = await queries.event(db, ann, thread_id)
    assert event.facts == draft.facts
    await jobs.release(tools, held["id"], thread_id)
    assert await commands.announce(db, ann, draft) == thread_id
    assert (await queries.event(db, ann, thread_id)).version == 1


async def test_two_that_waited_with_the_same_words_are_two_events(db, drain):
    ann, admin, category = await a_member(db), await an_admin(db), await a_category(db, holds_first_posts=True)
    for days in (3, 33):
        draft = a_draft(category, days=days, title="Office hours of the month", body="We answer what you ask.")
        await commands.announce(db, ann, draft)

    for row in await rows(db, "SELECT h.id FROM held_post h"):
        await release.publish(db, admin, row["id"])
    await drain()

    assert len(await queries.coming(db, ann)) == 2


async def test_its_author_and_staff_change_it_and_the_same_twice_is_once(db):
    ann, category = await a_member(db), await a_category(db)
    staff = await a_member(db, moderates=[category])
    thread_id = await an_event(db, author=ann, category=category)
    moved = facts(days=5, place="Room 4")

    await commands.change(db, ann, thread_id, moved, 1)
    await commands.change(db, ann, thread_id, replace(moved, starts=f"{moved.starts}:00"), 1)
    await commands.change(db, staff, thread_id, replace(moved, place="Room 5"), 2)

    event = await queries.event(db, ann, thread_id)
    assert (event.place, event.version) == ("Room 5", 3)


async def test_a_change_of_what_somebody_else_has_changed_is_refused(db):
    ann = await a_member(db)
    thread_id = await an_event(db, author=ann)
    await commands.change(db, ann, thread_id, facts(days=5), 1)

    with pytest.raises(Stale):
        await commands.change(db, ann, thread_id, facts(days=6), 1)


async def test_another_time_is_news_again_and_another_place_is_not(db):
    ann = await a_member(db)
    thread_id = await an_event(db, author=ann, days=3)
    await run(db, "UPDATE event SET announced_at = '2020-01-01'")
    before = (await queries.event(db, ann, thread_id)).facts

    await commands.change(db, ann, thread_id, replace(before, place="Room 4"), 1)
    assert await value(db, "SELECT announced_at < '2021-01-01' FROM event")

    await commands.change(db, ann, thread_id, facts(days=4), 2)
    assert await value(db, "SELECT announced_at > '2021-01-01' FROM event")


async def test_who_may_not_change_it(db):
    ann, other, category = await a_member(db), await a_member(db), await a_category(db)
    thread_id, plain = await an_event(db, author=ann, category=category), await a_thread(db, author=ann)
    refusals = [
        (other, thread_id, Forbidden, "Only its author and staff"),
        (GUEST, await an_event(db, category=await a_category(db, read_by="everyone")), Forbidden, "Sign in"),
        (GUEST, thread_id, NotFound, "^$"),
        (ann, plain, Forbidden, "Only a thread that announces something"),
        (ann, 10**9, NotFound, "^$"),
    ]
    for actor, target, refusal, words in refusals:
        for act in (
            commands.change(db, actor, target, facts(days=7), 0),
            commands.cancel(db, actor, target, is_cancelled=True),
        ):
            with pytest.raises(refusal, match=words):
                await act


async def test_what_has_no_time_yet_cannot_be_cancelled(db):
    ann = await a_member(db)
    thread_id = await a_thread(db, author=ann, kind="event")

    with pytest.raises(NotFound):
        await commands.cancel(db, ann, thread_id, is_cancelled=True)


async def test_a_thread_of_the_kind_is_given_its_time_later(db):
    ann = await a_member(db)
    thread_id = await a_thread(db, author=ann, kind="event")
    assert await queries.event_of(db, ann, thread_id) is None

    await asyncio.gather(*(commands.change(db, ann, thread_id, wanted, 0) for wanted in [facts(days=3)] * 3))

    assert (await queries.event(db, ann, thread_id)).version == 1


async def test_it_is_cancelled_and_takes_place_after_all(db):
    ann = await a_member(db)
    thread_id = await an_event(db, author=ann)

    for is_cancelled in (True, True, False, False):
        await commands.cancel(db, ann, thread_id, is_cancelled=is_cancelled)
        assert (await queries.event(db, ann, thread_id)).is_cancelled is is_cancelled
    assert (await queries.event(db, ann, thread_id)).version == 3


async def test_lists_hold_what_is_to_come_and_what_is_over_for_those_who_may_read_it(db):
    ann, ours = await a_member(db), await a_category(db)
    staff_room = await a_category(db, read_by="staff")
    late, soon = await an_event(db, category=ours, days=9), await an_event(db, category=ours, days=2)
    gone, old = await an_event(db, category=ours), await an_event(db, category=ours)
    hidden = await an_event(db, author=await a_member(db, moderates=[staff_room]), category=staff_room)
    secret = await an_event(db, category=await a_category(db, read_by="everyone", lets_vendors_in=True), out=True)
    await delete.hide(db, await an_admin(db), await post_id(db, gone), "Twice")
    await over(db, old)

    async def seen(reader, listed=queries.coming):
        return [each.thread_id for each in await listed(db, reader)]

    assert await seen(ann) == [soon, secret, late]
    assert await seen(ann, queries.past) == [old]
    assert await seen(GUEST) == []
    assert await seen(await a_member(db, role="vendor")) == []
    assert hidden in await seen(await an_admin(db))
    assert gone not in await seen(await an_admin(db))


def behind(event) -> Place:
    return Place.at(event.starts_at, event.post_id)


async def test_a_list_goes_on_behind_the_last_one_known(db):
    ann, category = await a_member(db), await a_category(db)
    ids = [await an_event(db, category=category, days=4) for _ in range(5)]
    first = await queries.coming(db, ann, limit=3)
    rest = await queries.coming(db, ann, after=behind(first[-1]), limit=3)
    assert [each.thread_id for each in (*first, *rest)] == ids

    await run(db, "UPDATE event SET starts_at = starts_at - interval '9 days', ends_at = ends_at - interval '9 days'")
    first = await queries.past(db, ann, limit=3)
    rest = await queries.past(db, ann, before=behind(first[-1]), limit=3)
    assert [each.thread_id for each in (*first, *rest)] == ids[::-1]


async def test_the_event_of_a_merged_thread_goes_along_where_there_is_none_and_comes_back(db):
    admin, category = await an_admin(db), await a_category(db)
    thread_id = await an_event(db, category=category)
    plain, other = (
        await a_thread(db, category=category),
        await an_event(db, category=category, title="One more of them"),
    )

    await merge.merge(db, admin, thread_id, plain)
    event = await queries.event(db, admin, plain)
    assert event.number == 2
    assert event.path.endswith("#p2")
    assert (await threads.thread(db, admin, plain)).has_event

    third = await a_thread(db, category=category, title="Where both are read")
    await merge.merge(db, admin, plain, third)
    assert (await threads.thread(db, admin, third)).has_event

    await merge.merge(db, admin, third, other)
    assert (await queries.event(db, admin, other)).number == 1
    assert [each.thread_id for each in await queries.coming(db, admin)] == [other]


async def test_the_event_stays_when_replies_are_split_off(db):
    admin, category = await an_admin(db), await a_category(db)
    thread_id = await an_event(db, category=category)
    reply = await a_reply(db, thread_id)

    new_id, _ = await split.split(db, admin, thread_id, SplitDraft((reply,), "Another matter", category))

    assert await queries.event(db, admin, thread_id)
    assert await queries.event_of(db, admin, new_id) is None
    assert not (await threads.thread(db, admin, new_id)).has_event  # nobody is asked when it is


async def test_an_event_that_was_merged_in_and_is_split_off_has_its_card_there(db):
    admin, category = await an_admin(db), await a_category(db)
    thread_id, plain = await an_event(db, category=category), await a_thread(db, category=category)
    announcing = await post_id(db, thread_id)
    await merge.merge(db, admin, thread_id, plain)

    new_id, _ = await split.split(db, admin, plain, SplitDraft((announcing,), "Another matter", category))

    new, old = [await threads.thread(db, admin, each) for each in (new_id, plain)]
    assert [(each.kind, each.has_event) for each in (new, old)] == [("event", True), ("question", False)]


async def test_a_place_in_a_list_tells_nothing_of_events_one_may_not_read(db):
    ann, staff_room = await a_member(db), await a_category(db, read_by="staff")
    shown = await an_event(db, category=await a_category(db), days=9)
    hidden = await an_event(db, author=await a_member(db, moderates=[staff_room]), category=staff_room, days=2)

    for number in (await post_id(db, hidden), 10**9):
        assert [each.thread_id for each in await queries.coming(db, ann, after=Place(0, number))] == [shown]


async def test_what_was_hidden_or_came_from_a_closed_place_is_news_again(db, drain):
    admin, closed = await an_admin(db), await a_category(db, read_by="staff")
    ours, others = await a_category(db), await a_category(db)
    thread_id = await an_event(db, author=admin, category=ours)

    async def is_news() -> bool:
        await drain()
        found = await value(db, "SELECT e.announced_at > now() - interval '1 hour' FROM event e")
        await run(db, "UPDATE event SET announced_at = now() - interval '60 days'")
        return found

    await is_news()
    await move.move(db, admin, thread_id, others)
    assert not await is_news()

    await move.move(db, admin, thread_id, closed)
    await is_news()
    await move.move(db, admin, thread_id, ours)
    assert await is_news()

    await delete.hide(db, admin, await post_id(db, thread_id), "Twice")
    await delete.restore(db, admin, await post_id(db, thread_id))
    assert await is_news()

    await over(db, thread_id)
    await delete.hide(db, admin, await post_id(db, thread_id), "Twice")
    await delete.restore(db, admin, await post_id(db, thread_id))
    assert not await is_news()
