"""HTTP of the lists of threads: home, unread, unanswered, top, a category, a topic."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.categories import queries as categories
from forum.categories.policy import may_start
from forum.categories.types import Room
from forum.kit.errors import Forbidden, NotFound, Verdict
from forum.kit.http import db_of, form_of, redirect, render
from forum.kit.text import with_query
from forum.members import profile
from forum.threads.lists import ORDERS, PERIODS, THREADS_A_PAGE, Place, Selection, pinned, place_behind, threads
from forum.threads.types import ThreadRow
from forum.topics import queries as topics

Endpoint = Callable[[Request], Awaitable[Response]]
Tab = tuple[str, str, bool]
TITLES = {
    "latest": "All threads",
    "unread": "Unread threads",
    "unanswered": "Unanswered questions",
    "top": "Top threads",
}
PERIOD_NAMES = {"week": "This week", "month": "This month", "year": "This year", "all": "All time"}
EMPTY = {
    "latest": ("Nothing here yet. Ask the first question.", "/ask", "Ask"),
    "unread": ("Nothing unread. You have seen it all.", "/unanswered", "Browse unanswered questions"),
    "unanswered": ("Every question here has a reply.", "/", "See the latest"),
    "top": ("Nothing in this time yet.", "?period=all", "Look at all time"),
}


@dataclass(frozen=True)
class ListPage:
    """A page of threads. `older` and `first` are links, "" where there is no such page."""

    title: str
    description: str
    rows: Sequence[ThreadRow]
    tabs: tuple[Tab, ...]
    periods: Sequence[Tab]
    older: str
    first: str
    order: str
    empty: tuple[str, str, str]
    room: Room | None
    may_start: Verdict
    is_staff: bool
    topic: str


def home(order: str) -> Endpoint:
    """The view of all threads in that order."""

    async def view(request: Request) -> Response:
        return await _list(request, Selection(_checked(request, order)), TITLES[order])

    return view


async def category(request: Request) -> Response:
    """The threads of one category; an address it had before leads to the new one."""
    actor, slug = request.state.actor, request.path_params["slug"]
    room = await categories.room(db_of(request), actor, slug)
    if room.slug != slug:
        return redirect(_path(Selection(_order(request), category=room.slug), _order(request)))
    request.state.may_index = actor.is_guest and request.state.site.is_indexed
    return await _list(request, Selection(_order(request), category=room.slug), room.name, room=room)


async def topic(request: Request) -> Response:
    """The threads with one topic; a synonym leads to its topic."""
    slug = request.path_params["slug"]
    name = await topics.topic_called(db_of(request), request.state.actor, slug)
    if name is None:
        raise NotFound
    if name != slug:
        return redirect(f"/topics/{name}")
    return await _list(request, Selection(_order(request), topic=name), f"#{name}")


async def mark_read(request: Request) -> Response:
    """Nothing is unread any more."""
    await form_of(request)
    await profile.mark_all_read(db_of(request), request.state.actor)
    return redirect("/unread?notice=read")


def _order(request: Request) -> str:
    return _checked(request, request.path_params.get("order", "latest"))


def _checked(request: Request, order: str) -> str:
    if order not in ORDERS:
        raise NotFound
    if order == "unread" and request.state.actor.is_guest:
        raise Forbidden("Sign in, and the forum remembers what you have read.")
    return order


async def _list(request: Request, selection: Selection, title: str, room: Room | None = None) -> Response:
    db, actor = db_of(request), request.state.actor
    period = request.query_params.get("period", "")
    if period in PERIODS:
        selection = replace(selection, period=period)
    place = Place.from_text(request.query_params.get("from", ""))
    rows = await threads(db, actor, selection, place)
    older = ""
    if len(rows) > THREADS_A_PAGE:
        rows = rows[:THREADS_A_PAGE]
        older = _link(selection, place_behind(rows[-1], selection.order))
    if room and place.is_start and selection.order == "latest":
        rows = [*await pinned(db, actor, room.slug), *rows]
    page = ListPage(
        title=title,
        description=room.description if room else "",
        rows=rows,
        tabs=_tabs(selection, is_guest=actor.is_guest),
        periods=_periods(selection),
        older=older,
        first="" if place.is_start else _link(selection, ""),
        order=selection.order,
        empty=EMPTY[selection.order],
        room=room,
        may_start=may_start(actor, room) if room else Verdict(),
        is_staff=room is not None and actor.moderates_in(room.id),
        topic=selection.topic,
    )
    return render(request, "threads/list.html", page)


def _base(selection: Selection) -> str:
    if selection.category:
        return f"/c/{selection.category}"
    return f"/topics/{selection.topic}" if selection.topic else ""


def _path(selection: Selection, order: str) -> str:
    base = _base(selection)
    return (base or "/") if order == "latest" else f"{base}/{order}"


def _link(selection: Selection, place: str) -> str:
    period = selection.period if selection.order == "top" else ""
    return with_query(_path(selection, selection.order), {"period": period, "from": place})


def _tabs(selection: Selection, *, is_guest: bool) -> tuple[Tab, ...]:
    names = {"latest": "Latest", "unread": "Unread", "unanswered": "Unanswered", "top": "Top"}
    shown = [order for order in names if not (order == "unread" and is_guest)]
    return tuple((_path(selection, order), names[order], order == selection.order) for order in shown)


def _periods(selection: Selection) -> list[Tab]:
    if selection.order != "top":
        return []
    path = _path(selection, "top")
    return [(f"{path}?period={key}", name, key == selection.period) for key, name in PERIOD_NAMES.items()]


routes = [
    Route("/", home("latest")),
    Route("/unread", mark_read, methods=["POST"]),
    *(Route(f"/{order}", home(order), name=order) for order in ORDERS if order != "latest"),
    Route("/c/{slug}", category),
    Route("/c/{slug}/{order}", category),
    Route("/topics/{slug}", topic),
    Route("/topics/{slug}/{order}", topic),
]
