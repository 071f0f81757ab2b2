"""Tells new mails from copies and from imposters: other mails under an id that is taken."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, NamedTuple, Protocol, TypeVar

from forum.mail.archive.types import Mail, Problem

OTHER_WORDS = "a copy whose words differ from the first, left out"
IMPOSTER = "another message under an id that was taken, kept under a new id"

Ref = TypeVar("Ref")


class Memory(Protocol[Ref]):
    """What is remembered of mails, enough to know them again; Ref stands for one of them."""

    def with_id(self, message_id: str) -> Ref | None:
        """The mail of this id."""

    def with_content(self, content_hash: bytes) -> Ref | None:
        """The first mail that says this."""

    def has_content(self, ref: Ref, content_hash: bytes) -> bool:
        """Whether the mail says this."""

    def has_look(self, ref: Ref, look: str) -> bool:
        """Whether the mail has this look."""

    def remember(self, mail: Mail) -> None:
        """Know this mail from now on."""


class Seen(NamedTuple):
    """A mail as `Notes` remember it."""

    message_id: str
    content_hash: bytes
    look: str


@dataclass(slots=True)
class Sorted(Generic[Ref]):
    """A batch, sorted. aliases: ids of copies with the mail they are copies of."""

    new: list[int] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    duplicates: int = 0
    imposters: int = 0
    aliases: list[tuple[str, Ref]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Sorter(Generic[Ref]):
    """Sorts mails by what a memory holds of those before."""

    def __init__(self, memory: Memory[Ref]) -> None:
        self._memory = memory

    def sort(self, mails: Sequence[Mail]) -> Sorted[Ref]:
        """Which of these are new; `new` holds their positions and `mails` themselves, imposters renamed."""
        found: Sorted[Ref] = Sorted()
        for position, mail in enumerate(mails):
            kept = self._kept(mail, found)
            if kept:
                found.new.append(position)
                found.mails.append(kept)
                self._memory.remember(kept)
        return found

    def _kept(self, mail: Mail, found: Sorted[Ref]) -> Mail | None:
        same = self._memory.with_id(mail.message_id)
        if same is None:
            return self._unless_known_by_content(mail, found)
        says_the_same = self._memory.has_content(same, mail.content_hash)
        if says_the_same or self._memory.has_look(same, look(mail)):
            found.duplicates += 1
            if not says_the_same:
                found.problems.append(Problem(OTHER_WORDS, mail.file, mail.number, mail.title[:80]))
            return None
        found.imposters += 1
        found.problems.append(Problem(IMPOSTER, mail.file, mail.number, mail.title[:80]))
        is_known = self._memory.with_id(imposter_id(mail)) is not None
        return None if is_known else replace(mail, message_id=imposter_id(mail))

    def _unless_known_by_content(self, mail: Mail, found: Sorted[Ref]) -> Mail | None:
        original = self._memory.with_content(mail.content_hash)
        if original is None:
            return mail
        found.duplicates += 1
        found.aliases.append((mail.message_id, original))
        return None


class Notes:
    """Remembers mails as they are: for a batch and what is stored already."""

    def __init__(self, seen: Sequence[Seen] = ()) -> None:
        self._by_id: dict[str, Seen] = {}
        self._by_content: dict[bytes, Seen] = {}
        for each in seen:
            self._note(each)

    def with_id(self, message_id: str) -> Seen | None:
        """The mail of this id."""
        return self._by_id.get(message_id)

    def with_content(self, content_hash: bytes) -> Seen | None:
        """The first mail that says this."""
        return self._by_content.get(content_hash)

    def has_content(self, ref: Seen, content_hash: bytes) -> bool:
        """Whether the mail says this."""
        return ref.content_hash == content_hash

    def has_look(self, ref: Seen, look: str) -> bool:
        """Whether the mail has this look."""
        return ref.look == look

    def remember(self, mail: Mail) -> None:
        """Know this mail from now on."""
        self._note(Seen(mail.message_id, mail.content_hash, look(mail)))

    def _note(self, seen: Seen) -> None:
        self._by_id[seen.message_id] = seen
        self._by_content.setdefault(seen.content_hash, seen)


def look(mail: Mail) -> str:
    """What a copy keeps even when its words were changed on the way: author and subject."""
    return look_of(mail.author.name, mail.subject_key)


def look_of(author_name: str, subject_key: str) -> str:
    """As `look`, from stored columns."""
    return f"{author_name.casefold()}\n{subject_key}"


def imposter_id(mail: Mail) -> str:
    """The id of a mail whose own is taken by another: the same at every import."""
    return f"{mail.content_hash.hex()[:40]}@content.invalid"
