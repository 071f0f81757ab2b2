"""HTTP of the search room: one page behind the search box."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.http import db_of, plain, render
from forum.search.queries import MOST_HITS, Hit, search


@dataclass(frozen=True)
class SearchPage:
    """What was looked for and what was found; `is_more`: there were more than are shown."""

    words: str
    hits: Sequence[Hit]
    is_more: bool


async def find(request: Request) -> Response:
    """Threads for the words in `q`."""
    words = plain(request.query_params.get("q", "")).strip()
    hits = await search(db_of(request), request.state.actor, words) if words else []
    return render(request, "search/results.html", SearchPage(words, hits, len(hits) == MOST_HITS))


routes = [Route("/search", find)]
