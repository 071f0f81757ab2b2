"""HTTP of the site room: its logo and accent, its terms and privacy pages, and putting an announcement away."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.assets import FOREVER
from forum.kit.errors import NotFound
from forum.kit.http import came_from, choice, db_of, form_of, keep_choice, path_id, redirect, render, wants_fragment
from forum.site import queries
from forum.site.contrast import DEFAULT, stylesheet
from forum.site.types import DISMISSED, MOST_DISMISSED, Site, SitePage, put_away


@dataclass(frozen=True)
class WordsPage:
    """The terms, or the page about privacy."""

    words: SitePage


async def logo(request: Request) -> Response:
    """The logo, under a path that names its content."""
    found = await queries.logo(db_of(request), request.path_params["logo_hash"])
    if found is None:
        raise NotFound
    return Response(found, headers={"cache-control": FOREVER}, media_type="image/png")


async def look(request: Request) -> Response:
    """The accent colour's stylesheet; under the name of an older one it is today's, to be asked for anew."""
    site: Site = request.state.site
    css, name = stylesheet(site.accent or DEFAULT)
    caching = FOREVER if name == request.path_params["look_hash"] else "no-cache"
    return Response(css, headers={"cache-control": caching}, media_type="text/css")


async def words(request: Request) -> Response:
    """The terms or the page about privacy, as published."""
    slug = request.url.path.split("/")[1]
    version = path_id(request, "version") if "version" in request.path_params else None
    if version is not None and version > 2**31 - 1:
        raise NotFound
    return render(request, "site/words.html", WordsPage(await queries.page(db_of(request), slug, version)))


async def dismiss(request: Request) -> Response:
    """Put an announcement away in this browser."""
    await form_of(request)
    known = put_away(choice(request, DISMISSED))
    away = sorted({*known, path_id(request, "announcement_id")})[-MOST_DISMISSED:]
    response = Response(status_code=204) if wants_fragment(request) else redirect(came_from(request))
    keep_choice(request, response, DISMISSED, ".".join(str(each) for each in away))
    return response


routes = [
    Route("/logo/{logo_hash}.png", logo),
    Route("/look/{look_hash}.css", look),
    Route("/terms", words),
    Route("/terms/{version:int}", words),
    Route("/privacy", words),
    Route("/privacy/{version:int}", words),
    Route("/announcements/{announcement_id:int}/dismiss", dismiss, methods=["POST"]),
]
