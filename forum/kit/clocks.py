"""Times of day as people write them, and moments with the day and the zone."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from forum.kit.days import dated_shortly, month_and_year
from forum.kit.zones import zone_words


def clock(at: datetime | time) -> str:
    """ "6:00 AM", "2:30 PM"."""
    return f"{at:%I:%M %p}".removeprefix("0")


def day_words(at: datetime, zone: ZoneInfo) -> str:
    """The day it is then in a zone: "Nov 30, 2026"."""
    return dated_shortly(at.astimezone(zone))


def month_words(at: datetime, zone: ZoneInfo) -> str:
    """The month it is then in a zone: "November 2026"."""
    return month_and_year(at.astimezone(zone))


def moment_words(at: datetime, zone: ZoneInfo) -> str:
    """When that is in a zone: "Nov 30, 2026, 2:30 PM Central time"."""
    return f"{day_words(at, zone)}, {clock(at.astimezone(zone))} {zone_words(zone.key)}"
