"""HTTP of notifications: the list, the bell, and what is done with one."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.following.types import Deed
from forum.kit.forms import Form
from forum.kit.http import db_of, form_of, fragment, own_place, path_id, redirect, redirect_noting, render
from forum.kit.undoing import undo, undo_of
from forum.notifications import commands, policy, queries
from forum.notifications.queries import LINES_A_PAGE
from forum.notifications.types import Line, newest
from forum.threads.lists import Place

HOME = "/notifications"


@dataclass(frozen=True)
class ListPage:
    """What is new for its reader, or what is done. here: the address of this page; older: a link, "" on the last page;
    until: see `newest`.
    """

    here: str
    lines: Sequence[Line]
    is_done: bool
    older: str
    until: int


@dataclass(frozen=True)
class BellPage:
    """In how many threads something is new for its reader, at most a hundred."""

    count: int


async def show(request: Request) -> Response:
    """What is new."""
    policy.may_be_told(request.state.actor).require()
    lines = await queries.new_lines(db_of(request), request.state.actor, _place(request))
    return _list(request, lines, is_done=False)


async def show_done(request: Request) -> Response:
    """What is done or read."""
    policy.may_be_told(request.state.actor).require()
    lines = await queries.old_lines(db_of(request), request.state.actor, _place(request))
    return _list(request, lines, is_done=True)


async def bell(request: Request) -> Response:
    """The bell as it is now, for a page that heard of a change; a page of its own is the list."""
    policy.may_be_told(request.state.actor).require()
    return fragment(request, "notifications/bell_fragment.html", BellPage(request.state.reader.notified))


async def go(request: Request) -> Response:
    """Lead to what one is about; who went there has seen it."""
    db, actor = db_of(request), request.state.actor
    policy.may_be_told(actor).require()
    line = await queries.line(db, actor, path_id(request, "notification_id"))
    if request.method == "GET" and "prefetch" not in request.headers.get("sec-purpose", ""):
        await commands.see(db, actor, line.id)
    return redirect(line.place)


async def put_aside(request: Request) -> Response:
    """One is done, as far as it was shown."""
    form = await form_of(request, "until", "next")
    notification_id = path_id(request, "notification_id")
    moment = await commands.put_aside(db_of(request), request.state.actor, notification_id, form.whole("until") or 0)
    return _noting(request, form, "told-done", [moment], f"done-{notification_id}") if moment else redirect(_next(form))


async def put_all_aside(request: Request) -> Response:
    """All are done, as far as they were shown."""
    form = await form_of(request, "until", "next")
    moment = await commands.put_all_aside(db_of(request), request.state.actor, form.whole("until") or 0)
    return _noting(request, form, "all-done", [moment] if moment else (), "told")


async def mute(request: Request) -> Response:
    """Hear no more of the thread of one."""
    form, notification_id = await form_of(request, "next"), path_id(request, "notification_id")
    moment, deed = await commands.mute(db_of(request), request.state.actor, notification_id)
    parts = [moment, *deed.parts] if moment or deed.parts else ()
    return _noting(request, form, "muted", parts, f"done-{notification_id}")


async def bring_back(request: Request) -> Response:
    """What was done or muted with one click is as before."""
    policy.may_be_told(request.state.actor).require()

    async def by(parts: Sequence[str]) -> None:
        moment, *deed = parts
        await commands.bring_back(
            db_of(request), request.state.actor, int(moment), Deed.from_parts(deed) if deed else None
        )

    return await undo(request, "told", HOME, by)


def _noting(request: Request, form: Form, notice: str, parts: Sequence[object], at: str) -> Response:
    """The list, with a button that brings `parts` back; `at` is where the reader goes on then."""
    return redirect_noting(_next(form), notice, undo_of(request, "told", parts), at)


def _next(form: Form) -> str:
    """The list, at the place where the reader goes on."""
    return own_place(HOME, form.get("next", ""))


def _place(request: Request) -> Place:
    return Place.from_text(request.query_params.get("from", ""))


def _list(request: Request, lines: Sequence[Line], *, is_done: bool) -> Response:
    shown, place = lines[:LINES_A_PAGE], _place(request)
    here = HOME if place.is_start else f"{HOME}?from={place.text}"
    older = f"?from={shown[-1].moment}.{shown[-1].id}" if len(lines) > LINES_A_PAGE else ""
    return render(request, "notifications/list.html", ListPage(here, shown, is_done, older, newest(shown)))


routes = [
    Route("/notifications", show),
    Route("/notifications/done", show_done),
    Route("/notifications/bell", bell),
    Route("/notifications/done", put_all_aside, methods=["POST"]),
    Route("/notifications/{notification_id:int}", go),
    Route("/notifications/{notification_id:int}/done", put_aside, methods=["POST"]),
    Route("/notifications/{notification_id:int}/mute", mute, methods=["POST"]),
    Route("/undo/told/{deed}", bring_back, methods=["POST"]),
]
