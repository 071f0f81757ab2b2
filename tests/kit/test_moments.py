"""Moments in fields of forms: clock changes, zones, and what is no time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.kit.errors import Invalid
from forum.kit.moments import LEFT_OUT, local_from, moment, moments, typed

CHICAGO = ZoneInfo("America/Chicago")
ZONES = st.sampled_from(sorted(available_timezones() - {"localtime"}))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 30), timezones=st.just(UTC))


@given(MOMENTS, ZONES)
def test_every_moment_is_read_as_it_was_written_but_the_second_of_two_alike(at, name):
    zone, at = ZoneInfo(name), at.replace(second=0, microsecond=0)

    again = moment(local_from(typed(at, zone)), zone)

    first = at.astimezone(zone).replace(fold=0).astimezone(UTC)
    assert again == (at if at.astimezone(zone).utcoffset().seconds % 60 == 0 and at == first else first)


@pytest.mark.parametrize(
    ("text", "is_time"),
    [
        ("2027-03-14T10:30", True),
        ("2027-03-14T10:30:00", True),
        ("2027-03-14T10:30:00.000", True),
        ("2027-03-14 10:30", False),
        ("2027-03-14T10:30Z", False),
        ("2027-03-14T10:30+02:00", False),
        ("2027-02-30T10:30", False),
        ("2027-03-14T25:30", False),
        ("2027-03-14", False),
        ("٢٠٢٧-03-14T10:30", False),
        ("", False),
    ],
)
def test_what_is_a_time(text, is_time):
    assert (local_from(text) is not None) is is_time


def test_seconds_are_left_out():
    assert local_from("2027-03-14T10:30:59.999") == local_from("2027-03-14T10:30")


def test_each_field_that_will_not_do_gets_its_own_sentence():
    fields = {"first": "2027-03-14T02:30", "second": "soon", "third": "1999-12-31T23:59", "fourth": "2100-01-01T00:00"}

    with pytest.raises(Invalid) as refused:
        moments({**fields, "fine": "2027-03-14T03:30"}, CHICAGO, dict.fromkeys((*fields, "fine"), "Say when."))

    assert refused.value.fields == {"first": LEFT_OUT, **dict.fromkeys(("second", "third", "fourth"), "Say when.")}
