"""Moments in fields of forms: local times, written and read in a time zone, clock changes and all."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from forum.kit.errors import Invalid

FIRST_YEAR, LAST_YEAR = 2000, 2100
LEFT_OUT = "There is no such time on that day: the clocks go forward there. Choose another time."
TYPED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?", re.A)
TO_MINUTES = len("2027-03-14T10:30")


def moments(fields: Mapping[str, str], zone: ZoneInfo, missing: Mapping[str, str]) -> dict[str, datetime]:
    """When the times in these fields are, in UTC. Raises Invalid with a sentence for each that will not do.

    missing: by field, the sentence where it holds no time, or one of another century.
    """
    found, problems = {}, {}
    for name, text in fields.items():
        local = local_from(text)
        if local is None or not FIRST_YEAR <= local.year < LAST_YEAR:
            problems[name] = missing[name]
        elif (at := moment(local, zone)) is None:
            problems[name] = LEFT_OUT
        else:
            found[name] = at
    if problems:
        raise Invalid(**problems)
    return found


def local_from(text: str) -> datetime | None:
    """The time in "2027-03-14T10:30", as browsers send it, without a zone, to the minute; None where there is none."""
    try:
        return datetime.fromisoformat(text[:TO_MINUTES]) if TYPED.fullmatch(text) else None
    except ValueError:
        return None


def moment(local: datetime, zone: ZoneInfo) -> datetime | None:
    """When it is `local` in a zone, in UTC: the first of two such moments; None when clocks leave that time out."""
    at = local.replace(tzinfo=zone).astimezone(UTC)
    return at if at.astimezone(zone).replace(tzinfo=None) == local else None


def typed(at: datetime, zone: ZoneInfo) -> str:
    """A moment as `local_from` reads it."""
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}"
