"""Bringing districts in from a list."""

import asyncio

import pytest

from forum.districts.commands import add_district, bring_districts
from forum.districts.district_lists import read_districts
from forum.kit.db import rows, value
from forum.kit.errors import Invalid
from tests.real_data import DATA, needs_data

NEWEST = "name,2024,2025,2023\nPine,30,*,20\nOak,,,\n"


def read(text, **more):
    return [(each.draft.name, each.draft.enrolment) for each in read_districts(text, **more) if not each.problem]


def test_the_newest_year_with_a_number_counts():
    assert read(NEWEST) == [("Pine", 30), ("Oak", None)]


def test_numbers_are_read_as_people_write_them():
    assert read('name,enrollment\nPine,"47,366"\nOak,4100\nElm,\n') == [("Pine", 47366), ("Oak", 4100), ("Elm", None)]


def test_a_list_of_schools_adds_their_students_up():
    assert read("district_name,campus_name,n_students\nPine,A,10\nPine,B,20\nOak,C,\n") == [("Pine", 30), ("Oak", None)]


def test_what_a_row_does_not_say_holds_for_the_whole_list():
    text = "name,state,locale,time_zone\nPine,,Rural,\nOak,Hawaii,,Pacific/Honolulu\n"
    pine, oak = (each.draft for each in read_districts(text, state="Maine", time_zone="America/New_York"))

    assert (pine.state, pine.locale, pine.time_zone) == ("Maine", "rural", "America/New_York")
    assert (oak.state, oak.locale, oak.time_zone) == ("Hawaii", "", "Pacific/Honolulu")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (",5,,", "A district's name is one line of 1 to 120 characters."),
        (f"{'x' * 121},5,,", "A district's name is one line of 1 to 120 characters."),
        ("Elm,many,,", "“many” is no number of students: write it as 4100, or leave it empty."),
        ("Elm,-5,,", "“-5” is no number of students: write it as 4100, or leave it empty."),
        ("Elm,9999999999,,", "Enrollment is the number of students."),
        ("Elm,5,desert,", "A kind of place is city, suburb, town, rural."),
        ("Elm,5,,Maine", "A time zone has a name as America/Chicago."),
        ("Oak,5,,", "“Oak” stands on line 2 already."),
    ],
)
def test_a_row_that_will_not_do_is_told_with_a_sentence_and_the_others_are_read(row, sentence):
    good, wrong = read_districts(f"name,enrolment,locale,time_zone\nOak,7,,\n{row}\n")

    assert (good.draft.name, good.problem) == ("Oak", "")
    assert (wrong.line, wrong.problem) == (3, sentence)


@pytest.mark.parametrize("text", ["", "county,2025\nPine,5\n", "name\n", 'name\n"' + "x" * 200_000])
def test_what_is_no_list_is_refused(text):
    with pytest.raises(Invalid):
        read_districts(text)


async def test_what_is_there_is_completed_and_keeps_what_the_list_does_not_say(db):
    await add_district(db, "Pine", state="Maine", locale="rural", domains=("pine.example",))

    new = await bring_districts(db, read_districts(NEWEST))

    assert new == 1
    found = await rows(db, "SELECT d.name, d.state, d.enrolment, d.locale FROM district d ORDER BY d.id")
    assert [tuple(row.values()) for row in found] == [("Pine", "Maine", 30, "rural"), ("Oak", "", None, "")]


async def test_two_who_bring_the_same_list_at_once_bring_it_once(db):
    listed = read_districts(NEWEST)

    await asyncio.gather(*(bring_districts(db, listed) for _ in range(3)))

    assert await value(db, "SELECT count(*) FROM district") == 2


@needs_data
async def test_the_districts_of_a_whole_state_come_in_with_their_newest_enrolment(db):
    folder = DATA / "districts"
    listed = read_districts((folder / "alabama_districts_enrollment.csv").read_text(), state="Alabama")
    schools = read_districts((folder / "alabama_schools_latest.csv").read_text(), state="Alabama")

    assert [each for each in (*listed, *schools) if each.problem] == []
    assert await bring_districts(db, listed) == len(listed) == 155
    assert await bring_districts(db, listed) == 0
    assert await value(db, "SELECT d.enrolment FROM district d WHERE d.name = 'Mobile County'") == 47366
    assert await value(db, "SELECT count(*) FROM district d WHERE d.enrolment > 0 AND d.state = 'Alabama'") == 155
    assert {each.draft.name for each in schools} <= {each.draft.name for each in listed}
