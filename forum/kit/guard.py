"""Plain ASGI around every request: its id, host and size, where its form comes from, the headers of its answer."""

import secrets
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forum.kit.settings import Settings, is_loopback

MAX_URL = 4000
MAX_BODY = 1_000_000
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'none'; object-src 'none'; frame-src 'none'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; report-uri /csp-report"
)
# For a mail as mail programs show it, with styles of its own: nothing is fetched, sent or run.
MAIL_POLICY = (
    b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    b"sandbox allow-top-navigation-by-user-activation"
)
POLICY_NAME = b"content-security-policy"
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    # same-origin, not no-referrer: that would send `Origin: null` with our own forms.
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, noarchive",
}
ROBOTS = b"x-robots-tag"
PRIVATE = (b"cache-control", b"private, no-store")
VARY = (b"accept", b"cookie", b"accept-encoding")  # said of every page, the missing and the refused too
TRANSPORT = {"strict-transport-security": "max-age=31536000"}


class Guard:
    """Refuses wrong hosts, forms of other sites and what is too large; adds the headers above to every answer."""

    def __init__(self, app: ASGIApp, settings: Settings, larger: Mapping[str, int] | None = None) -> None:
        """larger: paths whose forms may hold more bytes than MAX_BODY, and how many."""
        self._app, self._settings, self._larger = app, settings, larger or {}
        headers = HEADERS | (TRANSPORT if settings.is_https else {})
        self._headers = [(name.encode(), text.encode()) for name, text in headers.items()]
        self._names = {name for name, _ in self._headers}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [pair for pair in message["headers"] if pair[0] not in self._names]  # no page sets its own
                may_index = message["status"] == 200 and scope["state"].get("may_index")  # a view said so
                ours = [pair for pair in self._headers if not (may_index and pair[0] == ROBOTS)]
                if scope["state"].get("is_mail"):  # so did one
                    ours = [(name, MAIL_POLICY if name == POLICY_NAME else text) for name, text in ours]
                message["headers"] = [*headers, *ours, (b"x-request-id", request_id.encode())]
                is_private = not any(name == b"cache-control" for name, _ in headers)
                message["headers"] = [*_varied(message["headers"], is_private), *([PRIVATE] if is_private else ())]
            await send(message)

        await (self._refusal(scope) or self._app)(
            scope, _measured(scope, receive, self._larger.get(scope["path"], MAX_BODY)), send_guarded
        )

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if not self._is_our_host(headers.get("host", "")):
            return PlainTextResponse("This site is not served under that name.\n", status_code=421)
        if len(scope["path"]) + len(scope["query_string"]) > MAX_URL:
            return PlainTextResponse("This address is too long. Go back, and ask for less.\n", status_code=400)
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:  # PostgreSQL takes no text with it
            return PlainTextResponse("This address holds a character that no page has.\n", status_code=400)
        if scope["method"] not in SAFE_METHODS and not self._is_our_form(headers):
            return PlainTextResponse(
                "This form was sent from another site. Open the page here and send it again.\n", 403
            )
        return None

    def _is_our_host(self, host: str) -> bool:
        name = _parts(f"//{host}").hostname or ""
        return name == self._settings.site_host or is_loopback(name)

    def _is_our_form(self, headers: Headers) -> bool:
        """By Sec-Fetch-Site, which pages cannot forge; by Origin in browsers that do not send it."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = headers.get("origin")
        return origin is None or _parts(origin).netloc == headers.get("host")


def _varied(headers: list[tuple[bytes, bytes]], is_private: bool) -> list[tuple[bytes, bytes]]:
    """`headers` with at most one Vary, which says each word once, and of private answers VARY."""
    said = [part.strip().lower() for name, text in headers if name == b"vary" for part in text.split(b",")]
    words = dict.fromkeys((*(VARY if is_private else ()), *said))
    return [*(pair for pair in headers if pair[0] != b"vary"), *([(b"vary", b", ".join(words))] if words else ())]


def _parts(url: str) -> SplitResult:
    """The parts of what a client calls an address; empty ones when it is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _measured(scope: Scope, receive: Receive, most: int) -> Receive:
    """`receive`, refusing with 413 to read more than `most` bytes, whether announced or only sent."""
    announced = Headers(scope=scope).get("content-length", "0")
    is_large = not announced.isdecimal() or len(announced) > 9 or int(announced) > most
    received = 0

    async def receive_measured() -> Message:
        nonlocal received
        if is_large:
            raise HTTPException(413)
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise HTTPException(413)
        return message

    return receive_measured
