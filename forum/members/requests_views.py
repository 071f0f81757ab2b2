"""HTTP of who joins: requests that wait for an administrator's word, and invitations one at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.districts.queries import districts
from forum.districts.types import District
from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, path_id, redirect, render
from forum.members import joining, queries
from forum.members.policy import may_invite, require_recent, require_staff
from forum.members.types import DECLINE_REASONS, Actor, Invitation, JoinRequest


@dataclass(frozen=True)
class RequestsPage:
    """For administrators: who waits, who is invited, and the form that invites. `reasons`: templates for a refusal.

    words: what was typed to the one with the id `refused`, and will not do.
    """

    actor: Actor
    requests: Sequence[JoinRequest]
    reasons: Mapping[str, str]
    invitations: Sequence[Invitation]
    districts: Sequence[District]
    address: str
    refused: int
    words: str
    problems: Mapping[str, str]


async def requests(request: Request) -> Response:
    """Who asks to join."""
    return await _requests(request)


async def decide(request: Request) -> Response:
    """Let somebody in, as a member or as a vendor, or not, with a reason or without a word."""
    _require(request)
    require_recent(request.state.actor)
    form = await form_of(request, "decision", "reason", "reason_words")
    request_id, words = path_id(request, "request_id"), form.get("reason_words", "").strip()
    try:
        await joining.decide(
            db_of(request),
            request.state.actor,
            request_id,
            is_approved=form.get("decision") in ("approve", "approve-vendor"),
            role="vendor" if form.get("decision") == "approve-vendor" else "member",
            reason=words or DECLINE_REASONS.get(form.get("reason", ""), ""),
        )
    except Invalid as problem:
        return await _requests(request, refused=request_id, words=words, problems=problem.fields)
    return redirect("/people/requests?notice=decided")


async def invite(request: Request) -> Response:
    """Invite somebody by mail."""
    _require(request)
    require_recent(request.state.actor)
    form = await form_of(request, "address", "district_id")
    address = form.get("address", "").strip()
    try:
        await joining.invite(db_of(request), request.state.actor, address, form.whole("district_id"))
    except Invalid as problem:
        return await _requests(request, address=address, problems=problem.fields)
    return redirect("/people/requests?notice=invited")


def _require(request: Request) -> None:
    may_invite(request.state.actor).require()
    require_staff(request.state.actor)


async def _requests(
    request: Request, *, address: str = "", refused: int = 0, words: str = "", problems: Mapping[str, str] | None = None
) -> Response:
    _require(request)
    db = db_of(request)
    page = RequestsPage(
        actor=request.state.actor,
        requests=await queries.join_requests(db),
        reasons=DECLINE_REASONS,
        invitations=await queries.invitations(db),
        districts=await districts(db),
        address=address,
        refused=refused,
        words=words,
        problems=problems or {},
    )
    return render(request, "members/requests.html", page, 422 if problems else 200)


routes = [
    Route("/people/requests", requests),
    Route("/people/requests/{request_id:int}", decide, methods=["POST"]),
    Route("/people/invitations", invite, methods=["POST"]),
]
