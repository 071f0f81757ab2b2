"""The session's cookie: readable by no script, sent to no other site."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from forum.kit.http import client_block, db_of
from forum.kit.settings import Settings
from forum.members.browser import device_of
from forum.members.sign_in import SESSION_DAYS, end_session

DAY_S = 86_400


def session_name(settings: Settings) -> str:
    """The cookie's name."""
    return settings.cookie_name("session")


def set_session(response: Response, token: str, settings: Settings) -> None:
    """Hand the browser its secret for thirty days."""
    response.set_cookie(
        session_name(settings),
        token,
        max_age=SESSION_DAYS * DAY_S,
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def drop_session(response: Response, settings: Settings) -> None:
    """Make the browser forget it."""
    response.delete_cookie(session_name(settings), path="/", secure=settings.is_https, httponly=True, samesite="lax")


def browser_of(request: Request) -> tuple[str, str]:
    """Device and place for a session that begins with this request."""
    return device_of(request.headers.get("user-agent", "")), place_of(request)


def place_of(request: Request) -> str:
    """Where a request comes from, as far as the list of sessions says it: "network 203.0.113.0/24"."""
    block = client_block(request)
    return f"network {block}" if block else ""


async def leave_session(request: Request) -> None:
    """End the session this browser came with: it signs out, or goes on in a new one."""
    actor = request.state.actor
    if actor.session_id is not None:
        await end_session(db_of(request), actor, actor.session_id)


def renew(message: Message, token: str, settings: Settings) -> None:
    """Add the cookie, with thirty new days, to an answer that is about to start and does not set or drop it itself."""
    ours = f"{session_name(settings)}=".encode()
    if any(name == b"set-cookie" and cookie.startswith(ours) for name, cookie in message["headers"]):
        return
    carrier = Response()
    set_session(carrier, token, settings)
    message["headers"] = [*message["headers"], *(pair for pair in carrier.raw_headers if pair[0] == b"set-cookie")]
