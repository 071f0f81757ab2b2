"""HTTP of the map: which products how many districts renew, month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.days import month_and_year
from forum.kit.http import db_of, render, settings_of
from forum.kit.text import with_query
from forum.renewals import policy, queries
from forum.renewals.days import months_from
from forum.renewals.policy import FEWEST
from forum.renewals.types import Renewing


@dataclass(frozen=True)
class Cell:
    """How many districts renew a product in a month; `shade` from 1 to 3. None of them where it is hidden."""

    month: date
    districts: int = 0
    ask_path: str = ""

    @property
    def shade(self) -> int:
        return 1 + (self.districts > 4) + (self.districts > 7)

    @property
    def month_words(self) -> str:
        return month_and_year(self.month)

    @property
    def month_short(self) -> str:
        return f"{self.month:%b %y}"


@dataclass(frozen=True)
class ProductRow:
    """A product and its months."""

    name: str
    path: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class MapPage:
    """The months, and the products that enough districts renew in one of them."""

    months: Sequence[Cell]
    rows: Sequence[ProductRow]
    fewest: int


async def show(request: Request) -> Response:
    """The map."""
    db, actor = db_of(request), request.state.actor
    policy.may_see_renewals(actor).require()
    today = (await queries.office(db, actor)).today(settings_of(request).time_zone)
    months = months_from(today)
    found = await queries.renewing(db, actor, months[0])
    rows = [_row(list(cells), months) for _, cells in groupby(found, key=lambda each: each.product_slug)]
    return render(request, "renewals/map.html", MapPage([Cell(each) for each in months], rows, FEWEST))


def _row(found: Sequence[Renewing], months: Sequence[date]) -> ProductRow:
    known = {each.month: Cell(each.month, each.districts, _ask_path(each)) for each in found}
    first = found[0]
    return ProductRow(first.product_name, first.product_path, [known.get(each, Cell(each)) for each in months])


def _ask_path(each: Renewing) -> str:
    title = f"Renewing {each.product_name} in {month_and_year(each.month)}: negotiate together?"
    return with_query("/ask", {"title": title})


routes = [Route("/renewals/map", show)]
