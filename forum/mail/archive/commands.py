"""Bringing an archive into a category: twice changes nothing, a broken-off import goes on where it stopped."""

from array import array
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from forum.kit.db import Database, value
from forum.kit.errors import Invalid
from forum.mail.archive import place, reveal
from forum.mail.archive.authors import authors
from forum.mail.archive.census import Census
from forum.mail.archive.dates import OLDEST
from forum.mail.archive.message import UNREADABLE
from forum.mail.archive.report import Progress, Report
from forum.mail.archive.store import Target, conversation_count, store
from forum.mail.archive.stream import Parsed, parsed_chunks
from forum.mail.archive.types import Mail, Problem

Tell = Callable[[Progress], None]
PARTS = 16  # ids are compared a sixteenth at a time, which keeps memory low


async def import_archive(
    db: Database, paths: Sequence[Path], *, category_slug: str, dry_run: bool, progress: Callable[[Progress], None]
) -> Report:
    """Read archives and make threads of them in a category; a dry run only counts. Raises Invalid for a bad
    slug, when there is no mail in the archives, and when another import into the category is running.

    The mails are stored first, in committed batches; threads are laid out hidden; the last commit shows them.
    """
    report = Report()
    if dry_run:
        await _count(paths, report, progress)
        return report
    async with reveal.alone(db, category_slug):
        target = await _store(db, category_slug, paths, report, progress)
        await _place(db, target, report, progress)
    return report


async def _count(paths: Sequence[Path], report: Report, tell: Tell) -> None:
    census, reading = Census(), _Reading(report, tell)
    async with aclosing(parsed_chunks(paths)) as chunks:
        async for chunk in chunks:
            census.add([mail for mail, _ in reading.mails(chunk)], report)
    report.unique = reading.unique()
    if not report.unique:
        raise _nothing(report)
    census.finish(report)


async def _store(db: Database, slug: str, paths: Sequence[Path], report: Report, tell: Tell) -> Target:
    """Stores what can be read. Returns the target, which begins with the first mail: no mails, no category."""
    reading, target = _Reading(report, tell), None
    async with aclosing(parsed_chunks(paths)) as chunks:
        async for chunk in chunks:
            if mails := reading.mails(chunk):
                target = target or await reveal.begin(db, slug)
                found = await store(db, target, mails)
                report.added += len(found.mails)
                report.note_copies(found.duplicates, found.imposters, found.problems)
    if target is None:
        raise _nothing(report)
    report.unique = reading.unique()
    return target


def _nothing(report: Report) -> Invalid:
    """The refusal of archives without a mail: what was wrong with the first."""
    samples = [sample for problem in report.problems.values() for sample in problem.samples]
    why = f"{samples[0].file}: {samples[0].reason}" if samples else "the folder is empty"
    return Invalid(files=f"No email could be read, so nothing was changed ({why}).")


async def _place(db: Database, target: Target, report: Report, tell: Tell) -> None:
    report.threads_by_ids = await conversation_count(db, target.category_id)
    report.matched_by_subject = await place.match_subjects(db, target)
    report.threads = await conversation_count(db, target.category_id)
    advance = _counter(tell, await place.waiting_count(db, target))
    prefix = await place.list_prefix(db, target)
    writers = await authors(db, target)
    await place.place_new_threads(db, target, writers, prefix, advance)
    await reveal.finish(db, target, writers, prefix, advance)
    report.authors = await _author_count(db, target)
    report.addresses = await _address_count(db, target)


def _counter(tell: Tell, total: int) -> Callable[[int], None]:
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        tell(Progress("placing", done, total))

    return advance


async def _author_count(db: Database, target: Target) -> int:
    count: int = await value(
        db,
        """
        SELECT count(DISTINCT p.author_id)
        FROM mail_message m
        JOIN post p ON p.id = m.post_id
        WHERE m.category_id = :category_id
        """,
        category_id=target.category_id,
    )
    return count


async def _address_count(db: Database, target: Target) -> int:
    count: int = await value(
        db,
        """
        SELECT count(DISTINCT m.author_address)
        FROM mail_message m
        WHERE m.category_id = :category_id AND m.author_address <> ''
          AND NOT EXISTS (
              SELECT 1 FROM mail_list_address l
              WHERE l.category_id = m.category_id AND l.address = m.author_address
          )
        """,
        category_id=target.category_id,
    )
    return count


class _Reading:
    """Counts messages as they are read, and dates those without a date by the one before them in their file."""

    def __init__(self, report: Report, tell: Tell) -> None:
        self._report = report
        self._tell = tell
        self._ids = array("q")
        self._file = ""
        self._last: datetime = OLDEST

    def unique(self) -> int:
        """How many different ids were read; ids made for mails without one count too."""
        return sum(len({each for each in self._ids if each % PARTS == part}) for part in range(PARTS))

    def mails(self, chunk: Sequence[Parsed]) -> list[tuple[Mail, bytes]]:
        """The mails of a chunk that could be read, each with its raw bytes."""
        found = [(self._dated(each.mail), each.raw) for each in chunk if isinstance(each.mail, Mail)]
        for each in chunk:
            self._note(each.mail)
        self._tell(Progress("reading", self._report.messages))
        return found

    def _note(self, mail: Mail | Problem) -> None:
        if isinstance(mail, Problem):
            self._report.messages += 1 if mail.number and mail.kind == UNREADABLE else 0
            self._report.unreadable += 1
            self._report.note(mail)
            return
        self._report.messages += 1
        self._ids.append(hash(mail.message_id))
        for problem in mail.problems:
            self._report.note(problem)

    def _dated(self, mail: Mail) -> Mail:
        if mail.file != self._file:
            self._file, self._last = mail.file, OLDEST
        if mail.sent_at is None:
            mail = replace(mail, sent_at=self._last)
        else:
            self._report.note_date(mail.sent_at)
            self._last = mail.sent_at
        return mail
