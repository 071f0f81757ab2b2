"""HTTP of acting on many threads of a category at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.categories import queries as categories
from forum.categories.policy import may_start
from forum.categories.types import Room
from forum.kit.errors import Invalid, NotFound
from forum.kit.http import db_of, form_of, redirect_noting, render
from forum.members.policy import require_staff
from forum.threads.batch import ACTS, act_on
from forum.threads.lists import THREADS_A_PAGE, Place, Selection, pinned, place_behind, threads
from forum.threads.types import ThreadRow


@dataclass(frozen=True)
class BatchPage:
    """The threads of a category with boxes to tick; `older` is a link, "" where there is no such page."""

    room: Room
    rows: Sequence[ThreadRow]
    chosen: frozenset[int]
    rooms: Sequence[Room]
    reason: str
    problems: dict[str, str]
    older: str


async def choose(request: Request) -> Response:
    """The threads of a category, for its staff."""
    return await _page(request, await _room(request))


async def act(request: Request) -> Response:
    """Lock, unlock, pin, let go, move or hide what was chosen."""
    room = await _room(request)
    form = await form_of(request, "act", "category", "reason", many=("thread_ids",))
    ids, reason = form.ids("thread_ids"), form.get("reason", "").strip()
    try:
        _, entry_id = await act_on(
            db_of(request),
            request.state.actor,
            room.id,
            form.one_of("act", ACTS),
            ids,
            to_category=form.get("category", ""),
            reason=reason,
        )
    except Invalid as problem:
        return await _page(request, room, frozenset(ids), reason, problem.fields, 422)
    return redirect_noting(f"/c/{room.slug}/manage", "done" if entry_id else "nothing", entry_id)


async def _room(request: Request) -> Room:
    actor = request.state.actor
    require_staff(actor)
    room = await categories.room(db_of(request), actor, request.path_params["slug"])
    if not actor.moderates_in(room.id):
        raise NotFound
    return room


async def _page(
    request: Request,
    room: Room,
    chosen: frozenset[int] = frozenset(),
    reason: str = "",
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    db, actor = db_of(request), request.state.actor
    place = Place.from_text(request.query_params.get("from", ""))
    rows = await threads(db, actor, Selection(category=room.slug), place)
    older = ""
    if len(rows) > THREADS_A_PAGE:
        rows = rows[:THREADS_A_PAGE]
        older = f"/c/{room.slug}/manage?from={place_behind(rows[-1], 'latest')}"
    if place.is_start:
        rows = [*await pinned(db, actor, room.slug), *rows]
    others = [each for each in await categories.rooms(db, actor) if each.id != room.id]
    rooms = [each for each in others if may_start(actor, each)]
    page = BatchPage(room, rows, chosen, rooms, reason, problems or {}, older)
    return render(request, "threads/batch.html", page, status)


routes = [
    Route("/c/{slug}/manage", choose),
    Route("/c/{slug}/manage", act, methods=["POST"]),
]
