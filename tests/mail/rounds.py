"""Rounds of workers that are killed where a test tells them to be; tests/mail/workers.py runs them."""

import asyncio
import json
import sys
from contextlib import asynccontextmanager


@asynccontextmanager
async def a_place_for_workers():
    """The process that runs them."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.mail.workers", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    yield process
    process.stdin.close()
    await process.wait()


async def one_round(process, url, sink, ends, *, makes_digests=False) -> int:
    """Three workers, until each has ended in its way. Returns how many were killed."""
    told = {"url": url, "port": sink.port, "ends": ends, "makes_digests": makes_digests}
    process.stdin.write(json.dumps(told).encode() + b"\n")
    killed = int(await process.stdout.readline())
    assert killed >= 0, "a worker failed"
    return killed
