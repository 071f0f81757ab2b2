"""Shapes of questions to the owners of a product: what the form holds, and what waits for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from forum.kit.errors import Invalid
from forum.kit.forms import Form
from forum.kit.text import has_controls, has_words, one_line
from forum.products.review_types import SHOWN_AS, stand_in_name
from forum.threads.types import VENDORS_OUT

LEAST_TITLE, MAX_TITLE, MAX_BODY = 10, 200, 8000
MOST_ASKED = 20
QUESTION_FIELDS = ("title", "body", "show_as", VENDORS_OUT)


@dataclass(frozen=True)
class QuestionDraft:
    """A question to owners as typed."""

    title: str
    body: str
    is_unnamed: bool = False
    keeps_vendors_out: bool = False

    @classmethod
    def from_form(cls, form: Form) -> "QuestionDraft":
        """Raises Invalid for what is no choice."""
        return cls(
            title=one_line(form.get("title", "")),
            body=form.get("body", "").strip(),
            is_unnamed=bool(form.get("show_as")) and form.one_of("show_as", SHOWN_AS) == "size",
            keeps_vendors_out=form.flag(VENDORS_OUT),
        )

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = {}
        if not LEAST_TITLE <= len(self.title) <= MAX_TITLE or not has_words(self.title) or has_controls(self.title):
            problems["title"] = f"Put the question in {LEAST_TITLE} to {MAX_TITLE} characters."
        if not has_words(self.body):
            problems["body"] = "Say what you would like to know: a sentence will do."
        elif len(self.body) > MAX_BODY:
            problems["body"] = f"At most {MAX_BODY:,} characters; this has {len(self.body):,}."
        if problems:
            raise Invalid(**problems)


class AskedLately(NamedTuple):
    """The newest question of somebody about a product, of the last seven days."""

    thread_path: str
    title: str
    source: str


class Question(NamedTuple):
    """A question to the owners of a product, as its reader sees it."""

    id: int
    thread_path: str
    title: str
    author_name: str
    is_unnamed: bool
    created_at: datetime


class Waiting(NamedTuple):
    """A question that waits for the reader. offered_at: since when they would talk with an asker without a name."""

    asked_id: int
    product_name: str
    product_path: str
    thread_path: str
    title: str
    author_name: str
    is_unnamed: bool
    asked_at: datetime
    offered_at: datetime | None


class Offer(NamedTuple):
    """Somebody who runs the product would talk with the reader, who asked without a name."""

    asked_id: int
    product_name: str
    thread_path: str
    title: str
    size: str
    offered_at: datetime

    @property
    def words(self) -> str:
        return stand_in_name(self.size)


class Exchanged(NamedTuple):
    """Somebody whose name the reader learned, and who learned theirs.

    is_asker: the reader asked. handle: "" where the account has no page.
    """

    product_name: str
    product_path: str
    name: str
    handle: str
    is_asker: bool
    accepted_at: datetime


@dataclass(frozen=True)
class Desk:
    """All that stands between the reader and owners of products: questions, offers, names."""

    waiting: Sequence[Waiting] = ()
    offers: Sequence[Offer] = ()
    exchanged: Sequence[Exchanged] = ()


@dataclass(frozen=True)
class Owners:
    """What a product's page says of asking its owners. contacts: how many may be asked, besides the reader."""

    contacts: int = 0
    is_contact: bool = False
    questions: Sequence[Question] = ()


@dataclass(frozen=True)
class Asker:
    """Who asked a question. `name` is "" where the account is gone."""

    product_name: str
    product_slug: str
    title: str
    name: str
    handle: str
    district_name: str | None
