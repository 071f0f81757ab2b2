"""Reads a list of districts, as states publish it: one row a district, or one a school."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from forum.districts.types import DistrictDraft
from forum.kit.errors import Invalid
from forum.kit.sheets import fields_of, places_of, rows_of

COLUMNS = ("name", "state", "enrolment", "locale", "time_zone", "school")
ALSO_CALLED = {
    "district": "name",
    "district_name": "name",
    "enrollment": "enrolment",
    "students": "enrolment",
    "n_students": "enrolment",
    "school_name": "school",
    "campus_name": "school",
}
YEAR = re.compile(r"(?:19|20)\d\d")
NUMBER = re.compile(r"\d{1,3}(?:,\d{3}){0,3}|\d{1,10}")
NO_NAMES = "The first line names the columns: name, and if you have them state, enrolment, locale, time_zone, or years."


@dataclass(frozen=True)
class ListedDistrict:
    """A row, or the rows of all schools of a district: what it says of one, and what is wrong with it or ""."""

    line: int
    draft: DistrictDraft
    problem: str = ""


def read_districts(text: str, *, state: str = "", time_zone: str = "") -> list[ListedDistrict]:
    """Every district of the list; `state` and `time_zone` hold where a row does not say its own.

    Columns that are called after a year hold enrolments: the newest with a number counts. Where there is a column of
    schools, a district has the students of all of them. Raises Invalid for what makes the whole list useless.
    """
    DistrictDraft("-", state, time_zone=time_zone).check()
    lines = rows_of(text)
    header = next(lines, (1, ()))[1]
    places = places_of(header, COLUMNS, ALSO_CALLED)
    if "name" not in places:
        raise Invalid(list=NO_NAMES)
    years = places_of(header, sorted(cell for cell in map(str.strip, header) if YEAR.fullmatch(cell)), {})
    whole = {"state": state, "time_zone": time_zone}
    found: dict[str, ListedDistrict] = {}
    wrong: list[ListedDistrict] = []
    for line, cells in lines:
        fields = fields_of(cells, places)
        each = _listed(line, fields, _newest(fields_of(cells, years)), whole)
        before = found.get(each.draft.name)
        if each.problem or (before and "school" not in places):
            wrong.append(each if each.problem else _twice(each, before.line if before else 0))
        else:
            found[each.draft.name] = _together(before, each) if before else each
    if not found and not wrong:
        raise Invalid(list="There is no district in this list: write one row for each below the names of the columns.")
    return sorted([*found.values(), *wrong], key=lambda each: each.line)


def _listed(line: int, fields: Mapping[str, str], newest: str, whole: Mapping[str, str]) -> ListedDistrict:
    written = fields.get("enrolment") or newest
    draft = DistrictDraft(
        name=" ".join(fields["name"].split()),
        state=fields.get("state") or whole["state"],
        enrolment=int(written.replace(",", "")) if NUMBER.fullmatch(written) else None,
        locale=fields.get("locale", "").lower(),
        time_zone=fields.get("time_zone") or whole["time_zone"],
    )
    return ListedDistrict(line, draft, " ".join(_problems(draft, written)))


def _problems(draft: DistrictDraft, written: str) -> Iterator[str]:
    try:
        draft.check()
    except Invalid as problem:
        yield from problem.fields.values()
    if written and draft.enrolment is None:
        yield f"“{written[:40]}” is no number of students: write it as 4100, or leave it empty."


def _newest(years: Mapping[str, str]) -> str:
    """The enrolment of the newest year that has a number, "" when none has."""
    return next((years[year] for year in sorted(years, reverse=True) if NUMBER.fullmatch(years[year])), "")


def _twice(each: ListedDistrict, line: int) -> ListedDistrict:
    return ListedDistrict(each.line, each.draft, f"“{each.draft.name}” stands on line {line} already.")


def _together(before: ListedDistrict, school: ListedDistrict) -> ListedDistrict:
    """A district with one more of its schools."""
    known = [number for number in (before.draft.enrolment, school.draft.enrolment) if number is not None]
    return replace(before, draft=replace(before.draft, enrolment=sum(known) if known else None))
