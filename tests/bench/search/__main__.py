"""Measures search: `make bench-search`, an hour for 1,000,000 posts; less with ARGS="--posts 100000"."""

import argparse
import asyncio
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from forum.kit.embedded import Embedded
from tests.bench import table
from tests.bench.search import quality, speed
from tests.bench.search.engine import engine

# Nothing of its own accord: a vacuum would be charged to whatever is measured just then.
POSTGRES = {"shared_buffers": "512MB", "autovacuum": "off", "checkpoint_timeout": "1h", "max_wal_size": "8GB"}


async def measure(options: argparse.Namespace) -> None:
    """Print everything; whatever was started or written is gone afterwards."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="staffroom-bench-")))
        folder.chmod(0o755)  # PostgreSQL may run as another user
        postgres = stack.enter_context(Embedded(folder / "var", settings=POSTGRES))
        print("\n".join(await asyncio.to_thread(table.machine, postgres.url)), flush=True)
        if not options.only_speed:
            meili = await stack.enter_async_context(engine(folder / "meili"))
            await quality.report(postgres, meili, slips=options.slips, most=options.collections)
        if not options.only_quality:
            await speed.report(
                postgres, posts=options.posts, rounds=options.rounds, seconds=options.seconds,
                are_invented=options.invented,
            )  # fmt: skip


def options(arguments: list[str]) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.search", description=__doc__)
    parser.add_argument("--only-quality", action="store_true", help="only how good what is found is")
    parser.add_argument("--only-speed", action="store_true", help="only how fast it is")
    parser.add_argument("--posts", type=int, default=1_000_000, help="how many posts the large forum has (1000000)")
    parser.add_argument("--invented", action="store_true", help="of invented words, even where archives are")
    parser.add_argument("--rounds", type=int, default=5, help="how often each measurement is made in turn (5)")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each measurement lasts (4)")
    parser.add_argument("--slips", type=int, default=3, help="how often each question is typed badly (3)")
    parser.add_argument("--collections", type=int, default=3, help="how many collections, the smallest first (3)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    asyncio.run(measure(options(sys.argv[1:])))
