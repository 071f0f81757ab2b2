"""A worker that chooses and renders digests until none is left, and hands none over: prints what it did as JSON."""

import asyncio
import json
import resource
import sys

import uvloop

from forum.kit.db import connect, run
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from forum.mail.digests.rendering import render_digests
from forum.mail.queueing import claim
from forum.mail.types import Ready
from tests.fakes import FakeMailer

AT_ONCE = 500
EARLY = 5  # batches


async def work(url: str) -> dict[str, float]:
    """How many were claimed and sent, how many things stood in them, and how much memory it took."""
    seen = sent = items = batches = 0
    early = 0.0
    async with connect(url) as db:
        tools = Tools(db=db, mailer=FakeMailer(), settings=Settings())
        while claimed := await claim(db, domain="forum.example", most=AT_ONCE):
            made = await render_digests(tools, claimed)
            ready = [each for each in made.values() if isinstance(each, Ready)]
            await run(db, "UPDATE mail SET state = 'sent' WHERE id = ANY(CAST(:ids AS bigint[]))", ids=list(made))
            seen, sent, batches = seen + len(claimed), sent + len(ready), batches + 1
            items += sum(each.message.count(b"Answer by mail: ") for each in ready)
            if batches == EARLY:
                early = _memory_mb()
    return {"seen": seen, "sent": sent, "items": items, "early_mb": early, "most_mb": _memory_mb()}


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(work(sys.argv[1]))))
