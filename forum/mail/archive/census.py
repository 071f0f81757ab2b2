"""A dry run: counts what an import would do, storing nothing. Holds under 100 bytes for each message."""

from forum.mail.archive.conversations import subject_links
from forum.mail.archive.ledger import Ledger
from forum.mail.archive.people import lasting_key
from forum.mail.archive.report import Report
from forum.mail.archive.sorting import Sorter
from forum.mail.archive.types import Mail


class Census:
    """Sorts and threads mails as the import does, in memory."""

    def __init__(self) -> None:
        self._ledger = Ledger()
        self._sorter = Sorter(self._ledger)
        self._authors: set[tuple[str, str, str]] = set()
        self._list_addresses: set[str] = set()

    def add(self, mails: list[Mail], report: Report) -> None:
        """Counts a batch."""
        found = self._sorter.sort(mails)
        report.added += len(found.mails)
        report.note_copies(found.duplicates, found.imposters, found.problems)
        number = self._ledger.number
        for copy_id, original in found.aliases:
            self._ledger.join((number(copy_id), original))
        for mail in found.mails:
            self._ledger.join(map(number, (mail.message_id, *mail.references)))
            self._authors.add((mail.author.key, mail.author.name, mail.author.address))
            self._list_addresses.update(mail.list_addresses)

    def finish(self, report: Report) -> None:
        """Counts threads and authors."""
        report.authors = len({lasting_key(*each, self._list_addresses) for each in self._authors})
        report.addresses = len({address for _, _, address in self._authors if address} - self._list_addresses)
        report.threads_by_ids = self._ledger.groups()
        for links in subject_links(self._ledger.titled()):
            self._ledger.join(links)
        report.threads = self._ledger.groups()
        report.matched_by_subject = report.threads_by_ids - report.threads
