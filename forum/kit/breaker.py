"""A circuit breaker: when asking somebody was in vain too often or for too long, nobody is made to wait for them again.

Closed, everybody asks. Open, nobody does, and from time to time one probe looks whether they are back.
"""

import time
from collections.abc import Callable

MOST_FAILURES = 5  # one after the other
MOST_WAITED = 0.3  # seconds that were waited in vain, one failure after the other
SECONDS_BETWEEN_PROBES = 10.0


class Breaker:
    """Counts failures in a row. It asks nobody itself: whoever holds it tells it what came of asking."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        most_failures: int = MOST_FAILURES,
        most_waited: float = MOST_WAITED,
        between_probes: float = SECONDS_BETWEEN_PROBES,
    ) -> None:
        self._clock, self._between = clock, between_probes
        self._most_failures, self._most_waited = most_failures, most_waited
        self._failures = 0
        self._waited = 0.0
        self._next_probe: float | None = None  # a time while open

    @property
    def is_open(self) -> bool:
        """Whether to ask is of no use for now."""
        return self._next_probe is not None

    def succeeded(self) -> None:
        """An answer came, to whoever asked: all is well again."""
        self._failures, self._waited, self._next_probe = 0, 0.0, None

    def failed(self, seconds: float) -> None:
        """None came, and so long was waited for it. What was still under way when it opened changes nothing."""
        if self.is_open:
            return
        self._failures += 1
        self._waited += seconds
        # In hundredths: an event loop may wake a little before its time.
        if self._failures >= self._most_failures or round(self._waited, 2) >= self._most_waited:
            self._next_probe = self._clock() + self._between

    def takes_probe(self) -> bool:
        """True for one caller from time to time while open, the first time so long after it opened."""
        now = self._clock()
        if self._next_probe is None or now < self._next_probe:
            return False
        self._next_probe = now + self._between
        return True
