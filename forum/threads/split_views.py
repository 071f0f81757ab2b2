"""HTTP of splitting: choose replies, a title and a category for the new thread."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.categories import queries as categories
from forum.categories.policy import may_start
from forum.categories.types import Room
from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, path_id, query_int, redirect_noting, render
from forum.kit.text import one_line
from forum.threads import queries
from forum.threads.acts import thread_of_staff
from forum.threads.split import split
from forum.threads.staff_types import SplitDraft
from forum.threads.types import PostSource, Thread


@dataclass(frozen=True)
class SplitPage:
    """A hundred replies to choose from; `later` is a link, "" where there are no more."""

    thread: Thread
    posts: Sequence[PostSource]
    rooms: Sequence[Room]
    draft: SplitDraft
    problems: dict[str, str]
    later: str


async def ask_split(request: Request) -> Response:
    """The replies of a thread with boxes to tick."""
    thread = await _thread(request)
    return await _page(request, thread, SplitDraft((), "", thread.category_slug))


async def split_thread(request: Request) -> Response:
    """Make the new thread, and show it."""
    thread = await _thread(request)
    form = await form_of(request, "title", "category", many=("post_ids",))
    draft = SplitDraft(form.ids("post_ids"), one_line(form.get("title", "")), form.get("category", ""))
    db, actor = db_of(request), request.state.actor
    try:
        new_id, entry_id = await split(db, actor, thread.id, draft)
    except Invalid as problem:
        return await _page(request, thread, draft, problem.fields, 422)
    return redirect_noting((await queries.thread(db, actor, new_id)).path, "done", entry_id)


async def _thread(request: Request) -> Thread:
    return await thread_of_staff(db_of(request), request.state.actor, path_id(request, "thread_id"))


async def _page(
    request: Request, thread: Thread, draft: SplitDraft, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    db, actor = db_of(request), request.state.actor
    posts = await queries.replies_to_choose(db, actor, thread.id, after=query_int(request, "after"))
    rooms = [room for room in await categories.rooms(db, actor) if may_start(actor, room)]
    more = len(posts) == 100 and posts[-1].number < thread.last_number
    later = f"/threads/{thread.id}/split?after={posts[-1].number}" if more else ""
    page = SplitPage(thread, posts, rooms, draft, problems or {}, later)
    return render(request, "threads/split.html", page, status)


routes = [
    Route("/threads/{thread_id:int}/split", ask_split),
    Route("/threads/{thread_id:int}/split", split_thread, methods=["POST"]),
]
