"""Digests that are due are made once, and each tells of the time that none has told of."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from forum.kit.db import rows, run, value
from forum.mail.digests.making import make_digests, make_due, plan_stale
from tests.factories import a_member
from tests.following.scenes import EVERYTHING, follows, wishes

CHICAGO = "America/Chicago"


async def a_reader(db, *cadences, **wished):
    reader = await a_member(db)
    await wishes(db, reader, days=[1, 2, 3, 4, 5, 6, 7], **wished)
    for number, every_days in enumerate(cadences):
        target = EVERYTHING if number == 0 else ("category", 1000 + number)
        await follows(db, reader, *target, "digest", every_days=every_days)
    await plan_stale(db, zone=CHICAGO)
    return reader


async def comes(db, reader, *, days=0) -> None:
    """The hour of the member's digest has come, at the same time of day there, so many days after a month ago."""
    at = datetime.now(ZoneInfo(CHICAGO)).replace(microsecond=0) - timedelta(days=30) + timedelta(days=days)
    await run(db, "UPDATE digest_plan SET due_at = :at WHERE member_id = :id", at=at, id=reader.id)


async def made(db, reader) -> list[tuple[str, str]]:
    """Each digest's state and outcome, in the order they were made."""
    found = await rows(
        db,
        """
        SELECT m.state, m.outcome FROM mail m WHERE m.member_id = :id ORDER BY m.id
        """,
        id=reader.id,
    )
    return [(row["state"], row["outcome"]) for row in found]


async def marks(db, reader) -> dict[int, tuple[datetime, datetime]]:
    found = await rows(
        db, "SELECT k.every_days, k.since, k.until FROM digest_mark k WHERE k.member_id = :id", id=reader.id
    )
    return {row["every_days"]: (row["since"], row["until"]) for row in found}


async def test_whoever_follows_by_digest_gets_one_a_day_however_often_the_worker_comes_by(db, tools):
    reader = await a_reader(db, 1)
    assert await value(db, "SELECT due_at > now() FROM digest_plan")
    await make_digests(tools)
    assert await made(db, reader) == []

    await comes(db, reader)
    for _ in range(3):
        await make_digests(tools)
        await comes(db, reader)  # as by a clock that jumped back

    assert await made(db, reader) == [("waiting", "")]
    assert await value(db, "SELECT m.dedupe_key ~ '^digest:\\d+:\\d{4}-\\d\\d-\\d\\d$' FROM mail m")


async def test_workers_at_the_same_moment_make_one(db):
    readers = [await a_reader(db, 1) for _ in range(5)]
    for reader in readers:
        await comes(db, reader)

    counts = await asyncio.gather(*(make_due(db, zone=CHICAGO) for _ in range(4)))

    assert sum(counts) == 5
    assert await value(db, "SELECT count(*) FROM mail") == 5


async def test_one_that_is_rolled_back_is_made_the_next_time(db):
    reader = await a_reader(db, 1)
    await comes(db, reader)

    async def make_and_fail() -> None:
        async with db.transaction():
            await make_due(db, zone=CHICAGO)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await make_and_fail()
    assert await made(db, reader) == []

    await make_due(db, zone=CHICAGO)
    assert await made(db, reader) == [("waiting", "")]


async def test_each_digest_begins_where_the_last_one_ended(db):
    reader = await a_reader(db, 1)
    await comes(db, reader)
    await make_due(db, zone=CHICAGO)
    first = (await marks(db, reader))[1]
    await run(db, "UPDATE mail SET state = 'sent'")

    await comes(db, reader, days=1)
    await make_due(db, zone=CHICAGO)

    assert (await marks(db, reader))[1][0] == first[1]


@pytest.mark.parametrize("state", ["waiting", "failed"])
async def test_what_never_left_is_told_by_the_next_one(db, state):
    reader = await a_reader(db, 1)
    await comes(db, reader)
    await make_due(db, zone=CHICAGO)
    first = (await marks(db, reader))[1]
    await run(db, "UPDATE mail SET state = :state", state=state)

    await comes(db, reader, days=1)
    await make_due(db, zone=CHICAGO)

    assert (await marks(db, reader))[1][0] == first[0]
    assert [each[0] for each in await made(db, reader)] == ["unwanted" if state == "waiting" else "failed", "waiting"]


async def test_what_may_have_arrived_is_not_told_again(db):
    reader = await a_reader(db, 1)
    await comes(db, reader)
    await make_due(db, zone=CHICAGO)
    first = (await marks(db, reader))[1]
    await run(db, "UPDATE mail SET state = 'failed', is_unsure = true")

    await comes(db, reader, days=1)
    await make_due(db, zone=CHICAGO)

    assert (await marks(db, reader))[1][0] == first[1]


async def test_each_cadence_has_its_turn_and_they_share_one_mail(db):
    reader = await a_reader(db, 1, 7)
    spans = []
    for day in range(9):
        await comes(db, reader, days=day)
        await make_due(db, zone=CHICAGO)
        await run(db, "UPDATE mail SET state = 'sent'")
        newest = await value(db, "SELECT max(m.id) FROM mail m")
        found = await rows(
            db,
            "SELECT k.every_days FROM digest_mark k WHERE k.mail_id = :id AND k.every_days > 0 ORDER BY 1",
            id=newest,
        )
        spans.append([row["every_days"] for row in found])

    assert spans == [[1, 7], *[[1]] * 6, [1, 7], [1]]
    assert await value(db, "SELECT count(*) FROM mail") == 9


async def test_who_changes_how_often_is_told_from_where_they_were_told_last(db):
    reader = await a_reader(db, 1)
    await comes(db, reader)
    await make_due(db, zone=CHICAGO)
    await run(db, "UPDATE mail SET state = 'sent'")
    told = (await marks(db, reader))[1][1]

    for day, every_days in ((7, 7), (8, 1), (12, 3)):
        await run(db, "UPDATE follow SET every_days = :every_days", every_days=every_days)
        await comes(db, reader, days=day)
        await make_due(db, zone=CHICAGO)
        await run(db, "UPDATE mail SET state = 'sent'")
        since, until = (await marks(db, reader))[every_days]
        assert since == told
        assert set(await marks(db, reader)) == {0, every_days}
        told = until


@pytest.mark.parametrize("untold", ["quiet", "waiting", "failed"])
async def test_who_changes_how_often_misses_nothing_of_a_quiet_week_or_a_mail_that_never_left(db, untold):
    reader = await a_reader(db, 1)
    await comes(db, reader)
    await make_due(db, zone=CHICAGO)
    first = (await marks(db, reader))[1]
    if untold == "quiet":
        await run(db, "UPDATE mail SET state = 'unwanted', outcome = 'There was nothing new.'")
        await run(db, "UPDATE digest_mark SET is_quiet = true")
    else:
        await run(db, "UPDATE mail SET state = :state", state=untold)

    await run(db, "UPDATE follow SET every_days = 7")
    await comes(db, reader, days=1)
    await make_due(db, zone=CHICAGO)

    assert (await marks(db, reader))[7][0] == first[0]


async def test_who_changes_one_of_two_is_told_from_where_that_one_ended(db):
    reader = await a_reader(db, 1, 7)
    for day in range(3):
        await comes(db, reader, days=day)
        await make_due(db, zone=CHICAGO)
        await run(db, "UPDATE mail SET state = 'sent'")
    weekly = (await marks(db, reader))[7]

    await run(db, "UPDATE follow SET every_days = 14 WHERE every_days = 7")
    await comes(db, reader, days=3)
    await make_due(db, zone=CHICAGO)

    assert (await marks(db, reader))[14][0] == weekly[1]


async def test_whoever_is_being_sent_one_just_then_waits_for_the_next_time(db):
    reader = await a_reader(db, 1)
    await comes(db, reader)
    await make_due(db, zone=CHICAGO)
    await run(db, "UPDATE mail SET state = 'sending'")
    await comes(db, reader, days=1)

    assert await make_due(db, zone=CHICAGO) == 0
    assert await made(db, reader) == [("sending", "")]

    await run(db, "UPDATE mail SET state = 'waiting'")
    assert await make_due(db, zone=CHICAGO) == 1
    assert [state for state, _ in await made(db, reader)] == ["unwanted", "waiting"]


async def test_nobody_gets_one_while_they_paused_or_stopped_or_are_away(db):
    paused = await a_reader(db, 1, paused_until=datetime.now(UTC).date())
    stopped = await a_reader(db, 1, stops_all=True)
    away = await a_reader(db, 1)
    none = await a_reader(db)
    await run(db, "UPDATE member SET state = 'deactivated' WHERE id = :id", id=away.id)
    for reader in (paused, stopped, away, none):
        await comes(db, reader)

    await make_due(db, zone=CHICAGO)

    assert await value(db, "SELECT count(*) FROM mail") == 0
    assert await value(db, "SELECT bool_and(due_at > now()) FROM digest_plan")


async def test_a_pause_that_is_over_is_told_of_as_a_whole(db):
    reader = await a_reader(db, 1)
    await comes(db, reader)
    await make_due(db, zone=CHICAGO)
    await run(db, "UPDATE mail SET state = 'sent'")
    first = (await marks(db, reader))[1]
    await wishes(db, reader, paused_until=(datetime.now(UTC) - timedelta(days=20)).date())
    await plan_stale(db, zone=CHICAGO)
    await comes(db, reader, days=5)
    await make_due(db, zone=CHICAGO)
    assert await value(db, "SELECT count(*) FROM mail") == 1

    await comes(db, reader, days=12)
    await make_due(db, zone=CHICAGO)

    assert (await marks(db, reader))[1][0] == first[1]
    assert await value(db, "SELECT count(*) FROM mail") == 2


async def test_another_hour_or_zone_is_reckoned_with_from_the_next_one_on(db):
    reader = await a_reader(db, 1)
    before = await value(db, "SELECT due_at FROM digest_plan")

    await wishes(db, reader, hour=21, time_zone="Asia/Kathmandu")
    await plan_stale(db, zone=CHICAGO)

    after = await value(db, "SELECT due_at FROM digest_plan")
    assert before != after
    assert (after.hour, after.minute) == (15, 15)  # 21:00 there
