"""Measures Staffroom against the floor of its own machine: `make bench`, shorter with ARGS=--quick."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from forum.kit.db import connect
from forum.kit.embedded import Embedded
from forum.kit.migrate import migrate
from tests.bench import imports, pages, products, replies, table, weight
from tests.bench.fill import MEMBERS, POSTS, THREADS, fill
from tests.bench.servers import Floor, Staffroom

# Nothing of its own accord: a vacuum would be charged to whichever page is measured just then.
POSTGRES = {"shared_buffers": "256MB", "autovacuum": "off", "checkpoint_timeout": "1h", "max_wal_size": "4GB"}


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="staffroom-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL may run as another user
        with Embedded(folder / "var", settings=POSTGRES) as postgres:
            print(f"Filling {THREADS:,} threads, {POSTS:,} posts, {MEMBERS} members …", flush=True)
            token = asyncio.run(_filled(postgres.url))
            print("\n".join(table.machine(postgres.url)), flush=True)
            with Staffroom(postgres, folder) as ours:
                pages.write_floor(ours, token, folder / "floor")
                with Floor(postgres, folder / "floor") as floor:
                    if not options.only_products:
                        pages.report(ours, floor, token, rounds=options.rounds, seconds=options.seconds)
                    if not options.only_pages and not options.only_products:
                        replies.report(ours, token, count=options.replies)
                        weight.report(ours, token)
                    much = {"rounds": options.rounds, "seconds": options.seconds}
                    products.report(ours, floor, folder / "floor", postgres.url, token, **much)
            if not options.only_pages and not options.only_products:
                imports.report(postgres, folder, is_quick=options.quick)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two short rounds, one archive: for a first look")
    parser.add_argument("--only-pages", action="store_true", help="only the pages next to the floor")
    parser.add_argument("--only-products", action="store_true", help="only the catalogue, its pages and scores")
    parser.add_argument("--rounds", type=int, help="how often each page is measured in turn (5)")
    parser.add_argument("--seconds", type=float, help="how long each measurement lasts (2)")
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 5)
    options.seconds = options.seconds or (1.0 if options.quick else 2.0)
    options.replies = 20 if options.quick else 60
    return options


async def _filled(url: str) -> str:
    await migrate(url)
    async with connect(url) as db:
        return await fill(db)


if __name__ == "__main__":
    sys.exit(main())
