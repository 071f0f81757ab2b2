"""Tells new mails from copies and from imposters: other mails under an id that is taken."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from forum.mail.archive.types import Mail, Problem

OTHER_WORDS = "a copy whose words differ from the first, left out"
IMPOSTER = "another mail under an id that was taken, kept under a new id"


class Seen(NamedTuple):
    """What is remembered of a mail: enough to know it again."""

    message_id: str
    content_hash: bytes
    look: str


@dataclass(slots=True)
class Sorted:
    """A batch, sorted. aliases: ids of copies with the id of the mail they are copies of."""

    new: list[int] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    duplicates: int = 0
    imposters: int = 0
    aliases: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Sorter:
    """Remembers mails by id and by content."""

    def __init__(self, seen: Sequence[Seen] = ()) -> None:
        self._by_id: dict[str, Seen] = {}
        self._by_content: dict[bytes, str] = {}
        for each in seen:
            self._remember(each)

    def sort(self, mails: Sequence[Mail]) -> Sorted:
        """Which of these are new; `new` holds their positions and `mails` themselves, imposters renamed."""
        found = Sorted()
        for position, mail in enumerate(mails):
            kept = self._kept(mail, found)
            if kept:
                found.new.append(position)
                found.mails.append(kept)
                self._remember(Seen(kept.message_id, kept.content_hash, look(kept)))
        return found

    def _kept(self, mail: Mail, found: Sorted) -> Mail | None:
        same = self._by_id.get(mail.message_id)
        if same is None:
            return self._unless_known_by_content(mail, found)
        if same.content_hash == mail.content_hash or same.look == look(mail):
            found.duplicates += 1
            if same.content_hash != mail.content_hash:
                found.problems.append(Problem(OTHER_WORDS, mail.file, mail.number, mail.title[:80]))
            return None
        found.imposters += 1
        found.problems.append(Problem(IMPOSTER, mail.file, mail.number, mail.title[:80]))
        return None if imposter_id(mail) in self._by_id else replace(mail, message_id=imposter_id(mail))

    def _unless_known_by_content(self, mail: Mail, found: Sorted) -> Mail | None:
        original = self._by_content.get(mail.content_hash)
        if original is None:
            return mail
        found.duplicates += 1
        found.aliases.append((mail.message_id, original))
        return None

    def _remember(self, seen: Seen) -> None:
        self._by_id[seen.message_id] = seen
        self._by_content.setdefault(seen.content_hash, seen.message_id)


def look(mail: Mail) -> str:
    """What a copy keeps even when its words were changed on the way: author and subject."""
    return look_of(mail.author.name, mail.subject_key)


def look_of(author_name: str, subject_key: str) -> str:
    """As `look`, from stored columns."""
    return f"{author_name.casefold()}\n{subject_key}"


def imposter_id(mail: Mail) -> str:
    """The id of a mail whose own is taken by another: the same at every import."""
    return f"{mail.content_hash.hex()[:40]}@content.invalid"
