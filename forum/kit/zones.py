"""Time zones by their names, as "America/Chicago", and as people call them."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

# The zones of the United States by one place each, from east to west; what keeps their clocks is called as they are.
EVERYDAY = {
    "America/New_York": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Phoenix": "Arizona",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
}
SEASONS = (datetime(2026, 1, 15, 12), datetime(2026, 7, 15, 12))  # one on each side of the clock changes


@lru_cache(maxsize=1)
def named_zones() -> tuple[tuple[str, str], ...]:
    """Every time zone with a place in its name, and UTC, for a form: its name, and how people read that.

    Those of the United States first, once each; then all others by their names.
    """
    others = sorted(
        zone
        for zone in available_timezones()
        if "/" in zone and zone not in EVERYDAY and not zone.startswith(("Etc/", "SystemV/"))
    )
    ours = ((zone, zone_words(zone)) for zone in EVERYDAY)
    return (*ours, ("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in others))


@lru_cache(maxsize=1024)
def zone_words(name: str) -> str:
    """What people say behind a time there: "Central time", "Berlin time", "UTC"."""
    place = EVERYDAY.get(name) or _by_its_clock().get(_clock_of(name)) or name.rpartition("/")[2].replace("_", " ")
    return place if place.isupper() else f"{place} time"


@lru_cache(maxsize=1)
def _by_its_clock() -> dict[object, str]:
    """Names of those that change their clocks: whoever never does may go by another name, as Sonora by Arizona's."""
    clocks = {_clock_of(zone): words for zone, words in EVERYDAY.items()}
    return {clock: words for clock, words in clocks.items() if len(set(clock)) > 1}


def _clock_of(name: str) -> tuple[tuple[timedelta | None, str | None], ...]:
    """How far from UTC it is in winter and in summer, and what the time zone database calls that: "EST", "EDT"."""
    zone = zone_of(name, "UTC")
    return tuple((at.replace(tzinfo=zone).utcoffset(), at.replace(tzinfo=zone).tzname()) for at in SEASONS)


def zone_of(name: str, otherwise: str) -> ZoneInfo:
    """The time zone of that name; `otherwise` where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(otherwise)
