"""The days that `after:` means. Pure."""

import re
from calendar import monthrange
from datetime import date, timedelta

DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2}))?(?:-([0-9]{1,2}))?")
AGO = re.compile(r"([0-9]{1,4})([dmy])")


def first_day(value: str, today: date) -> date | None:
    """The day from which on something is found: 2025-03 → 1 March 2025, 6m → six months before `today`.

    None for what is no day, month, year or time ago.
    """
    if ago := AGO.fullmatch(value):
        return _before(today, int(ago[1]), ago[2])
    day = DAY.fullmatch(value)
    year, month, of_month = (int(part or 1) for part in day.groups()) if day else (0, 0, 0)
    if year < 1 or not 1 <= month <= 12 or not 1 <= of_month <= monthrange(year, month)[1]:
        return None
    return date(year, month, of_month)


def _before(today: date, count: int, unit: str) -> date:
    if unit == "d":
        return today - timedelta(days=count)
    months = today.year * 12 + today.month - 1 - count * (12 if unit == "y" else 1)
    if months < 12:
        return date.min
    year, month = divmod(months, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
