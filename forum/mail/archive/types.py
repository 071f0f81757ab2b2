"""What an archive holds: raw messages as they lie in their files, and mails as they were understood."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message as it lies in its file.

    number: its place in the file, from 1. envelope: what an mbox wrote between "From " and the line's end.
    follows_blank: False where a writer forgot the blank line before the separator.
    """

    file: str
    number: int
    raw: bytes
    kind: str = "mail"
    envelope: str = ""
    follows_blank: bool = True
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was read differently from how it was written, or not at all."""

    kind: str
    file: str
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail; size in bytes."""

    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a mail: key tells authors apart, address is empty where the archive hides it."""

    key: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that was understood.

    message_id: without angle brackets; made from the content where the mail has none.
    references: ids of the mails it answers, oldest first. subject_key: the title as it is compared.
    source: its own words, addresses masked; html: all it says, safe to show.
    """

    file: str
    number: int
    message_id: str
    has_own_id: bool
    references: tuple[str, ...]
    title: str
    subject_key: str
    is_reply: bool
    sent_at: datetime | None
    author: Author
    list_addresses: tuple[str, ...]
    source: str
    html: str
    attachments: tuple[Attachment, ...]
    content_hash: bytes
    problems: tuple[Problem, ...]

    @property
    def may_match_by_subject(self) -> bool:
        """A "Re:" without any ids: only then may the subject say what it answers."""
        return self.is_reply and not self.references and bool(self.subject_key)
