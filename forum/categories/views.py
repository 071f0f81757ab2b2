"""HTTP of the categories room: the page that lists them."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.categories import queries
from forum.categories.types import Room
from forum.kit.http import db_of, render


@dataclass(frozen=True)
class CategoriesPage:
    """Every category the reader may read, with what it is for."""

    rooms: Sequence[Room]


async def index(request: Request) -> Response:
    """All categories with their descriptions."""
    rooms = await queries.rooms(db_of(request), request.state.actor)
    return render(request, "categories/index.html", CategoriesPage(rooms))


routes = [Route("/c", index)]
