"""Calendars as RFC 5545 has them."""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.kit.ics import FOLD_OCTETS, Entry, calendar, escaped, folded

AT = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)


def an_entry(**fields) -> Entry:
    plain = {
        "uid": "contract-1-end@forum.example",
        "day": date(2027, 6, 30),
        "summary": "Contract ends: Lantern",
        "description": "Words",
        "url": "https://forum.example/renewals/1/edit",
        "changed": AT,
        "sequence": 0,
    }
    return Entry(**plain | fields)


def unfolded(text: str) -> list[str]:
    """The lines as a reader puts them together again (3.1)."""
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def unescaped(text: str) -> str:
    """A value of the type TEXT as a reader understands it (3.3.11)."""
    return re.sub(r"\\(.)", lambda mark: "\n" if mark[1] in "nN" else mark[1], text)


def test_a_calendar_has_what_it_must_have():
    lines = unfolded(calendar("Renewals, Pine", [an_entry()]))

    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    for name in ("VERSION", "PRODID", "CALSCALE", "UID", "DTSTAMP", "DTSTART"):
        assert sum(re.match(rf"{name}[:;]", line) is not None for line in lines) == 1, name
    assert "VERSION:2.0" in lines
    assert "NAME:Renewals\\, Pine" in lines
    event = lines[lines.index("BEGIN:VEVENT") : lines.index("END:VEVENT") + 1]
    assert "UID:contract-1-end@forum.example" in event
    assert "DTSTAMP:20270102T030405Z" in event
    assert "DTSTART;VALUE=DATE:20270630" in event


def test_a_calendar_without_events_still_has_a_component():
    lines = unfolded(calendar("Renewals", []))

    assert lines.count("BEGIN:VTIMEZONE") == lines.count("END:VTIMEZONE") == 1
    for name in ("TZID", "DTSTART", "TZOFFSETFROM", "TZOFFSETTO"):
        assert any(line.startswith(name) for line in lines)


def test_a_moment_elsewhere_is_written_in_utc():
    from zoneinfo import ZoneInfo

    there = AT.astimezone(ZoneInfo("Pacific/Honolulu"))
    assert "DTSTAMP:20270102T030405Z" in calendar("x", [an_entry(changed=there)])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a,b;c\\d\ne", "a\\,b\\;c\\\\d\\ne"),
        ("a:b\"c'd", "a:b\"c'd"),
        ("bell\x07\x00\x7f tab\t", "bell tab"),
        ("cr\r\nlf", "cr\\nlf"),
    ],
)
def test_text_is_escaped(text, written):
    assert escaped(text) == written


@given(st.text(st.characters(codec="utf-8")))
def test_what_is_escaped_is_understood_as_it_was_and_ends_no_line(text):
    written = escaped(text)

    assert not re.search(r"[\x00-\x1f\x7f]", written)
    assert unescaped(written) == re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", "", text)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=400))
def test_a_line_is_folded_to_75_octets_without_cutting_a_character(text):
    lines = folded(text).split("\r\n")

    assert all(len(line.encode()) <= FOLD_OCTETS for line in lines)
    assert all(line.startswith(" ") for line in lines[1:])
    assert lines[0] + "".join(line[1:] for line in lines[1:]) == text


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_whatever_a_product_is_called_the_calendar_stays_whole(name, day):
    text = calendar(name, [an_entry(summary=name, description=name, day=day)])

    assert text.count("\r\n") == text.count("\n") == text.count("\r")
    assert all(re.match(r"[A-Z-]+[:;]", line) for line in unfolded(text))
    assert len([line for line in unfolded(text) if line.startswith("BEGIN:VEVENT")]) == 1


def test_a_character_of_four_octets_at_the_edge_goes_to_the_next_line():
    assert folded("x" * 73 + "😀") == "x" * 73 + "\r\n 😀"
    assert folded("x" * 75) == "x" * 75
