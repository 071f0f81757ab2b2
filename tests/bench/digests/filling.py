"""A large forum's morning: members who follow twenty things each, and what was written the day before."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

from forum.kit.db import Database, copy, run
from forum.threads.types import slug_of
from tests.bench.search.filling import CATALOGUE, POST, PRODUCTS, THREAD

CATEGORIES, TOPICS, WRITERS = 12, 120, 2_000
# Twenty each, of so many: about a third of what is written is followed.
MINE = (("category", 2, CATEGORIES), ("topic", 8, TOPICS), ("product", 5, PRODUCTS), ("person", 2, WRITERS))
MY_THREADS = 3
EACH_FOLLOWS = 20
EACH_THREAD = 5  # posts of the day, on average
AT_ONCE = 10_000
EVENTS = 12  # of those threads, that come near within two weeks
EVENTS_SQL = """
    INSERT INTO event (post_id, starts_at, ends_at, starts_on, time_zone, place, announced_at)
    SELECT p.id, d.day + time '15:00', d.day + time '16:00', d.day, 'UTC', 'Room 4', p.created_at
    FROM post p, LATERAL (SELECT current_date + 1 + CAST(p.thread_id % 13 AS integer) AS day) d
    WHERE p.number = 1 AND p.thread_id <= :most
"""


async def fill(db: Database, sentences: Sequence[str], *, members: int, posts: int) -> None:
    """Add everything to an empty, migrated database."""
    dice = Random(7)
    async with db.transaction():
        await run(db, "SET LOCAL session_replication_role = replica")  # no triggers, no references to look up
        await copy(db, "member", ("id", "handle", "name", "role"), _members(members))
        await copy(db, "member_email", ("address", "member_id", "verified_at", "is_primary"), _addresses(members))
        await copy(db, "topic", ("id", "slug"), [(n, f"topic-{n}") for n in range(1, TOPICS + 1)])
        rooms = [(n, f"room-{n}", f"Room {n}", n, "members") for n in range(1, CATEGORIES + 1)]
        await copy(db, "category", ("id", "slug", "name", "position", "read_by"), rooms)
        for sql in CATALOGUE[:2]:
            await run(db, sql)
        await run(db, CATALOGUE[2], names=[f"Tool {n}" for n in range(1, PRODUCTS + 1)])
        await run(db, CATALOGUE[3])
        threads, written, topics = _day(dice, sentences, posts)
        await copy(db, "thread", THREAD, threads)
        await copy(db, "post", POST, written)
        await copy(db, "thread_topic", ("thread_id", "topic_id"), topics)
        await run(db, EVENTS_SQL, most=EVENTS)
        follows = _follows(dice, members, len(threads))
        while some := [follow for follow, _ in zip(follows, range(AT_ONCE * EACH_FOLLOWS), strict=False)]:
            await copy(db, "follow", ("member_id", "kind", "target_id", "level", "every_days"), some)
        await run(db, "INSERT INTO mail_wish (member_id, days) SELECT m.id, '{1,2,3,4,5,6,7}' FROM member m")
        await run(db, "INSERT INTO digest_plan (member_id) SELECT m.id FROM member m")


def _members(members: int) -> Iterator[tuple[object, ...]]:
    return ((n, f"person{n}", f"Person {n}", "member") for n in range(1, members + 1))


def _addresses(members: int) -> Iterator[tuple[object, ...]]:
    now = datetime.now(UTC)
    return ((f"person{n}@district{n % 137}.example", n, now, True) for n in range(1, members + 1))


def _day(dice: Random, sentences: Sequence[str], posts: int) -> tuple[list[tuple[object, ...]], ...]:
    """Threads, posts and topics of threads: all of it since yesterday."""
    begin, step = datetime.now(UTC) - timedelta(hours=23), timedelta(hours=22) / posts
    ids = count(1)
    threads, written, topics = [], [], []
    while len(written) < posts:
        thread_id = len(threads) + 1
        mine = []
        for number in range(1, 2 + int(dice.expovariate(1 / (EACH_THREAD - 1)))):
            text = " ".join(dice.choices(sentences, k=dice.randint(2, 8)))
            tool = f" Tool {dice.randint(1, PRODUCTS)}" if dice.random() < 0.3 else ""
            html = f"<p>{text.replace('<', ' ').replace('&', ' ')}{tool}</p>"
            at = begin + step * len(written)
            mine.append((next(ids), thread_id, dice.randint(1, WRITERS), number, text, html, str(number), 0, at))
            written.append(mine[-1])
        title = " ".join(dice.choice(sentences).split()[:9])[:150]
        answer = mine[-1][0] if len(mine) > 1 and dice.random() < 0.4 else None
        size = len(mine)
        head = (thread_id, dice.randint(1, CATEGORIES), mine[0][2], "question", title, slug_of(title))
        threads.append((*head, size + 1, size, size - 1, answer, mine[0][-1], mine[-1][-1], str(thread_id)))
        topics += [(thread_id, topic_id) for topic_id in dice.sample(range(1, TOPICS + 1), 2)]
    return threads, written, topics


def _follows(dice: Random, members: int, threads: int) -> Iterator[tuple[object, ...]]:
    """Twenty each: half of the members get all of it in their digest, the others a part."""
    for member_id in range(1, members + 1):
        share = dice.choice((1.0, 1.0, 0.5, 0.3))
        for kind, many, among in (*MINE, ("thread", MY_THREADS, threads)):
            for target_id in dice.sample(range(1, among + 1), many):
                is_digest = dice.random() < share
                yield member_id, kind, target_id, "digest" if is_digest else "web", 1 if is_digest else None
