"""A worker that chooses and renders digests until none is left: prints what it did as JSON.

python -m tests.bench.digests.worker DATABASE [SMTP]: without SMTP it hands none over, else it sends as the site does.
"""

import asyncio
import json
import resource
import sys

import uvloop

from forum.kit.db import connect, run
from forum.kit.mailer import mailer_for
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from forum.mail.delivery import deliver
from forum.mail.digests.rendering import render_digests
from forum.mail.queueing import claim
from forum.mail.types import Ready
from forum.wiring import RENDERERS
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
            items += sum(each.message.count(b"\r\n* ") for each in ready)
            if batches == EARLY:
                early = _memory_mb()
    return {"seen": seen, "sent": sent, "items": items, "early_mb": early, "most_mb": _memory_mb()}


async def send(url: str, smtp: str) -> dict[str, float]:
    """Deliver everything, with the queue's own notes before and after each mail."""
    settings = Settings(smtp_url=smtp, base_url="https://forum.example")
    async with connect(url) as db:
        tools = Tools(db=db, mailer=mailer_for(settings, db), settings=settings)
        await deliver(tools, RENDERERS)
        await tools.mailer.aclose()
    return {"seen": 0, "sent": 0, "items": 0, "early_mb": 0, "most_mb": _memory_mb()}


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(send(*sys.argv[1:]) if len(sys.argv) > 2 else work(sys.argv[1]))))
