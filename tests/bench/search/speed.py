"""How fast search on PostgreSQL is in a large forum: indexing, pages of results, answers while somebody types."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

import asyncpg

from forum.kit.db import connect, rows
from forum.kit.embedded import Embedded
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from forum.search.rebuilding import reindex
from tests.bench import table
from tests.bench.search import filling
from tests.bench.search.asked import prefixes, questions
from tests.bench.search.databases import new_database
from tests.bench.search.texts import sentences
from tests.bench.servers import ROOT
from tests.fakes import FakeMailer

READERS = 16
MEMBER = 1
SPARE_SECONDS = 60
SIZES_SQL = """
    SELECT pg_size_pretty(pg_total_relation_size('post') + pg_total_relation_size('thread')) AS posts,
           pg_size_pretty(pg_table_size('search_document')) AS documents,
           pg_size_pretty(pg_indexes_size('search_document')) AS indexes,
           (SELECT count(*) FROM search_word) AS words
"""


@dataclass(frozen=True)
class Times:
    """Milliseconds that half, and that nineteen of twenty answers took at most, and answers a second."""

    p50: float
    p95: float
    rate: float


async def report(postgres: Embedded, *, posts: int, rounds: int, seconds: float, are_invented: bool) -> None:
    """Fill a database, index it, and print a line for each sort of question."""
    url = await new_database(postgres, "speed")
    await _fill(url, posts, are_invented=are_invented)
    async with connect(url) as db:
        asked = await questions(db, posts)
    mix = [text for some in zip(*asked.values(), strict=True) for text in some]
    typed = prefixes([*asked["three words of a post"][:20], *asked["two common words"][:10]])
    print(
        f"\nMilliseconds of a first page and, next to it, of its floor: medians of {rounds} rounds of {seconds:g} s.\n"
    )
    much = {"rounds": rounds, "seconds": seconds}
    _head(f"{READERS} readers, one after the other", "page")
    for name, texts in asked.items():
        _compare(name, url, "page", texts, **much)
    _compare("all of these, mixed", url, "page", mix, **much)
    _compare("mixed, 2 of 12 categories", url, "page", mix, member_id=filling.VENDOR, **much)
    _compare("while typing", url, "instant", typed, **much)
    _head("the same, one reader", "page")
    _compare("all mixed", url, "page", mix, readers=1, **much)
    _compare("while typing", url, "instant", typed, readers=1, **much)
    _head(f"{READERS} readers, each once a second", "page")
    _compare("all mixed", url, "page", mix, pause=1.0, **much)
    _compare("while typing, a key in 0.25 s", url, "instant", typed, pause=0.25, **much)
    print(f"\nLoad at the end: {' '.join(f'{load:.1f}' for load in os.getloadavg())}")


async def _fill(url: str, posts: int, *, are_invented: bool) -> None:
    began = time.monotonic()
    async with connect(url) as db:
        threads = await filling.fill(db, sentences(are_invented=are_invented), posts)
        filled = time.monotonic()
        await _run(url, "VACUUM ANALYZE")
        print(f"\nSpeed: {posts:,} posts in {threads:,} threads, written in {filled - began:.0f} s.", flush=True)
        began = time.monotonic()
        documents = await reindex(Tools(db=db, mailer=FakeMailer(), settings=Settings()))
        took = time.monotonic() - began
        print(f"Indexed: {documents:,} documents in {took:.0f} s, {documents / took:,.0f} a second.", flush=True)
        await _run(url, "VACUUM ANALYZE")
        await _run(url, "CHECKPOINT")
        sizes = (await rows(db, SIZES_SQL))[0]
    print(
        f"Posts and threads {sizes['posts']}, documents {sizes['documents']} with indexes of {sizes['indexes']}, "
        f"{sizes['words']:,} words.",
        flush=True,
    )


async def _run(url: str, sql: str) -> None:
    """A statement that may take its time."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def _head(title: str, what: str) -> None:
    print()
    table.row(title, "p50", "p95", "a second", "floor p50", "p95", "ratio")


def _compare(
    name: str, url: str, way: str, texts: Sequence[str], *, rounds: int, seconds: float, member_id: int = MEMBER,
    readers: int = READERS, pause: float = 0.0,
) -> None:  # fmt: skip
    much = {
        "url": url,
        "member_id": member_id,
        "texts": list(texts),
        "readers": readers,
        "seconds": seconds,
        "pause": pause,
    }
    pairs = [(_times(way=way, **much), _times(way=f"bare {way}", **much)) for _ in range(rounds)]
    ours, floor = (_median([pair[place] for pair in pairs]) for place in (0, 1))
    table.row(
        name, f"{ours.p50:.1f}", f"{ours.p95:.1f}", f"{ours.rate:.0f}", f"{floor.p50:.1f}", f"{floor.p95:.1f}",
        f"{ours.p50 / floor.p50:.1f}",
    )  # fmt: skip


def _times(**told: object) -> Times:
    answered = subprocess.run(
        [sys.executable, "-m", "tests.bench.search.reader"], cwd=ROOT, input=json.dumps(told), stdout=subprocess.PIPE,
        text=True, check=True, timeout=float(str(told["seconds"])) + SPARE_SECONDS,
    ).stdout  # fmt: skip
    took = json.loads(answered)
    cuts = quantiles(took, n=20, method="inclusive")
    return Times(median(took), cuts[-1], len(took) / float(str(told["seconds"])))


def _median(each: Sequence[Times]) -> Times:
    return Times(*(median(getattr(times, name) for times in each) for name in ("p50", "p95", "rate")))
