"""The session's cookie: readable by no script, sent to no other site."""

from starlette.responses import Response
from starlette.types import Message

from forum.kit.settings import Settings
from forum.members.sign_in import SESSION_DAYS

DAY_S = 86_400


def session_name(settings: Settings) -> str:
    """The cookie's name; the __Host- prefix, which browsers hold to this very host, needs https."""
    return "__Host-session" if settings.is_https else "session"


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


def renew(message: Message, token: str, settings: Settings) -> None:
    """Add the cookie, with thirty new days, to an answer that is about to start and does not set or drop it itself."""
    ours = f"{session_name(settings)}=".encode()
    if any(name == b"set-cookie" and cookie.startswith(ours) for name, cookie in message["headers"]):
        return
    carrier = Response()
    set_session(carrier, token, settings)
    message["headers"] = [*message["headers"], *(pair for pair in carrier.raw_headers if pair[0] == b"set-cookie")]
