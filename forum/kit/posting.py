"""Around every view that changes something: a form's token, one answer for a form sent twice, and its pace.

Owns the table form_receipt. A receipt says where the first answer of a form led. It is found by what makes two
forms the same: session, the token's random key, path, and all that was typed; so a changed form is another one.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.db import Database, held, run, value
from forum.kit.errors import Forbidden
from forum.kit.forms import TOKEN, Form
from forum.kit.http import db_of, pace, redirect, sent_form, wants_fragment
from forum.kit.limits import Limit
from forum.kit.tokens import is_form_token, is_like_a_form_token
from forum.kit.tools import Tools

View = Callable[[Request], Awaitable[Response]]

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
# Asked by browsers of themselves; by mail programs, with the proof in the address.
WITHOUT_TOKEN = {"/csp-report", "/mail/u/{signed:path}"}
HEADER = "x-form-token"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
MAX_LOCATION = 2000
NO_LIMITS: Mapping[str, Limit] = {}
STRANGE = (
    "This form was open since before you signed in or out, so it was not taken. "
    "Copy what you wrote, open the page again and send it from there."
)

_turns: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()


def guarded(route: Route, pace_of: Mapping[str, Limit] = NO_LIMITS) -> Route:
    """`route`, its view only asked with the session's own token, for each form once, and not too often.

    pace_of: limits by method and path, as in "POST /ask".
    """
    limit = next((pace_of[key] for method in route.methods or () if (key := f"{method} {route.path}") in pace_of), None)
    view = _paced(route.endpoint, limit) if limit else route.endpoint
    if UNSAFE & (route.methods or set()) and route.path not in WITHOUT_TOKEN:
        view = _guarded(view)
    return route if view is route.endpoint else Route(route.path, view, methods=list(route.methods or ()))


def _paced(view: View, limit: Limit) -> View:
    @wraps(view)
    async def answer(request: Request) -> Response:
        await pace(request, limit)
        return await view(request)

    return answer


def _guarded(view: View) -> View:
    @wraps(view)
    async def answer(request: Request) -> Response:
        if request.method not in UNSAFE:
            return await view(request)
        is_form = request.headers.get("content-type", "").lower().startswith(FORMS)
        form = await sent_form(request) if is_form else Form(())
        token = request.headers.get(HEADER) or form.get(TOKEN, "")
        session = getattr(request.state, "session_token", "")
        if not (is_form_token(session, token) if session else is_like_a_form_token(token)):
            raise Forbidden(STRANGE)
        if not session or not is_form or wants_fragment(request):
            return await view(request)
        return await _once(request, view, _mark(session, token, request.url.path, form))

    return answer


def _mark(session: str, token: str, path: str, form: Form) -> bytes:
    """What two sendings of one form have in common, and no other form has."""
    key, fields = token.partition(".")[0], [part for field in form.fields if field[0] != TOKEN for part in field]
    files = [part for name, content in form.files.items() for part in (name, hashlib.sha256(content).hexdigest())]
    return hashlib.sha256("\0".join((session, key, path, *fields, "", *files)).encode()).digest()


async def _once(request: Request, view: View, mark: bytes) -> Response:
    """The view's answer, or the one it gave to this form before. Who comes meanwhile waits for it.

    In this process they wait for each other, so that at most one of them holds a connection; other processes wait
    for the lock in the database, which the connection holds until the receipt is there.
    """
    db, lock, location = db_of(request), int.from_bytes(mark[:8], "big", signed=True), ""
    async with _turns.setdefault(mark, asyncio.Lock()), held(db) as connection:
        before = await value(db, "SELECT claim_form(:lock, :mark)", lock=lock, mark=mark)
        if before is not None:
            return redirect(before)
        try:
            response = await view(request)
            location = _destination(response)
            return response
        finally:
            try:
                await _release(db, lock, mark, location)
            except BaseException:
                connection.raw_connection.terminate()  # and with it the lock
                raise


def _destination(response: Response) -> str:
    """Where an accepted form leads, if that can be said again: not when the answer also set a cookie."""
    location = response.headers.get("location", "")
    is_kept = response.status_code == 303 and "set-cookie" not in response.headers and len(location) <= MAX_LOCATION
    return location if is_kept else ""


async def _release(db: Database, lock: int, mark: bytes, location: str) -> None:
    """Let those who wait go on. With a receipt, the lock is held again until that is committed."""
    if not location:
        await value(db, "SELECT pg_advisory_unlock(:lock)", lock=lock)
        return
    await value(
        db,
        """
        WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock(:lock)),
        kept AS (
            INSERT INTO form_receipt (mark, location) SELECT :mark, :location FROM held
            ON CONFLICT DO NOTHING
        )
        SELECT pg_advisory_unlock(:lock) FROM held
        """,
        lock=lock,
        mark=mark,
        location=location,
    )


async def forget_receipts(tools: Tools) -> None:
    """Nightly: drop the receipts of forms that nobody sends again."""
    await run(tools.db, "DELETE FROM form_receipt WHERE created_at < now() - interval '2 days'")
