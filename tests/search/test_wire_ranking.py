"""What Meilisearch finds in a small library, and in which order, with the settings of forum/search/ranking.py."""

from datetime import date

import pytest

from forum.kit.meili import Meili
from forum.search.meili_engine import question, ranked
from forum.search.types import FOR_ALL, MEMBERS, Limits, Scope, Sought, Word, vendor_audience
from tests.search.conftest import INDEX
from tests.search.library import DOCUMENTS, EVERYTHING, GUEST, OPEN, STAFF

pytestmark = [pytest.mark.xdist_group("meilisearch"), pytest.mark.usefixtures("library")]


async def found(meili: Meili, words: str | tuple[Word, ...], **fields: object) -> list[int]:
    """Ids of posts, best first, for words as typed without operators: "prin…" is still being typed."""
    if isinstance(words, str):
        words = tuple(Word(word.removesuffix("…"), is_begun=word.endswith("…")) for word in words.split())
    given = {"words": words, "scope": EVERYTHING, "kinds": ("post",)}
    (keys,) = await ranked(meili, [Sought(**(given | fields))], index=INDEX)
    return [key.ref_id for key in keys]


async def test_title_over_answer_over_question_over_reply(meili):
    assert await found(meili, "walnuts") == [11, 13, 14, 16]


async def test_an_exact_title_never_loses_to_a_vague_fresh_post(meili):
    assert await found(meili, "chromebook hinge repair") == [21, 22, 23]


async def test_then_answered_then_helpful_then_recent(meili):
    assert await found(meili, "projector lamps") == [34, 33, 32, 31]


async def test_whole_words_over_beginnings_over_typing_errors(meili):
    assert await found(meili, "printer…") == [41, 42, 43]
    assert await found(meili, "printer") == [41, 42, 43]


@pytest.mark.parametrize("typed", ["filterng", "flitering", "filtring", "contnet filtering", "filering renew…"])
async def test_a_typing_error_is_forgiven(meili, typed):
    assert (await found(meili, typed))[:1] == [44]


async def test_a_word_is_found_while_it_is_typed(meili):
    for typed in ("proj…", "projector l…", "projecto…"):
        assert (await found(meili, typed))[:4] == [34, 33, 32, 31]
    assert await found(meili, "proj") == []


async def test_a_number_is_never_another_one(meili):
    assert await found(meili, "470") == [58]
    assert await found(meili, "473") == []
    assert set(await found(meili, "form 472")) == {59}


async def test_the_words_of_a_phrase_stand_side_by_side(meili):
    assert await found(meili, (Word("access points", is_phrase=True),)) == [51]
    assert set(await found(meili, "access points")) == {51, 52}


async def test_what_is_left_out_is_not_there(meili):
    assert await found(meili, (Word("points"), Word("doors", is_left_out=True))) == [51]
    assert await found(meili, (Word("points"), Word("access points", is_phrase=True, is_left_out=True))) == [52]
    assert 55 not in await found(meili, (Word("sign-on", is_left_out=True),))


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("sis", {53, 54}),
        ("student information system", {53, 54}),
        ("sso", {55}),
        ("1:1", {56, 57}),
        ("one to one", {56, 57}),
        ("form 470", {58}),
    ],
)
async def test_terms_that_mean_the_same_find_the_same(meili, typed, ids):
    assert set(await found(meili, typed)) == ids


async def test_a_thread_is_found_once_at_its_best_post(meili):
    (keys,) = await ranked(meili, [Sought((Word("shelf"),), EVERYTHING, ("post",))], index=INDEX)
    assert [(key.ref_id, key.group) for key in keys] == [(12, 2)]
    assert await found(meili, "shelf walnuts") == [13]


async def test_the_thread_that_likeness_is_asked_for_is_not_among_the_found(meili):
    assert await found(meili, "walnuts", besides=1) == [13, 14, 16]


async def test_where_not_all_words_are_needed_more_and_rarer_ones_come_first(meili):
    assert await found(meili, "walnuts zebra") == []
    assert await found(meili, "walnuts zebra", needs_all=False) == [11, 13, 14, 16]
    assert set((await found(meili, "what is a chromebook hinge for zebras", needs_all=False))[:3]) == {21, 22, 23}


async def test_without_words_the_newest_come_first(meili):
    at = {document.ref_id: document.at for document in DOCUMENTS}
    times = [at[ref_id] for ref_id in await found(meili, ())]

    assert len(times) > 20
    assert times == sorted(times, reverse=True)


async def test_kinds_are_found_apart_in_one_request(meili):
    asked = [Sought((Word("walnut"),), EVERYTHING, (kind,)) for kind in ("post", "member", "product")]

    posts, people, products = await ranked(meili, asked, index=INDEX)

    assert (len(posts), [key.name for key in people], products) == (4, ["member-9"], [])


@pytest.mark.parametrize(
    ("limits", "ids"),
    [
        (Limits(topics=("renewals",)), {44}),
        (Limits(author_ids=(7,)), {44}),
        (Limits(product_ids=(4,)), {51}),
        (Limits(category_ids=(STAFF,)), {61}),
        (Limits(is_answered=True, kinds=("question",)), {12, 22, 23, 33, 34}),
        (Limits(kinds=("review",)), set()),
        (Limits(after=date(2026, 3, 1)), set()),
    ],
    ids=["topic", "author", "product", "category", "answered", "kind", "after"],
)
async def test_limits_keep_the_rest_out(meili, limits, ids):
    assert set(await found(meili, (), limits=limits)) == ids


async def test_after_a_day_is_from_its_first_moment(meili):
    old = await found(meili, "walnuts", limits=Limits(after=date(2016, 2, 1)))
    new = await found(meili, "walnuts", limits=Limits(after=date(2016, 2, 2)))

    assert (len(old), new) == (4, [16])


@pytest.mark.parametrize(
    ("scope", "ids"),
    [
        (GUEST, {64}),
        (Scope((0, OPEN), (FOR_ALL, MEMBERS)), {62, 63, 64}),
        (Scope((0, OPEN, STAFF), (FOR_ALL, MEMBERS)), {61, 62, 63, 64}),
        (Scope((0, OPEN), (FOR_ALL, vendor_audience(2))), {63, 64}),
        (Scope((0, OPEN), (FOR_ALL, vendor_audience(3))), {64}),
        (Scope((STAFF,), (FOR_ALL,)), {61}),
        (Scope((), (FOR_ALL,)), set()),
        (Scope((OPEN,), ()), set()),
        (None, {61, 62, 63, 64}),
    ],
    ids=[
        "guest",
        "member",
        "staff",
        "vendor",
        "other vendor",
        "only staff's",
        "no category",
        "nobody",
        "checked later",
    ],
)
async def test_what_a_reader_may_not_find_is_in_no_hits_and_no_total(meili, scope, ids):
    asked = question(Sought((Word("pistachio"),), scope, ("post",)), INDEX)
    (told,) = (await meili.ask("/multi-search", {"queries": [asked]}))["results"]

    assert {hit["group"] for hit in told["hits"]} == ids
    assert told["estimatedTotalHits"] == len(ids)
