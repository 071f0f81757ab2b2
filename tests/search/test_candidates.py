"""What the index is asked for, by how much there is and what the reader may read."""

from datetime import UTC, date, datetime

import pytest

from forum.search.candidates import ANYTHING, Looking, months_since, spans
from forum.search.types import Limits, Scope, Sought, Word
from forum.search.vocabulary import Months, Stem, Term

NOW = datetime.now(UTC)
RUNNING = f"{NOW:%Y%m}"
ALL_MONTHS = tuple((month, 1000) for month in months_since(date(NOW.year - 9, 1, 1)))
CALENDAR = Months(ALL_MONTHS, 80.0)
READER = Scope((0, 1, 2), ("all", "members"))
KINDS = ("post", "product")


def looks(words: str, documents: int, *, calendar=CALENDAR, kinds=KINDS, limits=None, scope=READER) -> list:
    sought = Sought(tuple(Word(word) for word in words.split()), scope, kinds, limits or Limits(), most=25)
    found = [Term((Stem(word, 1.0, documents),)) for word in words.split()]
    return list(Looking(sought, (), (), calendar, CALENDAR).ways(found))


def test_a_rare_word_is_looked_for_in_all_time_at_once():
    (look,) = looks("hinge", 40)
    assert look.among[:2] == ("('hinge')", "('=hinge')")


def test_of_a_common_word_the_newest_months_come_first_then_years_then_all_time():
    texts = [look.among[0] for look in looks("chromebook", CALENDAR.documents // 10)]
    assert f"'#m{RUNNING}'" in texts[0]
    assert "#y" not in texts[0]
    assert f"'#y{NOW.year}'" in texts[1]
    assert texts[-1] == "('chromebook')"


def test_all_words_together_are_rarer_than_each():
    many = CALENDAR.documents // 30
    assert len(looks("filter", many)) > 1
    assert len(looks("filter renewal", many)) == 1


def test_the_index_is_asked_for_rights_only_where_they_leave_few():
    few = Months(ALL_MONTHS[:3], 80.0)
    assert "#c1" in looks("hinge", 40)[0].beside
    assert "#c1" not in looks("hinge", 40)[0].among[0]
    assert "#c1" in looks("hinge", 40, calendar=few)[0].among[0]
    assert "#c1" not in looks("hinge", 40, calendar=few)[0].beside


def test_whatever_nobody_limits_is_asked_nothing_beside_the_index():
    (look,) = looks("hinge", 40, kinds=("product",), scope=None)
    assert (look.beside, "#dproduct" in look.among[0]) == (ANYTHING, True)


def test_after_a_day_no_month_before_it_is_looked_through():
    limits = Limits(after=date(NOW.year - 1, 12, 1))
    for look in looks("chromebook", CALENDAR.documents // 10, limits=limits):
        assert f"#y{NOW.year - 2}" not in look.among[0]
        assert "#m" in look.among[0] or "#y" in look.among[0]


@pytest.mark.parametrize(
    ("months", "tags"),
    [
        ([], [f"#m{RUNNING}"]),
        ([RUNNING], [f"#m{RUNNING}"]),
        (["200001"], [f"#m{RUNNING}", "#m200001"]),
        ([f"2000{month:02}" for month in range(7, 0, -1)], [f"#y{NOW.year}", "#y2000"]),
    ],
)
def test_many_months_are_asked_for_as_years(months, tags):
    assert spans(months) == tags


def test_months_go_back_to_that_of_a_day():
    found = months_since(date(NOW.year - 1, 11, 30))
    assert (found[0], found[-1]) == (RUNNING, f"{NOW.year - 1}11")
    assert len(found) == NOW.month + 2
