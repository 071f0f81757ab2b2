"""Watched words are found as people read them, in time that grows with the text alone."""

import random

import pytest

from forum.screening.matching import Matcher, tokens
from tests.pace import within


def found(text, *phrases):
    return Matcher((phrase, phrase) for phrase in phrases).found(text)


@pytest.mark.parametrize(
    "text",
    [
        "buy cheap toner now",
        "Buy CHEAP   Toner!",
        "**cheap** _toner_",
        "cheap-toner",
        "cheap\n\ntoner",
        "c\u00adheap to\u200bner",
        "ｃｈｅａｐ ｔｏｎｅｒ",
    ],
)
def test_words_in_a_row_are_found_however_they_are_written(text):
    assert found(text, "Cheap toner") == ["Cheap toner"]


@pytest.mark.parametrize("text", ["cheaper toner", "toner cheap", "cheap and toner", "", "!!!", "cheap"])
def test_only_whole_words_in_their_order_count(text):
    assert found(text, "cheap toner") == []


@pytest.mark.parametrize(
    ("text", "phrase"), [("STRASSE", "straße"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("e\u0301cole", "école"), ("ﬁle", "FILE")]
)
def test_letters_of_all_scripts_are_folded(text, phrase):
    assert found(text, phrase) == [phrase]


def test_each_phrase_is_found_once_in_the_order_of_the_text():
    assert found("b a b c", "a", "b", "b c", "x") == ["b", "a", "b c"]


def test_signs_of_patterns_are_only_signs():
    assert tokens("(a+)+$ .*") == ["a"]
    assert found("aaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$") == []


BODIES = {
    "plain": " ".join(random.Random(1).choices([f"word{n}" for n in range(2000)], k=4000))[:30_000],
    "accents": ("Ünïcödé wörd5 " * 3000)[:30_000],
    "one letter": "a " * 15_000,
    "marks in disorder": "a" + "\u0315\u0300" * 15_000,
    "no spaces": "漢" * 30_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_long_post_is_searched_for_a_thousand_words_in_milliseconds(body):
    matcher = Matcher((f"word{n} word{n + 1}" if n % 3 else f"word{n}", n) for n in range(1000))

    with within(0.1):
        for _ in range(5):
            matcher.found(body)
