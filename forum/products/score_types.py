"""Shapes of what reviews come to: scores, prices, bursts, and the peers whose word is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from forum.districts.types import LOCALES, MOST_STUDENTS, SIZE_BANDS
from forum.kit.forms import Form
from forum.kit.text import one_line
from forum.products.review_types import PARTS, STARS, UNITS, dollars

STANDINGS = {"now": "Use it today", "left": "Have left it"}
YEARS = {"0": "Any time", "1": "A year and more", "3": "3 years and more", "5": "5 years and more"}
PEER_FIELDS = ("size", "state", "locale", "standing", "years", "next")


@dataclass(frozen=True)
class Score:
    """What follows from the reviews of one product, or from those of peers. Figures of too few districts are None.

    score, low, high, year_ago: 1.0 to 5.0. would_renew: share of 1. by_stars: reviews with one, two … five stars.
    parts: in the order of PARTS.
    """

    product_id: int
    reviews: int
    districts: int
    score: float | None
    low: float | None
    high: float | None
    year_ago: float | None
    would_renew: float | None
    renewing: int
    by_stars: tuple[int, ...]
    parts: tuple[float | None, ...]

    @property
    def trend(self) -> float | None:
        """How much the score has moved in twelve months, to one decimal."""
        return None if self.score is None or self.year_ago is None else round(self.score - self.year_ago, 1)

    @property
    def named_parts(self) -> list[tuple[str, float | None]]:
        return list(zip(PARTS.values(), self.parts, strict=True))

    @property
    def bars(self) -> list[tuple[int, int, int]]:
        """Stars from five to one, how many reviews have them, and that as a share of 100."""
        most = sum(self.by_stars) or 1
        return [(star, self.by_stars[star - 1], round(100 * self.by_stars[star - 1] / most)) for star in STARS]


NO_SCORE = Score(0, 0, 0, None, None, None, None, None, 0, (0,) * 5, (None,) * 5)


@dataclass(frozen=True)
class Rival:
    """Another product of the same kind; score: None below three districts."""

    slug: str
    name: str
    score: float | None
    districts: int

    @property
    def path(self) -> str:
        return f"/products/{self.slug}"


@dataclass(frozen=True)
class PriceRange:
    """Quartiles of what districts pay for one `unit` and year, in cents.

    Each district has from `least` to under `most` students. term_months: the middle one, None when nobody said.
    """

    product_id: int
    unit: str
    low: int
    middle: int
    high: int
    districts: int
    least: int
    most: int
    term_months: int | None

    @property
    def words(self) -> str:
        return f"{dollars(self.low)} · {dollars(self.middle)} · {dollars(self.high)}"

    @property
    def unit_words(self) -> str:
        return f"For {UNITS[self.unit]}"

    @property
    def whose(self) -> str:
        """Whose prices these are: "9 districts with 1,000 to 4,999 students"."""
        if self.most >= MOST_STUDENTS:
            size = f"{self.least:,} students and more" if self.least else "any number of students"
        else:
            size = f"{self.least:,} to {self.most - 1:,} students" if self.least else f"under {self.most:,} students"
        return f"{self.districts} districts with {size}"


@dataclass(frozen=True)
class Burst:
    """More reviews of a product than usual. usual: how many came in as long a time, on average of the year before."""

    id: int
    product_id: int
    product_name: str
    product_slug: str
    reviews: int
    usual: float
    begins_at: datetime
    created_at: datetime

    @property
    def path(self) -> str:
        return f"/products/{self.product_slug}"


@dataclass(frozen=True)
class Peers:
    """Whom somebody takes for their peers; what is empty asks for nothing. years: of use, at least."""

    size: str = ""
    state: str = ""
    locale: str = ""
    standing: str = ""
    years: int = 0

    @classmethod
    def from_form(cls, form: Form) -> "Peers":
        """Raises Invalid for what is not among those offered."""
        return cls(
            size=form.one_of("size", ("", *(band.slug for band in SIZE_BANDS))),
            state=one_line(form.get("state", ""))[:60],
            locale=form.one_of("locale", ("", *LOCALES)),
            standing=form.one_of("standing", ("", *STANDINGS)),
            years=int(form.one_of("years", ("", *YEARS)) or 0),
        )

    @property
    def is_anybody(self) -> bool:
        return self == Peers()

    @property
    def bounds(self) -> tuple[int, int]:
        """From how many students to under how many; (0, 0) for any."""
        return next(((band.least, band.most) for band in SIZE_BANDS if band.slug == self.size), (0, 0))

    @property
    def words(self) -> str:
        """Who they are: "2,500 to 4,999 students, Alabama, rural, use it today, 3 years and more"."""
        size = next((band.name for band in SIZE_BANDS if band.slug == self.size), "")
        years = YEARS[str(self.years)] if self.years else ""
        place = LOCALES.get(self.locale, "")
        words = (size, self.state, place, STANDINGS.get(self.standing, ""), years)
        return ", ".join(part for part in words if part)


@dataclass(frozen=True)
class Choosing:
    """The choice of peers as a page offers it: what is chosen, and each field's choices."""

    peers: Peers
    states: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, peers: Peers, states: Sequence[str]) -> "Choosing":
        return cls(peers, [("", "Any"), *((each, each) for each in states)])

    @property
    def sizes(self) -> list[tuple[str, str]]:
        return [("", "Any"), *((band.slug, band.name) for band in SIZE_BANDS)]

    @property
    def locales(self) -> list[tuple[str, str]]:
        return [("", "Any"), *LOCALES.items()]

    @property
    def standings(self) -> list[tuple[str, str]]:
        return [("", "Any"), *STANDINGS.items()]

    @property
    def spans(self) -> list[tuple[str, str]]:
        return list(YEARS.items())
