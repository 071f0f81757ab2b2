"""HTTP of a member's own settings: profile, sessions, theme."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, keep_choice, own_path, path_id, redirect, render, settings_of, wants_fragment
from forum.members import profile, queries, sign_in
from forum.members.policy import may_have_settings
from forum.members.types import THEMES, OpenSession, Person, ProfileDraft


@dataclass(frozen=True)
class ProfilePage:
    """What others see of me, ready to change."""

    person: Person
    draft: ProfileDraft
    problems: dict[str, str]


@dataclass(frozen=True)
class SessionsPage:
    """Where I am signed in."""

    sessions: Sequence[OpenSession]
    current_id: int


async def show_profile(request: Request) -> Response:
    """My profile."""
    return await _profile(request)


async def save_profile(request: Request) -> Response:
    """Change it."""
    draft = ProfileDraft.from_form(await form_of(request))
    try:
        await profile.change_profile(db_of(request), request.state.actor, draft)
    except Invalid as problem:
        return await _profile(request, draft, problem.fields, 422)
    return redirect("/settings?notice=saved")


async def sessions(request: Request) -> Response:
    """My sessions."""
    actor = request.state.actor
    may_have_settings(actor).require()
    found = await queries.open_sessions(db_of(request), actor)
    return render(request, "members/sessions.html", SessionsPage(found, actor.session_id))


async def end_session(request: Request) -> Response:
    """Sign one browser out."""
    actor = request.state.actor
    may_have_settings(actor).require()
    await sign_in.end_session(db_of(request), actor, path_id(request, "session_id"))
    return redirect("/settings/sessions?notice=sessions-ended")


async def end_others(request: Request) -> Response:
    """Sign out everywhere but here."""
    actor = request.state.actor
    may_have_settings(actor).require()
    await sign_in.end_other_sessions(db_of(request), actor)
    return redirect("/settings/sessions?notice=sessions-ended")


async def choose_theme(request: Request) -> Response:
    """Light, dark, or as the system has it; kept in a cookie, so that the first paint is right."""
    theme = (await form_of(request)).get("theme", "")
    came_from = urlsplit(request.headers.get("referer", ""))
    is_ours = came_from.netloc == request.headers.get("host")
    here = own_path(came_from._replace(scheme="", netloc="").geturl()) if is_ours else "/"
    response = Response(status_code=204) if wants_fragment(request) else redirect(here)
    if theme in THEMES:
        keep_choice(request, response, "theme", theme)
    else:
        response.delete_cookie("theme", secure=settings_of(request).is_https, httponly=True, samesite="lax")
    return response


async def _profile(
    request: Request, draft: ProfileDraft | None = None, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    actor = request.state.actor
    may_have_settings(actor).require()
    person = await queries.person(db_of(request), actor.handle)
    draft = draft or ProfileDraft(person.name, person.title, person.about)
    return render(request, "members/profile.html", ProfilePage(person, draft, problems or {}), status)


routes = [
    Route("/settings", show_profile),
    Route("/settings", save_profile, methods=["POST"]),
    Route("/settings/sessions", sessions),
    Route("/settings/sessions/end-others", end_others, methods=["POST"]),
    Route("/settings/sessions/{session_id:int}/end", end_session, methods=["POST"]),
    Route("/theme", choose_theme, methods=["POST"]),
]
