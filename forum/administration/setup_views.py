"""HTTP of /admin: what is left to set up, and every staff page with a line; the site's look; its switches."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.administration import commands, queries
from forum.administration.sign_in_views import ways
from forum.administration.types import Step, steps
from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, redirect, render, settings_of
from forum.members.policy import require_admin
from forum.members.types import Actor
from forum.site.contrast import DARK, DEFAULT, LIGHT, Theme, accent
from forum.site.queries import setting
from forum.site.types import MAX_NAME, LookDraft, Setting


@dataclass(frozen=True)
class AdminPage:
    """The administrators' first page. steps: what is left to set up and what is done; () when it is put away."""

    actor: Actor
    steps: tuple[Step, ...]
    done: int
    is_away: bool
    backup_note: str
    problems: dict[str, str]


@dataclass(frozen=True)
class Swatch:
    """How the accent looks in one theme."""

    name: str
    theme: Theme
    surface: str


@dataclass(frozen=True)
class LookPage:
    """Name, logo and accent colour. default_name: what the site is called without a name of its own."""

    actor: Actor
    draft: LookDraft
    default_name: str
    default_accent: str
    logo_path: str
    swatches: tuple[Swatch, ...]
    max_name: int
    problems: dict[str, str]


@dataclass(frozen=True)
class FeaturesPage:
    """The switches."""

    actor: Actor
    setting: Setting


async def landing(request: Request) -> Response:
    """What is left to do, and where everything is."""
    return await _landing(request)


async def _landing(
    request: Request, note: str | None = None, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    actor, db = request.state.actor, db_of(request)
    require_admin(actor)
    known = await setting(db)
    names = tuple(way.name for way in ways(settings_of(request), request.state.site) if way.is_used)
    found = steps(settings_of(request), request.state.site, known, await queries.facts(db), names)
    done = sum(step.is_done for step in found)
    is_away = (known.is_set_up or done == len(found)) and "steps" not in request.query_params and not problems
    page = AdminPage(
        actor=actor,
        steps=() if is_away else found,
        done=done,
        is_away=is_away,
        backup_note=known.backup_note if note is None else note,
        problems=problems or {},
    )
    return render(request, "administration/landing.html", page, status)


async def put_away(request: Request) -> Response:
    """Show the list of steps no more, or again."""
    require_admin(request.state.actor)
    is_away = (await form_of(request, "away")).one_of("away", ("0", "1")) == "1"
    await commands.put_checklist_away(db_of(request), request.state.actor, is_away=is_away)
    return redirect("/admin?notice=saved")


async def note_backups(request: Request) -> Response:
    """Say where backups are."""
    require_admin(request.state.actor)
    note = (await form_of(request, "backup_note")).get("backup_note", "")
    try:
        await commands.note_backups(db_of(request), request.state.actor, note)
    except Invalid as problem:
        return await _landing(request, note, problem.fields, 422)
    return redirect("/admin?notice=saved")


async def look(request: Request) -> Response:
    """What the site is called and looks like."""
    return await _look(request)


async def save_look(request: Request) -> Response:
    """Set name and accent colour."""
    require_admin(request.state.actor)
    form = await form_of(request, "name", "accent")
    draft = LookDraft(form.get("name", ""), form.get("accent", ""))
    try:
        await commands.name_and_colour(db_of(request), request.state.actor, draft)
    except Invalid as problem:
        return await _look(request, draft, problem.fields, 422)
    return redirect("/admin/look?notice=saved")


async def save_logo(request: Request) -> Response:
    """Show a logo."""
    require_admin(request.state.actor)
    form = await form_of(request, files=("picture",))
    try:
        await commands.show_logo(db_of(request), request.state.actor, form.files.get("picture", b""))
    except Invalid as problem:
        return await _look(request, problems=problem.fields, status=422)
    return redirect("/admin/look?notice=saved")


async def remove_logo(request: Request) -> Response:
    """Show none."""
    require_admin(request.state.actor)
    await form_of(request)
    await commands.remove_logo(db_of(request), request.state.actor)
    return redirect("/admin/look?notice=saved")


async def _look(
    request: Request, draft: LookDraft | None = None, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    require_admin(request.state.actor)
    known = await setting(db_of(request))
    colours = accent(known.accent or DEFAULT)
    page = LookPage(
        actor=request.state.actor,
        draft=draft or LookDraft(known.name, known.accent),
        default_name=settings_of(request).site_name,
        default_accent=DEFAULT,
        logo_path=request.state.site.logo_path,
        swatches=(
            Swatch("Light", colours.light, LIGHT["paper"]),
            Swatch("Dark", colours.dark, DARK["paper"]),
        ),
        max_name=MAX_NAME,
        problems=problems or {},
    )
    return render(request, "administration/look.html", page, status)


async def features(request: Request) -> Response:
    """What guests, newcomers and search engines may do."""
    require_admin(request.state.actor)
    page = FeaturesPage(request.state.actor, await setting(db_of(request)))
    return render(request, "administration/features.html", page)


async def save_features(request: Request) -> Response:
    """Switch them."""
    require_admin(request.state.actor)
    form = await form_of(request, "guests", "requests", "indexed")
    await commands.switch(
        db_of(request),
        request.state.actor,
        is_open_to_guests=form.flag("guests"),
        takes_requests=form.flag("requests"),
        is_indexed=form.flag("indexed"),
    )
    return redirect("/admin/features?notice=saved")


routes = [
    Route("/admin", landing),
    Route("/admin/setup", put_away, methods=["POST"]),
    Route("/admin/backups", note_backups, methods=["POST"]),
    Route("/admin/look", look),
    Route("/admin/look", save_look, methods=["POST"]),
    Route("/admin/logo", save_logo, methods=["POST"]),
    Route("/admin/logo/remove", remove_logo, methods=["POST"]),
    Route("/admin/features", features),
    Route("/admin/features", save_features, methods=["POST"]),
]
