"""Whether two kinds of questions can be told apart by how long their answers take."""

import math
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from forum.kit.db import Database, value

ROUNDS, P_LEAST, MEDIANS_APART_S, STATEMENTS_APART = 100, 0.01, 0.005, 10
Ask = Callable[[int], Awaitable[object]]


async def assert_take_the_same_time(db: Database, one: Ask, other: Ask) -> None:
    """`one(n)` and `other(n)` are asked a hundred times each in turns; their times are of one kind.

    Of two kinds that are the same, one test in a hundred says that they differ, and a busy machine makes it more. So
    they are asked once more when it does; and a difference counts from 5 ms on, which is less than a network's own
    noise, or from ten of the least statements on, as these take here and now: on a busy machine each is waited for.
    """
    if (await times(db, one, other, 0)).are_told_apart:
        again = await times(db, one, other, ROUNDS)
        assert not again.are_told_apart, again.told


@dataclass(frozen=True)
class Times:
    """Seconds that each took: of the one, of the other, and of a statement that does nothing."""

    one: Sequence[float]
    other: Sequence[float]
    statement: Sequence[float]

    @property
    def are_told_apart(self) -> bool:
        one, other, statement = self.medians
        apart = max(MEDIANS_APART_S, STATEMENTS_APART * statement)
        return p_of(self.one, self.other) <= P_LEAST and abs(one - other) > apart

    @property
    def medians(self) -> tuple[float, float, float]:
        return statistics.median(self.one), statistics.median(self.other), statistics.median(self.statement)

    @property
    def told(self) -> str:
        return f"medians {self.medians}, p = {p_of(self.one, self.other)}"


async def times(db: Database, one: Ask, other: Ask, first: int) -> Times:
    """Each is asked in turns; who comes first changes, too."""
    asks: Sequence[Ask] = (one, other, lambda _: value(db, "SELECT 1"))
    taken: tuple[list[float], ...] = ([], [], [])
    for n in range(first, first + ROUNDS):
        for which in (0, 1, 2) if n % 2 else (2, 1, 0):
            began = perf_counter()
            await asks[which](n)
            taken[which].append(perf_counter() - began)
    return Times(*taken)


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
