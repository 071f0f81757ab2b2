"""Days of contracts: which day it is somewhere, and what follows from a day by counting days or months."""

import calendar
from datetime import date, datetime, timedelta

from forum.kit.zones import zone_of

MONTHS_AHEAD = 14
ONE_DAY = timedelta(days=1)


def day_in(zone: str, at: datetime, otherwise: str) -> date:
    """The date at the moment `at` in a time zone; in `otherwise` where there is no zone, or none of that name."""
    return at.astimezone(zone_of(zone or otherwise, otherwise)).date()


def months_on(day: date, months: int) -> date:
    """The same day so many months later, or earlier when less than 0; the month's last where it has no such day."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def days_of_term(ends_on: date, months: int) -> int:
    """How many days a term of so many months has that ends with `ends_on`."""
    return (ends_on + ONE_DAY - months_on(ends_on + ONE_DAY, -months)).days


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def months_from(day: date, count: int = MONTHS_AHEAD) -> list[date]:
    """The first days of `count` months, that of `day` being the first."""
    return [months_on(month_of(day), number) for number in range(count)]


def counted(days: int) -> str:
    """ "1 day", "45 days"."""
    return f"{days:,} {'day' if days == 1 else 'days'}"
