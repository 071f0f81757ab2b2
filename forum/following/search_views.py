"""HTTP of removing a saved search with the following that hangs on it, and of taking that back."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.following import commands
from forum.following.types import RemovedSearch
from forum.kit.http import db_of, form_of, path_id, redirect_noting
from forum.kit.undoing import undo, undo_of
from forum.search.policy import may_save

HOME = "/searches"


async def remove(request: Request) -> Response:
    """Keep one no more."""
    saved_id = path_id(request, "saved_id")
    await form_of(request)
    removed = await commands.remove_search(db_of(request), request.state.actor, saved_id)
    if removed is None:
        return redirect_noting(HOME, "nothing")
    return redirect_noting(
        HOME, "search-removed", undo_of(request, "search", removed.parts), at=f"level-search-{saved_id}"
    )


async def bring_back(request: Request) -> Response:
    """Keep it again as it was."""
    db, actor = db_of(request), request.state.actor
    may_save(actor).require()
    return await undo(
        request, "search", HOME, lambda parts: commands.bring_back_search(db, actor, RemovedSearch.from_parts(parts))
    )


routes = [
    Route("/searches/{saved_id:int}/remove", remove, methods=["POST"]),
    Route("/undo/search/{deed}", bring_back, methods=["POST"]),
]
