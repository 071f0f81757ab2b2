"""Times of events: clock changes, zones, and what will not do."""

from datetime import UTC, date, datetime, timedelta

import pytest

from forum.events.times import when_words
from forum.events.types import Facts
from forum.kit.errors import Invalid
from forum.kit.moments import LEFT_OUT
from tests.events.test_policy import event


def some(**fields) -> Facts:
    told = {"starts": "2027-05-04T10:00", "ends": "2027-05-04T11:00", "time_zone": "America/Chicago"}
    return Facts(**told | fields)


def test_an_hour_that_the_clocks_leave_out_is_refused_with_a_sentence():
    with pytest.raises(Invalid) as refused:
        some(starts="2027-03-14T02:30", ends="2027-03-14T04:00").check()

    assert refused.value.fields == {"starts": LEFT_OUT}


def test_an_hour_that_comes_twice_is_the_first_of_them():
    times = some(starts="2027-11-07T01:30", ends="2027-11-07T03:00").check()

    assert times.starts_at == datetime(2027, 11, 7, 6, 30, tzinfo=UTC)
    assert times.ends_at - times.starts_at == timedelta(hours=2, minutes=30)


def test_of_an_hour_that_comes_twice_it_says_which_is_meant_to_whoever_has_it_twice():
    first, second = datetime(2027, 11, 7, 6, 30, tzinfo=UTC), datetime(2027, 11, 7, 7, 30, tzinfo=UTC)

    assert (
        when_words(first, first + timedelta(hours=2, minutes=30), "America/Chicago")
        == "Sunday, November 7, 2027, 1:30 AM (before the clocks go back) to 3:00 AM Central time"
    )
    assert when_words(first, second, "America/Chicago").endswith(
        "1:30 AM (before the clocks go back) to 1:30 AM (after the clocks go back) Central time"
    )
    assert when_words(first, second, "America/New_York").endswith(
        "1:30 AM (after the clocks go back) to 2:30 AM Eastern time"
    )
    assert when_words(first, second, "Europe/Berlin").endswith(", 7:30 AM to 8:30 AM Berlin time")
    told = {"starts_at": first, "ends_at": second, "starts_on": date(2027, 11, 7)}
    elsewhere = event(time_zone="UTC", reader_zone="America/Chicago", **told)
    assert elsewhere.own_hours.startswith("1:30 AM (before the clocks go back) to 1:30 AM (after")


def test_the_hours_beside_those_that_come_twice_or_never_are_said_as_ever():
    for day, hour in ((7, 5), (7, 8)):
        at = datetime(2027, 11, day, hour, 58, tzinfo=UTC)
        assert "clocks" not in when_words(at, at + timedelta(minutes=1), "America/Chicago")
    at = datetime(2027, 3, 14, 7, 59, tzinfo=UTC)
    assert when_words(at, at + timedelta(minutes=1), "America/Chicago").endswith("1:59 AM to 3:00 AM Central time")


def test_the_day_is_the_one_where_it_is_not_that_of_greenwich():
    times = some(starts="2027-05-04T20:00", ends="2027-05-04T21:00").check()

    assert times.starts_at.day == 5
    assert times.starts_on.day == 4


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"starts": ""}, {"starts"}),
        ({"starts": "soon", "ends": "later"}, {"starts", "ends"}),
        ({"starts": "0001-01-01T00:00"}, {"starts"}),
        ({"ends": "9999-12-31T23:59"}, {"ends"}),
        ({"ends": "2027-05-04T10:00"}, {"ends"}),
        ({"ends": "2027-05-04T09:00"}, {"ends"}),
        ({"ends": "2027-05-18T10:01"}, {"ends"}),
        ({"time_zone": "Mars/Olympus"}, {"time_zone"}),
        ({"time_zone": ""}, {"time_zone"}),
        ({"time_zone": "../../etc/passwd"}, {"time_zone"}),
        ({"time_zone": "America"}, {"time_zone"}),
        ({"place": "x" * 201}, {"place"}),
        ({"place": "a\x07b"}, {"place"}),
        ({"place": "\u200b"}, {"place"}),
        ({"link": "javascript:alert(1)"}, {"link"}),
        ({"link": "https://"}, {"link"}),
        ({"link": "https://user:secret@meet.example"}, {"link"}),
        ({"link": "https://meet.example/" + "x" * 300}, {"link"}),
        ({"place": "x" * 201, "starts": ""}, {"place", "starts"}),
    ],
)
def test_what_will_not_do(fields, wrong):
    with pytest.raises(Invalid) as refused:
        some(**fields).check()

    assert set(refused.value.fields) == wrong


def test_an_event_that_lasts_too_long_or_ends_first_says_what_is_allowed():
    for ends in ("2027-05-04T09:00", "2027-05-18T10:01"):
        with pytest.raises(Invalid) as refused:
            some(ends=ends).check()
        assert refused.value.fields == {"ends": "It must end after it begins, at most 14 days later."}


def test_two_weeks_are_not_too_long():
    assert some(ends="2027-05-18T10:00").check()


def test_it_is_said_in_its_own_zone_with_its_name():
    starts_at = datetime(2026, 12, 1, 19, tzinfo=UTC)

    assert (
        when_words(starts_at, starts_at + timedelta(hours=1), "America/New_York")
        == "Tuesday, December 1, 2026, 2:00 PM to 3:00 PM Eastern time"
    )
    assert (
        when_words(starts_at, starts_at + timedelta(days=2), "America/New_York")
        == "Tuesday, December 1, 2026, 2:00 PM to Thursday, December 3, 2026, 2:00 PM Eastern time"
    )


@pytest.mark.parametrize(
    ("own_zone", "words"),
    [
        ("America/Chicago", "1:00 PM to 2:00 PM Central time"),
        ("Asia/Tokyo", "Wednesday, December 2, 2026, 4:00 AM to 5:00 AM Tokyo time"),
        ("America/Toronto", ""),
        ("", ""),
    ],
)
def test_it_is_said_in_its_readers_time_where_clocks_say_something_else_there(own_zone, words):
    starts_at = datetime(2026, 12, 1, 19, tzinfo=UTC)
    told = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1), "starts_on": date(2026, 12, 1)}

    assert event(time_zone="America/New_York", reader_zone=own_zone, **told).own_hours == words


def test_a_zone_that_is_gone_is_told_in_greenwich_time():
    starts_at = datetime(2026, 12, 1, 19, tzinfo=UTC)

    assert when_words(starts_at, starts_at + timedelta(hours=1), "Mars/Olympus").endswith("7:00 PM to 8:00 PM UTC")
