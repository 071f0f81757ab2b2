"""Workers that are killed anywhere lose no mail and double none, outside the moment between the words and the note."""

import random
from collections import Counter

import pytest

from forum.kit.db import rows, run, value
from tests.factories import a_member, a_thread, post_id
from tests.mail import digest_storm
from tests.mail.mails import make_due
from tests.mail.rounds import a_place_for_workers, one_round
from tests.mail.sinks import a_sink
from tests.mail.workers import POINTS, ends_at

CONNECTIONS = 4  # of each worker: so many mails may be in that moment when it is killed
IN_THE_MOMENT = {"marked", "spoken", "answered", "random"}
NOTHING = [None, None, None]


@pytest.fixture(scope="module")
async def workers():
    async with a_place_for_workers() as process:
        yield process


async def many_mails(db, count) -> None:
    """Instant mails and digests, half and half, each to a member of its own."""
    await a_member(db)
    post = await post_id(db, await a_thread(db))
    await run(
        db,
        """
        WITH made AS (
            INSERT INTO member (handle, name) SELECT 'm' || n, 'M' || n FROM generate_series(1, :count) n RETURNING id
        ), addressed AS (
            INSERT INTO member_email (address, member_id, verified_at)
            SELECT 'm' || id || '@x' || id % 7 || '.example', id, now() FROM made
        )
        INSERT INTO mail (member_id, kind, dedupe_key, post_id)
        SELECT id, CASE id % 2 WHEN 0 THEN 'instant' ELSE 'digest' END, 'k' || id, :post FROM made
        """,
        count=count,
        post=post,
    )


async def finish(db, process, url, sink) -> None:
    """Time goes on: whatever is held or waits is due, until nothing is left."""
    while await value(db, "SELECT EXISTS (SELECT 1 FROM mail WHERE state IN ('waiting', 'sending'))"):
        await make_due(db)
        assert await one_round(process, url, sink, NOTHING) == 0


async def judge(db, sink, kills) -> tuple[int, int]:
    """No mail is lost or doubled but in that moment. Returns how many were doubled, and how many digests are unsure."""
    arrived = Counter(sink.recipients)
    ids = {mail["to"]: mail["message-id"] for mail in sink.mails}
    assert len({(mail["to"], mail["message-id"]) for mail in sink.mails}) == len(ids)  # a second one has the same id
    mails = await rows(
        db,
        """
        SELECT m.kind, m.state, m.is_unsure, e.address FROM mail m JOIN member_email e ON e.member_id = m.member_id
        """,
    )
    doubled = unsure = 0
    for mail in mails:
        count = arrived[mail["address"]]
        if mail["kind"] == "digest":
            assert count <= 1
            assert (mail["state"], mail["is_unsure"]) in (("sent", False), ("failed", True))
        else:  # twice killed in that moment, it is given up
            assert mail["state"] == "sent" or (mail["state"], mail["is_unsure"]) == ("failed", True)
        assert count >= 1 or mail["is_unsure"]
        assert count <= 1 + mail["is_unsure"]
        doubled += count == 2
        unsure += mail["kind"] == "digest" and mail["is_unsure"]
    assert doubled + unsure <= kills * CONNECTIONS
    return doubled, unsure


@pytest.mark.parametrize("point", POINTS)
async def test_three_workers_killed_at_a_point_lose_and_double_nothing(db, database_url, workers, point):
    await many_mails(db, 60)
    async with a_sink() as sink:
        kills = await one_round(workers, database_url, sink, ends_at(point))
        await finish(db, workers, database_url, sink)
        doubled, unsure = await judge(db, sink, kills)

    assert kills >= 1
    if point not in IN_THE_MOMENT:
        other = kills * (CONNECTIONS - 1)  # what its other connections were in the middle of
        assert doubled + unsure <= other


async def test_three_workers_killed_at_random_lose_and_double_nothing(db, database_url, workers):
    await many_mails(db, 300)
    kills, dice = 0, random.Random(6)
    async with a_sink() as sink:
        for _ in range(8):
            ends = [["random", dice.uniform(0.02, 0.3)] for _ in range(3)]
            kills += await one_round(workers, database_url, sink, ends)
            await make_due(db)
        await finish(db, workers, database_url, sink)
        await judge(db, sink, kills)

    assert kills >= 3


async def test_digests_that_are_made_and_sent_while_workers_are_killed_tell_each_thing_once(db, database_url, workers):
    async with a_sink() as sink:
        kills, days = await digest_storm.kill(db, database_url, workers, sink, members=100, least=20)
        told, unsure = await digest_storm.judge(db, sink, days)

    assert told + unsure == days * 100
    assert unsure <= kills * CONNECTIONS
