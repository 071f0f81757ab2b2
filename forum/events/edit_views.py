"""HTTP of announcing an event, changing when and where it is, and cancelling it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.categories import queries as categories
from forum.categories.policy import may_start
from forum.categories.types import Room
from forum.events import commands, policy, queries
from forum.events.conflicts import Conflict
from forum.events.types import DRAFT, KIND, NEW_FIELDS, EventDraft, Facts
from forum.kit.errors import Invalid, Stale
from forum.kit.http import db_of, form_of, path_id, redirect, render, settings_of
from forum.kit.markdown import render_safely
from forum.kit.tokens import new_token
from forum.kit.zones import named_zones
from forum.members.queries import time_zone
from forum.threads import drafts
from forum.threads import queries as threads
from forum.threads.advice import SEEN, advice_in
from forum.threads.types import FACT_FIELDS, Draft, Thread, ThreadDraft

CHANGED = "This was changed since you opened it. Compare, then save yours over it or keep what stands now."


@dataclass(frozen=True)
class NewPage:
    """The form for an event. rooms: categories its reader may start a thread in; refusal: why there are none.

    saved: what was typed and not sent, which the form holds.
    """

    draft: EventDraft
    saved: Draft | None
    rooms: Sequence[Room]
    refusal: str
    offers_vendors_out: bool
    zones: Sequence[tuple[str, str]]
    problems: Mapping[str, str]
    preview_html: str


@dataclass(frozen=True)
class ChangePage:
    """When and where a thread's event is, as a form. version: 0 where nobody has said that yet.

    conflict: what was saved of the same fields while this was typed, if anything was.
    """

    thread: Thread
    facts: Facts
    version: int
    is_cancelled: bool
    zones: Sequence[tuple[str, str]]
    problems: Mapping[str, str]
    conflict: Conflict | None


async def new(request: Request) -> Response:
    """An empty form, in the reader's time zone, or the draft that was left here."""
    db, actor = db_of(request), request.state.actor
    saved = None if actor.is_guest else await drafts.draft(db, actor, DRAFT)
    thread = ThreadDraft(request.query_params.get("category", ""), KIND, "", "", "", new_token())
    facts = Facts(time_zone=await _zone(request))
    if saved:
        thread, facts = thread.with_kept(saved.fields), facts.with_kept(saved.fields)
    return await _new(request, EventDraft(thread, facts), saved=saved)


async def announce(request: Request) -> Response:
    """Announce it, or show the form again with what is wrong, or with the preview."""
    db, actor = db_of(request), request.state.actor
    form = await form_of(request, *NEW_FIELDS, "preview", SEEN)
    draft = EventDraft.from_form(form)
    try:
        if form.flag("preview"):
            policy.may_announce(actor).require()
            draft.thread.check()
            return await _new(request, draft, preview=(await render_safely(draft.thread.body)).html)
        if not form.flag(SEEN) and (page := await _advice(request, draft)):
            return page
        thread_id = await commands.announce(db, actor, draft)
    except Invalid as problem:
        return await _new(request, draft, problem.fields, status=422)
    if not thread_id:
        return redirect("/drafts?notice=held")
    await request.app.state.wrote(db, thread_id, 1)
    thread = await threads.thread(db, actor, thread_id)
    return redirect(f"{thread.path}?notice=announced")


async def form(request: Request) -> Response:
    """When and where it is, to be changed."""
    return await _change(request)


async def change(request: Request) -> Response:
    """Change it, or show the form again with what is wrong."""
    db, actor, thread_id = db_of(request), request.state.actor, path_id(request, "thread_id")
    sent = await form_of(request, *FACT_FIELDS, "version")
    facts, version = Facts.from_form(sent), sent.whole("version") or 0
    try:
        await commands.change(db, actor, thread_id, facts, version)
    except Invalid as problem:
        return await _change(request, facts, version, problem.fields, 422)
    except Stale:
        return await _change(request, facts, version, {"form": CHANGED}, 409)
    thread = await threads.thread(db, actor, thread_id)
    return redirect(f"{thread.path}?notice=saved")


async def cancel(request: Request) -> Response:
    """Say that it does not take place, or that it does: field `cancelled` is "yes" or "no"."""
    db, actor, thread_id = db_of(request), request.state.actor, path_id(request, "thread_id")
    sent = await form_of(request, "cancelled")
    is_cancelled = sent.one_of("cancelled", ("yes", "no")) == "yes"
    await commands.cancel(db, actor, thread_id, is_cancelled=is_cancelled)
    event = await queries.event(db, actor, thread_id)
    notice = "event-off" if is_cancelled else "event-on"
    return redirect(f"{event.thread_path}?notice={'saved' if event.is_over else notice}")


async def _advice(request: Request, draft: EventDraft) -> Response | None:
    draft.check()
    return await advice_in(request, draft.thread.category, "/events/new", draft.fields)


async def _zone(request: Request) -> str:
    """The reader's time zone, or else the site's."""
    actor = request.state.actor
    known = await time_zone(db_of(request), actor.id) if actor.id else ""
    return known if known in dict(named_zones()) else settings_of(request).time_zone


async def _new(
    request: Request,
    draft: EventDraft,
    problems: Mapping[str, str] | None = None,
    *,
    saved: Draft | None = None,
    preview: str = "",
    status: int = 200,
) -> Response:
    actor = request.state.actor
    may_announce = policy.may_announce(actor)
    if actor.is_guest:
        may_announce.require()
    rooms = [room for room in await categories.rooms(db_of(request), actor) if may_start(actor, room)]
    chosen = [room for room in rooms if room.slug == draft.thread.category]
    page = NewPage(
        draft=draft,
        saved=saved,
        rooms=rooms,
        refusal=may_announce.reason or "There is no category you may start a thread in.",
        offers_vendors_out=any(room.lets_vendors_in for room in chosen or rooms),
        zones=named_zones(),
        problems=problems or {},
        preview_html=preview,
    )
    return render(request, "events/new.html", page, status)


async def _change(
    request: Request,
    typed: Facts | None = None,
    opened: int = 0,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """The form, as it stands or as it was typed in one that showed the version `opened`, over what stands now."""
    db, actor, thread_id = db_of(request), request.state.actor, path_id(request, "thread_id")
    thread, post, event = await queries.announced(db, actor, thread_id)
    policy.may_change(actor, thread, post, event).require()
    kept = event.facts if event else Facts(time_zone=await _zone(request))
    facts, conflict = await queries.merge(db, event, typed, opened) if typed else (kept, None)
    page = ChangePage(
        thread=thread,
        facts=facts,
        version=event.version if event else 0,
        is_cancelled=event is not None and event.is_cancelled,
        zones=named_zones(),
        problems={**({"form": CHANGED} if conflict else {}), **(problems or {})},
        conflict=conflict,
    )
    return render(request, "events/change.html", page, status)


routes = [
    Route("/events/new", new),
    Route("/events/new", announce, methods=["POST"]),
    Route("/events/{thread_id:int}/edit", form),
    Route("/events/{thread_id:int}/edit", change, methods=["POST"]),
    Route("/events/{thread_id:int}/cancel", cancel, methods=["POST"]),
]
