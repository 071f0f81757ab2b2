"""What Meilisearch is sent: documents with their words in the right places, batches that are not too large."""

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from forum.search.meili_documents import (
    MOST_BYTES_IN_A_BATCH,
    MOST_IN_A_BATCH,
    as_sent,
    batches,
    key_named,
    version_name,
)
from forum.search.ranking import MEILI_SETTINGS, worth
from forum.search.types import Document, Key

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_document(ref_id: int = 1, body: str = "Twice a year.", **fields: object) -> Document:
    given = {"kind": "post", "title": "Renewing filters", "kinds": ("question",), "at": AT, "group": 7}
    return Document(ref_id=ref_id, body=body, **(given | fields))


def test_a_posts_words_are_in_the_field_of_its_role():
    for role, title, body in [
        ("question", "title", "question"),
        ("answer", "thread_title", "answer"),
        ("reply", "thread_title", "reply"),
        ("", "title", "text"),
    ]:
        sent = as_sent(a_document(role=role))
        texts = {name: sent[name] for name in MEILI_SETTINGS["searchableAttributes"] if name in sent}
        assert texts == {title: "Renewing filters", body: "Twice a year."}


def test_posts_of_a_thread_are_shown_once_and_all_else_each_by_itself():
    assert as_sent(a_document(1))["group_key"] == as_sent(a_document(2))["group_key"] == "thread-7"
    assert as_sent(a_document(3, kind="product", group=0))["group_key"] == "product-3"


def test_all_that_is_filtered_sorted_or_ranked_by_is_sent():
    sent = as_sent(a_document())
    named = {name for rule in MEILI_SETTINGS["filterableAttributes"] for name in rule["attributePatterns"]}
    named |= {*MEILI_SETTINGS["sortableAttributes"], *MEILI_SETTINGS["displayedAttributes"]}
    named |= {MEILI_SETTINGS["distinctAttribute"], "worth"}

    assert named <= sent.keys()


def test_the_version_changes_with_whatever_is_sent():
    changes = [
        {"body": "Other."}, {"title": "Other"}, {"role": "answer"}, {"category_id": 5}, {"audiences": ("members",)},
        {"topics": ("renewals",)}, {"product_ids": (3,)}, {"author_id": 4}, {"is_answered": True}, {"helpful": 9},
        {"group": 8}, {"kinds": ("review",)}, {"at": datetime(2026, 3, 1, 13, tzinfo=UTC)},
    ]  # fmt: skip
    versions = [a_document(**change).version for change in ({}, *changes)]

    assert len(set(versions)) == len(versions)
    assert as_sent(a_document())["version"] == version_name(versions[0])


def test_a_key_is_known_by_its_name():
    for key in (Key("post", 17, 4), Key("x-kind", 2, 0)):
        assert key_named(key.name, key.group) == key


def test_a_thousand_documents_are_a_batch():
    sizes = [
        len(json.loads(batch)) for batch in batches(a_document(number) for number in range(2 * MOST_IN_A_BATCH + 1))
    ]

    assert sizes == [MOST_IN_A_BATCH, MOST_IN_A_BATCH, 1]
    assert list(batches([])) == []


@settings(deadline=None)
@given(st.lists(st.integers(0, 400_000), max_size=12), st.sampled_from(["x", "ü", "\x00"]))
def test_a_batch_is_at_most_a_megabyte_unless_a_single_document_is_more(lengths, letter):
    documents = [a_document(number, letter * length) for number, length in enumerate(lengths)]
    sent = list(batches(documents))

    assert [each["id"] for batch in sent for each in json.loads(batch)] == [each.key.name for each in documents]
    assert all(len(batch) <= MOST_BYTES_IN_A_BATCH or len(json.loads(batch)) == 1 for batch in sent)


def test_worth_is_answers_then_marks_then_time_and_decays_gently():
    def of(year: int, answered: bool | None = None, helpful: int = 0) -> float:
        return worth(datetime(year, 1, 1, tzinfo=UTC), is_answered=answered, helpful=helpful)

    assert of(2016) < of(2025) < of(2026)
    assert of(2016, helpful=3) == of(2026, helpful=0)
    assert of(2016, answered=True) >= of(2026, answered=False)
    assert of(2016, answered=True, helpful=3) > of(2026)
    assert of(2026) - of(2016) == of(2016) - of(2006)
    assert of(2026, helpful=-3) == of(2026)
