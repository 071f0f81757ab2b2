"""Reads a list of people to be invited: text with columns, as spreadsheets save it."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forum.districts.types import DomainBook
from forum.kit.errors import Invalid
from forum.members.address import canonical, domain_of
from forum.members.types import person_problems

MOST_ROWS = 50_000
MOST_BYTES = 8_000_000
COLUMNS = ("address", "name", "title", "district")
NAMED = {"email": "address", "e-mail": "address", "mail": "address", "job": "title"}


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


def decoded(data: bytes) -> str:
    """The text of an uploaded file: UTF-8, with or without its mark. Raises Invalid for field `list`."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(list="Save the file as CSV in UTF-8, and choose it again.") from None


def read_list(text: str, book: DomainBook, districts: dict[str, int]) -> list[ListedRow]:
    """Every row of the list. `districts`: the id of each by its name in small letters.

    Raises Invalid for field `list` when it has no column of addresses, no row, or more than 50,000.
    """
    reader = _reader(text.removeprefix("\ufeff"))
    places = _places(next(reader, (1, ()))[1])
    rows: list[ListedRow] = []
    seen: set[str] = set()
    for line, cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) == MOST_ROWS:
            raise Invalid(list=f"At most {MOST_ROWS:,} rows at once. Split the list.")
        rows.append(_row(line, _fields(cells, places), book, districts, seen))
    if not rows:
        raise Invalid(
            list="There is nobody in this list: write one row for each person below the names of the columns."
        )
    return rows


def _reader(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Each row with the number of its first line."""
    head = text.lstrip("\n").partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Invalid(list=f"Line {line} is no row of a list. Save the file as CSV again.") from None
        if cells:
            yield line, cells
        line = reader.line_num + 1


def _places(header: Sequence[str]) -> dict[str, int]:
    names = [name.strip().lower() for name in header]
    places = {NAMED.get(name, name): place for place, name in enumerate(names) if NAMED.get(name, name) in COLUMNS}
    if "address" not in places:
        raise Invalid(list="The first line names the columns: address, and if you have them name, title, district.")
    return places


def _fields(cells: Sequence[str], places: dict[str, int]) -> dict[str, str]:
    return {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}


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
        return ListedRow(line, "wrong", "The mail domain is blocked.", address)
    if district and district.lower() not in districts:
        problem = "There is no such district: write its name as it stands here, or leave it empty."
        return ListedRow(line, "wrong", problem, address)
    if address in seen:
        return ListedRow(line, "double", "", address)
    seen.add(address)
    district_id = districts[district.lower()] if district else book.district_of(domain_of(address))
    return ListedRow(line, "new", "", address, name, title, district_id)
