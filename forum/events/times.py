"""Times of events as people read them, where the event is and where they are."""

from collections.abc import Callable
from datetime import date, datetime

from forum.kit.clocks import clock
from forum.kit.days import written_in_full
from forum.kit.zones import zone_of, zone_words


def when_words(
    starts_at: datetime, ends_at: datetime, zone_name: str, says: Callable[[date], str] = written_in_full
) -> str:
    """ "Tuesday, December 1, 2026, 2:00 PM to 3:00 PM Eastern time"; in UTC where no zone is called so any more."""
    zone = zone_of(zone_name, "UTC")
    starts, ends = (at.astimezone(zone) for at in (starts_at, ends_at))
    until = _clock(ends) if ends.date() == starts.date() else f"{says(ends.date())}, {_clock(ends)}"
    return f"{says(starts.date())}, {_clock(starts)} to {until} {zone_words(zone.key)}"


def _clock(at: datetime) -> str:
    """ "1:30 PM"; of an hour that comes twice there, also which of both it is."""
    if at.replace(fold=0).utcoffset() == at.replace(fold=1).utcoffset():
        return clock(at)
    return f"{clock(at)} ({'after' if at.fold else 'before'} the clocks go back)"


def hours_words(
    starts_at: datetime,
    ends_at: datetime,
    zone_name: str,
    day: date,
    says: Callable[[date], str] = written_in_full,
) -> str:
    """The same where that day stands beside it: "2:00 PM to 3:00 PM Eastern time", if it begins on that day there."""
    return when_words(starts_at, ends_at, zone_name, says).removeprefix(f"{says(day)}, ")


def own_hours_words(
    starts_at: datetime,
    ends_at: datetime,
    zone_name: str,
    own_zone: str,
    says: Callable[[date], str] = written_in_full,
) -> str:
    """The same where its reader is, beside the day on which it begins where it is; "" where clocks say the same."""
    here, own = (
        [at.astimezone(zone_of(name, "UTC")).replace(tzinfo=None) for at in (starts_at, ends_at)]
        for name in (zone_name, own_zone)
    )
    return "" if here == own else hours_words(starts_at, ends_at, own_zone, here[0].date(), says)
