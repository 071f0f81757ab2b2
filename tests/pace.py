"""Limits of time that a slow machine keeps, too: seconds of one that does a piece of plain work in 25 ms."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import process_time

WORK_S = 0.025


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What stands inside takes so many seconds of this process's CPU at most, more where the work takes longer, too.

    What other processes do in the meantime does not count; that they slow this one down does, before or after it.
    """
    before = _work()
    began = process_time()
    yield
    taken = process_time() - began
    allowed = seconds * max(1, before / WORK_S, _work() / WORK_S)
    assert taken < allowed, f"{taken:.3f} s of CPU, and {allowed:.3f} are allowed at this machine's pace"


def _work() -> float:
    """Seconds of CPU that three hundred thousand small sums take."""
    began, sum_of_all = process_time(), 0
    for number in range(300_000):
        sum_of_all = (sum_of_all * 31 + number) % 65_521
    return process_time() - began
