"""HTTP of undo: the button in the notice after an act of staff."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.http import db_of, form_of, own_path, path_id, redirect_noting
from forum.moderation.undo import undo


async def undo_act(request: Request) -> Response:
    """Take the act back, and show what it was done to."""
    entry_id = path_id(request, "entry_id")
    form = await form_of(request, "next")
    path = await undo(db_of(request), request.state.actor, entry_id)
    return redirect_noting(path or own_path(form.get("next", ""), "/"), "undone")


routes = [Route("/undo/{entry_id:int}", undo_act, methods=["POST"])]
