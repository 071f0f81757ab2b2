"""Real archives, read as they are: every number is the known one, or explained mail by mail."""

from collections import Counter
from functools import cache
from itertools import islice
from typing import NamedTuple

import pytest

from forum.kit.db import value
from forum.mail.archive.commands import import_archive
from forum.mail.archive.conversations import Conversations
from forum.mail.archive.formats import NOT_MAIL, read_archives
from forum.mail.archive.headers import Fields, clean_id, split_head
from forum.mail.archive.message import UNREADABLE, parse
from forum.mail.archive.types import Mail, Problem
from tests.real_data import DATA, needs_data
from tests.threads.recount import assert_counts_are_right

pytestmark = needs_data
ARCHIVES = DATA / "archives"


class Header(NamedTuple):
    """A message as far as ids go; what a separator and a header say is kept for those that need explaining."""

    number: int
    own_id: str
    references: tuple[str, ...]
    follows_blank: bool
    envelope: str
    sender: str
    date: str
    has_subject: bool


@cache
def headers(name):
    return [header(raw) for raw in read_archives([ARCHIVES / name])]


def header(raw):
    fields = Fields(split_head(raw.raw)[0])
    own = (fields.ids("Message-ID") or [clean_id(fields.first("Message-ID"))])[0]
    references = tuple(fields.ids("References") or fields.ids("In-Reply-To")[:1])
    sender, date = fields.first("From"), fields.first("Date")
    return Header(raw.number, own, references, raw.follows_blank, raw.envelope, sender, date, "Subject" in fields)


def ids(found):
    return {each.own_id for each in found}


def threads(found):
    together = Conversations()
    for each in found:
        together.join((each.own_id, *each.references))
    return len({together.root(own) for own in ids(found)})


def mails(path):
    return [parse(raw) if not isinstance(raw, Problem) else raw for raw in read_archives([path])]


def test_usrp_users_has_its_known_ids_and_threads():
    found = headers("usrp-users-2019-2021.mbox.xz")

    assert len(found) == 6091
    assert len(ids(found)) == 6085
    assert threads(found) == 1746


def test_twisted_web_has_its_known_ids_and_threads_where_blank_lines_stand_before_separators():
    found = [each for each in headers("twisted-web.mbox.xz") if each.follows_blank]

    assert len(found) == 4768
    assert len(ids(found)) == 4766
    assert threads(found) == 1572


def test_every_further_mail_of_twisted_web_is_a_whole_mail_behind_a_forgotten_blank_line():
    """Pipermail left the blank line out, mostly below "URL: …" of a scrubbed attachment; 606 mails hid there."""
    found = headers("twisted-web.mbox.xz")
    hidden = [each for each in found if not each.follows_blank]
    known = ids(each for each in found if each.follows_blank)

    assert len(hidden) == 606
    for each in hidden:
        sender, _, date = each.envelope.partition("  ")
        assert each.sender.startswith(sender), each
        assert len(date.split()) == 5, each
        assert each.date, each
        assert each.own_id, each
        assert each.has_subject, each
    copies = [each.number for each in hidden if each.own_id in known]
    assert len(copies) == 1
    assert len(ids(found)) == 4766 + 606 - len(copies) == 5371
    assert threads(found) == 1626


def test_body_lines_that_begin_with_from_make_no_mail():
    found = headers("twisted-web.mbox.xz")

    assert not [
        each for each in found if each.envelope.startswith(("what do I see", "the performance", "my perspective"))
    ]


@pytest.mark.parametrize(("name", "count", "known_threads"), [("open-iscsi", 1233, 358), ("imagej-bugs", 1753, None)])
def test_the_other_lists_have_their_known_numbers(name, count, known_threads):
    found = headers(f"{name}.mbox.xz")

    assert len(found) == len(ids(found)) == count
    assert known_threads in (None, threads(found))


def test_the_one_mail_that_usrp_users_holds_under_two_ids_has_one_content():
    """Numbers 541 and 542 were sent twice in one second: an import has 6,084 posts and 1,745 threads by ids."""
    raws = islice(read_archives([ARCHIVES / "usrp-users-2019-2021.mbox.xz"]), 540, 542)
    first, second = (parse(raw) for raw in raws)

    assert (first.number, second.number) == (541, 542)
    assert first.message_id != second.message_id
    assert first.content_hash == second.content_hash


def test_authors_behind_the_list_are_found():
    found = [mail for mail in mails(ARCHIVES / "open-iscsi.mbox.xz") if isinstance(mail, Mail)]

    assert not any(" via " in mail.author.name for mail in found)
    assert not any(mail.author.address == "open-iscsi@googlegroups.com" for mail in found)


@pytest.mark.parametrize("folder", ["archives/listserv", "archives/ponymail", "archives/notmuch", "mail/mime"])
def test_no_mail_of_the_torture_sets_is_unreadable_or_shows_an_address(folder):
    found = mails(DATA / folder)
    problems = [each for each in found if isinstance(each, Problem)]

    assert not [each for each in problems if each.kind == UNREADABLE]
    for mail in found:
        if isinstance(mail, Mail):
            words = mail.source.split()
            assert not any("@" in word and word.endswith((".com", ".org")) and "/" not in word for word in words), mail


def test_notebook_logs_have_their_messages_and_the_index_file_is_none():
    found = mails(ARCHIVES / "listserv")

    assert Counter(type(each).__name__ for each in found) == {"Mail": 57, "Problem": 1}
    assert [each.kind for each in found if isinstance(each, Problem)] == [NOT_MAIL]
    assert sum(each.has_own_id for each in found if isinstance(each, Mail)) == 14


async def test_one_month_exported_three_ways_is_there_once(db):
    paths = [ARCHIVES / "ponymail" / f"maven-dev-2017-11-{way}.mbox" for way in ("listsao", "mailarchivesao", "mboxvm")]

    report = await import_archive(db, paths, category_slug="maven", dry_run=False, progress=lambda _: None)

    assert report.messages == 954
    assert report.unreadable == report.imposters == 0
    assert report.added == await value(db, "SELECT count(*) FROM post") <= 323
    await assert_counts_are_right(db)


async def test_a_teachers_list_is_imported_whole(db):
    path = ARCHIVES / "r-sig-teaching.jsonl.xz"

    dry = await import_archive(db, [path], category_slug="teaching", dry_run=True, progress=lambda _: None)
    report = await import_archive(db, [path], category_slug="teaching", dry_run=False, progress=lambda _: None)

    assert report == dry
    assert (report.messages, report.unique, report.added, report.unreadable) == (885, 885, 885, 0)
    assert await value(db, "SELECT count(*) FROM member_email") == 0
    await assert_counts_are_right(db)


async def test_twisted_web_is_imported_whole(db):
    path = ARCHIVES / "twisted-web.mbox.xz"

    report = await import_archive(db, [path], category_slug="twisted", dry_run=False, progress=lambda _: None)

    assert (report.messages, report.unique, report.added, report.duplicates) == (5374, 5371, 5371, 3)
    assert (report.unreadable, report.imposters) == (0, 0)
    assert report.threads_by_ids == 1626
    assert report.threads == 1626 - report.matched_by_subject == await value(db, "SELECT count(*) FROM thread")
    assert await value(db, "SELECT count(*) FROM post") == 5371
    assert await value(db, "SELECT count(*) FROM thread WHERE title ILIKE '[twisted-web]%'") == 0
    assert await value(db, "SELECT count(*) FROM member WHERE name = 'Unknown author'") == 1
    await assert_counts_are_right(db)
