"""HTTP of the directory: who is here, and who can help."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.directory import queries
from forum.directory.types import ROLE_CHOICES, SIZE_CHOICES, Found, Sought
from forum.kit.http import db_of, render
from forum.members.policy import may_see_people


@dataclass(frozen=True)
class DirectoryPage:
    """Members by handle, those sought; `older` is the link to the next page or ""."""

    people: Sequence[Found]
    sought: Sought
    roles: Sequence[tuple[str, str]]
    sizes: Sequence[tuple[str, str]]
    older: str


async def people(request: Request) -> Response:
    """Who is here, and whom one looks for."""
    actor = request.state.actor
    may_see_people(actor).require()
    sought = Sought.from_query(request.query_params)
    found = await queries.people(db_of(request), actor, sought, after=request.query_params.get("after", ""))
    shown = found[: queries.PEOPLE_A_PAGE]
    older = sought.path(shown[-1].handle) if len(found) > len(shown) else ""
    return render(request, "directory/people.html", DirectoryPage(shown, sought, ROLE_CHOICES, SIZE_CHOICES, older))


routes = [Route("/people", people)]
