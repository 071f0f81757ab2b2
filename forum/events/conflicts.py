"""What somebody else saved of an event while its reader typed, beside what they typed."""

from collections.abc import Sequence
from typing import NamedTuple

from forum.events.types import ONLINE, Event, Facts
from forum.kit.clocks import clock
from forum.kit.days import dated
from forum.kit.moments import local_from
from forum.kit.zones import named_zones

CANCELED = "It was canceled meanwhile, and stays so whichever you keep."
AFTER_ALL = "It was canceled when you opened it, and takes place after all now, whichever you keep."


class Difference(NamedTuple):
    """A field in which two say something else, by its name in the form: what stands there now, and what was typed."""

    name: str
    now: str
    yours: str


class Conflict(NamedTuple):
    """Where they differ, and whether the event was canceled or not any more meanwhile, "" for neither."""

    differences: Sequence[Difference]
    turned: str

    @classmethod
    def between(cls, event: Event, typed: Facts, *, was_cancelled: bool) -> "Conflict":
        """was_cancelled: whether it was when the form was opened."""
        now, yours = _told(event.facts), _told(typed)
        turned = CANCELED if event.is_cancelled else AFTER_ALL
        return cls(
            [Difference(name, now[name], yours[name]) for name in now if now[name] != yours[name]],
            "" if event.is_cancelled == was_cancelled else turned,
        )


def _told(facts: Facts) -> dict[str, str]:
    return {
        "Begins": _local_words(facts.starts),
        "Ends": _local_words(facts.ends),
        "Time zone": dict(named_zones()).get(facts.time_zone, facts.time_zone),
        "Place": facts.place or ONLINE,
        "Link": facts.link or "None",
    }


def _local_words(text: str) -> str:
    at = local_from(text)
    return f"{dated(at)}, {clock(at)}" if at else text
