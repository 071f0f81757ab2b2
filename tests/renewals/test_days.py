"""Days of contracts: leap days, the days on which clocks change, and zones around the earth."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.kit.db import rows, run
from forum.renewals import queries
from forum.renewals.days import day_in, days_of_term, month_of, months_from, months_on
from forum.renewals.types import FIRST_DAY, LAST_DAY, MOST_MONTHS, MOST_NOTICE, Office, day_from
from tests.renewals.contracts import a_contract, a_keeper

ZONES = st.sampled_from(sorted(available_timezones() - {"localtime"}))
DAYS = st.dates(FIRST_DAY, LAST_DAY)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 31), timezones=st.just(UTC))
NOTICES = st.integers(0, MOST_NOTICE)
ELSEWHERE = "America/Chicago"


@given(MOMENTS, ZONES)
def test_today_is_what_a_clock_on_the_wall_there_says(at, zone):
    day = day_in(zone, at, ELSEWHERE)

    assert day == at.astimezone(ZoneInfo(zone)).date()
    assert abs((day - at.date()).days) <= 1


@given(MOMENTS)
def test_a_district_without_a_zone_or_with_one_nobody_knows_has_that_of_the_site(at):
    assert day_in("", at, ELSEWHERE) == day_in("Nowhere/Atlantis", at, ELSEWHERE) == day_in(ELSEWHERE, at, "UTC")


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), ZONES, st.integers(0, 1))
def test_a_day_has_one_beginning_also_when_clocks_change(day, zone, fold):
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone), fold=fold)

    assert day_in(zone, noon.astimezone(UTC), ELSEWHERE) == noon.astimezone(UTC).astimezone(ZoneInfo(zone)).date()


@given(DAYS, st.integers(-MOST_MONTHS, MOST_MONTHS))
def test_months_later_it_is_the_same_day_or_the_months_last(day, months):
    later = months_on(day, months)

    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(DAYS, st.integers(1, MOST_MONTHS))
def test_a_term_has_as_many_days_as_its_months(ends_on, months):
    assert 28 * months <= days_of_term(ends_on, months) <= 31 * months


def test_a_year_has_a_day_more_with_a_leap_day_in_it():
    assert days_of_term(date(2027, 6, 30), 12) == 365
    assert days_of_term(date(2028, 6, 30), 12) == 366


@given(DAYS, st.integers(1, 30))
def test_the_coming_months_follow_each_other(day, count):
    months = months_from(day, count)

    assert months[0] == month_of(day)
    assert len(months) == count
    assert all(month_of(first + timedelta(days=31)) == second for first, second in pairwise(months))


@given(DAYS)
def test_a_date_is_read_as_it_is_written(day):
    assert day_from(day.isoformat()) == day_from(f"{day.month}/{day.day}/{day.year}") == day


@pytest.mark.parametrize(
    "text", ["", "soon", "2027-02-29", "2/29/2027", "13/1/2027", "20270630", "2027-W01-1", "1/1/27"]
)
def test_what_is_no_date_is_none(text):
    assert day_from(text) is None


def test_two_who_look_at_the_same_moment_have_different_days():
    at = datetime(2027, 4, 1, 7, 30, tzinfo=UTC)

    assert Office(1, "", "Pacific/Honolulu", at).today(ELSEWHERE) == date(2027, 3, 31)
    assert Office(1, "", "America/New_York", at).today(ELSEWHERE) == date(2027, 4, 1)


async def test_at_one_moment_honolulu_has_a_day_more_left_than_new_york(db):
    at, left = datetime(2027, 4, 1, 7, 30, tzinfo=UTC), []
    for name, zone in (("Hale", "Pacific/Honolulu"), ("Hudson", "America/New_York")):
        keeper = await a_keeper(db, name)
        await a_contract(db, keeper, ends_on=date(2027, 6, 30))
        await run(db, "UPDATE district SET time_zone = :zone WHERE name = :name", zone=zone, name=name)
        (contract,) = await queries.contracts(db, keeper)
        office = await queries.office(db, keeper)
        left.append(contract.due_words(Office(office.district_id, "", office.time_zone, at).today(ELSEWHERE)))

    assert left == ["1 day left", "Last day for notice"]


NOTICE_DUE = [
    (date(2028, 3, 1), 1, date(2028, 2, 29)),
    (date(2027, 3, 1), 1, date(2027, 2, 28)),
    (date(2028, 2, 29), 366, date(2027, 2, 28)),
    (date(2100, 3, 1), 1, date(2100, 2, 28)),  # no leap year
    (date(2027, 6, 30), 90, date(2027, 4, 1)),
    (date(2027, 3, 14), 1, date(2027, 3, 13)),  # clocks go forward
    (date(2027, 11, 8), 1, date(2027, 11, 7)),  # and back
    (date(2027, 6, 30), 0, date(2027, 6, 30)),
]


async def test_notice_is_due_so_many_days_before_the_end_whatever_days_lie_between(db):
    keeper = await a_keeper(db)
    days = [date(2028, 2, 29), date(2027, 3, 14), date(2027, 11, 7), date(2100, 3, 1), FIRST_DAY, LAST_DAY]
    told = [*((ends_on, notice) for ends_on, notice, _ in NOTICE_DUE), *zip(days, range(0, 720, 120), strict=True)]
    for number, (ends_on, notice) in enumerate(told):
        await a_contract(db, keeper, f"Product {number}", ends_on=ends_on, notice_days=str(notice), term_months="120")

    found = await rows(db, "SELECT n.ends_on, n.notice_days, n.notice_on FROM contract n ORDER BY n.id")

    assert [tuple(row.values()) for row in found[: len(NOTICE_DUE)]] == NOTICE_DUE
    assert len(found) == len(told)
    assert all(row["notice_on"].toordinal() == row["ends_on"].toordinal() - row["notice_days"] for row in found)
