"""Shapes of the renewals room: contracts as they are typed, kept, and seen by others."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from forum.kit.days import dated_shortly
from forum.kit.errors import Invalid
from forum.kit.text import one_line
from forum.products.types import MAX_NAME
from forum.renewals.days import counted, day_in, days_of_term

MAX_NOTE, MOST_NOTICE, MOST_MONTHS, MOST_DOLLARS = 500, 730, 120, 100_000_000
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
FIELDS = ("product", "ends_on", "notice_days", "term_months", "yearly_cost", "visibility", "note")
VISIBILITIES = {
    "us": "Only people of our district",
    "staff": "Also administrators",
    "members": "Also other members, without the price",
}
SOON_DAYS = 30
NO_SUCH_PRODUCT = "“{}” is not in the catalog. Write its name as it stands there, or suggest it first."
ISO = re.compile(r"\d{4}-\d\d-\d\d", re.A)
AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.A)
MONEY = re.compile(r"\$? ?(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(\d{1,2}))?", re.A)


@dataclass(frozen=True)
class Office:
    """Where a member works: the district, its id None and its name "" without one, its time zone, and the moment."""

    district_id: int | None
    district_name: str
    time_zone: str
    now: datetime

    def today(self, otherwise: str) -> date:
        """The date there; `otherwise` is the time zone of districts that say none."""
        return day_in(self.time_zone, self.now, otherwise)


@dataclass(frozen=True)
class Dates:
    """When a contract for a product ends, and until when it can be ended."""

    product_name: str
    product_slug: str
    ends_on: date
    notice_on: date
    term_months: int
    yearly_cents: int | None

    @property
    def product_path(self) -> str:
        return f"/products/{self.product_slug}"

    @property
    def end_words(self) -> str:
        return dated_shortly(self.ends_on)

    @property
    def notice_words(self) -> str:
        return dated_shortly(self.notice_on)

    @property
    def term_words(self) -> str:
        return months_words(self.term_months)

    @property
    def cost_words(self) -> str:
        """What one year costs: "$12,500 a year", "" where nobody says."""
        return "" if self.yearly_cents is None else f"${dollars(self.yearly_cents)} a year"

    def is_over(self, today: date) -> bool:
        return self.ends_on < today

    def due_words(self, today: date) -> str:
        """How long there still is to give notice."""
        left = (self.notice_on - today).days
        if self.is_over(today):
            return "Ended"
        if left < 0:
            return "Notice day has passed"
        return f"{counted(left)} left" if left else "Last day for notice"

    def due_kind(self, today: date) -> str:
        """Which badge says so."""
        left = (self.notice_on - today).days
        if left < 0:
            return "info" if self.is_over(today) else "bad"
        return "warn" if left <= SOON_DAYS else "good"


@dataclass(frozen=True)
class Contract(Dates):
    """A contract of one's own district."""

    id: int
    product_id: int
    notice_days: int
    visibility: str
    note: str
    version: int
    changed_at: datetime

    @property
    def path(self) -> str:
        return f"/renewals/{self.id}"

    @property
    def visibility_words(self) -> str:
        return VISIBILITIES[self.visibility]

    @property
    def draft(self) -> "ContractDraft":
        """It as it would be typed."""
        cost = "" if self.yearly_cents is None else dollars(self.yearly_cents)
        return ContractDraft(
            self.product_name,
            self.ends_on.isoformat(),
            str(self.notice_days),
            str(self.term_months),
            cost,
            self.visibility,
            self.note,
        )


@dataclass(frozen=True)
class OthersContract(Dates):
    """A contract of another district; without its price where that is not for the reader."""

    id: int
    district_name: str

    @property
    def place(self) -> str:
        """Where it stands in the list, as an address says it."""
        return f"{self.notice_on.isoformat()}.{self.id}"


@dataclass(frozen=True)
class Renewing:
    """How many districts have a contract for a product that ends in the month that begins with `month`."""

    product_name: str
    product_slug: str
    month: date
    districts: int

    @property
    def product_path(self) -> str:
        return f"/products/{self.product_slug}"


@dataclass(frozen=True)
class KeptList:
    """A list of contracts somebody is looking at; `stored` of its lines are contracts now."""

    id: int
    district_id: int
    source: str
    is_confirmed: bool
    stored: int

    @property
    def stored_words(self) -> str:
        return f"{self.stored} {'contract' if self.stored == 1 else 'contracts'}"


@dataclass(frozen=True)
class Terms:
    """What a draft says, read."""

    ends_on: date
    notice_days: int
    term_months: int
    yearly_cents: int | None
    visibility: str
    note: str

    @property
    def words(self) -> str:
        """All of it but the note, on one line."""
        cost = "" if self.yearly_cents is None else f" · ${dollars(self.yearly_cents)} a year"
        dates = f"Ends {dated_shortly(self.ends_on)} · notice of {counted(self.notice_days)}"
        return f"{dates} · {months_words(self.term_months)}{cost} · {VISIBILITIES[self.visibility].lower()}"


@dataclass(frozen=True)
class ContractDraft:
    """A contract as typed."""

    product: str
    ends_on: str
    notice_days: str = "90"
    term_months: str = "12"
    yearly_cost: str = ""
    visibility: str = "us"
    note: str = ""

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "ContractDraft":
        typed = {name: one_line(form.get(name, "")) for name in FIELDS if name != "note"}
        return cls(**typed, note=form.get("note", "").strip())

    def terms(self) -> Terms:
        """Raises Invalid with a sentence for each field that will not do."""
        ends_on, notice, months = day_from(self.ends_on), whole(self.notice_days), whole(self.term_months)
        problems = self._problems(ends_on, notice, months)
        if ends_on is None or notice is None or months is None or problems:
            raise Invalid(**problems)
        return Terms(ends_on, notice, months, cents_from(self.yearly_cost), self.visibility, self.note)

    def _problems(self, ends_on: date | None, notice: int | None, months: int | None) -> dict[str, str]:
        problems = {}
        if not 0 < len(self.product) <= MAX_NAME:
            problems["product"] = f"Write the name of a product of the catalog: 1 to {MAX_NAME} characters."
        if ends_on is None or not FIRST_DAY <= ends_on <= LAST_DAY:
            problems["ends_on"] = "Write the day it ends, from 1990 to 2100, as 2027-06-30 or 6/30/2027."
        if notice is None or notice > MOST_NOTICE:
            problems["notice_days"] = f"Write how many days before the end notice is due: 0 to {MOST_NOTICE}."
        if months is None or not 1 <= months <= MOST_MONTHS:
            problems["term_months"] = f"A contract ends after it begins: write its term as 1 to {MOST_MONTHS} months."
        if self.yearly_cost and cents_from(self.yearly_cost) is None:
            problems["yearly_cost"] = f"Write what a year costs, from 0 to {MOST_DOLLARS:,} dollars, or leave it empty."
        if self.visibility not in VISIBILITIES:
            problems["visibility"] = "Choose who may see it."
        if len(self.note) > MAX_NOTE:
            problems["note"] = f"At most {MAX_NOTE} characters; this has {len(self.note)}."
        if not problems and ends_on and notice and months and notice > days_of_term(ends_on, months):
            words = f"Notice of {counted(notice)} is longer than the whole term of {months_words(months)}."
            problems["notice_days"] = f"{words} Correct one of the two."
        return problems


def day_from(text: str) -> date | None:
    """The date in "2027-06-30" or "6/30/2027"; None where there is none."""
    american = AMERICAN.fullmatch(text)
    try:
        if american:
            return date(int(american[3]), int(american[1]), int(american[2]))
        return date.fromisoformat(text) if ISO.fullmatch(text) else None
    except ValueError:
        return None


def whole(text: str) -> int | None:
    """A whole number of up to six digits, None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def cents_from(text: str) -> int | None:
    """The cents in "$12,500.50" or "12500"; None for anything else, and for more than 100 million dollars."""
    money = MONEY.fullmatch(text)
    if not money:
        return None
    cents = int(money[1].replace(",", "")) * 100 + int((money[2] or "0").ljust(2, "0"))
    return cents if cents <= MOST_DOLLARS * 100 else None


def dollars(cents: int) -> str:
    """An amount as people write it: "12,500", "12,500.50"."""
    whole_dollars, rest = divmod(cents, 100)
    return f"{whole_dollars:,}.{rest:02}" if rest else f"{whole_dollars:,}"


def months_words(months: int) -> str:
    """ "1 month", "36 months"."""
    return f"{months} {'month' if months == 1 else 'months'}"
