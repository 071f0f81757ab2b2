"""Who is asking, on which site: the session, the member, the categories open to them, in one query a request."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forum.categories.queries import SHELF, shelf
from forum.categories.types import Category
from forum.following.control import CONTROL, SILENCE, Control, silence_of, subject_of
from forum.kit.db import Database, Row, held, rows
from forum.kit.errors import Unavailable
from forum.kit.settings import Settings
from forum.kit.tokens import digest
from forum.members import cookies, sign_in
from forum.members.types import GUEST, Actor
from forum.moderation.policy import MINE
from forum.notifications.queries import NOTIFIED
from forum.products.owner_queries import WAITING
from forum.renewals.round_queries import WAITING_ROUNDS
from forum.site.queries import SITE, known_site
from forum.site.types import Site

# A provider elsewhere is asked, or the answer lasts as long as the page is open: no connection waits for it.
UNHELD = ("/sign-in/with/", "/settings/sign-in/with/", "/notifications/live")
WITHOUT_READER = ("/static/", "/healthz", "/readyz", "/csp-report")
READER_SQL = f"""
    SELECT r.id, r.handle, r.name, r.role, s.id AS session_id,
           s.last_used_at < now() - interval '1 hour'
               OR s.place <> :place AND s.last_used_at < now() - interval '5 minutes' AS is_due,
           ARRAY(SELECT g.group_id FROM group_member g WHERE g.member_id = r.id) AS groups,
           ARRAY(SELECT x.category_id FROM category_moderator x WHERE x.member_id = r.id AND r.role <> 'vendor')
               AS moderates,
           ARRAY(SELECT coalesce(y.category_id, 0) FROM silence y WHERE y.member_id = r.id AND y.until > now())
               AS silenced_in,
           s.confirmed_at > now() - interval '10 minutes' AS is_confirmed,
           s.second_factor_at IS NOT NULL AS has_second_factor,
           CASE WHEN r.role = 'admin' OR EXISTS (SELECT 1 FROM category_moderator z WHERE z.member_id = r.id) THEN (
               SELECT count(*) FROM queue_item i LEFT JOIN category c ON c.id = i.category_id
               WHERE i.decided_at IS NULL AND {MINE}
           ) ELSE 0 END AS requests,
           {WAITING} AS asked,
           {WAITING_ROUNDS} AS rounds,
           {CONTROL} AS control,
           {SILENCE} AS silence,
           {NOTIFIED} AS notified,
           {SHELF} AS shelf,
           {SITE} AS site
    FROM (SELECT 1) one
    LEFT JOIN session s ON s.token_hash = :token_hash AND s.expires_at > now()
    LEFT JOIN member r ON r.id = s.member_id AND r.state = 'active'
"""


@dataclass(frozen=True)
class Reader:
    """Who asks, what they may open, what the site is called, and how many wait for their decision.

    asked: how many questions and offers of owners of products wait for their word; rounds: how many review rounds.
    control: how they follow what the page is about, None where it is about nothing that is followed.
    notified: in how many threads something is new for them, at most a hundred.
    silence: a sentence where they stopped or paused all mail, else "".
    """

    actor: Actor
    categories: tuple[Category, ...]
    site: Site
    requests: int = 0
    rounds: int = 0
    is_due: bool = False
    asked: int = 0
    control: Control | None = None
    notified: int = 0
    silence: str = ""


async def reader(db: Database, settings: Settings, token: str | None, place: str = "", path: str = "") -> Reader:
    """The reader whose cookie holds `token`; a guest when there is none or it is over. path: of the page they want."""
    kind, subject = subject_of(path)
    found = await rows(
        db,
        READER_SQL,
        token_hash=digest(token) if token else b"",
        place=place,
        subject_kind=kind,
        subject=subject,
    )
    return _reader(found[0], known_site(found[0]["site"], settings.site_name), kind)


def _reader(row: Row, site: Site, kind: str) -> Reader:
    categories = shelf(row["shelf"])
    if row["id"] is None:
        return Reader(GUEST, categories, site)
    actor = Actor(
        id=row["id"],
        handle=row["handle"],
        name=row["name"],
        role=row["role"],
        groups=frozenset(row["groups"]),
        moderates=frozenset(row["moderates"]),
        silenced_in=frozenset(row["silenced_in"]),
        session_id=row["session_id"],
        is_confirmed=bool(row["is_confirmed"]),
        has_second_factor=row["has_second_factor"],
    )
    return Reader(
        actor=actor,
        categories=categories,
        site=site,
        requests=row["requests"],
        rounds=row["rounds"],
        is_due=bool(row["is_due"]),
        asked=row["asked"],
        notified=row["notified"],
        control=Control(kind, *row["control"]) if row["control"] else None,
        silence=silence_of(row["silence"]),
    )


class WhoIsAsking:
    """Puts `reader` and `actor` on request.state, and holds one connection while a page is read.

    Plain ASGI: BaseHTTPMiddleware would run the endpoint in another task, and a connection
    belongs to its task. Forms take a connection only when they need it: a slow sender holds none.
    """

    def __init__(self, app: ASGIApp, db: Database, settings: Settings) -> None:
        self._app, self._db, self._settings = app, db, settings
        self._nobody = Reader(GUEST, (), Site(settings.site_name))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state: dict[str, Any] = scope.setdefault("state", {})
        state.update(reader=self._nobody, actor=GUEST, site=self._nobody.site)
        if scope["type"] != "http" or scope["path"].startswith(WITHOUT_READER):
            await self._app(scope, receive, send)
            return
        try:
            if scope["method"] in ("GET", "HEAD") and not scope["path"].startswith(UNHELD):
                async with held(self._db):
                    await self._read(scope, receive, send)
            else:
                await self._read(scope, receive, send)
        except Unavailable:  # before a view was asked; what a view raises is answered by app.refuse
            await _unavailable(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        token, place = request.cookies.get(cookies.session_name(self._settings)), cookies.place_of(request)
        found = await reader(self._db, self._settings, token, place, scope["path"])
        session_token = token if token and found.actor.session_id else ""
        scope["state"].update(reader=found, actor=found.actor, site=found.site, session_token=session_token)

        async def send_renewing(message: Message) -> None:
            if message["type"] == "http.response.start" and found.is_due and token:
                cookies.renew(message, token, self._settings)
            await send(message)

        if found.is_due and found.actor.session_id:
            await sign_in.keep_session(self._db, found.actor.session_id, place)
        await self._app(scope, receive, send_renewing)


_unavailable = PlainTextResponse(
    "The forum cannot reach its database just now. What you sent was not stored; try again in a minute.\n",
    status_code=503,
    headers={"retry-after": "10"},
)
