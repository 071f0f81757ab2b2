"""Shapes of review rounds: what a district asks, what members answer, what was decided and whether that was right."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from forum.kit.days import dated_shortly
from forum.kit.errors import Invalid
from forum.kit.forms import Form
from forum.kit.text import has_controls, one_line
from forum.products.review_types import RENEWALS, STARS

OPENS_BEFORE, REMINDS_BEFORE = 45, 14  # days before the last day for notice
PLANS = {"named": "Under our district's name", "unnamed": "Without our name", "nobody": "Ask nobody"}
DECISIONS = {"renewed": "We renewed", "switched": "We switched to another product", "dropped": "We do without"}
RIGHT = {"yes": "Yes", "partly": "Partly", "no": "No"}
MAX_WORDS, MAX_INSTEAD, MAX_REASON = 2000, 120, 2000
ANSWER_FIELDS = ("would_renew", "stars", "works", "lacks", "instead", "advice", "show_as", "version")
DECISION_FIELDS = ("decision", "chosen", "reason")
TEXTS = ("works", "lacks", "advice")


@dataclass(frozen=True)
class RoundRow:
    """A round in a list. asker: the district, or what stands for it."""

    id: int
    product_name: str
    asker: str
    closes_on: date
    answers: int
    is_closed: bool
    decision: str
    chosen_name: str
    is_ours: bool
    waits_for_me: bool
    was_reminded: bool
    asks_again: bool

    @property
    def path(self) -> str:
        return f"/rounds/{self.id}"

    @property
    def closes_words(self) -> str:
        return dated_shortly(self.closes_on)

    @property
    def decision_words(self) -> str:
        """What became of it: "We switched to another product: Beacon Web"."""
        words = DECISIONS.get(self.decision, "")
        return f"{words}: {self.chosen_name}" if self.decision == "switched" and self.chosen_name else words


@dataclass(frozen=True)
class Round(RoundRow):
    """One round, with what its page and its rules need. reason, lesson: of the decision, as the district wrote them."""

    product_id: int
    product_slug: str
    district_id: int
    thread_id: int
    thread_slug: str
    category_id: int
    is_unnamed: bool
    reason: str
    was_right: str
    lesson: str
    decided_at: datetime | None

    @property
    def product_path(self) -> str:
        return f"/products/{self.product_slug}"

    @property
    def thread_path(self) -> str:
        return f"/t/{self.thread_id}/{self.thread_slug}"

    @property
    def right_words(self) -> str:
        return RIGHT.get(self.was_right, "")


@dataclass(frozen=True)
class Tally:
    """What the answers of a round come to: how many members of how many districts, and how many would renew."""

    answers: int
    districts: int
    yes: int
    only_if: int
    no: int

    @property
    def words(self) -> str:
        """In a sentence."""
        if not self.answers:
            return "Nobody has answered."
        who = f"{self.answers} {'answer' if self.answers == 1 else 'answers'}"
        where = f"{self.districts} {'district' if self.districts == 1 else 'districts'}"
        return f"{who} from {where}: {self.yes} would renew, {self.only_if} only if, {self.no} would not."


@dataclass(frozen=True)
class Answer:
    """An answer as its reader sees it. html: of its post."""

    id: int
    post_id: int
    author_name: str
    author_handle: str
    html: str
    answered_at: datetime

    @property
    def path(self) -> str:
        return f"/p/{self.post_id}"


@dataclass(frozen=True)
class AnswerDraft:
    """An answer as typed; only `would_renew` must be there. version: of the answer it changes, 0 for a new one."""

    would_renew: str
    stars: int | None = None
    works: str = ""
    lacks: str = ""
    instead: str = ""
    advice: str = ""
    is_unnamed: bool = False
    version: int = 0

    @classmethod
    def from_form(cls, form: Form) -> "AnswerDraft":
        """Raises Invalid for what is no number or choice."""
        return cls(
            would_renew=form.get("would_renew", ""),
            stars=form.whole("stars"),
            works=form.get("works", "").strip(),
            lacks=form.get("lacks", "").strip(),
            instead=one_line(form.get("instead", "")),
            advice=form.get("advice", "").strip(),
            is_unnamed=bool(form.get("show_as")) and form.one_of("show_as", ("name", "size")) == "size",
            version=form.whole("version") or 0,
        )

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = {}
        if self.would_renew not in RENEWALS:
            problems["would_renew"] = "Choose one: it is the only question that must be answered."
        if self.stars not in (None, *STARS):
            problems["stars"] = "Choose one to five, or leave it out."
        for field in TEXTS:
            if len(getattr(self, field)) > MAX_WORDS:
                problems[field] = f"At most {MAX_WORDS:,} characters; this has {len(getattr(self, field)):,}."
        if len(self.instead) > MAX_INSTEAD or has_controls(self.instead):
            problems["instead"] = f"Write the name of a product, at most {MAX_INSTEAD} characters."
        if problems:
            raise Invalid(**problems)

    def as_post(self) -> str:
        """What everybody who may read the thread reads, as Markdown."""
        would = {"yes": "Would renew it.", "only_if": "Would renew it, on conditions.", "no": "Would not renew it."}
        texts = (("What works", self.works), ("What does not", self.lacks), ("When you negotiate", self.advice))
        blocks = (
            f"**{would[self.would_renew]}**" + (f" {self.stars} of 5." if self.stars else ""),
            *(f"**{head}**\n\n{words}" for head, words in texts if words),
            f"Today I would look at: {self.instead}" if self.instead else "",
        )
        return "\n\n".join(block for block in blocks if block)


@dataclass(frozen=True)
class OwnAnswer:
    """What the reader answered."""

    id: int
    post_id: int
    draft: AnswerDraft


@dataclass(frozen=True)
class DecisionDraft:
    """What a district chose, as typed. chosen: the name of the product it switched to."""

    decision: str
    chosen: str = ""
    reason: str = ""

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "DecisionDraft":
        return cls(form.get("decision", ""), one_line(form.get("chosen", "")), form.get("reason", "").strip())

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = {}
        if self.decision not in DECISIONS:
            problems["decision"] = "Choose what became of it."
        if self.decision == "switched" and not self.chosen:
            problems["chosen"] = "Write the name of the product you switched to."
        if len(self.reason) > MAX_REASON:
            problems["reason"] = f"At most {MAX_REASON:,} characters; this has {len(self.reason):,}."
        if problems:
            raise Invalid(**problems)


@dataclass(frozen=True)
class Plan:
    """Whether members are asked about a contract, when by itself, and whether they have been."""

    asks: str
    opens_on: date
    round_id: int | None

    @property
    def opens_words(self) -> str:
        return dated_shortly(self.opens_on)
