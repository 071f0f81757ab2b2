"""What Meilisearch is asked: words in its syntax, filters out of which no word breaks."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.search.meili_engine import filters, in_query_syntax, question
from forum.search.types import FOR_ALL, Limits, Scope, Sought, Word

SCOPE = Scope((3, 5), (FOR_ALL,))


def sought(*words: Word, **fields: object) -> Sought:
    return Sought(**({"words": words, "scope": SCOPE, "kinds": ("post",)} | fields))


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ([Word("filter")], "filter "),
        ([Word("filter"), Word("renew", is_begun=True)], "filter renew"),
        ([Word("access points", is_phrase=True)], '"access points" '),
        ([Word("e-rate"), Word("old", is_left_out=True)], '-"old" e-rate '),
        ([Word("new"), Word("e-rate", is_left_out=True)], '-"e-rate" new '),
        ([Word("two words", is_phrase=True, is_left_out=True)], '-"two words" '),
        ([Word("-minus"), Word("–dash"), Word("a -b")], "minus dash a b "),
        ([Word("－wide"), Word("＂quoted＂")], "wide quoted "),
        ([Word('say "this"', is_phrase=True)], '"say this" '),
        ([Word("tab\tand\x00null\ud800")], "tab and null "),
        ([Word("--"), Word(" "), Word("x")], "x "),
        ([Word("x"), Word("-", is_begun=True)], "x "),
        ([Word("filters"), Word("why", is_begun=True)], "filters "),
        ([Word("why", is_begun=True)], "why"),
        ([Word("What"), Word("is"), Word("the"), Word("SIS")], "SIS "),
        ([Word("sis"), Word("of"), Word("the"), Word("our"), Word("district")], "sis district "),
        ([Word("single"), Word("sign"), Word("on")], "single sign on "),
        ([Word("what"), Word("how to", is_phrase=True)], '"how to" '),
        ([Word("how"), Word("can"), Word("we")], "how can we "),
        ([], " "),
    ],
)
def test_words_are_written_as_the_engine_reads_them(words, asked):
    assert in_query_syntax(words) == asked


@given(st.lists(st.builds(Word, st.text(), st.booleans(), st.booleans(), st.booleans()), max_size=6))
def test_no_word_becomes_a_phrase_or_is_left_out_that_was_not_meant_so(words):
    asked = in_query_syntax(words)
    phrases = re.findall(r'(?:^| )(-?)"[^"]*"(?= |$)', asked)
    outside = re.sub(r'-?"[^"]*"', " ", asked)

    assert phrases.count("-") <= sum(word.is_left_out for word in words)
    assert len(phrases) <= sum(word.is_phrase or word.is_left_out for word in words)
    assert '"' not in outside
    assert not re.search(r"(^|\s)-", outside)
    asked.encode()


def test_a_filter_holds_the_readers_scope_and_each_limit():
    limits = Limits((5,), ("renewals",), (11,), (4, 6), ("question",), False, date(2026, 3, 1))

    assert filters(sought(Word("x"), limits=limits, besides=9)) == [
        'kind IN ["post"]',
        "group != 9",
        "category_id IN [3, 5]",
        'audiences IN ["all"]',
        "category_id IN [5]",
        'topics IN ["renewals"]',
        "author_id IN [11]",
        "product_ids IN [4, 6]",
        'kinds IN ["question"]',
        "is_answered = false",
        "at >= 1772323200",
    ]


def test_what_may_find_nothing_finds_nothing():
    assert "category_id IN []" in filters(sought(Word("x"), scope=Scope((), ())))
    assert "audiences IN []" in filters(sought(Word("x"), scope=Scope((), ())))
    assert filters(sought(Word("x"), kinds=(), scope=None)) == ["kind IN []"]


VALUE = re.compile(r'"(?:[A-Za-z0-9 _.-]|\\u\{[0-9a-f]+\})*"')
WRITTEN = re.compile(r"\\u\{([0-9a-f]+)\}")


@given(st.text(), st.text())
def test_no_word_breaks_out_of_a_filter(topic, kind):
    for condition, words in zip(
        filters(sought(Word("x"), limits=Limits(topics=(topic, kind), kinds=(kind,)), scope=Scope((3,), (topic,))))[2:],
        ([topic], [topic, kind], [kind]),
        strict=True,
    ):
        inside = re.fullmatch(r"[a-z]+ IN \[(.*)\]", condition)[1]
        values = VALUE.findall(inside)
        assert ", ".join(values) == inside
        assert [WRITTEN.sub(lambda found: chr(int(found[1], 16)), value[1:-1]) for value in values] == words


def test_only_ids_are_asked_for_and_without_words_the_newest():
    asked = question(sought(Word("x"), needs_all=False, most=20))

    assert (asked["attributesToRetrieve"], asked["limit"], asked["matchingStrategy"]) == (
        ["id", "group"],
        20,
        "frequency",
    )
    assert "sort" not in asked
    assert question(sought())["sort"] == ["at:desc"]
    assert question(sought(Word("x")))["matchingStrategy"] == "all"
