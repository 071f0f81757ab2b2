"""Fills a database with a forum of fixed size: the same members, threads and posts in every run."""

from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

from forum.kit.db import Database, copy, run
from forum.kit.markdown import render
from forum.members.sign_in import start_session
from forum.threads.types import slug_of

THREADS, POSTS, MEMBERS, DISTRICTS, CATEGORIES = 2_000, 30_000, 500, 40, 20
SMALL, PAGE, LARGE = 1, 2, 3  # ids of the threads that are measured
SIZES = {SMALL: 20, PAGE: 50, LARGE: 500}
BODIES = 200
TOPICS = (
    "e-rate",
    "renewals",
    "filtering",
    "devices",
    "wireless",
    "identity",
    "hiring",
    "backup",
    "phones",
    "training",
)
NAMES = ("Avery", "Blair", "Casey", "Devon", "Ellis", "Frances", "Harper", "Jordan", "Kendall", "Logan", "Morgan")
FAMILIES = ("Abbott", "Baines", "Carver", "Dalton", "Eastman", "Fielding", "Granger", "Holloway", "Ibarra", "Jessup")
_TEXT = """
    district device refresh content filter carts chromebook lease renewal vendor quote teacher classroom wireless
    controller firmware roster sync student account password reset phishing drill backup restore inventory tag
    repair ticket summer project board budget discount application form window bid cabling closet switch power
    the a our we they with for and after before during when this that works breaks needs asked found moved kept
"""
WORDS = _TEXT.split()


async def fill(db: Database) -> str:
    """Add everything to an empty, migrated database; returns the session token of a member, who is signed in."""
    dice = Random(7)
    await copy(db, "district", ("id", "name", "state", "enrolment"), _districts(dice))
    await copy(db, "member", ("id", "handle", "name", "title", "district_id", "unread_since"), _members(dice))
    await copy(db, "topic", ("id", "slug"), list(enumerate(TOPICS, 1)))
    sizes = _sizes(dice)
    await _fill_categories(db, dice, sizes)
    await _fill_threads(db, dice, sizes)
    for table in ("district", "member", "topic", "category", "thread", "post"):
        await run(db, f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
    await run(db, "VACUUM ANALYZE")
    await run(db, "CHECKPOINT")
    return await start_session(db, MEMBERS, "Benchmark")


def _districts(dice: Random) -> list[tuple[object, ...]]:
    return [(n, f"{WORDS[n].title()} County Schools", "OR", dice.randint(300, 40_000)) for n in range(1, DISTRICTS + 1)]


def _members(dice: Random) -> list[tuple[object, ...]]:
    since = datetime.now(UTC) - timedelta(days=400)
    return [
        (n, f"member{n}", _name(dice), "Technology director", _one(DISTRICTS, dice), since)
        for n in range(1, MEMBERS + 1)
    ]


def _name(dice: Random) -> str:
    return f"{dice.choice(NAMES)} {dice.choice(FAMILIES)}"


def _sizes(dice: Random) -> list[int]:
    """How many posts each thread has: half of them eight or fewer, all together POSTS."""
    others = [1 + int(dice.expovariate(1 / 12)) for _ in range(THREADS - len(SIZES))]
    for place in count():
        if sum(others) + sum(SIZES.values()) >= POSTS:
            break
        others[place * 7 % len(others)] += 1
    return [*SIZES.values(), *others]


async def _fill_categories(db: Database, dice: Random, sizes: list[int]) -> None:
    columns = ("id", "slug", "name", "description", "position", "read_by", "lets_vendors_in", "thread_count")
    each = len(sizes) // CATEGORIES
    names = [f"{WORDS[n].title()} and {WORDS[n + 20]}" for n in range(CATEGORIES)]
    await copy(
        db,
        "category",
        columns,
        [(n, slug_of(name), name, "", n, "everyone", True, each) for n, name in enumerate(names, 1)],
    )


async def _fill_threads(db: Database, dice: Random, sizes: list[int]) -> None:
    bodies = [(text, render(text).html) for text in (_body(dice) for _ in range(BODIES))]
    threads, posts, topics = [], [], []
    now = datetime.now(UTC)
    for thread_id, size in enumerate(sizes, 1):
        active = now - timedelta(minutes=20 * thread_id)
        threads.append(_thread(dice, thread_id, size, active))
        topics += [(thread_id, topic_id) for topic_id in dice.sample(range(1, len(TOPICS) + 1), 2)]
        posts += [
            _post(dice, thread_id, number, active - timedelta(minutes=size - number), bodies)
            for number in range(1, size + 1)
        ]
    columns = (
        "id category_id author_id kind title slug next_number last_number reply_count created_at active_at client_key"
    )
    await copy(db, "thread", columns.split(), threads)
    await copy(db, "thread_topic", ("thread_id", "topic_id"), topics)
    columns = "thread_id author_id number source html client_key helpful_count confidence created_at"
    await copy(db, "post", columns.split(), posts)


def _thread(dice: Random, thread_id: int, size: int, active: datetime) -> tuple[object, ...]:
    title = f"{' '.join(dice.sample(WORDS, 7)).capitalize()}?"
    created = active - timedelta(minutes=size)
    category_id = thread_id % CATEGORIES + 1
    author_id = _one(MEMBERS - 1, dice)
    numbers = (size + 1, size, size - 1)
    return (
        thread_id, category_id, author_id, "question", title, slug_of(title), *numbers, created, active, str(thread_id),
    )  # fmt: skip


def _post(dice: Random, thread_id: int, number: int, at: datetime, bodies: list[tuple[str, str]]) -> tuple[object, ...]:
    source, html = dice.choice(bodies)
    votes = dice.choice((0, 0, 0, 1, 4))
    return thread_id, _one(MEMBERS - 1, dice), number, source, html, f"{thread_id}.{number}", votes, votes / 10, at


def _body(dice: Random) -> str:
    """60 to 120 words with some Markdown in them."""
    text = [dice.choice(WORDS) for _ in range(dice.randint(60, 120))]
    text[10] = f"**{text[10]}**"
    text[20] = f"[{text[20]}](https://docs.example/{text[20]})"
    text[30] = f"`{text[30]}`"
    middle = len(text) // 2
    return f"{' '.join(text[:middle]).capitalize()}.\n\n- {' '.join(text[middle:-9])}\n- {' '.join(text[-9:])}"


def _one(most: int, dice: Random) -> int:
    return dice.randint(1, most)
