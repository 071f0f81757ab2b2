"""`python -m tests.mail.workers` runs workers that send mails, and ends them with SIGKILL where it is told.

A line of JSON on its input is one round: `url` of the database, `port` of the relay, and `ends`, one for each worker:
["claimed", 3] to end at the third time it gets there, ["random", 0.2] after so many seconds, null to finish its work.
With `makes_digests` they also make the digests that are due, and render them as the site does.
The answer is how many were killed. Each worker is forked from this process, which has imported it all.
"""

import asyncio
import json
import os
import signal
import sys
import threading
import traceback

from forum.kit import relay as relays
from forum.kit.db import connect
from forum.kit.mailer import SmtpMailer
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from forum.mail import delivery, queueing
from forum.mail.digests import making
from forum.mail.digests.rendering import render_digests
from tests.mail import posting

# Where a worker ends: the module and function there, and whether it ends when that begins or when it is done.
POINTS = {
    "claimed": (queueing, "claim", "done"),
    "rendered": (posting, "render", "done"),
    "unmarked": (queueing, "mark_sending", "begins"),
    "marked": (queueing, "mark_sending", "done"),
    "spoken": (relays, "_say", "spoken"),
    "answered": (relays, "_say", "done"),
    "noted": (queueing, "mark_sent", "done"),
    "recovered": (queueing, "recover", "done"),
}
# Where one that makes digests may end besides: before and after what it made is committed.
MAKING_POINTS = {"made": (making, "make", "done"), "committed": (making, "make_due", "done")}
# Of all these, where it gets once for many mails.
ONCE_FOR_MANY = ("claimed", "rendered", "recovered", *MAKING_POINTS)


def end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def end_at(point: str, time: int) -> None:
    """Have this process end when it gets to that point for the so-maniest time."""
    module, name, when = (POINTS | MAKING_POINTS)[point]
    original, left = getattr(module, name), [time]

    async def ending(*arguments, **named):
        left[0] -= 1
        if left[0] == 0 and when == "begins":
            end()
        if left[0] == 0 and when == "spoken":
            client, message = arguments
            client.protocol.write(message + b".\r\n")
            end()
        found = await original(*arguments, **named)
        if left[0] <= 0:
            end()
        return found

    setattr(module, name, ending)


async def work(url: str, port: int, *, makes_digests: bool = False) -> None:
    settings = Settings(base_url="https://forum.example", smtp_url=f"smtp://127.0.0.1:{port}", mails_a_minute=100_000)
    async with connect(url, most=6) as db:
        tools = Tools(db, SmtpMailer(settings), settings)
        if makes_digests:
            await making.make_digests(tools)
        await delivery.deliver(tools, dict.fromkeys(("instant", "digest"), lambda *asked: posting.render(*asked)))
        await tools.mailer.aclose()


def ends_at(point: str) -> list:
    """The ends of three workers there, at different times where it is got to once for each mail."""
    return [[point, time] for time in ((1, 1, 1) if point in ONCE_FOR_MANY else (1, 5, 9))]


def start(told: dict, how) -> int:
    child = os.fork()
    if child:
        return child
    try:
        if told["makes_digests"]:
            posting.render = render_digests
        if how and how[0] == "random":
            timer = threading.Timer(how[1], end)
            timer.daemon = True
            timer.start()
        elif how:
            end_at(*how)
        asyncio.run(work(told["url"], told["port"], makes_digests=told["makes_digests"]))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def run(told: dict) -> int:
    children = [start(told, how) for how in told["ends"]]
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return sum(code == -signal.SIGKILL for code in ends) if 1 not in ends else -1


if __name__ == "__main__":
    for line in sys.stdin:
        print(run(json.loads(line)), flush=True)
