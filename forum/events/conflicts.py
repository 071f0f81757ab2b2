"""The form of an event, sent over what was saved since it was opened: what becomes of both, and where they differ."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from forum.events.types import ONLINE, Event, Facts, facts_of
from forum.kit.clocks import clock
from forum.kit.days import dated
from forum.kit.merging import clashing, merged
from forum.kit.moments import local_from
from forum.kit.zones import named_zones

CANCELED = "It was canceled meanwhile, and stays so whichever you keep."
AFTER_ALL = "It was canceled when you opened it, and takes place after all now, whichever you keep."


class Opened(NamedTuple):
    """An event as a form showed it."""

    starts_at: datetime
    ends_at: datetime
    time_zone: str
    place: str
    link: str
    is_cancelled: bool

    @property
    def facts(self) -> Facts:
        return facts_of(self.starts_at, self.ends_at, self.time_zone, self.place, self.link)


class Difference(NamedTuple):
    """A field in which two say something else, by its name in the form: what stands there now, and what was typed."""

    name: str
    now: str
    yours: str


class Conflict(NamedTuple):
    """What both changed, and whether the event was canceled or not any more meanwhile, "" for neither."""

    differences: Sequence[Difference]
    turned: str


class Merge(NamedTuple):
    """What was typed, over what was saved meanwhile of other fields. conflict: None where nobody need choose."""

    facts: Facts
    conflict: Conflict | None

    @classmethod
    def of(cls, opened: Facts | None, typed: Facts, event: Event | None, *, was_cancelled: bool) -> "Merge":
        """opened: what the form had shown; where nobody knows that, None, all of it counts as changed.

        event: as it is now, None where nobody has said that yet. was_cancelled: whether it was as the form was opened.
        """
        now = event.facts if event else Facts()
        shown = opened.fields if opened else dict.fromkeys(now.fields, ())
        facts = Facts.from_fields(merged(shown, typed.fields, now.fields))
        clashes = clashing(shown, typed.fields, now.fields)
        turned = _turned(event, was_cancelled=was_cancelled)
        is_free = event is None or not (clashes or turned)
        return cls(facts, None if is_free else Conflict(_differences(clashes, now, facts), turned))


def _turned(event: Event | None, *, was_cancelled: bool) -> str:
    if event is None or event.is_cancelled == was_cancelled:
        return ""
    return CANCELED if event.is_cancelled else AFTER_ALL


def _differences(names: Sequence[str], now: Facts, yours: Facts) -> list[Difference]:
    old, new = _told(now), _told(yours)
    return [Difference(label, old[name][label], new[name][label]) for name in names for label in old[name]]


def _told(facts: Facts) -> dict[str, dict[str, str]]:
    """By field as it is merged, what each field of the form says in it."""
    zone = dict(named_zones()).get(facts.time_zone, facts.time_zone)
    return {
        "times": {"Begins": _local_words(facts.starts), "Ends": _local_words(facts.ends), "Time zone": zone},
        "place": {"Place": facts.place or ONLINE},
        "link": {"Link": facts.link or "None"},
    }


def _local_words(text: str) -> str:
    at = local_from(text)
    return f"{dated(at)}, {clock(at)}" if at else text
