"""Shapes of stories of a move from one product to another: what the form holds, and what readers see of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from forum.kit.errors import Invalid
from forum.kit.forms import Form
from forum.kit.text import has_controls, has_words, one_line
from forum.products.review_types import cents_of, dollars
from forum.products.types import MAX_NAME
from forum.threads.types import VENDORS_OUT

REGRETS = {1: "No regret", 2: "Hardly any regret", 3: "Some regret", 4: "Much regret", 5: "Deep regret"}
CARRIED = {"all": "All of the data", "most": "Most of the data", "some": "Some of the data", "none": "No data"}
MAX_WORDS, MAX_HOW, MOST_WEEKS, MOST_CENTS = 4000, 300, 520, 10_000_000_000
STORY_FIELDS = (
    *("moved_from", "from_name", "regret", "went_well", "went_badly", "weeks", "carried", "carried_how", "cost"),
    *("may_be_called", VENDORS_OUT, "version"),
)


@dataclass(frozen=True)
class StoryDraft:
    """A story as typed. moved_from: the address of a product, or from_name one of its names.

    cents: what the move cost, of a US dollar. version: of the story it changes, 0 for a new one.
    """

    moved_from: str = ""
    from_name: str = ""
    regret: int = 0
    went_well: str = ""
    went_badly: str = ""
    weeks: int | None = None
    carried: str = ""
    carried_how: str = ""
    cents: int | None = None
    may_be_called: bool = False
    keeps_vendors_out: bool = False
    version: int = 0

    @classmethod
    def from_form(cls, form: Form) -> "StoryDraft":
        """Raises Invalid for what is no number, amount or choice."""
        return cls(
            moved_from=form.get("moved_from", ""),
            from_name=one_line(form.get("from_name", "")),
            regret=form.whole("regret") or 0,
            went_well=form.get("went_well", "").strip(),
            went_badly=form.get("went_badly", "").strip(),
            weeks=form.whole("weeks"),
            carried=form.get("carried", ""),
            carried_how=one_line(form.get("carried_how", "")),
            cents=_cost(form.get("cost", "")),
            may_be_called=form.flag("may_be_called"),
            keeps_vendors_out=form.flag(VENDORS_OUT),
            version=form.whole("version") or 0,
        )

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = {}
        if self.regret not in REGRETS:
            problems["regret"] = "Choose how much you regret it: 1 for not at all, to 5 for deeply."
        if not has_words(self.went_well) and not has_words(self.went_badly):
            problems["went_well"] = "Say what went well, or below what did not: one sentence will do."
        for field in ("went_well", "went_badly"):
            if len(words := getattr(self, field)) > MAX_WORDS:
                problems[field] = f"At most {MAX_WORDS:,} characters; this has {len(words):,}."
        if self.weeks is not None and not 1 <= self.weeks <= MOST_WEEKS:
            problems["weeks"] = f"Write a number of weeks from 1 to {MOST_WEEKS}, or leave it empty."
        if self.carried not in ("", *CARRIED):
            problems["carried"] = "Choose one of those offered."
        if len(self.carried_how) > MAX_HOW or has_controls(self.carried_how):
            problems["carried_how"] = f"Write at most {MAX_HOW} characters on one line."
        if len(self.from_name) > MAX_NAME:
            problems["from_name"] = f"A name has at most {MAX_NAME} characters."
        if self.cents is not None and self.cents > MOST_CENTS:
            problems["cost"] = "Write what the move cost in dollars, at most 100,000,000."
        if problems:
            raise Invalid(**problems)

    def as_post(self) -> str:
        """What everybody who may read the thread reads, as Markdown: neither the cost nor that one may call."""
        facts = [f"It took {self.weeks} {'week' if self.weeks == 1 else 'weeks'}."] if self.weeks else []
        if self.carried:
            facts.append(f"{CARRIED[self.carried]} came along{f': {self.carried_how}' if self.carried_how else ''}.")
        texts = (("What went well", self.went_well), ("What did not", self.went_badly))
        blocks = (
            f"**{REGRETS[self.regret]}** ({self.regret} of 5)",
            " ".join(facts).replace("..", "."),
            *(f"**{head}**\n\n{words}" for head, words in texts if words),
        )
        return "\n\n".join(block for block in blocks if block)


@dataclass(frozen=True)
class OwnStory:
    """The reader's own story of a move. is_gone: its post or thread is deleted."""

    id: int
    draft: StoryDraft
    post_id: int
    thread_id: int
    is_gone: bool


class Flow(NamedTuple):
    """How many districts came here from another product (or went there). name: "" where the reader may not know it."""

    is_here: bool
    name: str
    path: str
    districts: int


class Story(NamedTuple):
    """A story as its reader sees it. cents: None also for those who may not know; is_own: the reader told it."""

    id: int
    thread_path: str
    title: str
    from_slug: str
    to_slug: str
    regret: int
    weeks: int | None
    cents: int | None
    may_be_called: bool
    said_at: datetime
    author_name: str
    author_handle: str
    author_district: str | None
    is_own: bool

    @property
    def regret_words(self) -> str:
        return REGRETS[self.regret]

    @property
    def facts(self) -> str:
        """How long it took and what it cost, where that is said."""
        weeks = f"{self.weeks} {'week' if self.weeks == 1 else 'weeks'}" if self.weeks else ""
        return " · ".join(
            part for part in (weeks, dollars(self.cents).removesuffix(".00") if self.cents else "") if part
        )

    @property
    def edit_path(self) -> str:
        return f"/products/{self.to_slug}/moved?from={self.from_slug}"


@dataclass(frozen=True)
class Stories:
    """What a product's page tells of moves to it and away from it."""

    flows: Sequence[Flow] = ()
    told: Sequence[Story] = ()

    @property
    def here(self) -> list[Flow]:
        return [each for each in self.flows if each.is_here]

    @property
    def away(self) -> list[Flow]:
        return [each for each in self.flows if not each.is_here]


def _cost(text: str) -> int | None:
    """An amount in cents. Raises Invalid for `cost`."""
    try:
        return cents_of(text)
    except Invalid:
        raise Invalid(cost="Write what the move cost in dollars, as 12000, or leave it empty.") from None
