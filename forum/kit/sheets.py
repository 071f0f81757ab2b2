"""Reads and writes lists as spreadsheets save them: CSV with the names of its columns on the first line."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from forum.kit.errors import Invalid

MOST_ROWS = 50_000
MOST_BYTES = 8_000_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for a formula


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8, with or without its mark. Raises Invalid for field `list`."""
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\0", "")
    except UnicodeDecodeError:
        raise Invalid(list="Save the file as CSV in UTF-8, and choose it again.") from None


def rows_of(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Each row that is not empty, the first of them the header, with the number of its first line.

    Commas part the cells, or semicolons where the header holds more of them. Raises Invalid for field `list`.
    """
    text = text.removeprefix("\ufeff")
    head = text.lstrip("\n").partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    line, count = 1, 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Invalid(list=f"Line {line} is no row of a list. Save the file as CSV again.") from None
        if any(cell.strip() for cell in cells):
            if count > MOST_ROWS:
                raise Invalid(list=f"At most {MOST_ROWS:,} rows at once. Split the list.")
            yield line, cells
            count += 1
        line = reader.line_num + 1


def places_of(header: Sequence[str], columns: Sequence[str], also_called: Mapping[str, str]) -> dict[str, int]:
    """Where each of `columns` stands, by its name or one that `also_called` leads to it; others are passed over."""
    names = [also_called.get(name, name) for name in (cell.strip().lower() for cell in header)]
    return {name: place for place, name in enumerate(names) if name in columns}


def fields_of(cells: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    """The cells of a row by the names of their columns; "" where a row ends early."""
    return {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}


def written(rows: Iterable[Sequence[str | float | None]]) -> str:
    """Rows as a spreadsheet opens them. Numbers are plain; words that would be a formula there have an apostrophe."""
    file = io.StringIO()
    csv.writer(file).writerows([_safe(cell) for cell in row] for row in rows)
    return file.getvalue()


def _safe(cell: str | float | None) -> str | float | None:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
