"""HTTP of the people: who is here, one person, and whom administrators let in."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.districts.queries import districts
from forum.districts.types import District
from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, path_id, redirect, render
from forum.members import joining, queries
from forum.members.policy import may_invite, may_see_people, may_see_person
from forum.members.types import Invitation, JoinDraft, JoinRequest, Person

PEOPLE_A_PAGE = 60


@dataclass(frozen=True)
class PeoplePage:
    """Members by handle; `older` is the link to the next page or ""."""

    people: Sequence[Person]
    older: str


@dataclass(frozen=True)
class PersonPage:
    """One member."""

    person: Person
    is_me: bool


@dataclass(frozen=True)
class RequestsPage:
    """For administrators: who waits, who is invited, and the form that invites."""

    requests: Sequence[JoinRequest]
    invitations: Sequence[Invitation]
    districts: Sequence[District]
    address: str
    problems: dict[str, str]


async def people(request: Request) -> Response:
    """Who is here."""
    may_see_people(request.state.actor).require()
    found = await queries.people(db_of(request), after=request.query_params.get("after", ""), limit=PEOPLE_A_PAGE + 1)
    older = f"/people?after={found[PEOPLE_A_PAGE - 1].handle}" if len(found) > PEOPLE_A_PAGE else ""
    return render(request, "members/people.html", PeoplePage(found[:PEOPLE_A_PAGE], older))


async def person(request: Request) -> Response:
    """One member, for members; guests see that there is something to sign in for."""
    actor, handle = request.state.actor, request.path_params["handle"]
    may_see_person(actor, handle).require()
    found = await queries.person(db_of(request), handle)
    return render(request, "members/person.html", PersonPage(found, found.id == actor.id))


async def requests(request: Request) -> Response:
    """Who asks to join."""
    return await _requests(request)


async def decide(request: Request) -> Response:
    """Let somebody in, or not."""
    is_approved = (await form_of(request)).get("decision") == "approve"
    request_id = path_id(request, "request_id")
    try:
        await joining.decide(db_of(request), request.state.actor, request_id, is_approved=is_approved)
    except Invalid as problem:
        return await _requests(request, problems=problem.fields, status=422)
    return redirect("/people/requests?notice=decided")


async def invite(request: Request) -> Response:
    """Invite somebody by mail."""
    form = await form_of(request)
    address = form.get("address", "").strip()
    try:
        await joining.invite(db_of(request), request.state.actor, address, JoinDraft.from_form(form).district_id)
    except Invalid as problem:
        return await _requests(request, address, problem.fields, 422)
    return redirect("/people/requests?notice=invited")


async def _requests(
    request: Request, address: str = "", problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    may_invite(request.state.actor).require()
    db = db_of(request)
    page = RequestsPage(
        requests=await queries.join_requests(db),
        invitations=await queries.invitations(db),
        districts=await districts(db),
        address=address,
        problems=problems or {},
    )
    return render(request, "members/requests.html", page, status)


routes = [
    Route("/people", people),
    Route("/people/requests", requests),
    Route("/people/requests/{request_id:int}", decide, methods=["POST"]),
    Route("/people/invitations", invite, methods=["POST"]),
    Route("/people/{handle}", person),
]
