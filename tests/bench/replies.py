"""A reply by form, as a browser sends it, one after the other."""

import secrets
import time
from statistics import quantiles

import httpx

from tests import tokened
from tests.bench import table
from tests.bench.fill import LARGE, SMALL, WORDS
from tests.bench.servers import Staffroom

BODY = f"{' '.join(WORDS)}.\n\n> {' '.join(WORDS[:9])}\n\n- **{WORDS[0]}**\n- `{WORDS[1]}`"


def report(ours: Staffroom, token: str, *, count: int) -> None:
    """Print the milliseconds until a posted form is answered, in a small thread and in a large one."""
    print(f"\nReply by form: {count} one after the other in each thread, in turn; {len(BODY.split())} words.\n")
    times: dict[int, list[float]] = {SMALL: [], LARGE: []}
    with httpx.Client(base_url=ours.url, cookies={"session": token}, event_hooks=tokened.HOOKS_NOW) as browser:
        for _ in range(count):
            for thread_id, seen in times.items():
                seen.append(_reply(browser, thread_id))
    table.row("", "p50 ms", "p95 ms")
    for title, thread_id in (("Thread of 20 posts", SMALL), ("Thread of 500 posts", LARGE)):
        steps = quantiles(times[thread_id], n=20)
        table.row(title, f"{steps[9]:.1f}", f"{steps[18]:.1f}")


def _reply(browser: httpx.Client, thread_id: int) -> float:
    began = time.perf_counter()
    answer = browser.post(f"/t/{thread_id}/replies", data={"body": BODY, "client_key": secrets.token_urlsafe(16)})
    seconds = time.perf_counter() - began
    if answer.status_code != 303:
        raise RuntimeError(f"a reply was answered with {answer.status_code}")
    return seconds * 1000
