"""Readers in a process of their own: each asks again and again until the time is over.

python -m tests.bench.search.reader reads what to do as JSON, and prints how long each answer took, in milliseconds.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle

import uvloop

from forum.kit.db import Database, connect, held
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from forum.members.queries import actor
from forum.search.finding import find, find_instantly
from forum.search.parsing import parse
from tests.bench.search import bare_search
from tests.fakes import FakeMailer

Ask = Callable[[str], Awaitable[object]]


async def _asking(db: Database, way: str, member_id: int) -> Ask:
    tools = Tools(db=db, mailer=FakeMailer(), settings=Settings())
    reader = await actor(db, member_id)
    asks: dict[str, Ask] = {
        "page": lambda text: find(tools, reader, parse(text)),
        "instant": lambda text: find_instantly(tools, reader, parse(text, is_typing=True)),
        "bare page": lambda text: bare_search.page(db, text),
        "bare instant": lambda text: bare_search.instant(db, text),
    }
    return asks[way]


async def _measured(
    url: str, way: str, member_id: int, texts: Sequence[str], readers: int, seconds: float, pause: float
) -> list[float]:
    async with connect(url) as db:
        ask = await _asking(db, way, member_id)
        turn = cycle(texts)
        for _ in range(min(len(texts), 2 * readers)):
            await _timed(db, ask, next(turn))  # connections, statements
        until = time.monotonic() + seconds
        each = [_read(db, ask, turn, until, pause, pause * place / readers) for place in range(readers)]
        return [took for found in await asyncio.gather(*each) for took in found]


async def _read(db: Database, ask: Ask, turn: "cycle[str]", until: float, pause: float, wait: float) -> list[float]:
    took = []
    await asyncio.sleep(wait)
    while time.monotonic() < until:
        took.append(await _timed(db, ask, next(turn)))
        await asyncio.sleep(pause)
    return took


async def _timed(db: Database, ask: Ask, text: str) -> float:
    """Milliseconds, as a request has them: with the wait for its connection."""
    began = time.perf_counter()
    async with held(db):
        await ask(text)
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(_measured(**json.load(sys.stdin)))))
