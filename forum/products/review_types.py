"""Shapes of reviews: what the form holds, and what readers see of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from forum.districts.types import SIZE_BANDS
from forum.kit.errors import Invalid
from forum.kit.forms import Form
from forum.kit.text import has_controls, one_line, with_query
from forum.products.types import UseDraft

STARS = {5: "Excellent", 4: "Good", 3: "Fair", 2: "Poor", 1: "Bad"}
PARTS = {
    "promise": "Does what it promises",
    "rollout": "Ease of roll-out",
    "support": "Support",
    "worth": "Value for money",
    "privacy": "Student privacy",
}
RENEWALS = {"yes": "Yes", "only_if": "Only if …", "no": "No"}
UNITS = {"student": "a student", "device": "a device"}
MAX_WORDS, MAX_ASK, MAX_LEFT_FOR, MAX_IF, MAX_INCLUDED, MAX_ANSWER = 4000, 1000, 120, 300, 300, 4000
MOST_CENTS, MOST_MONTHS = 100_000_000, 120
TEXTS = {"works": MAX_WORDS, "lacks": MAX_WORDS, "to_ask": MAX_ASK, "renew_if": MAX_IF, "included": MAX_INCLUDED}
SHOWN_AS = ("name", "size")
REVIEW_FIELDS = (
    *("stars", "works", "lacks", *PARTS, "to_ask", "since_year", "left_year", "left_for", "would_renew", "renew_if"),
    *("price", "unit", "term_months", "included", "ends_on", "has_conflict", "show_as", "version", "act"),
)
ANYBODY = "A district"
CORRECTING_DAYS = 14


@dataclass(frozen=True)
class PriceDraft:
    """What a district pays. cents: of a US dollar, for one `unit` and year; None: not said."""

    cents: int | None = None
    unit: str = "student"
    term_months: int | None = None
    included: str = ""
    ends_on: date | None = None

    @classmethod
    def from_form(cls, form: Form) -> "PriceDraft":
        """Raises Invalid for what is no amount, number or date."""
        return cls(
            cents=cents_of(form.get("price", "")),
            unit=form.one_of("unit", tuple(UNITS)) if form.get("unit") else "student",
            term_months=form.whole("term_months"),
            included=one_line(form.get("included", "")),
            ends_on=date_of(form.get("ends_on", "")),
        )

    @property
    def is_empty(self) -> bool:
        return not (self.cents or self.term_months or self.included or self.ends_on)

    def problems(self) -> dict[str, str]:
        """A sentence for each field that will not do."""
        problems = {}
        if self.cents is not None and not 0 < self.cents <= MOST_CENTS:
            problems["price"] = "Write what one student or device costs in a year, from $0.01 to $1,000,000."
        if self.term_months is not None and not 1 <= self.term_months <= MOST_MONTHS:
            problems["term_months"] = f"Write a number of months from 1 to {MOST_MONTHS}: 36 for three years."
        if self.ends_on and not date(1990, 1, 1) <= self.ends_on <= date(2100, 1, 1):
            problems["ends_on"] = "Write the day the contract ends, or leave it empty."
        return problems


NEVER_SAID, NO_PRICE = UseDraft(), PriceDraft()


@dataclass(frozen=True)
class ReviewDraft:
    """A review as typed; only `stars` must be there. version: of the review it changes, 0 for a new one."""

    stars: int
    works: str = ""
    lacks: str = ""
    promise: int | None = None
    rollout: int | None = None
    support: int | None = None
    worth: int | None = None
    privacy: int | None = None
    to_ask: str = ""
    use: UseDraft = NEVER_SAID
    left_for: str = ""
    would_renew: str = ""
    renew_if: str = ""
    price: PriceDraft = NO_PRICE
    has_conflict: bool = False
    is_unnamed: bool = False
    version: int = 0

    @classmethod
    def from_form(cls, form: Form) -> "ReviewDraft":
        """Raises Invalid for what is no number, date or choice."""
        return cls(
            stars=form.whole("stars") or 0,
            works=form.get("works", "").strip(),
            lacks=form.get("lacks", "").strip(),
            **{part: form.whole(part) for part in PARTS},
            to_ask=form.get("to_ask", "").strip(),
            use=UseDraft.from_form(form),
            left_for=one_line(form.get("left_for", "")),
            would_renew=form.get("would_renew", ""),
            renew_if=one_line(form.get("renew_if", "")),
            price=PriceDraft.from_form(form),
            has_conflict=form.flag("has_conflict"),
            is_unnamed=bool(form.get("show_as")) and form.one_of("show_as", SHOWN_AS) == "size",
            version=form.whole("version") or 0,
        )

    def check(self, this_year: int) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = self.price.problems()
        if self.stars not in STARS:
            problems["stars"] = "Choose one to five stars: it is the only question that must be answered."
        for part in PARTS:
            if getattr(self, part) not in (None, *STARS):
                problems[part] = "Choose one to five, or leave it out."
        for field, most in TEXTS.items():
            words = self.price.included if field == "included" else getattr(self, field)
            if len(words) > most:
                problems[field] = f"At most {most:,} characters; this has {len(words):,}."
        if len(self.left_for) > MAX_LEFT_FOR or has_controls(self.left_for):
            problems["left_for"] = f"Write the name of what you use now, at most {MAX_LEFT_FOR} characters."
        if self.would_renew not in ("", *RENEWALS):
            problems["would_renew"] = "Choose one of those offered."
        try:
            self.use.check(this_year)
        except Invalid as problem:
            problems |= problem.fields
        if problems:
            raise Invalid(**problems)

    @property
    def has_left(self) -> bool:
        return self.use.left_year is not None

    def as_post(self) -> str:
        """What everybody who may read the thread reads, as Markdown: never a price."""
        texts = (("What works", self.works), ("What does not", self.lacks), ("To ask the vendor", self.to_ask))
        parts = [f"{name} {getattr(self, part)}" for part, name in PARTS.items() if getattr(self, part)]
        blocks = (
            f"{'★' * self.stars}{'☆' * (5 - self.stars)} **{self.stars} of 5, {STARS[self.stars].lower()}**",
            *(f"**{head}**\n\n{words}" for head, words in texts if words),
            " · ".join(f"{each} of 5" for each in parts),
            " ".join(self._facts()),
            "*Its writer, or somebody close to them, earns money from this vendor or from a competitor.*"
            if self.has_conflict
            else "",
        )
        return "\n\n".join(block for block in blocks if block)

    def _facts(self) -> list[str]:
        """Sentences on use and renewal. Years would tell which district it is that is not named."""
        use = self.use
        facts = []
        if self.has_left:
            years = "" if self.is_unnamed else f" in {use.left_year}"
            facts.append(f"Left{years}{f' for {self.left_for}' if self.left_for else ''}.")
        elif use.since_year and not self.is_unnamed:
            facts.append(f"In use since {use.since_year}.")
        if self.would_renew:
            condition = f" {self.renew_if.removesuffix('.')}" if self.would_renew == "only_if" and self.renew_if else ""
            word = {"yes": "Would renew", "only_if": f"Would renew only if{condition or ' …'}", "no": "Would not renew"}
            facts.append(f"{word[self.would_renew]}.")
        return facts


@dataclass(frozen=True)
class OwnReview:
    """The reader's own review, with all that they wrote; `is_gone` when it was taken back or hidden."""

    id: int
    draft: ReviewDraft
    post_id: int
    is_gone: bool
    is_hidden: bool
    said_at: datetime
    is_old: bool


@dataclass(frozen=True)
class Answering:
    """A review as one who would answer it for its vendor finds it. days: since they answered, None: not yet."""

    review_id: int
    product_slug: str
    product_name: str
    vendor_id: int
    category_id: int
    thread_id: int
    review_html: str
    writer: str
    is_own: bool
    is_gone: bool
    days: int | None
    body: str
    version: int
    answer_post_id: int | None


class Review(NamedTuple):
    """A review as its reader sees it: its post, and what stands beside it. answer: of the vendor, "" for none."""

    id: int
    post_id: int
    number: int
    thread_path: str
    stars: int
    html: str
    created_at: datetime
    said_at: datetime
    helpful_count: int
    has_left: bool
    has_conflict: bool
    is_set_aside: bool
    is_unnamed: bool
    author_name: str
    author_handle: str
    author_title: str
    author_district: str | None
    author_enrolment: int | None
    answer_html: str
    answer_name: str
    answer_vendor: str
    answer_at: datetime | None
    is_answer_mine: bool

    @property
    def path(self) -> str:
        return f"/p/{self.post_id}"

    @property
    def standing(self) -> str:
        """Title and district of a named writer."""
        words = ", ".join(part for part in (self.author_title, self.author_district) if part)
        return f"{words} · {self.author_enrolment:,} students" if self.author_enrolment else words


@dataclass(frozen=True)
class ReviewsSought:
    """Which reviews of a product are listed: those with so many stars, 0 for any, behind the key of a page before."""

    stars: int = 0
    after: int = 0

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "ReviewsSought":
        stars, after = query.get("stars", ""), query.get("after", "")
        return cls(
            int(stars) if stars in {str(each) for each in STARS} else 0,
            int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0,
        )

    def path(self, product_path: str, after: int = 0) -> str:
        """Where these are shown, from behind the review `after`."""
        values = {"stars": str(self.stars or ""), "after": str(after or "")}
        return f"{with_query(product_path, values)}#reviews"


def stand_in_name(size: str) -> str:
    """How a writer who is not named is called: by the size of their district, where `size` is a band."""
    band = next((each for each in SIZE_BANDS if each.slug == size), None)
    return f"A district with {band.name[0].lower()}{band.name[1:]}" if band else ANYBODY


def cents_of(text: str) -> int | None:
    """An amount as people write it, in cents: "$1,204.50" → 120450; None for nothing. Raises Invalid for `price`."""
    plain = text.strip().removeprefix("$").replace(",", "")
    if not plain:
        return None
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount > MOST_CENTS:
        raise Invalid(price="Write an amount in dollars, as 4.20.")
    if amount <= 0:
        raise Invalid(price="A price is more than nothing. Leave it empty if you would rather not say.")
    return max(1, round(amount * 100))


def date_of(text: str) -> date | None:
    """A day as a form sends it; None for nothing. Raises Invalid for `ends_on`."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(ends_on="Write the day as year-month-day: 2027-06-30.") from None


def dollars(cents: int) -> str:
    """Cents as people read them: "$4.20", "$1,204.50"."""
    return f"${cents / 100:,.2f}"
