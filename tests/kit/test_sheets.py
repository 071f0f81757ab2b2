"""Lists as spreadsheets save them."""

import pytest

from forum.kit.errors import Invalid
from forum.kit.sheets import decoded, fields_of, places_of, rows_of


def test_a_file_is_utf_8_with_or_without_its_mark():
    assert decoded("\ufeffaddress\r\n".encode()) == "address\n"
    with pytest.raises(Invalid):
        decoded("Zoë".encode("latin-1"))


def test_rows_have_their_line_and_empty_ones_are_passed_over():
    assert list(rows_of('a,b\n\n , \n"two\nlines",x\nlast')) == [
        (1, ["a", "b"]),
        (4, ["two\nlines", "x"]),
        (6, ["last"]),
    ]


@pytest.mark.parametrize("text", ["a;b\n1;2", "\ufeffa,b\n1,2", "A, b\n 1,2 "])
def test_columns_are_found_by_their_names(text):
    (_, header), (_, cells) = rows_of(text)

    assert fields_of(cells, places_of(header, ("b", "first"), {"a": "first"})) == {"first": "1", "b": "2"}


def test_a_row_that_ends_early_has_empty_cells():
    assert fields_of(["1"], {"a": 0, "b": 5}) == {"a": "1", "b": ""}


def test_a_cell_without_an_end_is_no_list():
    with pytest.raises(Invalid):
        list(rows_of('a\n"' + "x" * 200_000))
