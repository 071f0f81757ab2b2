"""When digests are due: once a chosen day, whatever clocks and members do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.kit.zones import zone_of
from forum.mail.digests.calendar import day_at, next_run

CHICAGO = ZoneInfo("America/Chicago")
EVERY_DAY = range(1, 8)
ZONES = ("America/Chicago", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Europe/Berlin", "Pacific/Honolulu")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "hour", "due"),
    [
        ("2026-03-07 13:00", 6, "2026-03-08 11:00"),  # clocks go forward that night: an hour less to wait
        ("2026-03-07 13:00", 2, "2026-03-08 08:00"),  # two o'clock is left out: it is three
        ("2026-03-08 08:00", 2, "2026-03-09 07:00"),
        ("2026-10-31 13:00", 6, "2026-11-01 12:00"),  # and back: an hour more
        ("2026-10-31 13:00", 1, "2026-11-01 06:00"),  # one o'clock comes twice: the first counts
        ("2026-11-01 06:30", 1, "2026-11-02 07:00"),
        ("2028-02-28 13:00", 6, "2028-02-29 12:00"),  # a leap day is a day
        ("2028-02-29 12:00", 6, "2028-03-01 12:00"),
    ],
)
def test_clock_changes_and_leap_days_have_one_digest(now, hour, due):
    assert next_run(utc(now), days=EVERY_DAY, hour=hour, zone=CHICAGO) == utc(due)


def test_only_chosen_days_have_one():
    friday = utc("2026-11-27 13:00")
    assert next_run(friday, days=(1, 2, 3, 4, 5), hour=6, zone=CHICAGO) == utc("2026-11-30 12:00")
    assert next_run(friday, days=(5,), hour=6, zone=CHICAGO) == utc("2026-12-04 12:00")
    with pytest.raises(ValueError, match="no day"):
        next_run(friday, days=(), hour=6, zone=CHICAGO)


def test_who_moves_west_after_the_digest_gets_the_next_one_tomorrow():
    after_berlin = utc("2026-06-10 04:30")  # still the ninth in Honolulu
    due = next_run(after_berlin, days=EVERY_DAY, hour=6, zone=ZoneInfo("Pacific/Honolulu"), last_on=date(2026, 6, 10))
    assert due == utc("2026-06-11 16:00")


def test_a_clock_that_jumps_back_brings_no_second_one():
    jumped = utc("2026-06-10 09:30")  # two hours before the digest of that day, which has been
    assert next_run(jumped, days=EVERY_DAY, hour=6, zone=CHICAGO, last_on=date(2026, 6, 10)) == utc("2026-06-11 11:00")


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2033, 1, 1)),
    st.sets(st.integers(1, 7), min_size=1),
    st.integers(0, 23),
    st.lists(st.sampled_from(ZONES), min_size=1, max_size=4),
    st.integers(1, 12),
)
def test_no_day_has_two_whoever_moves_where(start, days, hour, zones, runs):
    now, last_on, seen = start.replace(tzinfo=UTC), None, []
    for number in range(runs):
        zone = ZoneInfo(zones[number % len(zones)])
        due = next_run(now, days=days, hour=hour, zone=zone, last_on=last_on)
        day = day_at(due, zone)
        assert due > now
        assert day.isoweekday() in days
        assert not seen or day > seen[-1]
        seen.append(day)
        now, last_on = due, day


@given(st.datetimes(datetime(2024, 1, 1), datetime(2033, 1, 1)), st.integers(0, 23), st.sampled_from(ZONES))
def test_who_stays_has_one_every_day(start, hour, zone):
    now, last_on, local = start.replace(tzinfo=UTC), None, ZoneInfo(zone)
    for _ in range(8):
        due = next_run(now, days=EVERY_DAY, hour=hour, zone=local, last_on=last_on)
        day = day_at(due, local)
        if last_on and zone != "Pacific/Apia":
            assert day == last_on + timedelta(days=1)
        now, last_on = due, day


@pytest.mark.parametrize("name", ["", "Nowhere/At_All", "../../etc", "x\0y"])
def test_a_zone_that_nobody_knows_is_the_sites(name):
    assert zone_of(name, "America/Chicago") == CHICAGO
