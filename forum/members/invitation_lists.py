"""Reads a list of people to be invited: text with columns, as spreadsheets save it."""

from dataclasses import dataclass

from forum.districts.types import DomainBook
from forum.kit.errors import Invalid
from forum.kit.sheets import fields_of, places_of, rows_of
from forum.members.address import canonical, domain_of
from forum.members.types import person_problems

COLUMNS = ("address", "name", "title", "district")
ALSO_CALLED = {"email": "address", "e-mail": "address", "mail": "address", "job": "title"}


@dataclass(frozen=True)
class ListedRow:
    """A row: to be sent ("new"), "wrong" with a sentence, or "double" for one that stands further up."""

    line: int
    status: str
    problem: str = ""
    address: str = ""
    name: str = ""
    title: str = ""
    district_id: int | None = None


def read_list(text: str, book: DomainBook, districts: dict[str, int]) -> list[ListedRow]:
    """Every row of the list. `districts`: the id of each by its name in small letters.

    Raises Invalid for field `list` when it has no column of addresses, no row, or more than 50,000.
    """
    lines = rows_of(text)
    places = places_of(next(lines, (1, ()))[1], COLUMNS, ALSO_CALLED)
    if "address" not in places:
        raise Invalid(list="The first line names the columns: address, and if you have them name, title, district.")
    seen: set[str] = set()
    rows = [_row(line, fields_of(cells, places), book, districts, seen) for line, cells in lines]
    if not rows:
        raise Invalid(
            list="There is nobody in this list: write one row for each person below the names of the columns."
        )
    return rows


def _row(line: int, fields: dict[str, str], book: DomainBook, districts: dict[str, int], seen: set[str]) -> ListedRow:
    name, title, district = (fields.get(field, "") for field in COLUMNS[1:])
    try:
        address = canonical(fields["address"])
    except Invalid:
        return ListedRow(line, "wrong", "The address is none: write it as name@district.org.")
    problems = person_problems(name or "-", title)
    if problems:
        return ListedRow(line, "wrong", f"The {next(iter(problems))} is too long, or not on one line.", address)
    if book.kind_of(domain_of(address)) == "blocked":
        return ListedRow(line, "wrong", "The email domain is blocked.", address)
    if district and district.lower() not in districts:
        problem = "There is no such district: write its name as it stands here, or leave it empty."
        return ListedRow(line, "wrong", problem, address)
    if address in seen:
        return ListedRow(line, "double", "", address)
    seen.add(address)
    district_id = districts[district.lower()] if district else book.district_of(domain_of(address))
    return ListedRow(line, "new", "", address, name, title, district_id)
