"""Shapes of the search room: what is sent to an engine, what it is asked, what it answers."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import NamedTuple

# Whom a document is for beyond its category; what an engine filters by before the database is asked again.
FOR_ALL = "all"
MEMBERS = "members"  # neither vendors nor guests: a vendor need only sign out
# Of members and topics: since when somebody is here may be kept back, and a topic may be new, or used again, where its
# reader does not read. Filters and orders by time would tell.
UNTIMED = datetime(2000, 1, 1, tzinfo=UTC)


# Readers by what all of them may read: what corrections and ranking count with is counted for each.
CIRCLES = ("members", "vendors", "guests")


def vendor_audience(vendor_id: int) -> str:
    """The people of one vendor."""
    return f"vendor-{vendor_id}"


class Key(NamedTuple):
    """Which row a document is of: its kind, and the row's id. `group` is what is shown once: a thread's id, else 0."""

    kind: str
    ref_id: int
    group: int = 0

    @property
    def name(self) -> str:
        """As engines know it: "post-17"."""
        return f"{self.kind}-{self.ref_id}"

    @property
    def once(self) -> tuple[str, int]:
        """The same for all of which one is shown."""
        return ("group", self.group) if self.group else (self.kind, self.ref_id)


@dataclass(frozen=True)
class Document:
    """What an engine is sent of one row. Every field but the texts can be filtered by.

    kind: a name in kinds.KINDS. group: the thread of a post, 0 for all else. category_id: 0 for what is in none.
    audiences: whom it is for, any of them. title: also that of a reply's thread. role: of a post, "answer" for
    the accepted one, "question" for the opening, "reply"; "" for all else. kinds: every word that `kind:` finds it by.
    author_id: 0 where the author is not named. is_answered: None for what is no question. helpful: of how many people.
    at: when it was written; UNTIMED for what has no time that everybody may know.
    """

    kind: str
    ref_id: int
    title: str
    body: str
    kinds: tuple[str, ...]
    at: datetime
    group: int = 0
    number: int = 0
    category_id: int = 0
    audiences: tuple[str, ...] = (FOR_ALL,)
    role: str = ""
    author_id: int = 0
    topics: tuple[str, ...] = ()
    product_ids: tuple[int, ...] = ()
    is_answered: bool | None = None
    helpful: int = 0

    @property
    def key(self) -> Key:
        return Key(self.kind, self.ref_id, self.group)

    @property
    def version(self) -> int:
        """A number of 56 bits that changes with anything in the document; never 0."""
        return int.from_bytes(blake2b(repr(self).encode(), digest_size=7).digest()) or 1


@dataclass(frozen=True)
class Word:
    """One thing to look for. is_phrase: its words stand side by side; is_left_out: it must not occur.

    is_begun: it is still being typed, so that it also stands for longer words that begin with it.
    """

    text: str
    is_phrase: bool = False
    is_left_out: bool = False
    is_begun: bool = False


@dataclass(frozen=True)
class Limits:
    """What the found are limited to, by ids and words of documents; empty and None mean any."""

    category_ids: tuple[int, ...] = ()
    topics: tuple[str, ...] = ()
    author_ids: tuple[int, ...] = ()
    product_ids: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    is_answered: bool | None = None
    after: date | None = None

    @property
    def may_mean_replies(self) -> bool:
        """Whether, without words, a reply may be what is meant, and not only how a thread begins."""
        return bool(self.author_ids or self.product_ids or "review" in self.kinds)


@dataclass(frozen=True)
class Scope:
    """What one reader's search goes through at all: an engine answers with nothing else.

    category_ids: those they read, and 0 for what is in none. audiences: those they belong to. Never empty. circle: by
    whose words and counts they search.
    """

    category_ids: tuple[int, ...]
    audiences: tuple[str, ...]
    circle: str = "members"


@dataclass(frozen=True)
class Sought:
    """One question to an engine: up to `most` documents of `kinds`, best first, each group once.

    scope: None for no reader's question, as where engines are compared. needs_all: whether a document must
    hold each of the words; otherwise those with more and rarer ones come first. Without words the newest come first.
    besides: a group that is not wanted: the thread that likeness is asked for.
    """

    words: tuple[Word, ...]
    scope: Scope | None
    kinds: tuple[str, ...]
    limits: Limits = field(default_factory=Limits)
    needs_all: bool = True
    most: int = 50
    besides: int = 0
