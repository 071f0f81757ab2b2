"""Coming events in digests: when they come near or are new, the day before, and only to those who may read them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from forum.events import commands
from forum.kit.days import written
from forum.kit.db import run
from forum.mail.digests.previewing import preview
from forum.mail.digests.types import MOST_ITEMS
from forum.threads import delete
from tests.events.scenes import an_event, facts
from tests.factories import a_category, a_member, a_thread, an_admin, post_id
from tests.following.scenes import follows, id_of, wishes
from tests.mail.digests.scenes import (
    CHICAGO,
    a_digest_reader,
    digest_of,
    digests,
    ended,
    make_digests_now,
    quiet_today,
    today,
)
from tests.renewals.contracts import a_contract, a_keeper

OLD = "UPDATE event SET announced_at = announced_at - interval '60 days'"


async def a_reader(db, **fields):
    """Somebody with digests of a category where nothing happens."""
    quiet = await id_of(db, "category", await a_category(db))
    return await a_digest_reader(db, ("category", quiet), **fields)


async def in_days(db, days, seen_from=CHICAGO) -> None:
    """The one event begins at the end of a day in Chicago, so many days after today where it is seen from."""
    await run(
        db,
        """
        UPDATE event e SET starts_on = d.day + CAST(:days AS integer),
               starts_at = (d.day + CAST(:days AS integer) + time '23:59:59') AT TIME ZONE :zone,
               ends_at = (d.day + CAST(:days AS integer) + 1 + time '00:29') AT TIME ZONE :zone
        FROM (SELECT CAST(now() AT TIME ZONE :seen_from AS date) AS day) d
        """,
        days=days,
        zone=CHICAGO,
        seen_from=seen_from,
    )


async def test_a_new_event_is_told_with_when_and_where_it_is(db, tools):
    reader = await a_reader(db)
    category = await a_category(db)
    thread_id = await an_event(db, category=category, title="Filters, and what they see", place="Austin, Texas")
    await in_days(db, 5)

    sent = await digest_of(tools, reader)

    text = " ".join(sent.text.split())
    day = today() + timedelta(days=5)
    assert f"COMING EVENTS * Filters, and what they see In 5 days: {written(day)}, 11:59 PM to " in text
    assert "12:29 AM Central time. Austin, Texas." in text
    assert f"/t/{thread_id}/" in text
    assert "Upcoming events" in sent.html
    assert sent.subject.endswith(": 1 event")
    assert "Filters" not in sent.subject


@pytest.mark.parametrize(
    ("left", "is_told"), [(-1, False), (0, False), (1, True), (2, False), (13, False), (14, True), (15, False)]
)
async def test_an_old_event_is_told_two_weeks_and_one_day_before(db, tools, left, is_told):
    reader = await a_reader(db)
    await an_event(db, title="Filters, and what they see")
    await run(db, OLD)
    await in_days(db, left)

    assert ("Filters, and what they see" in (await digest_of(tools, reader)).text) is is_told


@pytest.mark.parametrize(("left", "words"), [(0, "Today: "), (1, "Tomorrow: "), (14, "In 14 days: ")])
async def test_a_new_event_is_told_as_soon_as_it_is_near(db, tools, left, words):
    reader = await a_reader(db)
    await an_event(db)
    await in_days(db, left)

    assert words in (await digest_of(tools, reader)).text


async def test_one_that_is_new_but_far_away_is_told_when_it_comes_near(db, tools):
    reader = await a_reader(db)
    await an_event(db, title="Filters, and what they see")
    await in_days(db, 15)
    assert "Filters" not in (await digest_of(tools, reader)).text
    await ended(db)

    await in_days(db, 14)
    assert "Filters" in (await digest_of(tools, reader)).text


async def test_who_comes_hears_that_it_is_changed_or_cancelled_however_far_away_it_is(db, tools):
    author, guest, other = await a_member(db), await a_reader(db), await a_reader(db)
    category = await a_category(db)
    moved = await an_event(db, author=author, category=category, title="Filters, and what they see", days=60)
    off = await an_event(db, author=author, category=category, title="What was to be", days=50)
    for thread_id in (moved, off):
        await commands.come(db, guest, thread_id, is_coming=True)
    await digest_of(tools, guest)
    await ended(db)

    await commands.change(db, author, moved, facts(days=70), 1)
    await commands.cancel(db, author, off, is_cancelled=True)
    await make_digests_now(db)
    sent = await digests(tools)

    text = " ".join(sent[guest.id].text.split())
    assert "* What was to be Canceled: " in text
    assert "* Filters, and what they see Changed: " in text
    assert sent[other.id].text == ""
    await ended(db)
    assert (await digest_of(tools, guest)).text == ""


async def test_who_says_that_they_come_after_a_change_hears_nothing_of_it(db, tools):
    author, guest = await a_member(db), await a_reader(db)
    thread_id = await an_event(db, author=author, days=60)
    await commands.change(db, author, thread_id, facts(days=70), 1)

    await commands.come(db, guest, thread_id, is_coming=True)

    assert (await digest_of(tools, guest)).text == ""


async def test_nothing_is_told_twice_and_what_was_not_sent_is_told_the_next_day(db, tools):
    reader = await a_reader(db)
    await an_event(db, title="Filters, and what they see")
    await in_days(db, 6)
    assert "Filters" in (await digest_of(tools, reader)).text

    await ended(db, "failed")
    await in_days(db, 5)
    assert "Filters" in (await digest_of(tools, reader)).text

    await ended(db)
    await in_days(db, 4)
    assert "Filters" not in (await digest_of(tools, reader)).text


async def test_one_that_is_announced_between_making_and_sending_is_told_once(db, tools):
    reader = await a_reader(db)
    await make_digests_now(db)
    await an_event(db, title="Filters, and what they see")
    await in_days(db, 14)
    first = (await digests(tools))[reader.id].text
    await ended(db)

    await in_days(db, 13)
    second = (await digest_of(tools, reader)).text

    assert ("Filters" in first, "Filters" in second) == (False, True)


async def test_what_began_while_the_digest_waited_is_not_told(db, tools):
    reader = await a_reader(db)
    await an_event(db, title="Filters, and what they see")
    await in_days(db, 1)
    await make_digests_now(db)

    await run(db, "UPDATE event SET starts_at = now() - interval '30 seconds', starts_on = current_date")

    assert (await digests(tools))[reader.id].text == ""


@pytest.mark.parametrize(
    ("zone", "days", "words"),
    [
        ("America/New_York", 0, "For you: {next}, 12:59 AM to 1:29 AM Eastern time. Online."),
        ("America/Denver", 1, "For you: 10:59 PM to 11:29 PM Mountain time. Online."),
        (CHICAGO, 1, "Online."),
    ],
)
async def test_days_are_those_of_the_reader_whose_time_stands_beside(db, tools, zone, days, words):
    reader = await a_reader(db)
    await wishes(db, reader, time_zone=zone, days=[1, 2, 3, 4, 5, 6, 7])
    await an_event(db)
    await run(db, OLD)
    await in_days(db, days, seen_from=zone)

    text = " ".join((await digest_of(tools, reader)).text.split())

    day = datetime.now(ZoneInfo(zone)).date() + timedelta(days=days)
    that_day, next_day = written(day), written(day + timedelta(days=1))
    own = words.format(next=next_day)
    assert f"Tomorrow: {that_day}, 11:59 PM to {next_day}, 12:29 AM Central time. {own}" in text


@pytest.mark.parametrize(("left", "is_told"), [(14, True), (9, True), (8, True), (7, False), (2, False), (1, True)])
async def test_a_digest_by_the_week_tells_what_came_near_in_it(db, tools, left, is_told):
    reader = await a_reader(db, every_days=7)
    await digest_of(tools, reader)
    await ended(db)
    await run(db, "UPDATE digest_mark SET last_on = last_on - 6 WHERE every_days = 0")
    await an_event(db, title="Filters, and what they see")
    await run(db, OLD)
    await in_days(db, left)

    assert ("Filters" in (await digest_of(tools, reader)).text) is is_told


async def test_a_quiet_week_tells_of_no_event_and_the_digest_after_it_does(db, tools):
    ann = await a_keeper(db)
    await wishes(db, ann, days=[1, 2, 3, 4, 5, 6, 7])
    await follows(db, ann, "everything", 0, "digest", every_days=1)
    await an_event(db, title="Filters, and what they see")
    await run(db, OLD)
    await in_days(db, 14)
    await a_contract(db, ann, ends_on=today() + timedelta(days=90))
    await run(db, "UPDATE contract SET notice_days = 90 - 7")
    await quiet_today(db)
    quiet = await digest_of(tools, ann)
    assert "notice is due in 7 days" in quiet.text
    assert "Filters" not in quiet.text

    await ended(db)
    await run(db, "DELETE FROM quiet_time")
    await in_days(db, 13)
    assert "Filters" in (await digest_of(tools, ann)).text


@pytest.mark.parametrize(
    "why", ["closed", "no vendors", "deleted", "cancelled", "muted category", "muted topic", "muted author", "own"]
)
async def test_what_is_not_for_the_reader_is_not_told(db, tools, why):
    author, category = await a_member(db), await a_category(db, read_by="everyone", lets_vendors_in=True)
    reader = await a_reader(db, role="vendor" if why == "no vendors" else "member")
    thread_id = await an_event(
        db,
        author=reader if why == "own" else author,
        category=category,
        topics="wifi",
        out=why == "no vendors",
        title="Filters, and what they see",
    )
    if why == "closed":
        await run(db, "UPDATE category SET read_by = 'staff'")
    elif why == "deleted":
        await delete.hide(db, await an_admin(db), await post_id(db, thread_id), "Twice")
    elif why == "cancelled":
        await commands.cancel(db, author, thread_id, is_cancelled=True)
    elif why.startswith("muted"):
        kind, target_id = {
            "muted category": ("category", await id_of(db, "category", category)),
            "muted topic": ("topic", await id_of(db, "topic", "wifi")),
            "muted author": ("person", author.id),
        }[why]
        await follows(db, reader, kind, target_id, "muted")

    assert "Filters" not in (await digest_of(tools, reader)).text


async def test_many_events_leave_room_for_what_stands_below_and_are_few_enough(db, tools):
    reader = await a_digest_reader(db)
    await wishes(db, reader, blocks=["events", "followed"], days=[1, 2, 3, 4, 5, 6, 7])
    category = await a_category(db)
    for number in range(MOST_ITEMS + 5):
        await an_event(db, category=category, title=f"Event with the number {number:02}", days=2 + number / 10)
    for number in range(6):
        await a_thread(db, title=f"Thread with the number {number:02}")

    page = await preview(tools, reader.id, ZoneInfo(CHICAGO))

    assert page.blocks[0].name == "events"
    assert [item.title[-2:] for item in page.blocks[0].items] == [f"{number:02}" for number in range(MOST_ITEMS - 4)]
    assert sum(len(block.items) for block in page.blocks) == MOST_ITEMS
    assert page.blocks[0].left_out == 5 + 4


async def test_who_left_the_block_out_hears_of_no_event(db, tools):
    reader = await a_reader(db)
    await wishes(db, reader, blocks=["followed"], days=[1, 2, 3, 4, 5, 6, 7])
    await an_event(db)

    assert (await digest_of(tools, reader)).text == ""


async def test_an_event_that_is_moved_is_told_again(db, tools):
    author, reader = await a_member(db), await a_reader(db)
    thread_id = await an_event(db, author=author, title="Filters, and what they see", days=9)
    await digest_of(tools, reader)
    await ended(db)

    await commands.change(db, author, thread_id, facts(days=6), 1)

    assert "Filters" in (await digest_of(tools, reader)).text
