"""Shapes of the threads room: what its queries return and its commands accept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from forum.categories.types import KINDS, Rights
from forum.kit.errors import Invalid
from forum.kit.forms import Form
from forum.kit.text import has_controls, has_words, one_line, slug
from forum.members.types import colour, initials
from forum.threads.paths import page_start, place_of
from forum.topics.types import slugs

MIN_TITLE, MAX_TITLE = 10, 200
MAX_BODY = 30_000
MAX_REASON = 200
VENDORS_OUT = "keeps_vendors_out"
ASK_FIELDS = ("category", "kind", "title", "body", "topics", VENDORS_OUT, "client_key")
FACT_FIELDS = ("starts", "ends", "time_zone", "place", "link")  # of what is announced: see the events room
EDIT_FIELDS = ("body", "reason", "version", "title", "topics", "after_conflict")
NO_KEY = "Reload the page and send again."


def slug_of(title: str) -> str:
    """The part of a path that reads like `title`: plain letters and hyphens, at most 60 characters."""
    return slug(title, most=60, otherwise="thread")


class ThreadRow(NamedTuple):
    """A thread in a list. `read_number` is the last post its reader has seen, 0 when none.

    Rows and posts are named tuples: a page has many, and a frozen dataclass takes four times as long to make.
    """

    id: int
    slug: str
    title: str
    kind: str
    is_locked: bool
    is_pinned: bool
    is_answered: bool
    reply_count: int
    score: int
    active_at: datetime
    category_slug: str
    category_name: str
    category_colour: str
    author_id: int
    author_name: str
    author_district: str | None
    topics: str | None
    read_number: int
    is_unread: bool

    @property
    def path(self) -> str:
        """Where the reader goes on reading: the first unread post of a thread they have begun."""
        path = f"/t/{self.id}/{self.slug}"
        if not (self.is_unread and self.read_number):
            return path
        return f"{path}?after={page_start(self.read_number + 1)}#new"

    @property
    def topic_slugs(self) -> list[str]:
        return self.topics.split() if self.topics else []

    @property
    def author_initials(self) -> str:
        return initials(self.author_name)

    @property
    def author_colour(self) -> int:
        return colour(self.author_id)

    @property
    def count_word(self) -> str:
        return "reply" if self.reply_count == 1 else "replies"


@dataclass(frozen=True)
class Thread:
    """One thread as its reader sees it; `is_staff` says whether the reader is staff of its category.

    slow_seconds: least time between two posts of one member here. wait_seconds: how much of it, or of the category's,
    is left for the reader. names_reader: whether an edit named them since they were shown that post. vendor_id: of
    vendors only its people read it. names_own_product: whether it names a product of the reader, who is a vendor's.
    has_event: whether it announces something, or a post in it does.
    """

    id: int
    category_id: int
    author_id: int
    kind: str
    title: str
    slug: str
    is_locked: bool
    is_pinned: bool
    reply_count: int
    last_number: int
    accepted_post_id: int | None
    accepted_number: int | None
    accepted_name: str | None
    created_at: datetime
    deleted_at: datetime | None
    deleted_by: int | None
    delete_reason: str
    category_slug: str
    category_name: str
    category_colour: str
    author_name: str
    author_handle: str
    reply_by: str
    reply_groups: tuple[int, ...]
    lets_vendors_in: bool
    is_archived: bool
    is_staff: bool
    topics: tuple[str, ...]
    read_number: int
    duplicate_of_id: int | None
    slow_seconds: int
    wait_seconds: int
    names_reader: bool
    keeps_vendors_out: bool
    vendor_id: int | None
    names_own_product: bool
    has_event: bool

    @property
    def path(self) -> str:
        return f"/t/{self.id}/{self.slug}"

    @property
    def heading(self) -> str:
        """Title and topics as the history of the opening post shows them."""
        return "\n".join([self.title, *(f"#{topic}" for topic in self.topics)])

    @property
    def replying(self) -> Rights:
        groups = frozenset(self.reply_groups)
        return Rights(self.category_id, self.reply_by, groups, self.lets_vendors_in, self.is_archived)

    @property
    def post_count(self) -> int:
        return self.reply_count + 1

    @property
    def spine(self) -> "Spine":
        return Spine(self.path, self.accepted_post_id, self.accepted_number, self.accepted_name)

    @property
    def resuming(self) -> str:
        """The path that opens the page of the first post its reader has not seen, at that post."""
        return f"{self.path}?after={page_start(self.read_number + 1)}#new"

    def place(self, number: int) -> str:
        """The path that opens the page of a post, at that post."""
        return self.spine.place(number)


class Spine(NamedTuple):
    """What each post shows of its thread: where it is, and which answer was accepted."""

    path: str
    accepted_post_id: int | None
    accepted_number: int | None
    accepted_name: str | None

    def place(self, number: int) -> str:
        """The path that opens the page of a post, at that post."""
        return place_of(self.path, number)

    def quoting(self, number: int) -> str:
        """The path that opens the page of a post with a reply that quotes it."""
        return f"{self.path}?after={page_start(number)}&quote={number}#reply"


class Post(NamedTuple):
    """One post as its reader sees it. `is_mine_helpful`: the reader has marked it helpful."""

    id: int
    number: int
    format: str
    html: str
    version: int
    helpful_count: int
    confidence: float
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    delete_reason: str
    is_deleted_by_author: bool
    author_id: int
    author_handle: str
    author_name: str
    author_title: str
    author_role: str
    author_vendor: str | None
    author_district: str | None
    author_enrolment: int | None
    is_mine_helpful: bool

    @property
    def author_initials(self) -> str:
        return initials(self.author_name)

    @property
    def author_colour(self) -> int:
        return colour(self.author_id)

    @property
    def author_standing(self) -> str:
        """Title, district and its size: "Technology director, Pine County Schools · 4,100 students"."""
        words = ", ".join(part for part in (self.author_title, self.author_district) if part)
        return f"{words} · {self.author_enrolment:,} students" if self.author_enrolment else words


@dataclass(frozen=True)
class PostSource:
    """A post as it was typed, with what is needed to judge who may change it."""

    id: int
    thread_id: int
    number: int
    format: str
    source: str
    version: int
    author_id: int
    author_handle: str
    author_name: str
    created_at: datetime
    deleted_at: datetime | None
    deleted_by: int | None


@dataclass(frozen=True)
class Revision:
    """How a post read before it was edited into the next version; `heading`: an opening post's title and topics."""

    version: int
    heading: str
    source: str
    editor_name: str
    reason: str
    created_at: datetime


@dataclass(frozen=True)
class Draft:
    """Text that has not been sent yet. `key` is "ask" or "thread:ID"."""

    key: str
    fields: dict[str, str]
    saved_at: datetime


@dataclass(frozen=True)
class ReplyDraft:
    """A reply as typed. `client_key` makes sending twice harmless: same key, same post."""

    body: str
    client_key: str

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "ReplyDraft":
        return cls(form.get("body", "").strip(), form.get("client_key", ""))

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = body_problems(self.body) | key_problems(self.client_key)
        if problems:
            raise Invalid(**problems)


@dataclass(frozen=True)
class ThreadDraft:
    """A new thread as typed; `topics` is the text of the field, read by `topic_slugs`."""

    category: str
    kind: str
    title: str
    body: str
    topics: str
    client_key: str
    keeps_vendors_out: bool = False

    @classmethod
    def from_form(cls, form: Form) -> "ThreadDraft":
        """Raises Invalid for a box that is neither ticked nor empty."""
        return cls(
            category=form.get("category", ""),
            kind=form.get("kind", ""),
            title=one_line(form.get("title", "")),
            body=form.get("body", "").strip(),
            topics=form.get("topics", "").strip(),
            client_key=form.get("client_key", ""),
            keeps_vendors_out=form.flag(VENDORS_OUT),
        )

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Everything typed, as the fields of the form."""
        ticked = {VENDORS_OUT: "1" if self.keeps_vendors_out else ""}
        return [(name, ticked.get(name, getattr(self, name))) for name in ASK_FIELDS]

    def with_kept(self, fields: Mapping[str, str]) -> "ThreadDraft":
        """With what a kept draft has of it."""
        told = {name: fields[name] for name in ASK_FIELDS if fields.get(name) and name != VENDORS_OUT}
        return replace(self, **told, keeps_vendors_out=bool(fields.get(VENDORS_OUT)))

    @property
    def topic_slugs(self) -> tuple[str, ...]:
        return slugs(self.topics)

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = title_problems(self.title) | body_problems(self.body) | key_problems(self.client_key)
        problems |= topic_problems(self.topics)
        if not self.category:
            problems["category"] = "Choose the category people will look in."
        if self.kind not in KINDS:
            problems["kind"] = "Choose what kind of thread this is."
        if problems:
            raise Invalid(**problems)


@dataclass(frozen=True)
class EditDraft:
    """A changed post. `version` is the one the change was made from; title and topics only for opening posts.

    is_after_conflict: its writer has seen that it replaces a newer text, which is therefore kept as a version.
    """

    body: str
    reason: str
    version: int
    title: str | None = None
    topics: str | None = None
    is_after_conflict: bool = False

    @classmethod
    def from_form(cls, form: Form) -> "EditDraft":
        """Raises Invalid for a version that is no number."""
        return cls(
            body=form.get("body", "").strip(),
            reason=form.get("reason", "").strip(),
            version=form.whole("version") or 0,
            title=one_line(form["title"]) if "title" in form else None,
            topics=form.get("topics"),
            is_after_conflict=form.flag("after_conflict"),
        )

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = body_problems(self.body)
        if len(self.reason) > MAX_REASON:
            problems["reason"] = f"At most {MAX_REASON} characters; this has {len(self.reason)}."
        if self.title is not None:
            problems |= title_problems(self.title)
        if self.topics is not None:
            problems |= topic_problems(self.topics)
        if problems:
            raise Invalid(**problems)


def title_problems(title: str) -> dict[str, str]:
    """What is wrong with a title."""
    if not MIN_TITLE <= len(title) <= MAX_TITLE:
        return {"title": f"{MIN_TITLE} to {MAX_TITLE} characters, as you would say it aloud; this has {len(title)}."}
    is_fine = has_words(title) and not has_controls(title)
    return {} if is_fine else {"title": "One line of ordinary characters."}


def body_problems(body: str) -> dict[str, str]:
    """What is wrong with the text of a post."""
    if not has_words(body):
        return {"body": "Write something first."}
    if len(body) > MAX_BODY:
        return {"body": f"At most {MAX_BODY:,} characters; this has {len(body):,}. Send it in two posts."}
    return {}


def key_problems(client_key: str) -> dict[str, str]:
    """What is wrong with the hidden key of a form."""
    return {} if 0 < len(client_key) <= 80 else {"client_key": NO_KEY}


def topic_problems(topics: str) -> dict[str, str]:
    """What is wrong with the topics somebody typed."""
    try:
        slugs(topics)
    except Invalid as problem:
        return problem.fields
    return {}
