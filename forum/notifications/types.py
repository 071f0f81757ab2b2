"""Shapes of the notifications room: what a member hears of, in the words they read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from forum.following.causes import briefly, why_followed
from forum.following.things import KINDS
from forum.members.types import colour, initials
from forum.threads.lists import THE_PAST
from forum.threads.paths import place_of

# From the strongest on: the first of those that hold for what stands there is the one that is said.
REASONS = ("mentioned", "asked", "replied", "accepted", *KINDS)
BECAUSE = {"mentioned": "because you are mentioned", "everything": "because you follow everything"}
# What is said where the name of what is followed may not be told any more, or has gone.
WITHOUT_NAME = {
    "person": "somebody who writes in it",
    "search": "a search that finds it",
    "product": "a product it is about",
    "topic": "a topic of it",
    "vendor": "a vendor it is about",
    "category": "its category",
}


class Notice(NamedTuple):
    """Why a member hears of a post. reason: one of REASONS; target_id: of what they follow, by `reason`."""

    member_id: int
    reason: str
    target_id: int


@dataclass(frozen=True)
class Line:
    """What its reader has heard of in one thread, as far as it stands and they may read it.

    posts: how many, by how many `authors`, the newest of whom are `names` (at most two) and `author_id`; 0 where only
    an answer was accepted, whose author is `accepted_name`, or the reader (`is_mine`). first_number: the first of the
    posts. about: the name of what they follow, "" where it is not to be told. since: the reason for which they follow
    the thread now, "" where they do not.
    """

    id: int
    thread_id: int
    slug: str
    title: str
    kind: str
    category_slug: str
    category_name: str
    category_colour: str
    posts: int
    first_number: int
    has_opening: bool
    authors: int
    names: tuple[str, ...]
    author_id: int
    accepted_name: str
    accepted_number: int
    is_mine: bool
    has_asked: bool
    reason: str
    since: str
    about: str
    changed_at: datetime

    @property
    def who(self) -> str:
        """ "Ann", "Ann and Bob", "Ann and 3 others"; of an accepted answer, whose it is."""
        if self.accepted_number:
            return "Your answer" if self.is_mine else f"The answer of {self.accepted_name}"
        if self.authors <= 2:
            return " and ".join(self.names)
        return f"{self.names[0]} and {self.authors - 1} others"

    @property
    def deed(self) -> str:
        """What they did, before the thread's title."""
        if self.accepted_number:
            return "was accepted in"
        if self.reason == "mentioned" and self.posts == 1:
            return "mentioned you in"
        if self.has_opening:
            return "wrote in" if self.posts > 1 else "asked" if self.kind == "question" else "started"
        return "answered in" if self.kind == "question" else "replied in"

    @property
    def because(self) -> str:
        """Why the reader hears of it."""
        if self.reason == "accepted" and self.is_mine:
            return "because you wrote it"
        if self.reason in ("accepted", "asked", "replied", "thread"):
            return f"because {briefly(why_followed(self._joined, self.kind))}"
        return BECAUSE.get(self.reason) or f"because you follow {self.about or WITHOUT_NAME[self.reason]}"

    @property
    def _joined(self) -> str:
        """How they came to follow the thread."""
        if self.reason == "accepted" and self.has_asked:
            return "asked"
        return self.reason if self.reason in ("asked", "replied") else self.since

    @property
    def path(self) -> str:
        """Where it leads: to the first of its posts; what may be news of a post that was read is noted as seen."""
        return f"/notifications/{self.id}" if self.accepted_number or self.reason == "mentioned" else self.place

    @property
    def place(self) -> str:
        """The post itself: the accepted answer, or the first of the posts."""
        return place_of(f"/t/{self.thread_id}/{self.slug}", self.accepted_number or self.first_number)

    @property
    def moment(self) -> int:
        """When it changed last, in µs since 1970."""
        return (self.changed_at - THE_PAST) // timedelta(microseconds=1)

    @property
    def initials(self) -> str:
        return initials(self.accepted_name if self.accepted_number else self.names[0])

    @property
    def colour(self) -> int:
        return colour(self.author_id)


def newest(lines: Sequence[Line]) -> int:
    """The latest moment of these, 0 of none: what came later has not been seen with them."""
    return max((line.moment for line in lines), default=0)
