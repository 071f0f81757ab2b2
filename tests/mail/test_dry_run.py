"""A dry run says what the import will say, and remembers little of each mail."""

import hashlib
import tracemalloc
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from forum.mail.archive.census import Census
from forum.mail.archive.conversations import Conversations, subject_links
from forum.mail.archive.ledger import Ledger
from forum.mail.archive.report import Report
from forum.mail.archive.sorting import Notes, Sorter
from forum.mail.archive.types import Author, Mail

START = datetime(2016, 3, 7, tzinfo=UTC)


def mail(name, *, refs=(), words="", subject="carts", is_reply=False, author="Ann Lee", sent=0):
    return Mail(
        file="carts.mbox",
        number=1,
        message_id=f"{name}@pine.example",
        has_own_id=True,
        references=tuple(f"{each}@pine.example" for each in refs),
        title=subject,
        subject_key=subject,
        is_reply=is_reply,
        sent_at=START + timedelta(hours=sent),
        author=Author(f"name:{author}", author, ""),
        list_addresses=(),
        source="",
        html="",
        attachments=(),
        content_hash=hashlib.sha256((words or str(name)).encode()).digest(),
        problems=(),
    )


def any_mail(random, names):
    return mail(
        random.randrange(names),
        refs=random.sample(range(names * 2), random.randrange(3)),
        words=f"words {random.randrange(names * 2)}",
        subject=f"subject {random.randrange(40)}",
        is_reply=random.random() < 0.5,
        author=random.choice(["Ann Lee", "Bo Hill"]),
        sent=random.randrange(4000),
    )


@pytest.mark.parametrize("seed", range(5))
def test_copies_and_imposters_are_told_apart_as_by_an_import(seed):
    random = Random(seed)
    mails = [any_mail(random, 300) for _ in range(3000)]

    exact, numbered = Sorter(Notes()).sort(mails), Sorter(Ledger()).sort(mails)

    assert (exact.new, exact.mails, exact.problems) == (numbered.new, numbered.mails, numbered.problems)
    assert [name for name, _ in exact.aliases] == [name for name, _ in numbered.aliases]
    assert exact.duplicates
    assert exact.imposters
    assert exact.aliases


@pytest.mark.parametrize("seed", range(5))
def test_threads_are_counted_as_by_their_ids_and_subjects(seed):
    random = Random(seed)
    mails = list({each.message_id: each for each in (any_mail(random, 2000) for _ in range(500))}.values())
    together = Conversations()
    ledger = Ledger()
    for each in mails:
        together.join((each.message_id, *each.references))
        ledger.remember(each)
        ledger.join(map(ledger.number, (each.message_id, *each.references)))

    assert ledger.groups() == len({together.root(each.message_id) for each in mails})
    links = list(subject_links(ledger.titled()))
    assert links
    names = {ledger.number(each.message_id): each.message_id for each in mails}
    for pair in links:
        ledger.join(pair)
        together.join(names[number] for number in pair)
    assert ledger.groups() == len({together.root(each.message_id) for each in mails})


def test_a_mail_takes_a_dry_run_under_150_bytes():
    census, report = Census(), Report()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(20_000):
            census.add([mail(number, refs=[number // 3], subject=f"subject {number}")], report)
        taken = tracemalloc.get_traced_memory()[0] - before
        census.finish(report)
    finally:
        tracemalloc.stop()

    assert report.added == 20_000
    assert taken < 20_000 * 150
