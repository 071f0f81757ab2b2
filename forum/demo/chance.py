"""Chance that falls the same way each time: choices follow from words, times from how long ago things began."""

from datetime import datetime, timedelta
from hashlib import sha256

SEED = "staffroom"


def share(*words: object) -> float:
    """A number from 0.0 up to 1.0, as good as thrown with dice, but always the same for the same words."""
    digest = sha256("/".join(map(str, (SEED, *words))).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


def later(when: datetime, now: datetime, *, hours: float) -> datetime:
    """`hours` after `when`, or half the way to `now` where that is sooner: never in the future."""
    return when + min(timedelta(hours=hours), (now - when) / 2)
