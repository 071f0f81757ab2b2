"""Whether two kinds of questions can be told apart by how long their answers take."""

import math
import statistics
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter

ROUNDS, P_LEAST, MEDIANS_APART_S = 100, 0.01, 0.005
Ask = Callable[[int], Awaitable[object]]


async def assert_take_the_same_time(one: Ask, other: Ask) -> None:
    """`one(n)` and `other(n)` are asked a hundred times each in turns; their times are of one kind.

    Of two kinds that are the same, one test in a hundred says that they differ, and a busy machine makes it more. So
    they are asked once more when it does; and a difference counts from 5 ms on, which is less than a network's own
    noise but more than one statement more or less on a busy machine.
    """
    before = await times(one, other, 0)
    if is_told_apart(*before):
        again = await times(one, other, ROUNDS)
        assert not is_told_apart(*again), f"medians {[statistics.median(each) for each in again]}, p = {p_of(*again)}"


async def times(one: Ask, other: Ask, first: int) -> tuple[list[float], list[float]]:
    """Seconds of each, asked in turns; who comes first changes, too."""
    taken: tuple[list[float], list[float]] = ([], [])
    for n in range(first, first + ROUNDS):
        for which in (0, 1) if n % 2 else (1, 0):
            began = perf_counter()
            await (one, other)[which](n)
            taken[which].append(perf_counter() - began)
    return taken


def is_told_apart(one: Sequence[float], other: Sequence[float]) -> bool:
    return p_of(one, other) <= P_LEAST and abs(statistics.median(one) - statistics.median(other)) > MEDIANS_APART_S


def p_of(one: Sequence[float], other: Sequence[float]) -> float:
    """How likely such a difference is between samples of one kind: Mann and Whitney's U, by the normal approximation.

    Source: H. B. Mann, D. R. Whitney, Ann. Math. Statist. 18 (1947), p. 50; equal values share their rank.
    """
    n, m = len(one), len(other)
    everything = sorted([*one, *other])
    rank: dict[float, float] = {}
    for place, each in enumerate(everything, 1):
        rank.setdefault(each, place + (everything.count(each) - 1) / 2)
    u = sum(rank[each] for each in one) - n * (n + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(z) / math.sqrt(2))
