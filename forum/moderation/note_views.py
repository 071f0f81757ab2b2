"""HTTP of what staff know about a member: history, notes, sanctions, flags."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.categories import queries as categories
from forum.kit.errors import Invalid
from forum.kit.forms import Form
from forum.kit.http import db_of, form_of, path_id, redirect, render
from forum.members import queries as members
from forum.members.policy import require_staff
from forum.members.types import Actor, Person
from forum.moderation import log, notes, queries
from forum.moderation.types import History, StaffNote


@dataclass(frozen=True)
class MemberPage:
    """A member as staff see one, bounded by the categories the reader moderates. places: (id, name) for a note."""

    actor: Actor
    person: Person
    history: History | None
    entries: Sequence[log.LogEntry]
    notes: Sequence[StaffNote]
    places: Sequence[tuple[str, str]]
    body: str
    category: str
    problems: dict[str, str]


async def show(request: Request) -> Response:
    """What staff know."""
    require_staff(request.state.actor)
    return await _show(request)


async def write(request: Request) -> Response:
    """A note for other staff."""
    actor = request.state.actor
    require_staff(actor)
    form = await form_of(request, "body", "category_id")
    person = await members.person(db_of(request), request.path_params["handle"], actor)
    try:
        body, category_id = form.get("body", "").strip(), form.whole("category_id") or None
        await notes.write_note(db_of(request), actor, person.id, category_id, body)
    except Invalid as problem:
        return await _show(request, form, problem.fields, 422)
    return redirect(f"/moderation/members/{person.handle}?notice=saved")


async def drop(request: Request) -> Response:
    """Throw a note away."""
    actor = request.state.actor
    require_staff(actor)
    await form_of(request)
    person = await members.person(db_of(request), request.path_params["handle"], actor)
    await notes.drop_note(db_of(request), actor, person.id, path_id(request, "note_id"))
    return redirect(f"/moderation/members/{person.handle}?notice=saved")


async def _show(
    request: Request, form: Form | None = None, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    db, actor, typed = db_of(request), request.state.actor, form or Form(())
    person = await members.person(db, request.path_params["handle"], actor)
    own = [(str(room.id), room.name) for room in await categories.rooms(db, actor) if actor.moderates_in(room.id)]
    histories = await queries.histories(db, actor, [person.id])
    page = MemberPage(
        actor=actor,
        person=person,
        history=histories.get(person.id),
        entries=await log.about_member(db, actor, person.id),
        notes=await queries.notes(db, actor, person.id),
        places=[("", "Administrators only"), *own] if actor.is_admin else own,
        body=typed.get("body", ""),
        category=typed.get("category_id", ""),
        problems=problems or {},
    )
    return render(request, "moderation/member.html", page, status)


routes = [
    Route("/moderation/members/{handle}", show),
    Route("/moderation/members/{handle}", write, methods=["POST"]),
    Route("/moderation/members/{handle}/notes/{note_id:int}/drop", drop, methods=["POST"]),
]
