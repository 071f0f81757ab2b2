"""Shapes of a comparison: the products side by side, the rows of figures, and what reviews say in words."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import NamedTuple
from urllib.parse import urlencode

from forum.kit.days import month_and_year
from forum.products.review_types import UNITS
from forum.products.score_types import NO_SCORE, Choosing, PriceRange, Score
from forum.products.types import MAX_CATEGORY, ProductRow

FEWEST, MOST, MOST_ASKED = 2, 4, 20
MAX_EXCERPT, BRIEF, MAX_TITLE, SHORT_NAME = 170, 120, 70, 60
QUARTILES = "a quarter, half, three quarters of them pay less"
LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\s]*\)")
MARKS = re.compile(r"^\s*(?:#{1,6}|[-*+>]|\d+[.)])\s+|\*\*|__|~~|`+", re.MULTILINE)


@dataclass(frozen=True)
class Asked:
    """Which products somebody wants side by side, by their addresses. category: of what they choose from.

    is_choosing: whether they want to choose again.
    """

    slugs: tuple[str, ...] = ()
    category: str = ""
    is_choosing: bool = False

    @classmethod
    def from_query(cls, asked: Sequence[tuple[str, str]]) -> "Asked":
        slugs = dict.fromkeys(text for name, text in asked if name == "p" and text)
        others = dict(asked)
        return cls(tuple(slugs)[:MOST_ASKED], others.get("category", "")[:MAX_CATEGORY], bool(others.get("choose")))


def compare_path(slugs: Sequence[str], what: str = "") -> str:
    """Where these products stand side by side. what: "", ".csv" or "/packet"."""
    return f"/products/compare{what}?{urlencode([('p', slug) for slug in slugs])}"


@dataclass(frozen=True)
class ComparedProduct(ProductRow):
    """A product of a comparison. addresses: those it was asked for by."""

    category_slug: str
    addresses: tuple[str, ...]

    @property
    def short_name(self) -> str:
        """For paper, where four must fit."""
        return shortened(self.name, SHORT_NAME)

    @property
    def short_vendor(self) -> str:
        return shortened(self.vendor_name, SHORT_NAME)


@dataclass(frozen=True)
class Candidate:
    """A product that one may choose. score: None below three districts."""

    slug: str
    name: str
    vendor_name: str
    score: float | None
    rated_by: int


@lru_cache(maxsize=2048)
def excerpt(source: str) -> str:
    """The beginning of Markdown as plain text."""
    return shortened(" ".join(MARKS.sub("", LINK.sub(r"\1", source)).split()), MAX_EXCERPT)


class Point(NamedTuple):
    """What a review says works, or does not."""

    product_id: int
    is_good: bool
    source: str
    post_id: int

    @property
    def path(self) -> str:
        return f"/p/{self.post_id}"

    @property
    def words(self) -> str:
        """Its beginning as plain text."""
        return excerpt(self.source)

    @property
    def brief(self) -> str:
        """Less of it, for paper."""
        return shortened(self.words, BRIEF)


class RelatedThread(NamedTuple):
    """A thread whose title names a product."""

    product_id: int
    id: int
    slug: str
    title: str
    reply_count: int

    @property
    def path(self) -> str:
        return f"/t/{self.id}/{self.slug}"

    @property
    def short_title(self) -> str:
        return shortened(self.title, MAX_TITLE)


def shortened(text: str, most: int) -> str:
    """`text` of at most that many characters, ending with a whole word."""
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"


@dataclass(frozen=True)
class Cell:
    """One figure in words, "" where there is none, and what stands below it."""

    words: str
    note: str = ""
    is_best: bool = False


@dataclass(frozen=True)
class Row:
    """One figure of each product. note: how to read it, or ""."""

    name: str
    cells: tuple[Cell, ...]
    note: str = ""


@dataclass(frozen=True)
class Column:
    """All that a comparison says of one product in words."""

    product: ComparedProduct
    score: Score
    without_path: str
    good: Sequence[Point]
    bad: Sequence[Point]
    threads: Sequence[RelatedThread]


@dataclass(frozen=True)
class Comparison:
    """Products side by side, as their reader may see them. prices: None where the reader may not know."""

    products: Sequence[ComparedProduct]
    choosing: Choosing
    scores: Mapping[int, Score]
    prices: Sequence[PriceRange] | None
    points: Sequence[Point]
    threads: Sequence[RelatedThread]

    @property
    def slugs(self) -> list[str]:
        return [each.slug for each in self.products]

    @property
    def names(self) -> str:
        *others, last = [each.short_name for each in self.products]
        return f"{', '.join(others)} and {last}"

    @property
    def path(self) -> str:
        return compare_path(self.slugs)

    @property
    def csv_path(self) -> str:
        return compare_path(self.slugs, ".csv")

    @property
    def packet_path(self) -> str:
        return compare_path(self.slugs, "/packet")

    @property
    def choose_path(self) -> str:
        return f"{self.path}&choose=1"

    def score_of(self, product: ProductRow) -> Score:
        return self.scores.get(product.id, NO_SCORE)

    def price_of(self, product: ProductRow, unit: str) -> PriceRange | None:
        found = (each for each in self.prices or () if (each.product_id, each.unit) == (product.id, unit))
        return next(found, None)

    @cached_property
    def columns(self) -> list[Column]:
        return [self._column(each) for each in self.products]

    @property
    def rows(self) -> list[Row]:
        """All figures, the best of each row marked."""
        return [*self._score_rows(), *self._price_rows(), self._use_row()]

    def _column(self, product: ComparedProduct) -> Column:
        points = [each for each in self.points if each.product_id == product.id]
        return Column(
            product,
            self.score_of(product),
            compare_path([slug for slug in self.slugs if slug != product.slug]),
            [each for each in points if each.is_good],
            [each for each in points if not each.is_good],
            [each for each in self.threads if each.product_id == product.id],
        )

    def _score_rows(self) -> list[Row]:
        scores = [self.score_of(each) for each in self.products]
        parts = zip(*(each.named_parts for each in scores), strict=True)
        renewing = [f"of {each.renewing} districts" if each.would_renew is not None else "" for each in scores]
        shares = [None if each.would_renew is None else round(100 * each.would_renew) for each in scores]
        return [
            _row("Score, of 5", [_rounded(each.score) for each in scores], _decimal, max, [_basis(s) for s in scores]),
            *(_row(part[0][0], [_rounded(figure) for _, figure in part], _decimal, max) for part in parts),
            _row("Would renew", shares, "{} %".format, max, renewing),
            _row("Score, in 12 months", [each.trend for each in scores], _change, max),
        ]

    def _price_rows(self) -> list[Row]:
        if self.prices is None:
            return []
        units = [unit for unit in UNITS if any(each.unit == unit for each in self.prices)]
        return [row for unit in units or ["student"] for row in self._rows_of(unit)]

    def _rows_of(self, unit: str) -> list[Row]:
        found = [self.price_of(each, unit) for each in self.products]
        best = _best([each.middle if each else None for each in found], min)
        prices = tuple(
            Cell(each.words, each.whose, place in best) if each else Cell("", "not enough districts")
            for place, each in enumerate(found)
        )
        terms = [each.term_months if each else None for each in found]
        rows = [Row(f"Price for {UNITS[unit]} and year", prices, QUARTILES)]
        return [*rows, _row("Usual term", terms, "{} months".format)] if any(terms) else rows

    def _use_row(self) -> Row:
        kinds = [each.category_name for each in self.products]
        return _row("Districts that run it", [each.districts for each in self.products], str, notes=kinds)


def _row(
    name: str,
    figures: Sequence[float | None],
    words: Callable[[float], str],
    best: Callable[[Sequence[float]], float] | None = None,
    notes: Sequence[str] = (),
) -> Row:
    marked = _best(figures, best) if best else set()
    cells = (
        Cell("" if figure is None else words(figure), notes[place] if notes else "", place in marked)
        for place, figure in enumerate(figures)
    )
    return Row(name, tuple(cells))


def _best(figures: Sequence[float | None], best: Callable[[Sequence[float]], float]) -> set[int]:
    """Where the best figures stand; nowhere when fewer than two are known, or all are the same."""
    known = [figure for figure in figures if figure is not None]
    if len(known) < FEWEST or len(set(known)) == 1:
        return set()
    return {place for place, figure in enumerate(figures) if figure == best(known)}


def _basis(score: Score) -> str:
    """What a score rests on: "12 districts, likely 3.6 to 4.4"."""
    if score.low is not None and score.high is not None:
        return f"{score.districts} districts, likely {score.low:.1f} to {score.high:.1f}"
    return f"{score.districts} of 3 districts reviewed it" if score.districts else "no reviews yet"


def _decimal(figure: float) -> str:
    return f"{figure:.1f}"


def _change(figure: float) -> str:
    return f"{figure:+.1f}".replace("-", "−") if figure else "the same"


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 1)


def sheet(comparison: Comparison) -> list[list[str | float | None]]:
    """The figures of a comparison as rows of a spreadsheet, one a product; the first holds the names of columns.

    Scores are of 5, shares of 1, prices in dollars. Without columns of prices for those who may not know them.
    """
    units = () if comparison.prices is None else tuple(UNITS)
    words = ("lower quartile", "median", "upper quartile", "districts", "usual term, months")
    head = ["Product", "Vendor", "Kind", "Asked", "Score", "Likely from", "Likely to", "Reviews", "Districts"]
    head += [name for name, _ in NO_SCORE.named_parts]
    head += ["Would renew", "Change in 12 months", "Districts that run it"]
    head += [f"Price for {UNITS[unit]} and year, {word}" for unit in units for word in words]
    return [list(head), *(_sheet_row(comparison, each, units) for each in comparison.products)]


def _sheet_row(comparison: Comparison, product: ComparedProduct, units: Sequence[str]) -> list[str | float | None]:
    score, peers = comparison.score_of(product), comparison.choosing.peers.words
    row: list[str | float | None] = [product.name, product.vendor_name, product.category_name]
    row += [peers or "All districts", *map(_rounded, (score.score, score.low, score.high))]
    row += [score.reviews, score.districts, *map(_rounded, score.parts)]
    share = None if score.would_renew is None else round(score.would_renew, 2)
    row += [share, score.trend, product.districts]
    for unit in units:
        price = comparison.price_of(product, unit)
        cents = (price.low, price.middle, price.high) if price else (None, None, None)
        row += [None if each is None else each / 100 for each in cents]
        row += [price.districts, price.term_months] if price else [None, None]
    return row


@dataclass(frozen=True)
class Source:
    """What a column of the packet rests on: the product, its score, and when its newest review was said."""

    product: ComparedProduct
    score: Score
    newest: datetime | None

    @property
    def words(self) -> str:
        """How much that is: "14 reviews by 12 districts, the newest of March 2026"."""
        if not self.score.reviews:
            return "no reviews"
        count, districts = self.score.reviews, self.score.districts
        words = f"{_counted(count, 'review')} by {_counted(districts, 'district')}"
        return f"{words}, the newest of {month_and_year(self.newest)}" if self.newest else words


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
