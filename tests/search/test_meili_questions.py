"""What Meilisearch is asked: words in its syntax, filters out of which no word breaks."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.kit.meili import Down
from forum.search.meili_any import Found, counted_together, one_by_one
from forum.search.meili_engine import filters, question, ranked
from forum.search.meili_words import in_query_syntax
from forum.search.types import FOR_ALL, Key, Limits, Scope, Sought, Word

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
    asked = question(sought(Word("x"), most=20))

    assert (asked["attributesToRetrieve"], asked["limit"], asked["matchingStrategy"]) == (["id", "group"], 20, "all")
    assert "sort" not in asked
    assert question(sought())["sort"] == ["at:desc"]


class Babbling:
    """No Meilisearch: it answers what it is given to say."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    async def ask(self, *_: object) -> object:
        return self.answer


@pytest.mark.parametrize(
    "answer",
    [
        None, [], {}, {"results": None}, {"results": []}, {"results": [{}]}, {"results": [{"hits": [{}]}]},
        {"results": [{"estimatedTotalHits": 1, "hits": [{"id": "nonsense", "group": 0}]}]},
        {"results": [{"estimatedTotalHits": 1, "hits": [{"id": "post-1", "group": "x"}]}]},
        {"results": [{"estimatedTotalHits": 0, "hits": []}] * 2},
    ],
    ids=str,
)  # fmt: skip
async def test_an_answer_that_makes_no_sense_is_none(answer):
    with pytest.raises(Down):
        await ranked(Babbling(answer), [sought(Word("x"))])


def test_where_any_word_will_do_each_telling_one_is_asked_for_by_itself():
    words = [Word(text) for text in ("how", "to", "renew", "web", "filters", "renew")]
    left_out, phrase = Word("beta", is_left_out=True), Word("at home", is_phrase=True)
    asked = one_by_one(sought(*words, left_out, phrase, needs_all=False, most=9))

    assert [in_query_syntax(each.words) for each in asked] == [
        " ", '-"beta" filters ', '-"beta" "at home" ', '-"beta" renew ', '-"beta" web ',
    ]  # fmt: skip
    assert [each.most for each in asked] == [0, 50, 50, 50, 50]
    assert {(each.scope, each.kinds, each.limits) for each in asked} == {(SCOPE, ("post",), Limits())}


def test_of_many_words_the_longest_are_asked_for():
    words = [Word("x" * length) for length in range(1, 30)]

    assert [len(each.words[0].text) for each in one_by_one(sought(*words, needs_all=False))[1:]] == list(
        range(29, 21, -1)
    )


def test_one_word_or_all_of_them_are_one_question():
    for one in (
        sought(Word("a"), Word("b")),
        sought(Word("what"), Word("sis"), needs_all=False),
        sought(needs_all=False),
    ):
        assert one_by_one(one) == [one]


def test_more_words_count_more_than_one_and_rarer_than_common_ones():
    one, two, three = (Key("post", number, number) for number in (1, 2, 3))
    total, common, rare, rarer = (
        Found(1000, []),
        Found(900, [one, two]),
        Found(20, [three, two]),
        Found(9, [three, one]),
    )

    assert counted_together([total, common, rare]) == [two, three, one]
    assert counted_together([total, common, rare, rarer]) == [three, one, two]
    assert counted_together([Found(2, [two, one])]) == [two, one]
    assert counted_together([total, Found(0, []), Found(2000, [])]) == []


def test_posts_of_a_thread_count_together_and_the_one_that_fits_best_stands_for_it():
    first, second, alone = Key("post", 1, 7), Key("post", 2, 7), Key("post", 3, 8)
    found = [Found(1000, []), Found(10, [alone, first]), Found(5, [second])]

    assert counted_together(found) == [second, alone]
    assert counted_together([Found(9, []), Found(2, [Key("product", 1), Key("product", 2)])]) == [
        Key("product", 1),
        Key("product", 2),
    ]
