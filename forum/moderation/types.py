"""Shapes of the moderation room; a kind of thing that waits in the queue is one `Kind`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from forum.kit.db import Database
from forum.kit.errors import Invalid
from forum.kit.text import has_words
from forum.members.types import Actor

CLAIM_MINUTES = 15
FLAG_REASONS = {
    "off_topic": "Off topic: it belongs elsewhere",
    "student_data": "Personal data of students",
    "advertising": "Advertising",
    "rude": "Rude or hurtful",
    "other": "Something else",
}
FLAG_OUTCOMES = {
    "": "A moderator will look at it.",
    "kept": "A moderator looked at it and left the post as it is. Thank you for telling us.",
    "hidden": "A moderator agreed, and the post is hidden. Thank you for telling us.",
    "solved": "The post is gone or changed since. Thank you for telling us.",
}
MAX_NOTE, MAX_LETTER, MAX_STAFF_NOTE, MAX_NAME = 500, 2000, 2000, 80


@dataclass(frozen=True)
class Report:
    """Who flagged a post and why: for staff only."""

    name: str
    handle: str
    reason: str
    note: str
    created_at: datetime


@dataclass(frozen=True)
class Around:
    """The beginning of a post before or after one that is judged."""

    number: int
    author_name: str
    text: str


@dataclass(frozen=True)
class Card:
    """One thing that waits, as staff see it; every text is plain and printed escaped.

    path: where it is to be seen, "" nowhere. lines: short facts. links: (address, words) of pages that do more.
    title, text: with `is_editable` they may be changed while approving; `title` is "" for replies.
    """

    subject_id: int
    heading: str
    text: str
    created_at: datetime
    path: str = ""
    author_id: int | None = None
    author_name: str = ""
    author_handle: str = ""
    lines: tuple[str, ...] = ()
    reports: tuple[Report, ...] = ()
    around: tuple[Around, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    is_editable: bool = False
    title: str = ""


@dataclass(frozen=True)
class Ruling:
    """What a moderator said with a decision. reason: short, for the log. letter: what the author reads by mail."""

    reason: str = ""
    letter: str = ""
    title: str = ""
    text: str = ""


@dataclass(frozen=True)
class Decision:
    """What became of something: the log's entry, a word for the queue, and the mail to the author ("" for none)."""

    entry_id: int | None
    verdict: str
    letter: str = ""
    may_undo: bool = True


Cards = Callable[[Database, Actor, Sequence[int]], Awaitable[Sequence[Card]]]
Places = Callable[[Database, Sequence[int]], Awaitable[Mapping[int, int | None]]]
Decide = Callable[[Database, Actor, int, Ruling], Awaitable[Decision]]
Hold = Callable[[Database], Awaitable[None]]


@dataclass(frozen=True)
class Deed:
    """A button of a card: "approve" or "reject", its words, and what it does."""

    label: str
    do: Decide
    needs_reason: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of thing that waits.

    cards: those of the given subjects that still wait and that the actor may judge. places: the category of each that
    still waits, None for administrators only; one that is missing was solved elsewhere. deeds: "approve", "reject".
    letter_about, letter_path: what a letter to its author is about, and where it leads; {} is the subject's id.
    hold: holds what its deeds hold and others hold before they touch items, None for nothing.
    """

    name: str
    label: str
    cards: Cards
    places: Places
    deeds: Mapping[str, Deed]
    letter_about: str = "What you sent"
    letter_path: str = "/"
    hold: Hold | None = None


@dataclass(frozen=True)
class Item:
    """A row of the queue. is_claimed: somebody took it within fifteen minutes. letter: what its author is told."""

    id: int
    kind: str
    subject_id: int
    category_id: int | None
    author_id: int | None
    claimed_by: int | None
    claimed_name: str | None
    is_claimed: bool
    decided_at: datetime | None
    decided_name: str | None
    verdict: str
    letter: str
    entry_id: int | None
    created_at: datetime


@dataclass(frozen=True)
class Flag:
    """A member's own flag of a post."""

    id: int
    reason: str
    note: str
    outcome: str
    created_at: datetime

    @property
    def reason_words(self) -> str:
        return FLAG_REASONS[self.reason]

    @property
    def outcome_words(self) -> str:
        return FLAG_OUTCOMES[self.outcome]


@dataclass(frozen=True)
class OwnFlag(Flag):
    """A member's flag in their list; without `path` and title where they cannot read the post any more."""

    post_id: int
    path: str
    thread_title: str


@dataclass(frozen=True)
class FlagDraft:
    """A flag as typed."""

    reason: str
    note: str

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "FlagDraft":
        return cls(form.get("reason", ""), form.get("note", "").strip())

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = {}
        if self.reason not in FLAG_REASONS:
            problems["reason"] = "Choose what is wrong with it."
        if len(self.note) > MAX_NOTE:
            problems["note"] = f"At most {MAX_NOTE} characters; this has {len(self.note)}."
        elif self.reason == "other" and not has_words(self.note):
            problems["note"] = "Write what is wrong with it."
        if problems:
            raise Invalid(**problems)


@dataclass(frozen=True)
class ReasonTemplate:
    """A reason moderators give often: a name for them, a text for the author."""

    id: int
    name: str
    letter: str


@dataclass(frozen=True)
class History:
    """What staff know of an author, within the categories they moderate."""

    member_id: int
    joined_at: datetime
    posts: int
    hidden: int
    refused: int
    silences: int


@dataclass(frozen=True)
class StaffNote:
    """What staff wrote down about a member for other staff."""

    id: int
    body: str
    author_name: str | None
    author_id: int | None
    category_name: str | None
    created_at: datetime
