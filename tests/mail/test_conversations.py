"""Mails that belong together find each other, in whatever order they come."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from forum.mail.archive.conversations import Conversations, Entry, Titled, reading_order, subject_links

START = datetime(2016, 3, 7, tzinfo=UTC)


def titled(number, days, *, subject="carts", is_orphan=False):
    return Titled(number, subject, START + timedelta(days=days), is_orphan)


def entry(name, *references, days=0):
    return Entry(name, references, START + timedelta(days=days))


def names(entries):
    return [entries[index].message_id for index in reading_order(entries)]


def test_answers_to_a_missing_mail_belong_together_and_so_does_the_mail_when_it_comes():
    together = Conversations()
    together.join(("b", "ghost"))
    together.join(("c", "ghost"))
    assert together.root("b") == together.root("c")

    together.join(("ghost", "root"))

    assert len({together.root(each) for each in ("root", "ghost", "b", "c")}) == 1


def test_the_order_of_arrival_changes_nothing():
    links = [("b", "a"), ("c", "b"), ("d", "ghost"), ("e", "ghost"), ("f",)]
    for order in permutations(links):
        together = Conversations()
        for each in order:
            together.join(each)
        assert sorted(sorted(group) for group in together.groups()) == [["a", "b", "c"], ["d", "e", "ghost"], ["f"]]


def test_ids_in_a_circle_are_one_conversation():
    together = Conversations()
    for link in (("a", "b"), ("b", "c"), ("c", "a"), ("a", "a")):
        together.join(link)

    assert len(together.groups()) == 1


def test_a_re_without_ids_answers_the_last_mail_of_its_subject_within_thirty_days():
    mails = [
        titled(1, 0),
        titled(2, 3, is_orphan=True),
        titled(3, 33, is_orphan=True),
        titled(4, 64, is_orphan=True),
        titled(5, 65, subject="wheels", is_orphan=True),
    ]

    assert list(subject_links(mails)) == [(2, 1), (3, 2)]


def test_a_mail_with_ids_is_never_matched_by_its_subject():
    assert list(subject_links([titled(1, 0), titled(2, 1)])) == []


def test_mails_are_read_by_date_but_no_answer_before_its_question():
    late_clock = [
        entry("answer", "question", days=-5),
        entry("question"),
        entry("thanks", "question", "answer", days=2),
    ]

    assert names(late_clock) == ["question", "answer", "thanks"]
    assert names([entry("b", days=2), entry("a", days=1)]) == ["a", "b"]


def test_a_circle_begins_with_its_oldest_mail():
    assert names([entry("a", "b", days=1), entry("b", "a", days=0), entry("c", "c", days=2)]) == ["b", "a", "c"]


@given(st.lists(st.tuples(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=4)), max_size=10))
def test_every_mail_is_read_once_whatever_the_references(mails):
    entries = [entry(str(n), *map(str, refs), days=day) for n, (day, refs) in enumerate(mails)]

    assert sorted(reading_order(entries)) == list(range(len(entries)))
