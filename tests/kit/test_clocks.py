"""Times and days as American readers know them: the month first, and a clock of twelve hours."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from forum.kit.clocks import clock, day_words, moment_words
from forum.kit.days import dated, dated_shortly, month_and_year, of_its_year, written, written_in_full

NEW_YEAR = datetime(2027, 1, 1, 5, 30, tzinfo=UTC)  # half past midnight in New York, still the old year in Chicago


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (time(0), "12:00 AM"),
        (time(6), "6:00 AM"),
        (time(11, 59), "11:59 AM"),
        (time(12), "12:00 PM"),
        (time(14, 5), "2:05 PM"),
        (datetime(2026, 12, 8, 22, 30), "10:30 PM"),
    ],
)
def test_a_clock_has_twelve_hours(at, words):
    assert clock(at) == words


def test_a_moment_is_told_in_a_zone_with_the_day_it_is_there():
    assert moment_words(NEW_YEAR, ZoneInfo("America/Chicago")) == "Dec 31, 2026, 11:30 PM Central time"
    assert moment_words(NEW_YEAR, ZoneInfo("America/New_York")) == "Jan 1, 2027, 12:30 AM Eastern time"
    assert moment_words(NEW_YEAR, ZoneInfo("UTC")) == "Jan 1, 2027, 5:30 AM UTC"
    assert day_words(NEW_YEAR, ZoneInfo("America/Chicago")) == "Dec 31, 2026"


def test_the_month_comes_before_the_day():
    day = date(2026, 11, 3)

    assert written(day) == "Tuesday, November 3"
    assert written_in_full(day) == "Tuesday, November 3, 2026"
    assert dated(day) == "November 3, 2026"
    assert dated_shortly(day) == "Nov 3, 2026"
    assert month_and_year(day) == "November 2026"
    assert of_its_year(day) == "Nov 3"
