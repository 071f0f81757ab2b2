"""A dry run: counts what an import would do, storing nothing. Holds under a kilobyte for each message."""

import hashlib
from dataclasses import replace

from forum.mail.archive.conversations import Conversations, Titled, subject_links
from forum.mail.archive.people import lasting_key
from forum.mail.archive.report import Report
from forum.mail.archive.sorting import Sorter
from forum.mail.archive.types import Mail


class Census:
    """Sorts and threads mails as the import does, in memory."""

    def __init__(self) -> None:
        self._sorter = Sorter()
        self._together: Conversations[int] = Conversations()
        self._titled: list[Titled] = []
        self._authors: set[tuple[str, str, str]] = set()
        self._list_addresses: set[str] = set()

    def add(self, mails: list[Mail], report: Report) -> None:
        """Counts a batch."""
        found = self._sorter.sort([_light(mail) for mail in mails])
        report.added += len(found.mails)
        report.note_copies(found.duplicates, found.imposters, found.problems)
        self._authors.update(
            (mails[at].author.key, mails[at].author.name, mails[at].author.address) for at in found.new
        )
        for alias in found.aliases:
            self._together.join(_short(each) for each in alias)
        for mail in found.mails:
            self._add(mail)

    def finish(self, report: Report) -> None:
        """Counts threads and authors."""
        report.authors = len({lasting_key(*each, self._list_addresses) for each in self._authors})
        report.addresses = len({address for _, _, address in self._authors if address} - self._list_addresses)
        report.threads_by_ids = self._threads()
        self._titled.sort(key=lambda mail: (mail.subject_key, mail.sent_at))
        for links in subject_links(self._titled):
            self._together.join(links)
        report.threads = self._threads()
        report.matched_by_subject = report.threads_by_ids - report.threads

    def _add(self, mail: Mail) -> None:
        own = _short(mail.message_id)
        self._together.join((own, *map(_short, mail.references)))
        self._list_addresses.update(mail.list_addresses)
        if mail.sent_at:
            title = _short(mail.subject_key)
            self._titled.append(Titled(own, title, mail.sent_at, mail.may_match_by_subject))

    def _threads(self) -> int:
        return len({self._together.root(titled.mail_id) for titled in self._titled})


def _light(mail: Mail) -> Mail:
    """The mail with what the sorter remembers cut short."""
    author = replace(mail.author, name=str(_short(mail.author.name.casefold() + "\n" + mail.subject_key)))
    return replace(mail, content_hash=mail.content_hash[:12], author=author, source="", html="")


def _short(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")
