"""Names of products, as they are compared and checked."""

import pytest

from forum.kit.errors import Invalid
from forum.products.types import ProductDraft, SuggestionDraft, UseDraft, compared


@pytest.mark.parametrize("name", ["NorthGate Filter", "north-gate filter", "NORTHGATE® filter", " northgatefilter "])
def test_case_spaces_and_signs_make_no_other_name(name):
    assert compared(name.replace("®", "")) == "northgatefilter"


def test_a_draft_says_what_is_wrong_with_each_field():
    draft = ProductDraft("…", "x" * 121, "", "a" * 1001, "javascript:alert(1)", "sold", "fine\n…")

    with pytest.raises(Invalid) as refusal:
        draft.check()

    assert set(refusal.value.fields) == {"name", "vendor", "category", "about", "website", "status", "other_names"}


@pytest.mark.parametrize(
    "website",
    [
        "ftp://a.example",
        "//a.example",
        "https://",
        "https://[::1",
        "https://u@a.example",
        "https://a b.example",
        "a.org",
    ],
)
def test_a_website_is_an_address_of_the_web(website):
    with pytest.raises(Invalid) as refusal:
        SuggestionDraft("Filter", "NorthGate", "filters", website).check()

    assert set(refusal.value.fields) == {"website"}


def test_other_names_are_counted_once_and_are_at_most_twenty():
    assert ProductDraft("A", "B", "c", other_names="One\n one\n\nTwo").names == ("one", "Two")
    with pytest.raises(Invalid):
        ProductDraft("A", "B", "c", other_names="\n".join(f"Name {n}" for n in range(21))).check()


@pytest.mark.parametrize(
    ("since", "left", "wrong"),
    [
        (1969, None, "since_year"),
        (2027, None, "since_year"),
        (2020, 2019, "left_year"),
        (None, 99999, "left_year"),
    ],
)
def test_years_that_cannot_be_are_refused(since, left, wrong):
    with pytest.raises(Invalid) as refusal:
        UseDraft(since, left).check(2026)

    assert set(refusal.value.fields) == {wrong}


def test_years_may_be_left_out():
    for draft in (UseDraft(), UseDraft(2019), UseDraft(None, 2020), UseDraft(2020, 2020)):
        draft.check(2026)
