"""HTTP of a member's own settings: profile, sessions, theme."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid
from forum.kit.http import (
    came_from,
    db_of,
    drop_choice,
    form_of,
    keep_choice,
    path_id,
    redirect,
    render,
    settings_of,
    wants_fragment,
)
from forum.members import cookies, profile, queries, sign_in
from forum.members.policy import may_have_settings
from forum.members.types import THEMES, Person, ProfileDraft

SESSIONS = "/settings/security"


@dataclass(frozen=True)
class ProfilePage:
    """What others see of me, ready to change."""

    person: Person
    draft: ProfileDraft
    problems: dict[str, str]


async def show_profile(request: Request) -> Response:
    """My profile."""
    return await _profile(request)


async def save_profile(request: Request) -> Response:
    """Change it."""
    draft = ProfileDraft.from_form(await form_of(request, "name", "title", "about"))
    try:
        await profile.change_profile(db_of(request), request.state.actor, draft)
    except Invalid as problem:
        return await _profile(request, draft, problem.fields, 422)
    return redirect("/settings?notice=saved")


async def sessions(request: Request) -> Response:
    """My sessions stand on the page of keys."""
    may_have_settings(request.state.actor).require()
    return redirect(f"{SESSIONS}#sessions")


async def end_session(request: Request) -> Response:
    """Sign one browser out."""
    await form_of(request)
    actor = request.state.actor
    may_have_settings(actor).require()
    await sign_in.end_session(db_of(request), actor, path_id(request, "session_id"))
    return redirect(f"{SESSIONS}?notice=sessions-ended")


async def end_others(request: Request) -> Response:
    """Sign out everywhere but here."""
    await form_of(request)
    actor = request.state.actor
    may_have_settings(actor).require()
    await sign_in.end_other_sessions(db_of(request), actor)
    return redirect(f"{SESSIONS}?notice=sessions-ended")


async def end_all(request: Request) -> Response:
    """Sign out everywhere, here too."""
    await form_of(request)
    actor = request.state.actor
    may_have_settings(actor).require()
    await sign_in.end_sessions_of(db_of(request), actor.id)
    response = redirect("/?notice=signed-out-everywhere")
    cookies.drop_session(response, settings_of(request))
    response.headers["clear-site-data"] = '"storage"'
    return response


async def choose_theme(request: Request) -> Response:
    """Light, dark, or as the system has it; kept in a cookie, so that the first paint is right."""
    theme = (await form_of(request, "theme")).one_of("theme", ("system", *THEMES))
    response = Response(status_code=204) if wants_fragment(request) else redirect(came_from(request))
    if theme in THEMES:
        keep_choice(request, response, "theme", theme)
    else:
        drop_choice(request, response, "theme")
    return response


async def _profile(
    request: Request, draft: ProfileDraft | None = None, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    actor = request.state.actor
    may_have_settings(actor).require()
    person = await queries.person(db_of(request), actor.handle, actor)
    draft = draft or ProfileDraft(person.name, person.title, person.about)
    return render(request, "members/profile.html", ProfilePage(person, draft, problems or {}), status)


routes = [
    Route("/settings", show_profile),
    Route("/settings", save_profile, methods=["POST"]),
    Route("/settings/sessions", sessions),
    Route("/settings/sessions/end-others", end_others, methods=["POST"]),
    Route("/settings/sessions/end-all", end_all, methods=["POST"]),
    Route("/settings/sessions/{session_id:int}/end", end_session, methods=["POST"]),
    Route("/theme", choose_theme, methods=["POST"]),
]
