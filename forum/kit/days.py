"""Days as people write them, the month first."""

from datetime import date


def written(day: date) -> str:
    """ "Monday, November 30"."""
    return f"{day:%A, %B} {day.day}"


def written_in_full(day: date) -> str:
    """ "Monday, November 30, 2026"."""
    return f"{written(day)}, {day.year}"


def dated(day: date) -> str:
    """ "November 30, 2026"."""
    return f"{day:%B} {day.day}, {day.year}"


def dated_shortly(day: date) -> str:
    """ "Nov 30, 2026"."""
    return f"{of_its_year(day)}, {day.year}"


def month_and_year(day: date) -> str:
    """ "November 2026"."""
    return f"{day:%B %Y}"


def of_its_year(day: date) -> str:
    """ "Nov 30", where everybody knows the year."""
    return f"{day:%b} {day.day}"
