"""HTTP of events: the lists, what stands beside a thread, one's own calendar's entry, and saying that one comes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.events import commands, policy, queries
from forum.events.queries import A_PAGE, FIRST, LAST
from forum.events.types import Beside, Event
from forum.kit import ics
from forum.kit.db import Database
from forum.kit.errors import Forbidden, Verdict
from forum.kit.http import db_of, form_of, ics_file, path_id, redirect, redirect_noting, render, settings_of
from forum.members.policy import may_see_people, person_path
from forum.members.types import Actor
from forum.threads.lists import Place
from forum.threads.queries import post_numbered
from forum.threads.types import Thread


@dataclass(frozen=True)
class Day:
    """A day, as "2026-12-01" and in words, and what begins on it."""

    name: str
    words: str
    events: Sequence[Event]


@dataclass(frozen=True)
class ListPage:
    """Events by day. more: the link to the next page, "" where there is none."""

    days: Sequence[Day]
    is_past: bool
    more: str
    may_announce: Verdict


async def coming(request: Request) -> Response:
    """What is to come, next ones first."""
    place = Place.from_text(request.query_params.get("after", ""), FIRST)
    found = await queries.coming(db_of(request), request.state.actor, after=place, limit=A_PAGE + 1)
    return _list(request, found, "/events?after=")


async def past(request: Request) -> Response:
    """What is over, newest first."""
    place = Place.from_text(request.query_params.get("before", ""), LAST)
    found = await queries.past(db_of(request), request.state.actor, before=place, limit=A_PAGE + 1)
    return _list(request, found, "/events/past?before=", is_past=True)


async def calendar(request: Request) -> Response:
    """One event as a file for one's own calendar."""
    event = await queries.event(db_of(request), request.state.actor, path_id(request, "thread_id"))
    settings = settings_of(request)
    address = f"{settings.site_url}{event.path}"
    entry = ics.Entry(
        uid=f"event-{event.post_id}@{settings.site_host}",
        day=event.starts_on,
        summary=event.title,
        description="\n".join(line for line in (event.where, event.link, address) if line),
        url=address,
        changed=event.changed_at,
        sequence=event.version - 1,
        times=(event.starts_at, event.ends_at),
        place=event.place or event.link,
        is_cancelled=event.is_cancelled,
    )
    return ics_file(ics.calendar(event.title, [entry]), f"event-{event.thread_id}.ics", is_kept=True)


async def come(request: Request) -> Response:
    """Say that one comes, or does not: field `coming` is "yes" or "no". Of an event that was canceled or is over since
    the page was opened, that is said there. What follows from it holds before the answer, which shows it.
    """
    db, actor, thread_id = db_of(request), request.state.actor, path_id(request, "thread_id")
    form = await form_of(request, "coming")
    notice = ""
    try:
        is_coming = form.one_of("coming", ("yes", "no")) == "yes"
        if post_id := await commands.come(db, actor, thread_id, is_coming=is_coming):
            await request.app.state.joined(db, post_id, actor.id)
    except Forbidden as refusal:
        notice = policy.MEANWHILE.get(refusal.reason, "")
        if not notice:
            raise
    place = f"{(await queries.event(db, actor, thread_id)).thread_path}#event"
    return redirect_noting(place, notice) if notice else redirect(place)


async def beside(db: Database, actor: Actor, thread: Thread) -> Beside | None:
    """What the page of a thread that has an event, or could have one, says of it; None for nothing."""
    if thread.deleted_at:
        return None
    event = await queries.event_of(db, actor, thread.id)
    post = await post_numbered(db, actor, thread.id, event.number if event else 1)
    may_change = policy.may_change(actor, thread, post, event)
    if event is None:
        return Beside(thread.id, None, (), Verdict("It has no time yet."), may_change) if may_change else None
    found = await queries.guests(db, event.post_id) if event.guests and may_see_people(actor) else []
    named = tuple((each.name, person_path(actor, each.handle)) for each in found)
    return Beside(thread.id, event, named, policy.may_come(actor, thread, event), may_change)


def _list(request: Request, found: Sequence[Event], rest: str, *, is_past: bool = False) -> Response:
    shown = found[:A_PAGE]
    more = rest + Place.at(shown[-1].starts_at, shown[-1].post_id).text if len(found) > A_PAGE else ""
    page = ListPage(_by_day(shown), is_past, more, policy.may_announce(request.state.actor))
    return render(request, "events/list.html", page)


def _by_day(events: Iterable[Event]) -> list[Day]:
    by_day: dict[date, list[Event]] = {}
    for each in events:
        by_day.setdefault(each.starts_on, []).append(each)
    return [Day(day.isoformat(), found[0].day, found) for day, found in by_day.items()]


routes = [
    Route("/events", coming),
    Route("/events/past", past),
    Route("/events/{thread_id:int}.ics", calendar),
    Route("/events/{thread_id:int}/coming", come, methods=["POST"]),
]
