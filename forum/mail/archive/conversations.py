"""Which mails belong together, and in what order they are read. Pure: ids in, ids out.

Threads follow References, then In-Reply-To, as JWZ describes and public-inbox does it: an id nobody has
sent (a ghost) holds its answers together, and the parent that arrives later finds them waiting.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import groupby
from typing import Generic, TypeVar

SUBJECT_DAYS = timedelta(days=30)

Id = TypeVar("Id", bound=Hashable)


class Conversations(Generic[Id]):
    """Ids that belong together. Joining is all that can happen, so there are no cycles and no wrong order."""

    def __init__(self) -> None:
        self._above: dict[Id, Id] = {}

    def join(self, ids: Iterable[Id]) -> None:
        """These ids belong to one conversation."""
        first: Id | None = None
        for each in ids:
            root = self.root(each)
            if first is None:
                first = root
            elif root != first:
                self._above[root] = first

    def root(self, each: Id) -> Id:
        """The id that stands for the conversation of this one."""
        above = self._above
        above.setdefault(each, each)
        while above[each] != each:
            above[each] = above[above[each]]
            each = above[each]
        return each

    def groups(self) -> list[list[Id]]:
        """All ids, those of one conversation together."""
        found: dict[Id, list[Id]] = {}
        for each in list(self._above):
            found.setdefault(self.root(each), []).append(each)
        return list(found.values())


@dataclass(frozen=True, slots=True)
class Titled:
    """A mail as far as its subject may thread it."""

    mail_id: int
    subject_key: str | int
    sent_at: datetime
    is_orphan: bool


def subject_links(mails: Iterable[Titled]) -> Iterator[tuple[int, int]]:
    """For each "Re:" without ids the last mail of the same subject within 30 days before it.

    mails: sorted by subject and then by date. Yields (the answer's mail_id, the earlier one's).
    """
    for _, same in groupby(mails, key=lambda mail: mail.subject_key):
        earlier: Titled | None = None
        for mail in same:
            if mail.is_orphan and earlier and mail.sent_at - earlier.sent_at <= SUBJECT_DAYS:
                yield mail.mail_id, earlier.mail_id
            earlier = mail


@dataclass(frozen=True, slots=True)
class Entry:
    """A mail as far as its place in the conversation is concerned; references: oldest first."""

    message_id: str
    references: Sequence[str]
    sent_at: datetime


def reading_order(entries: Sequence[Entry]) -> list[int]:
    """The positions of the entries by date, but never an answer before the mail it answers.

    Where forged ids make a circle, its oldest mail answers nothing.
    """
    position = {entry.message_id: index for index, entry in enumerate(entries)}
    parents = [_parent(entry, index, position) for index, entry in enumerate(entries)]
    _break_circles(entries, parents)
    answers: dict[int, list[int]] = {}
    for index, parent in enumerate(parents):
        if parent is not None:
            answers.setdefault(parent, []).append(index)

    def place(index: int) -> tuple[datetime, int]:
        return entries[index].sent_at, index

    ready = [place(index) for index, parent in enumerate(parents) if parent is None]
    heapify(ready)
    order: list[int] = []
    while ready:
        _, index = heappop(ready)
        order.append(index)
        for answer in answers.get(index, ()):
            heappush(ready, place(answer))
    return order


def _break_circles(entries: Sequence[Entry], parents: list[int | None]) -> None:
    """Takes the parent from the oldest mail of each circle; every mail is looked at twice at most."""
    walk_of: dict[int, int] = {}
    for start in range(len(parents)):
        path: list[int] = []
        at: int | None = start
        while at is not None and at not in walk_of:
            walk_of[at] = start
            path.append(at)
            at = parents[at]
        if at is not None and walk_of[at] == start:
            circle = path[path.index(at) :]
            parents[min(circle, key=lambda index: (entries[index].sent_at, index))] = None


def _parent(entry: Entry, index: int, position: dict[str, int]) -> int | None:
    """The nearest mail it refers to that is here."""
    found = (position[each] for each in reversed(entry.references) if each in position)
    return next((each for each in found if each != index), None)
