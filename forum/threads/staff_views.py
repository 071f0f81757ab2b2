"""HTTP of what staff do to one thread: lock, pin, slow down, move, merge, close as a duplicate."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.categories import queries as categories
from forum.categories.policy import may_start
from forum.categories.types import Room
from forum.kit.db import Database
from forum.kit.errors import Invalid
from forum.kit.forms import Form
from forum.kit.http import db_of, form_of, path_id, redirect_noting, render
from forum.members.policy import require_staff
from forum.members.types import Actor
from forum.threads import policy, queries, state
from forum.threads.acts import thread_of_staff
from forum.threads.merge import merge
from forum.threads.move import move
from forum.threads.staff_types import thread_number
from forum.threads.types import Thread

WAITS = (
    ("0", "No wait"),
    ("60", "A minute"),
    ("300", "Five minutes"),
    ("900", "A quarter of an hour"),
    ("3600", "An hour"),
    ("86400", "A day"),
)
SETTINGS: Mapping[str, Callable[[Database, Actor, int], Awaitable[int]]] = {
    "lock": state.lock,
    "unlock": state.unlock,
    "pin": state.pin,
    "unpin": state.unpin,
    "reopen": state.reopen,
}


@dataclass(frozen=True)
class ManagePage:
    """What staff may do with a thread besides locking and pinning. waits: seconds and words, for slow mode."""

    thread: Thread
    rooms: Sequence[Room]
    waits: Sequence[tuple[str, str]]
    typed: Mapping[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DuplicatePage:
    """Which thread answers this one. of: its address as typed."""

    thread: Thread
    of: str = ""
    problems: dict[str, str] = field(default_factory=dict)


async def manage(request: Request) -> Response:
    """The page of a thread's staff."""
    return await _manage_page(request, await _thread(request))


async def set_state(request: Request) -> Response:
    """Lock, unlock, pin, let go, or open again."""
    thread = await _thread(request)
    act = (await form_of(request, "act")).one_of("act", tuple(SETTINGS))
    return _done(thread, await SETTINGS[act](db_of(request), request.state.actor, thread.id))


async def slow(request: Request) -> Response:
    """Set how long members wait between two posts."""
    thread = await _thread(request)
    seconds = (await form_of(request, "seconds")).one_of("seconds", [value for value, _ in WAITS])
    return _done(thread, await state.slow(db_of(request), request.state.actor, thread.id, int(seconds)))


async def move_thread(request: Request) -> Response:
    """Move the thread to another category."""
    thread = await _thread(request)
    form = await form_of(request, "category")
    try:
        return _done(thread, await move(db_of(request), request.state.actor, thread.id, form.get("category", "")))
    except Invalid as problem:
        return await _manage_page(request, thread, form, problem)


async def merge_thread(request: Request) -> Response:
    """Merge the thread into another one, and show that."""
    thread = await _thread(request)
    form, db, actor = await form_of(request, "into"), db_of(request), request.state.actor
    try:
        entry_id = await merge(db, actor, thread.id, thread_number(form.get("into", "")))
    except Invalid as problem:
        return await _manage_page(request, thread, form, problem)
    into = await queries.thread(db, actor, thread_number(form["into"]))
    return _done(into, entry_id)


async def choose_vendors(request: Request) -> Response:
    """Keep vendors out of the thread, or let them in again: for its staff and whoever began it."""
    db, actor = db_of(request), request.state.actor
    thread = await queries.thread(db, actor, path_id(request, "thread_id"))
    is_out = (await form_of(request, "vendors")).one_of("vendors", ("in", "out")) == "out"
    policy.may_choose_vendors(actor, thread, out=is_out).require()
    if thread.is_staff:
        require_staff(actor)
    return _done(thread, await state.keep_vendors_out(db, actor, thread.id, out=is_out))


async def ask_duplicate(request: Request) -> Response:
    """Which thread answers it?"""
    thread = await _thread_to_close(request)
    return render(request, "threads/duplicate.html", DuplicatePage(thread))


async def close_duplicate(request: Request) -> Response:
    """Close the thread as a duplicate."""
    thread = await _thread_to_close(request)
    of = (await form_of(request, "of")).get("of", "")
    try:
        entry_id = await state.close_as_duplicate(db_of(request), request.state.actor, thread.id, thread_number(of))
    except Invalid as problem:
        return render(request, "threads/duplicate.html", DuplicatePage(thread, of, problem.fields), 422)
    return _done(thread, entry_id)


async def _thread(request: Request) -> Thread:
    return await thread_of_staff(db_of(request), request.state.actor, path_id(request, "thread_id"))


async def _rooms(request: Request) -> list[Room]:
    """The categories the reader may put threads into."""
    actor = request.state.actor
    return [room for room in await categories.rooms(db_of(request), actor) if may_start(actor, room)]


async def _thread_to_close(request: Request) -> Thread:
    actor = request.state.actor
    thread = await queries.thread(db_of(request), actor, path_id(request, "thread_id"))
    if thread.is_staff:
        require_staff(actor)
    policy.may_close(actor, thread).require()
    return thread


async def _manage_page(
    request: Request, thread: Thread, form: Form | None = None, problem: Invalid | None = None
) -> Response:
    rooms = [room for room in await _rooms(request) if room.id != thread.category_id]
    problems = problem.fields if problem else {}
    page = ManagePage(thread, rooms, WAITS, dict(form or {}), problems)
    return render(request, "threads/manage.html", page, 422 if problem else 200)


def _done(thread: Thread, entry_id: int) -> Response:
    return redirect_noting(thread.path, "done" if entry_id else "nothing", entry_id)


routes = [
    Route("/threads/{thread_id:int}/manage", manage),
    Route("/threads/{thread_id:int}/set", set_state, methods=["POST"]),
    Route("/threads/{thread_id:int}/slow", slow, methods=["POST"]),
    Route("/threads/{thread_id:int}/move", move_thread, methods=["POST"]),
    Route("/threads/{thread_id:int}/merge", merge_thread, methods=["POST"]),
    Route("/threads/{thread_id:int}/vendors", choose_vendors, methods=["POST"]),
    Route("/threads/{thread_id:int}/duplicate", ask_duplicate),
    Route("/threads/{thread_id:int}/duplicate", close_duplicate, methods=["POST"]),
]
