"""HTTP of the templates of reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, path_id, query_int, redirect, render
from forum.members.policy import require_admin
from forum.members.types import Actor
from forum.moderation import queries, reasons
from forum.moderation.types import ReasonTemplate


@dataclass(frozen=True)
class ReasonsPage:
    """All templates, and the form to write or change one."""

    actor: Actor
    reasons: Sequence[ReasonTemplate]
    name: str
    letter: str
    problems: dict[str, str]


async def show(request: Request) -> Response:
    """All templates; ?edit=ID brings one into the form."""
    require_admin(request.state.actor)
    chosen = await queries.reason(db_of(request), query_int(request, "edit"))
    return await _show(request, chosen.name if chosen else "", chosen.letter if chosen else "")


async def save(request: Request) -> Response:
    """Write or change a template."""
    require_admin(request.state.actor)
    form = await form_of(request, "name", "letter")
    name, letter = form.get("name", ""), form.get("letter", "")
    try:
        await reasons.save_reason(db_of(request), request.state.actor, name, letter)
    except Invalid as problem:
        return await _show(request, name, letter, problem.fields, 422)
    return redirect("/moderation/reasons?notice=saved")


async def drop(request: Request) -> Response:
    """Take a template away."""
    require_admin(request.state.actor)
    await form_of(request)
    await reasons.drop_reason(db_of(request), request.state.actor, path_id(request, "reason_id"))
    return redirect("/moderation/reasons?notice=saved")


async def _show(
    request: Request, name: str, letter: str, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    page = ReasonsPage(request.state.actor, await queries.reasons(db_of(request)), name, letter, problems or {})
    return render(request, "moderation/reasons.html", page, status)


routes = [
    Route("/moderation/reasons", show),
    Route("/moderation/reasons", save, methods=["POST"]),
    Route("/moderation/reasons/{reason_id:int}/drop", drop, methods=["POST"]),
]
