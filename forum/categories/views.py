"""HTTP of the categories room: the page that lists them."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.categories import queries
from forum.categories.types import Locked, Room
from forum.kit.http import db_of, render


@dataclass(frozen=True)
class CategoriesPage:
    """Every category the reader may read, with what it is for; of others only that they are there."""

    rooms: Sequence[Room]
    locked: Sequence[Locked]


async def index(request: Request) -> Response:
    """All categories with their descriptions."""
    db, actor = db_of(request), request.state.actor
    page = CategoriesPage(await queries.rooms(db, actor), await queries.locked(db, actor))
    return render(request, "categories/index.html", page)


routes = [Route("/c", index)]
