"""What somebody types is taken apart: words, phrases, words to leave out, filters, and what is none of them."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forum.search.days import first_day
from forum.search.found_types import Filter
from forum.search.parsing import LONGEST, MOST_WORDS, ONCE, TOO_LONG, TOO_MANY, parse, search_path, with_filter, without
from forum.search.pieces import NAMES, is_right, value_of
from forum.search.types import Word
from tests.pace import within

ODD = (
    '" - : -" is: is:answered is:unanswered kind:review after:2y after:soon category:"Help desk" category:help '
    'topic:#wifi by:@maya foo:bar http://x.example 10:30 1:1 "access points -left “curly” 😀 \u202e \u200b \x00 \x02'
)
QUERIES = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.sampled_from(ODD.split(" ")),
        max_size=40,
    ).map(" ".join),
)
FILTERS = st.builds(Filter, st.sampled_from(list(NAMES)), st.text(max_size=60)).map(
    lambda made: made._replace(value={"is": "answered", "kind": "event", "after": "30d"}.get(made.name, made.value))
)


def said(text: str, **more: bool) -> list[str]:
    """The words as one would type them: -"left out phrase", begun…"""
    return [
        f"{'-' * word.is_left_out}{repr(word.text) if word.is_phrase else word.text}{'…' * word.is_begun}"
        for word in parse(text, **more).words
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("filter  renewal", ["filter", "renewal"]),
        ('"access points" wifi', ["'access points'", "wifi"]),
        ("“access points”", ["'access points'"]),
        ('"wifi"', ["'wifi'"]),
        ("screens -firewall", ["screens", "-firewall"]),
        ('-"access points"', ["-'access points'"]),
        ("e-rate --force 10:30 1:1 C++ c# 2025-03", ["e-rate", "--force", "10:30", "1:1", "C++", "c#", "2025-03"]),
        ("https://example.org/a C:\\Windows std::map fe80::1 mailto:a@b.example", None),
        ("Error: it fails", ["Error", "it", "fails"]),
        ('"unclosed phrase', ["'unclosed phrase'"]),
        ('- -- " "" & ( ) : \' | !', []),
        ("😀", ["😀"]),
        ("مدرسة \u202eabc", ["مدرسة", "abc"]),
        ("a\x00b", ["a", "b"]),
    ],
)
def test_words_phrases_and_words_left_out(text, words):
    assert said(text) == (text.split() if words is None else words)
    assert parse(text).filters == ()
    assert parse(text).problems == ()


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("category:help", [("category", "help")]),
        ('Category:"Help  desk" x', [("category", "Help desk")]),
        ("topic:#wifi by:@maya.okafor", [("topic", "wifi"), ("by", "maya.okafor")]),
        ("is:Answered kind:REVIEW", [("is", "answered"), ("kind", "review")]),
        ("after:2025 is:unanswered", [("after", "2025"), ("is", "unanswered")]),
        ("category:help category:help category:e-rate", [("category", "help"), ("category", "e-rate")]),
        ('product:"unclosed name', [("product", "unclosed name")]),
    ],
)
def test_filters(text, filters):
    assert parse(text).filters == tuple(filters)
    assert parse(text).problems == ()


@pytest.mark.parametrize(
    ("text", "problem", "words"),
    [
        ("is:solved wifi", "“is:solved” means nothing here. It takes answered or unanswered.", ["solved", "wifi"]),
        ("kind:song", "“kind:song” means nothing here. It takes thread, question, discussion,", ["song"]),
        ("after:soon", "“after:soon” means nothing here. It takes a year, month or day", ["soon"]),
        ("after:2025-02-30", "“after:2025-02-30” means nothing here.", ["2025-02-30"]),
        (
            "foo:bar",
            "“foo:” is no filter here. There are category:, topic:, by:, is:, kind:, after: and product:.",
            None,
        ),
        ("a:x b:y c:z", "“a:”, “b:” and “c:” are no filters here.", ["a", "x", "b", "y", "c", "z"]),
        ("category: help", "Nothing stands behind “category:”. Write it without a space, as in category:help.", None),
        ("-category:help", "A filter takes no minus, as in “-category:help”.", ["-help"]),
        (f"is:{'x' * 100}", f"“is:{'x' * 37}…” means nothing here.", ["x" * 100]),
        ("is:answered is:unanswered", "“is:answered” and “is:unanswered” exclude each other: the last one counts.", []),
        ("x" * 201, TOO_LONG, ["x" * 200]),
        ("a " * 25, TOO_MANY, ["a"] * 24),
        ('b "' + "a " * 25 + '"', TOO_MANY, ["b", repr(" ".join("a" * 23))]),
    ],
)
def test_what_is_not_meant_is_named_in_one_sentence_and_counts_as_words(text, problem, words):
    typed = parse(text)

    assert len(typed.problems) == 1
    assert typed.problems[0].startswith(problem)
    assert said(text) == (text.replace(":", " ").split() if words is None else words)


@pytest.mark.parametrize(
    ("text", "words", "problems"),
    [
        ("filter ren", ["filter", "ren…"], 0),
        ("filter renewal ", ["filter", "renewal"], 0),
        ('"access poi', ["access", "poi…"], 0),
        ('"access points"', ["'access points'"], 0),
        ("wifi -fire", ["wifi", "-fire…"], 0),
        ("wifi category:", ["wifi"], 0),
        ("wifi is:ans", ["wifi"], 1),
        ("wifi is:ans ", ["wifi", "ans"], 1),
        ("wifi is:answered", ["wifi"], 0),
        ("x" * 300, ["x" * 200], 1),
        ("", [], 0),
    ],
)
def test_while_somebody_types_the_last_word_may_go_on(text, words, problems):
    assert said(text, is_typing=True) == words
    assert len(parse(text, is_typing=True).problems) == problems


@given(text=QUERIES, is_typing=st.booleans())
@example(text='"' * 10_000, is_typing=True)
@example(text="-" * 10_000, is_typing=False)
@example(text="a:" * 5_000, is_typing=False)
@example(text='a:"' * 3_333, is_typing=False)
@example(text="\ud800\x00" * 5_000, is_typing=False)
def test_nothing_that_is_typed_breaks_it_and_the_limits_hold(text, is_typing):
    typed = parse(text, is_typing=is_typing)

    assert len(typed.text) <= LONGEST
    assert sum(len(word.text.split()) for word in typed.words) <= MOST_WORDS
    assert all(word.text.strip() for word in typed.words)
    assert not any(mark in typed.text for mark in "\x00\x02\x03\u202e")
    assert all(is_right(each) and each.value == value_of(*each) for each in typed.filters)
    assert sum(word.is_begun for word in typed.words) <= is_typing
    assert parse(typed.text).text == typed.text


def test_ten_thousand_characters_take_no_longer_than_they_must():
    for text in ('a "' * 3_333, "a:" * 5_000, "- " * 5_000, " " * 10_000 + "x", "a" * 10_000 + ":"):
        with within(0.5):
            for _ in range(10):
                parse(text)


@given(text=QUERIES, added=FILTERS)
@example(text='"unclosed', added=Filter("category", "help"))
@example(text="x" * 200, added=Filter("category", "help"))
@example(text="is:answered x", added=Filter("is", "unanswered"))
def test_a_filter_that_is_added_is_there_and_gone_when_it_is_taken_off(text, added):
    typed = parse(text)
    meant = added._replace(value=value_of(*added))
    longer = parse(with_filter(typed, added))
    shorter = parse(without(longer, meant))

    assert len(longer.text) <= LONGEST
    if meant.value:
        assert meant in longer.filters
        assert meant not in shorter.filters
    others = [each for each in typed.filters if each != meant and not each.name == meant.name in ONCE]
    if len(typed.text) < LONGEST - 70:
        assert longer.words == typed.words
        assert shorter.words == typed.words
        assert [each for each in longer.filters if each != meant] == (others if meant.value else list(typed.filters))
        if meant.value:
            assert list(shorter.filters) == others


@given(text=QUERIES)
def test_filters_taken_off_leave_the_words(text):
    typed = parse(text)
    for each in typed.filters:
        shorter = parse(without(typed, each))
        assert each not in shorter.filters
        assert shorter.words == typed.words


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2025", date(2025, 1, 1)),
        ("2025-03", date(2025, 3, 1)),
        ("2025-3-9", date(2025, 3, 9)),
        ("30d", date(2026, 3, 1)),
        ("1m", date(2026, 2, 28)),
        ("6m", date(2025, 9, 30)),
        ("2y", date(2024, 3, 31)),
        ("9999y", date.min),
        ("9999d", date(1998, 11, 14)),
        ("0d", date(2026, 3, 31)),
        *((wrong, None) for wrong in ("", "2025-13", "0000", "2025-02-30", "٢٠٢٥", "12345d", "-1d", "yesterday")),
    ],
)
def test_days(value, day):
    assert first_day(value, date(2026, 3, 31)) == day


def test_addresses_of_results():
    assert search_path('wifi category:"Help desk"') == "/search?q=wifi+category%3A%22Help+desk%22"
    assert search_path("a&b", 2) == "/search?q=a%26b&page=2"


def test_words_know_what_they_are():
    assert parse('-"a b" c').words == (Word("a b", is_phrase=True, is_left_out=True), Word("c"))
