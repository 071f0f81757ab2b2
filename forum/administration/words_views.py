"""HTTP of what the site says: announcements, terms and privacy."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.administration import commands
from forum.administration.texts import STARTING_TEXTS
from forum.events.times import when_words
from forum.kit.days import dated_shortly
from forum.kit.errors import Invalid, NotFound
from forum.kit.http import db_of, form_of, path_id, redirect, render, settings_of
from forum.kit.moments import typed
from forum.kit.tokens import new_token
from forum.kit.zones import zone_words
from forum.members.policy import require_admin
from forum.members.queries import zone
from forum.members.types import Actor
from forum.site import queries
from forum.site.types import (
    AUDIENCES,
    MAX_ANNOUNCEMENT,
    MAX_PAGE,
    PAGES,
    Announcement,
    AnnouncementDraft,
    PageVersion,
    SitePage,
)

FIELDS = tuple(each.name for each in fields(AnnouncementDraft))
USUAL = timedelta(days=7)


@dataclass(frozen=True)
class AnnouncementsPage:
    """Every announcement with when it is shown, and the form for a new one. zone: what its times are called."""

    actor: Actor
    announcements: Sequence[tuple[Announcement, str]]
    draft: AnnouncementDraft
    zone: str
    audiences: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    limit: int
    problems: dict[str, str]


@dataclass(frozen=True)
class PagesPage:
    """The terms and the page about privacy: the newest of each, None when it is not published."""

    actor: Actor
    pages: tuple[tuple[str, str, SitePage | None], ...]


@dataclass(frozen=True)
class EditPagePage:
    """The form for one page. seen: the version it was made from, 0 while none is published."""

    actor: Actor
    slug: str
    title: str
    body: str
    seen: int
    versions: Sequence[PageVersion]
    limit: int
    problems: dict[str, str]


async def announcements(request: Request) -> Response:
    """What is announced, was and will be."""
    now, zone = datetime.now(UTC), await _zone(request)
    draft = AnnouncementDraft(
        from_at=typed(now, zone), until_at=typed(now + USUAL, zone), time_zone=zone.key, client_key=new_token()
    )
    return await _announcements(request, draft)


async def announce(request: Request) -> Response:
    """Announce something."""
    require_admin(request.state.actor)
    draft = AnnouncementDraft.from_form(await form_of(request, *FIELDS))
    try:
        await commands.announce(db_of(request), request.state.actor, draft)
    except Invalid as problem:
        draft = replace(draft, client_key=draft.client_key or new_token())
        if "time_zone" in problem.fields:
            draft = replace(draft, time_zone=(await _zone(request)).key)
        return await _announcements(request, draft, problem.fields, 422)
    return redirect("/admin/announcements?notice=announced")


async def withdraw(request: Request) -> Response:
    """Take an announcement away."""
    require_admin(request.state.actor)
    await form_of(request)
    await commands.withdraw(db_of(request), request.state.actor, path_id(request, "announcement_id"))
    return redirect("/admin/announcements?notice=taken-away")


async def _announcements(
    request: Request, draft: AnnouncementDraft, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    require_admin(request.state.actor)
    found = await queries.announcements(db_of(request))
    page = AnnouncementsPage(
        actor=request.state.actor,
        announcements=[(each, _when(each, draft.time_zone)) for each in found],
        draft=draft,
        zone=zone_words(draft.time_zone),
        audiences=tuple(zip(AUDIENCES, ("Everyone, also guests", "Members", "Staff"), strict=True)),
        kinds=(("info", "Information"), ("warn", "Warning")),
        limit=MAX_ANNOUNCEMENT,
        problems=problems or {},
    )
    return render(request, "administration/announcements.html", page, status)


def _when(announcement: Announcement, zone_name: str) -> str:
    return when_words(announcement.from_at, announcement.until_at, zone_name, dated_shortly)


async def _zone(request: Request) -> ZoneInfo:
    """The administrator's time zone, or else the site's."""
    return await zone(db_of(request), request.state.actor.id or 0, settings_of(request).time_zone)


async def pages(request: Request) -> Response:
    """Which pages are published."""
    require_admin(request.state.actor)
    found = tuple([(slug, title, await _newest(request, slug)) for slug, title in PAGES.items()])
    return render(request, "administration/pages.html", PagesPage(request.state.actor, found))


async def edit(request: Request) -> Response:
    """The newest version of a page in a form; a text to start from when there is none."""
    newest = await _newest(request, _slug(request))
    body = newest.body if newest else STARTING_TEXTS[_slug(request)]
    return await _edit(request, body, newest.version if newest else 0)


async def publish(request: Request) -> Response:
    """Publish it."""
    require_admin(request.state.actor)
    form = await form_of(request, "body", "seen")
    slug, body, seen = _slug(request), form.get("body", ""), form.whole("seen") or 0
    try:
        await commands.publish(db_of(request), request.state.actor, slug, body, seen=seen)
    except Invalid as problem:
        return await _edit(request, body, seen, problem.fields, 422)
    return redirect(f"/admin/pages/{slug}?notice=published")


async def _edit(
    request: Request, body: str, seen: int, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    require_admin(request.state.actor)
    slug = _slug(request)
    page = EditPagePage(
        actor=request.state.actor,
        slug=slug,
        title=PAGES[slug],
        body=body,
        seen=seen,
        versions=await queries.page_versions(db_of(request), slug),
        limit=MAX_PAGE,
        problems=problems or {},
    )
    return render(request, "administration/page.html", page, status)


def _slug(request: Request) -> str:
    slug: str = request.path_params["slug"]
    if slug not in PAGES:
        raise NotFound
    return slug


async def _newest(request: Request, slug: str) -> SitePage | None:
    try:
        return await queries.page(db_of(request), slug)
    except NotFound:
        return None


routes = [
    Route("/admin/announcements", announcements),
    Route("/admin/announcements", announce, methods=["POST"]),
    Route("/admin/announcements/{announcement_id:int}/withdraw", withdraw, methods=["POST"]),
    Route("/admin/pages", pages),
    Route("/admin/pages/{slug}", edit),
    Route("/admin/pages/{slug}", publish, methods=["POST"]),
]
