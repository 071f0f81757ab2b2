"""When a digest is due where its reader is: pure arithmetic of days, hours and time zones."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS_AHEAD = 8  # any chosen day of the week is among so many


def day_at(moment: datetime, zone: ZoneInfo) -> date:
    """The date at that moment in a time zone."""
    return moment.astimezone(zone).date()


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which that day begins in a time zone."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def next_run(
    now: datetime, *, days: Collection[int], hour: int, zone: ZoneInfo, last_on: date | None = None
) -> datetime:
    """The next moment, in UTC, at which a digest is due: later than now, and on a later day than the last one.

    days: 1 for Monday to 7. hour: 0 to 23, where `zone` is. last_on: the day, there, of the last digest. An hour that a
    clock change leaves out is the one after it; one that comes twice is the first. So each day has one at most, also
    for somebody who moves west after it, and one on each chosen day that has not had one.
    """
    first = now.astimezone(zone).date()
    if last_on is not None:
        first = max(first, last_on + timedelta(days=1))
    for ahead in range(DAYS_AHEAD):
        day = first + timedelta(days=ahead)
        moment = datetime.combine(day, time(hour), zone).astimezone(UTC)
        if day.isoweekday() in days and moment > now:
            return moment
    raise ValueError("no day of the week is chosen")
