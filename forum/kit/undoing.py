"""Undo of what one did with a click: the button in the notice carries what was before, sealed for its session."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from forum.kit.errors import NOTHING_LEFT, Invalid, NotFound
from forum.kit.http import form_of, own_path, redirect_noting
from forum.kit.tokens import sealed, unsealed

BringBack = Callable[[Sequence[str]], Awaitable[None]]


def undo_of(request: Request, room: str, parts: Sequence[object]) -> str:
    """What `redirect_noting` offers to undo: these parts come back to the view at /undo/`room`/…; "" for none."""
    text = ".".join(map(str, (room, *parts)))
    return f"{room}/{sealed(request.state.session_token, text)}" if parts else ""


async def undo(request: Request, room: str, home: str, bring_back: BringBack) -> Response:
    """Bring back what the button of that room carries, and lead to where it was pressed, else `home`; without a fuss
    where `bring_back` finds nothing left to undo, and raises Invalid. Where it raises NotFound, as what it was about is
    not there any more, lead to `home`: the page may be gone too.
    """
    path = own_path((await form_of(request, "next")).get("next", ""), home)
    try:
        await bring_back(_parts(request, room))
    except Invalid:
        return redirect_noting(path, "not-undone")
    except NotFound:
        return redirect_noting(home, "undo-gone")
    return redirect_noting(path, "undone")


def _parts(request: Request, room: str) -> Sequence[str]:
    text = unsealed(request.state.session_token, request.path_params["deed"]) or ""
    made_in, *parts = text.split(".")
    if made_in != room:
        raise Invalid(undo=NOTHING_LEFT)
    return parts
