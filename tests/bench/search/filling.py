"""Fills a database with a large forum: twenty years of threads in twelve categories, the same in every run."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import count, islice
from random import Random

from forum.kit.db import Database, copy, run
from forum.threads.types import MAX_TITLE, slug_of
from tests.bench.fill import TOPICS

MEMBERS, PRODUCTS = 2_000, 400
YEARS = 20
EACH_THREAD = 6.6  # posts on average
SHARES = (20, 15, 12, 10, 9, 8, 7, 6, 5, 4, 2, 2)  # of the categories in a hundred threads
FOR_VENDORS = (9, 12)  # ids of those that vendors read
VENDOR = MEMBERS  # the member who reads no others
AT_ONCE = 20_000
THREAD = [
    "id",
    "category_id",
    "author_id",
    "kind",
    "title",
    "slug",
    "next_number",
    "last_number",
    "reply_count",
    "accepted_post_id",
    "created_at",
    "active_at",
    "client_key",
]
POST = ["id", "thread_id", "author_id", "number", "source", "html", "client_key", "helpful_count", "created_at"]
CATALOGUE = (
    "INSERT INTO vendor (slug, name, compared) SELECT 'maker-' || n, 'Maker ' || n, 'maker' || n "
    "FROM generate_series(1, 40) n",
    "INSERT INTO product_category (slug, name) VALUES ('tools', 'Tools')",
    """
    INSERT INTO product (vendor_id, category_id, slug, name, about)
    SELECT v.id, k.id, 'product-' || n, x.name, 'What it does for districts, in a sentence of its vendor.'
    FROM unnest(CAST(:names AS text[])) WITH ORDINALITY x (name, n)
    JOIN vendor v ON v.slug = 'maker-' || (n % 40 + 1)
    CROSS JOIN product_category k
    """,
    """
    INSERT INTO product_name (compared, product_id, name)
    SELECT lower(replace(pr.name, ' ', '')), pr.id, pr.name FROM product pr
    """,
)


async def fill(db: Database, sentences: Sequence[str], posts: int) -> int:
    """Add everything to an empty, migrated database, with no changes noted for search. Returns how many threads."""
    dice = Random(11)
    threads = 0
    async with db.transaction():
        await run(db, "SET LOCAL session_replication_role = replica")  # no triggers, no references to look up
        await copy(db, "member", ("id", "handle", "name", "title", "role"), _members())
        await copy(db, "topic", ("id", "slug"), list(enumerate(TOPICS, 1)))
        await copy(db, "category", ("id", "slug", "name", "position", "read_by", "lets_vendors_in"), _categories())
        names = _names(dice, sentences)
        await run(db, CATALOGUE[0])
        await run(db, CATALOGUE[1])
        await run(db, CATALOGUE[2], names=names)
        await run(db, CATALOGUE[3])
        await run(
            db,
            "INSERT INTO vendor_account (member_id, vendor_id) SELECT :member_id, min(v.id) FROM vendor v",
            member_id=VENDOR,
        )
        left = _threads(dice, sentences, posts)
        while some := list(islice(left, AT_ONCE)):
            await _copy(db, dice, some)
            threads += len(some)
    return threads


async def _copy(db: Database, dice: Random, some: list[tuple[tuple[object, ...], list[tuple[object, ...]]]]) -> None:
    await copy(db, "thread", THREAD, [thread for thread, _ in some])
    await copy(db, "post", POST, [post for _, posts in some for post in posts])
    topics = [(thread[0], dice.randint(1, len(TOPICS))) for thread, _ in some]
    await copy(db, "thread_topic", ("thread_id", "topic_id"), topics)


def _members() -> list[tuple[object, ...]]:
    people = [(n, f"person{n}", f"Person {n}", "Technology director", "member") for n in range(1, MEMBERS)]
    return [*people, (VENDOR, "vendor", "Vendor", "Sales", "vendor")]


def _categories() -> list[tuple[object, ...]]:
    return [(n, f"room-{n}", f"Room {n}", n, "members", n in FOR_VENDORS) for n in range(1, len(SHARES) + 1)]


def _names(dice: Random, sentences: Sequence[str]) -> list[str]:
    """Products are called by two words that some posts hold one after the other."""
    names: dict[str, str] = {}
    while len(names) < PRODUCTS:
        words = [word for word in dice.choice(sentences).split() if word.isalpha()]
        start = dice.randrange(max(1, len(words) - 1))
        name = " ".join(words[start : start + 2]).title()
        if name:
            names[name.replace(" ", "").lower()] = name
    return list(names.values())


def _threads(
    dice: Random, sentences: Sequence[str], posts: int
) -> Iterator[tuple[tuple[object, ...], list[tuple[object, ...]]]]:
    """Each thread with its posts, the oldest first, until there are so many posts."""
    begin = datetime.now(UTC) - timedelta(days=365.25 * YEARS)
    step = timedelta(days=365.25 * YEARS) / posts
    ids = count(1)
    made = 0
    for thread_id in count(1):
        if made >= posts:
            return
        size = min(1 + int(dice.expovariate(1 / (EACH_THREAD - 0.5))), 300, posts - made)
        mine = [
            _post(dice, sentences, next(ids), thread_id, number, begin + step * (made + number))
            for number in range(1, size + 1)
        ]
        made += size
        yield _thread(dice, sentences, thread_id, mine), mine


def _thread(
    dice: Random, sentences: Sequence[str], thread_id: int, posts: list[tuple[object, ...]]
) -> tuple[object, ...]:
    title = " ".join(dice.choice(sentences).split()[: dice.randint(4, 12)])[:MAX_TITLE]
    is_question = dice.random() < 0.7
    accepted = dice.choice(posts[1:])[0] if is_question and len(posts) > 1 and dice.random() < 0.4 else None
    size = len(posts)
    return (
        thread_id, dice.choices(range(1, len(SHARES) + 1), SHARES)[0], dice.randint(1, MEMBERS - 1),
        "question" if is_question else "discussion", title, slug_of(title), size + 1, size, size - 1, accepted,
        posts[0][-1], posts[-1][-1], str(thread_id),
    )  # fmt: skip


def _post(
    dice: Random, sentences: Sequence[str], post_id: int, thread_id: int, number: int, at: datetime
) -> tuple[object, ...]:
    text = " ".join(dice.choices(sentences, k=dice.randint(2, 8)))
    votes = dice.choice((0, 0, 0, 1, 4))
    html = f"<p>{escape(text)}</p>"
    return post_id, thread_id, dice.randint(1, MEMBERS - 1), number, text, html, str(post_id), votes, at
