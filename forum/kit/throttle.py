"""How fast mails go to one receiving domain: so many a minute, and none for a while where it asked for that."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MINUTE_S = 60.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 60.0, 1800.0
MOST_DOMAINS = 10_000


@dataclass
class _Domain:
    """left: how many may still go in the minute that began then. pause_s: the latest pause, which doubles."""

    began: float
    left: int
    pause_s: float = 0.0
    open_at: float = 0.0


class Throttle:
    """Counts in this process. Times are seconds."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_minute, self._clock = a_minute, clock
        self._domains: OrderedDict[str, _Domain] = OrderedDict()

    def wait(self, domain: str) -> float:
        """How long to wait before the next mail to `domain`; 0 when it may go now, which is then counted."""
        wait = self.pause(domain)
        if not wait:
            self._known(domain).left -= 1
        return wait

    def pause(self, domain: str) -> float:
        """The same, and nothing is counted."""
        now, known = self._clock(), self._known(domain)
        if now < known.open_at:
            return known.open_at - now
        if now >= known.began + MINUTE_S:
            known.began, known.left = now, self._a_minute
        return 0.0 if known.left else known.began + MINUTE_S - now

    def slow_down(self, domain: str) -> None:
        """It said "too much" or "too busy": it is left alone for a minute, and twice as long each time it says so."""
        now, known = self._clock(), self._known(domain)
        if now >= known.open_at:  # others under way have heard the same
            known.pause_s = min(known.pause_s * 2 or FIRST_PAUSE_S, LONGEST_PAUSE_S)
            known.open_at = now + known.pause_s

    def took(self, domain: str) -> None:
        """It took one: the next pause is short again."""
        self._known(domain).pause_s = 0.0

    def _known(self, domain: str) -> _Domain:
        known = self._domains.setdefault(domain, _Domain(self._clock(), self._a_minute))
        self._domains.move_to_end(domain)
        if len(self._domains) > MOST_DOMAINS:
            self._domains.popitem(last=False)
        return known
