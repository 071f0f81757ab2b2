"""HTTP of comparing: products side by side, the same as a spreadsheet, and as two printed pages for a board."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Verdict
from forum.kit.http import db_of, redirect, render, settings_of
from forum.kit.sheets import written
from forum.products import comparing, policy, queries
from forum.products.compare_types import (
    FEWEST,
    MOST,
    Asked,
    Candidate,
    ComparedProduct,
    Comparison,
    RelatedThread,
    Source,
    sheet,
)
from forum.products.types import kind_choices

MOST_THREADS = 6
TOO_MANY = "At most four products stand side by side: these are the first four."
TOO_FEW = "Choose at least two products."


@dataclass(frozen=True)
class ComparePage:
    """Products side by side. words: what was left out, in a sentence each."""

    comparison: Comparison
    words: Sequence[str]
    may_see_prices: Verdict


@dataclass(frozen=True)
class PickPage:
    """The choice of products of a kind; `chosen` are the addresses of those that are chosen already."""

    candidates: Sequence[Candidate]
    chosen: Sequence[str]
    kinds: Sequence[tuple[str, str]]
    category: str
    words: Sequence[str]


@dataclass(frozen=True)
class PacketPage:
    """A comparison on two printed pages. made_for: a district, or "". site_url: where its addresses begin."""

    comparison: Comparison
    may_see_prices: Verdict
    made_on: date
    made_for: str
    sources: Sequence[Source]
    site_url: str

    @property
    def threads(self) -> list[RelatedThread]:
        """The threads about any of the products, each once."""
        return list({each.id: each for each in self.comparison.threads}.values())[:MOST_THREADS]


async def compare(request: Request) -> Response:
    """Two to four products side by side; the choice of them where fewer are asked for."""
    asked, found = await _found(request)
    if len(found) < FEWEST or asked.is_choosing:
        return await _pick(request, asked, found)
    db, actor = db_of(request), request.state.actor
    comparison = await comparing.comparison(db, actor, found)
    page = ComparePage(comparison, _left_out(asked, found), policy.may_see_prices(actor))
    return render(request, "products/compare.html", page)


async def spreadsheet(request: Request) -> Response:
    """The figures as a file for spreadsheets."""
    found = (await _found(request))[1]
    if len(found) < FEWEST:
        return redirect("/products/compare")
    comparison = await comparing.comparison(db_of(request), request.state.actor, found)
    headers = {"content-disposition": 'attachment; filename="comparison.csv"'}
    return Response(written(sheet(comparison)), media_type="text/csv", headers=headers)


async def packet(request: Request) -> Response:
    """Two pages for a board."""
    found = (await _found(request))[1]
    if len(found) < FEWEST:
        return redirect("/products/compare")
    db, actor = db_of(request), request.state.actor
    comparison = await comparing.comparison(db, actor, found)
    ids = [each.id for each in comparison.products]
    grounds = await comparing.grounds(db, actor, ids, comparison.choosing.peers)
    page = PacketPage(
        comparison=comparison,
        may_see_prices=policy.may_see_prices(actor),
        made_on=datetime.now(ZoneInfo(settings_of(request).time_zone)).date(),
        made_for=grounds.district_name,
        sources=[Source(each, comparison.score_of(each), grounds.newest.get(each.id)) for each in comparison.products],
        site_url=settings_of(request).site_url,
    )
    return render(request, "products/packet.html", page)


async def _found(request: Request) -> tuple[Asked, list[ComparedProduct]]:
    policy.may_see_products(request.state.actor).require()
    asked = Asked.from_query(request.query_params.multi_items())
    found = await comparing.products_asked(db_of(request), request.state.actor, asked) if asked.slugs else []
    return asked, found


def _left_out(asked: Asked, found: Sequence[ComparedProduct]) -> list[str]:
    """A sentence each on what is not shown: it is no product that one may see, or one too many."""
    missing = len(asked.slugs) - sum(len(each.addresses) for each in found)
    words = []
    if missing:
        words.append("One product is left out: there is none at its address, or none for you to see.")
    if missing > 1:
        words = [f"{missing} products are left out: there are none at their addresses, or none for you to see."]
    return [*words, TOO_MANY] if len(found) > MOST else words


async def _pick(request: Request, asked: Asked, found: Sequence[ComparedProduct]) -> Response:
    db, actor = db_of(request), request.state.actor
    category = asked.category or (found[0].category_slug if found else "")
    words = [TOO_FEW] if asked.slugs and len(found) < FEWEST else []
    page = PickPage(
        candidates=await comparing.candidates(db, actor, category, [each.id for each in found]),
        chosen=[each.slug for each in found],
        kinds=kind_choices(await queries.kinds(db), "Choose a kind"),
        category=category,
        words=[*_left_out(asked, found[:MOST]), *words],
    )
    return render(request, "products/pick.html", page)


routes = [
    Route("/products/compare", compare),
    Route("/products/compare.csv", spreadsheet),
    Route("/products/compare/packet", packet),
]
