"""Measures digests: `make bench-digests`, a quarter of an hour; less with ARGS="--members 10000"."""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from forum.kit.db import connect, rows, run
from forum.kit.embedded import Embedded
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from forum.mail.digests.making import MOST_AT_ONCE, make_due, plan_stale
from forum.search.rebuilding import reindex
from tests.bench import table
from tests.bench.digests.filling import fill
from tests.bench.search.databases import new_database
from tests.bench.search.texts import sentences
from tests.bench.servers import ROOT
from tests.fakes import FakeMailer

POSTGRES = {"shared_buffers": "512MB", "autovacuum": "off", "checkpoint_timeout": "1h", "max_wal_size": "4GB"}
ZONE = "America/Chicago"
WORKERS = 2


async def measure(options: argparse.Namespace) -> None:
    """Print everything; whatever was started or written is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="staffroom-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL may run as another user
        with Embedded(folder / "var", settings=POSTGRES) as postgres:
            print("\n".join(await asyncio.to_thread(table.machine, postgres.url)), flush=True)
            url = await new_database(postgres, "digests")
            async with connect(url) as db:
                await fill(db, sentences(are_invented=True), members=options.members, posts=options.posts)
                await reindex(Tools(db=db, mailer=FakeMailer(), settings=Settings()))
                await run(db, "ANALYZE")
                counts = (await rows(db, COUNTS_SQL))[0]
                print(", ".join(f"{count:,} {noun}" for noun, count in counts.items()), flush=True)
                made = await _make(url)
            _say("made: a row of mail each, and what it tells of", made, options.members)
            _render(url)
            await _send(url, options.sent)


COUNTS_SQL = """
    SELECT (SELECT count(*) FROM member) AS members, (SELECT count(*) FROM follow) AS follows,
           (SELECT count(*) FROM thread) AS threads, (SELECT count(*) FROM post) AS posts
"""


async def _make(url: str) -> float:
    async with connect(url) as db:
        while await plan_stale(db, zone=ZONE) == MOST_AT_ONCE:
            pass
        await run(db, "UPDATE digest_plan SET due_at = now()")
        began = time.monotonic()
        while await make_due(db, zone=ZONE) == MOST_AT_ONCE:
            pass
        return time.monotonic() - began


def _render(url: str) -> None:
    said, took = _working(url)
    sent = sum(each["sent"] for each in said)
    print(f"{sent:,} digests, {sum(each['items'] for each in said) / max(1, sent):.1f} things each on average")
    _say(f"chosen and rendered by {WORKERS} workers", took, sum(each["seen"] for each in said))
    for place, each in enumerate(said, 1):
        print(f"Worker {place}: memory {each['early_mb']:.0f} MB early, {each['most_mb']:.0f} MB at most")


async def _send(url: str, count: int) -> None:
    """So many of them once more, through SMTP."""
    async with connect(url) as db:
        await run(db, AGAIN_SQL, count=count)
    sink = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.digests.sink"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    port = sink.stdout.readline().strip() if sink.stdout else ""
    _, took = await asyncio.to_thread(_working, url, f"smtp://127.0.0.1:{port}")
    taken = int(sink.communicate()[0])
    _say(f"sent through SMTP to a sink beside it, of {count:,} asked for", took, taken)


AGAIN_SQL = """
    UPDATE mail m SET state = 'waiting', next_at = now(), attempts = 0
    FROM (SELECT x.id FROM mail x ORDER BY x.id LIMIT :count) x
    WHERE m.id = x.id
"""


def _working(url: str, *smtp: str) -> tuple[list[dict[str, float]], float]:
    """What workers side by side say in the end, and how many seconds they took."""
    began = time.monotonic()
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bench.digests.worker", url, *smtp], cwd=ROOT, stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(WORKERS)
    ]  # fmt: skip
    said = [json.loads(worker.communicate()[0]) for worker in workers]
    return said, time.monotonic() - began


def _say(what: str, took: float, count: int) -> None:
    print(f"{count:,} digests {what}: {took:.0f} s, {count / took:,.0f} a second", flush=True)


def options(arguments: list[str]) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.digests", description=__doc__)
    parser.add_argument("--members", type=int, default=100_000, help="who follow twenty things each (100000)")
    parser.add_argument("--sent", type=int, default=5_000, help="how many are also sent through SMTP (5000)")
    parser.add_argument("--posts", type=int, default=2_000, help="of the day before (2000)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    asyncio.run(measure(options(sys.argv[1:])))
