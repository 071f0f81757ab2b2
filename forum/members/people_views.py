"""HTTP of one person's page, and of what staff decide there: silence and suspension."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid, Verdict
from forum.kit.forms import Form
from forum.kit.http import db_of, form_of, redirect, render
from forum.members import queries, sanctions, staff_queries
from forum.members.policy import may_sanction, may_see_person, may_suspend, require_admin, require_staff
from forum.members.staff_types import Silence, Standing
from forum.members.types import Actor, Person


@dataclass(frozen=True)
class StaffPanel:
    """What staff see of a member, and may do. `places`: id and name of where they may silence."""

    standing: Standing
    silences: Sequence[Silence]
    places: Sequence[tuple[str, str]]
    may_sanction: Verdict
    may_suspend: Verdict
    is_admin: bool
    sent: Mapping[str, str]
    problems: Mapping[str, str]


@dataclass(frozen=True)
class PersonPage:
    """One member; `staff` is None for those who are not."""

    person: Person
    is_me: bool
    staff: StaffPanel | None


async def person(request: Request) -> Response:
    """One member, for members; guests see that there is something to sign in for."""
    return await _person(request, {}, {}, 200)


async def _person(request: Request, sent: Mapping[str, str], problems: Mapping[str, str], status: int) -> Response:
    actor, handle = request.state.actor, request.path_params["handle"]
    may_see_person(actor, handle).require()
    found = await queries.person(db_of(request), handle, actor)
    is_staff_here = actor.is_staff and actor.has_second_factor and found.id != actor.id
    panel = await _panel(request, actor, found.id, sent, problems) if is_staff_here else None
    return render(request, "members/person.html", PersonPage(found, found.id == actor.id, panel), status)


async def _panel(
    request: Request, actor: Actor, member_id: int, sent: Mapping[str, str], problems: Mapping[str, str]
) -> StaffPanel:
    db = db_of(request)
    standing = await staff_queries.standing(db, member_id)
    places = await staff_queries.places(db, actor)
    return StaffPanel(
        standing=standing,
        silences=await staff_queries.silences(db, actor, member_id),
        places=[("", "Everywhere"), *places] if actor.is_admin else places,
        may_sanction=may_sanction(actor, standing),
        may_suspend=may_suspend(actor, standing),
        is_admin=actor.is_admin,
        sent=sent,
        problems=problems,
    )


async def silence(request: Request) -> Response:
    """Let a member only read for a while."""
    require_staff(request.state.actor)
    form = await form_of(request, "silence_category", "silence_days", "silence_reason")

    async def decide(member_id: int) -> None:
        await sanctions.silence(
            db_of(request),
            request.state.actor,
            member_id,
            category_id=form.whole("silence_category"),
            days=form.whole("silence_days") or 0,
            reason=form.get("silence_reason", ""),
        )

    return await _decided(request, form, "silence", decide)


async def unsilence(request: Request) -> Response:
    """Let them write again."""
    require_staff(request.state.actor)
    form = await form_of(request, "silence_category")

    async def decide(member_id: int) -> None:
        category_id = form.whole("silence_category")
        await sanctions.unsilence(db_of(request), request.state.actor, member_id, category_id=category_id)

    return await _decided(request, form, "silence", decide)


async def suspend(request: Request) -> Response:
    """Shut a member out."""
    require_admin(request.state.actor)
    form = await form_of(request, "suspend_days", "suspend_reason")

    async def decide(member_id: int) -> None:
        days, reason = form.whole("suspend_days"), form.get("suspend_reason", "")
        await sanctions.suspend(db_of(request), request.state.actor, member_id, days=days, reason=reason)

    return await _decided(request, form, "suspend", decide)


async def unsuspend(request: Request) -> Response:
    """Let them in again."""
    require_admin(request.state.actor)
    form = await form_of(request)

    async def decide(member_id: int) -> None:
        await sanctions.unsuspend(db_of(request), request.state.actor, member_id)

    return await _decided(request, form, "suspend", decide)


async def _decided(request: Request, form: Form, prefix: str, decide: Callable[[int], Awaitable[None]]) -> Response:
    handle = request.path_params["handle"]
    member_id = (await queries.person(db_of(request), handle, request.state.actor)).id
    try:
        await decide(member_id)
    except Invalid as problem:
        problems = {f"{prefix}_{name.removeprefix(prefix + '_')}": text for name, text in problem.fields.items()}
        return await _person(request, form, problems, 422)
    return redirect(f"/people/{handle}?notice=decided-about")


routes = [
    Route("/people/{handle}", person),
    Route("/people/{handle}/silence", silence, methods=["POST"]),
    Route("/people/{handle}/unsilence", unsilence, methods=["POST"]),
    Route("/people/{handle}/suspend", suspend, methods=["POST"]),
    Route("/people/{handle}/unsuspend", unsuspend, methods=["POST"]),
]
