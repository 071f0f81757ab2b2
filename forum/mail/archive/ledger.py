"""What a dry run remembers: numbers instead of mails, under 100 bytes for each."""

import hashlib
from array import array
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from forum.mail.archive.conversations import Titled
from forum.mail.archive.sorting import look
from forum.mail.archive.types import Mail

GHOST, PLAIN, ORPHAN = range(3)
PARTS = 16


class Ledger:
    """Mails by number. Hashes of 60 bits stand for ids, contents, looks and subjects.

    Ids that are only referred to (ghosts) have numbers too. Ids that belong together have one root.
    """

    def __init__(self) -> None:
        self._ids = array("Q")
        self._contents = array("Q")
        self._by_id = Index(self._ids)
        self._by_content = Index(self._contents)
        self._looks = array("Q")
        self._subjects = array("Q")
        self._sent = array("d")
        self._above = array("I")
        self._kinds = bytearray()
        self._arrivals = array("I")

    def with_id(self, message_id: str) -> int | None:
        """The mail of this id."""
        number = self._by_id.find(short(message_id))
        return None if number is None or self._kinds[number] == GHOST else number

    def with_content(self, content_hash: bytes) -> int | None:
        """The first mail that says this."""
        return self._by_content.find(_cut(content_hash))

    def has_content(self, ref: int, content_hash: bytes) -> bool:
        """Whether the mail says this."""
        return self._contents[ref] == _cut(content_hash)

    def has_look(self, ref: int, look: str) -> bool:
        """Whether the mail has this look."""
        return self._looks[ref] == short(look)

    def remember(self, mail: Mail) -> None:
        """Know this mail from now on."""
        number = self.number(mail.message_id)
        is_first = self.with_content(mail.content_hash) is None
        self._contents[number] = _cut(mail.content_hash)
        if is_first:
            self._by_content.add(number)
        self._looks[number] = short(look(mail))
        self._subjects[number] = short(mail.subject_key)
        self._sent[number] = mail.sent_at.timestamp() if mail.sent_at else 0.0
        self._kinds[number] = ORPHAN if mail.may_match_by_subject else PLAIN
        self._arrivals.append(number)

    def number(self, message_id: str) -> int:
        """The number of an id, a new one the first time."""
        key = short(message_id)
        known = self._by_id.find(key)
        return self._new(key) if known is None else known

    def join(self, numbers: Iterable[int]) -> None:
        """These belong together."""
        first: int | None = None
        for number in numbers:
            root = self._root(number)
            first = root if first is None else first
            self._above[root] = first

    def groups(self) -> int:
        """How many groups the mails make, those joined being one."""
        roots = bytearray(len(self._kinds))
        for number in self._arrivals:
            roots[self._root(number)] = 1
        return sum(roots)

    def titled(self) -> Iterator[Titled]:
        """The mails sorted by subject, then by date, then as they came; a part at a time, which keeps memory low."""
        for part in range(PARTS):
            mails = [self._titled(number) for number in self._arrivals if self._subjects[number] % PARTS == part]
            yield from sorted(mails, key=lambda mail: (mail.subject_key, mail.sent_at))

    def _new(self, key: int) -> int:
        number = len(self._ids)
        self._ids.append(key)
        self._by_id.add(number)
        self._above.append(number)
        self._kinds.append(GHOST)
        self._sent.append(0.0)
        for column in (self._contents, self._looks, self._subjects):
            column.append(0)
        return number

    def _titled(self, number: int) -> Titled:
        moment = datetime.fromtimestamp(self._sent[number], UTC)
        return Titled(number, self._subjects[number], moment, self._kinds[number] == ORPHAN)

    def _root(self, number: int) -> int:
        above = self._above
        while above[number] != number:
            above[number] = above[above[number]]
            number = above[number]
        return number


class Index:
    """Finds positions in a column of hashes; open addressing, as a dict takes ten times the memory."""

    def __init__(self, column: "array[int]") -> None:
        self._column = column
        self._slots = array("I", bytes(4 << 10))  # a position + 1, or 0: free
        self._count = 0

    def find(self, key: int) -> int | None:
        """A position that was added and holds this hash."""
        found = self._slots[self._slot(key)]
        return found - 1 if found else None

    def add(self, position: int) -> None:
        """Makes a position known that holds a new hash."""
        if self._count * 2 >= len(self._slots):
            self._grow()
        self._slots[self._slot(self._column[position])] = position + 1
        self._count += 1

    def _slot(self, key: int) -> int:
        slots, column, last = self._slots, self._column, len(self._slots) - 1
        slot = key & last
        while slots[slot] and column[slots[slot] - 1] != key:
            slot = (slot + 1) & last
        return slot

    def _grow(self) -> None:
        old = self._slots
        self._slots = array("I", bytes(old.itemsize * len(old) * 2))
        for entry in old:
            if entry:
                self._slots[self._slot(self._column[entry - 1])] = entry


def short(text: str) -> int:
    """60 bits that stand for a text."""
    return _cut(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())


def _cut(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "big") >> 4
