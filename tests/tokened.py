"""What a page of ours puts into each form: the token of the browser's session, for clients that open no page."""

from http.cookies import SimpleCookie

import httpx

from forum.kit.tokens import form_token
from tests.routes import UNSAFE


async def add(request: httpx.Request) -> None:
    """As `add_now`, for an asynchronous client."""
    add_now(request)


def add_now(request: httpx.Request) -> None:
    """Give an unsafe request the token of its session, unless it says one itself, or none by an empty header."""
    if request.method not in UNSAFE or "x-form-token" in request.headers or has_token(request):
        return
    request.headers["x-form-token"] = form_token(session_of(request.headers.get("cookie", "")))


def session_of(cookie: str) -> str:
    """The session's secret in a Cookie header."""
    morsels = SimpleCookie(cookie)
    found = morsels.get("session") or morsels.get("__Host-session")
    return found.value if found else ""


def has_token(request: httpx.Request) -> bool:
    return isinstance(request.stream, httpx.ByteStream) and b"token=" in b"".join(request.stream)


HOOKS = {"request": [add]}
HOOKS_NOW = {"request": [add_now]}
