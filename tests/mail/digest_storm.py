"""`python -m tests.mail.digest_storm` kills workers at random while digests of 2,000 members are made and go out.

Day after day each digest tells of that day's thread, first with workers that end at each marked point, then until 200
were killed: three minutes on two cores. It counts how often each member was told of each thread, whatever mail it stood
in.
"""

import asyncio
import random
import tempfile
from collections import Counter
from pathlib import Path

from forum.kit.db import Database, connect, rows, run, value
from forum.kit.embedded import Embedded
from forum.kit.migrate import migrate
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from forum.search.jobs import index_changes
from tests.factories import a_member, a_thread
from tests.fakes import FakeMailer
from tests.mail.digests.scenes import two_minutes_pass
from tests.mail.mails import make_due
from tests.mail.rounds import a_place_for_workers, one_round
from tests.mail.sinks import a_sink
from tests.mail.workers import MAKING_POINTS, POINTS, ends_at

KILLS, MEMBERS = 200, 2000
MEMBERS_SQL = """
    WITH made AS (
        INSERT INTO member (handle, name) SELECT 'm' || n, 'M' || n FROM generate_series(1, :count) n RETURNING id
    ), addressed AS (
        INSERT INTO member_email (address, member_id, verified_at) SELECT 'm' || id || '@x.example', id, now() FROM made
    ), wished AS (
        INSERT INTO mail_wish (member_id, days) SELECT id, '{1,2,3,4,5,6,7}' FROM made
    )
    INSERT INTO follow (member_id, kind, target_id, level, every_days) SELECT id, 'everything', 0, 'digest', 1 FROM made
"""
# It is the next morning: what was made was made yesterday.
MORNING = (
    "UPDATE mail SET dedupe_key = 'before:' || id",
    "UPDATE digest_mark SET last_on = last_on - 1",
    "UPDATE digest_plan SET is_stale = false, due_at = now(), last_on = last_on - 1",
)


async def storm(url: str) -> None:
    await migrate(url)
    async with a_place_for_workers() as workers, connect(url) as db, a_sink() as sink:
        kills, days = await kill(db, url, workers, sink, members=MEMBERS, least=KILLS)
        told, unsure = await judge(db, sink, days)
    print(
        f"{kills} kills, {days} days of {MEMBERS:,} members: {told:,} of {days * MEMBERS:,} told once, none twice; "
        f"{unsure} stood in digests that may not have arrived, and are not sent again. None else is missing."
    )


async def kill(db: Database, url: str, workers, sink, *, members: int, least: int) -> tuple[int, int]:
    """Day after day: three workers that end at each marked point, then at random, until at least so many were killed.

    Returns how many, and in how many days.
    """
    dice, kills, days = random.Random(), 0, 0
    points = list(POINTS | MAKING_POINTS)
    author = await a_member(db)
    await run(db, MEMBERS_SQL, count=members)
    while points or kills < least:
        days += 1
        await a_new_day(db, author, days)
        rounds = 0
        while await is_work_left(db):
            rounds += 1
            await make_due(db)
            ends = ends_at(points.pop()) if points else at_random(dice, members, rounds)
            kills += await one_round(workers, url, sink, ends, makes_digests=True)
        print(f"Day {days}: {kills} kills, {len(sink.taken):,} mails", flush=True)
    return kills, days


def at_random(dice: random.Random, members: int, rounds: int) -> list:
    """Within the time that so many digests take, and some more; ever later in a day, so that each comes to its end on
    whatever machine."""
    latest = max(0.4, members / 800) * (1 + rounds / 8)
    return [["random", dice.uniform(0.1, latest)] for _ in range(3)]


async def a_new_day(db: Database, author, day: int) -> None:
    await a_thread(db, author=author, title=f"The thread of day {day:03}")
    await index_changes(Tools(db, FakeMailer(), Settings()))
    await two_minutes_pass(db)
    for sql in MORNING:
        await run(db, sql)


async def is_work_left(db: Database) -> bool:
    return bool(
        await value(
            db,
            """
            SELECT EXISTS (SELECT 1 FROM mail WHERE state IN ('waiting', 'sending'))
                OR EXISTS (SELECT 1 FROM digest_plan WHERE is_stale OR due_at <= now())
            """,
        )
    )


async def judge(db: Database, sink, days: int) -> tuple[int, int]:
    """How many times a member was told of a thread, once each, and how many stood in digests nobody is sure of."""
    told = Counter()
    for envelope in sink.taken:
        for day in range(1, days + 1):
            told[envelope.rcpt_tos[0], day] += f"The thread of day {day:03}".encode() in envelope.original_content
    assert max(told.values()) == 1
    unsure = {
        row["address"]
        for row in await rows(
            db,
            """
            SELECT e.address FROM mail m JOIN member_email e ON e.member_id = m.member_id
            WHERE m.state = 'failed' AND m.is_unsure
            """,
        )
    }
    addresses = [row["address"] for row in await rows(db, "SELECT address FROM member_email WHERE address LIKE 'm%'")]
    missing = [(each, day) for each in addresses for day in range(1, days + 1) if not told[each, day]]
    assert {address for address, _ in missing} <= unsure
    return sum(told.values()), len(missing)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, Embedded(Path(folder) / "pg", fsync=False) as server:
        asyncio.run(storm(server.url))
