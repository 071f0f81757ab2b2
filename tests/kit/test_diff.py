"""What a reader sees of an edit."""

import random

import pytest
from hypothesis import assume, given, settings
from hypothesis.strategies import lists, sampled_from, text

from forum.kit.diff import Segment, compare
from tests.pace import within

EVERYTHING = 10**9
lines = lists(sampled_from(["one", "two words", "two  words here", "", "a b c", "ü, ö."]) | text("ab \t.", max_size=8))


def kinds(rows):
    return [row.kind for row in rows]


def side(rows, dropped):
    """The lines of one side, put together from the rows again."""
    theirs = [row for row in rows if row.kind != dropped]
    return ["".join(piece.text for piece in row.segments if piece.kind != dropped) for row in theirs]


def test_equal_texts_show_no_change():
    assert kinds(compare("one\ntwo\nthree", "one\r\ntwo\nthree\n")) == ["skipped"]


def test_a_changed_line_shows_its_words():
    (row,) = compare("We pay 4.10 per seat.", "We paid 3.90 per seat.")

    assert row.kind == "changed"
    assert row.segments == (
        Segment("same", "We "),
        Segment("removed", "pay 4.10"),
        Segment("added", "paid 3.90"),
        Segment("same", " per seat."),
    )


def test_a_line_with_little_in_common_is_replaced():
    assert kinds(compare("Old wording", "Something else entirely")) == ["removed", "added"]


def test_a_paragraph_put_before_a_changed_one_does_not_hide_the_change():
    rows = compare("We renew in June.", "First of all: thanks!\n\nWe renew in July.")

    assert kinds(rows) == ["added", "added", "changed"]


def test_long_equal_runs_are_collapsed():
    before = [f"line {number}" for number in range(40)]
    rows = compare("\n".join(before), "\n".join([*before[:20], "new", *before[20:]]))

    assert kinds(rows) == ["skipped", "same", "same", "added", "same", "same", "skipped"]
    assert [row.lines for row in rows if row.kind == "skipped"] == [18, 18]


def test_a_moved_line_is_one_removal_and_one_addition():
    assert sorted(kinds(compare("a\nb\nc\nd\nzz", "zz\na\nb\nc\nd", context=9))) == ["added", "removed"] + ["same"] * 4


@given(lines, lines)
@settings(deadline=None)
def test_both_versions_can_be_read_back_from_the_rows(old, new):
    assume(old != new)  # else all of it is skipped
    rows = compare("".join(f"{line}\n" for line in old), "".join(f"{line}\n" for line in new), context=EVERYTHING)

    assert side(rows, "added") == old
    assert side(rows, "removed") == new


def scattered(pieces, seed, between="\n"):
    chance = random.Random(seed)
    return between.join(chance.choice(pieces) for _ in range(30_000))[:30_000]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (scattered("ab", 1), scattered("ab", 2)),
        (scattered("ab", 1, " "), scattered("ab", 2, " ")),
        (scattered([f"x y {n}" for n in range(900)], 1), scattered([f"x z {n}" for n in range(900)], 2)),
        ("\n" * 30_000, "\n" * 29_000 + "a"),
        ("!" * 30_000, "!?" * 15_000),
        ("\n".join(map(str, range(5000))), "\n".join(map(str, range(5000, 0, -1)))),
    ],
    ids=["lines of two kinds", "words of two kinds", "repeated lines", "blank lines", "one long line", "upside down"],
)
def test_the_worst_texts_are_compared_in_time(old, new):
    with within(2):
        compare(old, new)
