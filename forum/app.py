"""Builds the web application: routes, who is asking, and what each refusal looks like."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forum.chrome import frame
from forum.kit.assets import Assets
from forum.kit.clocks import day_words, moment_words, month_words
from forum.kit.days import dated
from forum.kit.errors import Crossed, Forbidden, Invalid, NotFound, Stale, TooMany, Unavailable, Unconfirmed
from forum.kit.guard import Guard
from forum.kit.http import FORM_TOKEN, came_from, redirect, render
from forum.kit.kept import Kept
from forum.kit.log import outline
from forum.kit.posting import guarded
from forum.kit.site import STATIC, TEMPLATES
from forum.kit.tools import Tools
from forum.notifications.live import Streams
from forum.reader import WhoIsAsking
from forum.wiring import (
    ALIKE,
    BESIDE,
    DEMO_ROUTES,
    HOLDINGS,
    JOINED,
    LARGER_FORMS,
    MAIL_MADE,
    PACE,
    PRODUCT_MERGES,
    QUEUE,
    ROUTES,
    TOPIC_MERGES,
    UNREACHED,
    WROTE,
)

log = structlog.get_logger()
STATUS = {
    NotFound: 404,
    Forbidden: 403,
    Unconfirmed: 403,
    Stale: 409,
    Crossed: 409,
    Invalid: 422,
    TooMany: 429,
    Unavailable: 503,
}
LONGEST_METHOD = 10  # in the log: a client may call it anything
CONFIRM = {"identity": "/confirm", "second-factor": "/confirm/second-factor"}


@dataclass(frozen=True)
class ErrorPage:
    """A refusal: what happened, what to do, and the request's id for whoever is asked for help.

    next_path: where to go on after signing in, or after showing at `confirm_path` that it is you.
    kept: what was typed into the refused form, so that it is not lost; back_path: as `_back_path`.
    """

    status: int
    title: str
    text: str
    request_id: str
    next_path: str
    kept: tuple[str, ...]
    back_path: str
    confirm_path: str = ""


# What a refusal gives back to be copied: the titles and all long texts of forms.
KEPT = (
    *("title", "body", "about", "note", "description", "letter", "reason", "ask_template", "reason_words"),
    *("works", "lacks", "to_ask", "advice", "lesson", "went_well", "went_badly", "other_names", "backup_note"),
    *("handles", "list", "silence_reason", "suspend_reason"),
)
TEXTS = {
    403: ("Not allowed", "You cannot do that here."),
    404: ("Nothing here", "There is no such page, or it is not open to you. Look for it, or sign in if you have not."),
    405: ("Not that way", "This page takes no such request. Go back and use its buttons."),
    409: ("Changed meanwhile", "Somebody else changed this after you opened it. Open it again to see what it is now."),
    413: ("Too large", "At most one megabyte fits into one form. Send less at once."),
    422: ("That did not work", "Go back, correct the form and send it again."),
    429: ("Too often", "That was a little fast. Try again in a minute."),
    503: ("Not just now", "The database does not answer. What you sent was not stored; try again in a minute."),
}
CROSSED = ("At the same moment", "Somebody did the same at this moment, so yours was not done. Try again.")


async def refuse(request: Request, refusal: Exception) -> Response:
    """The page for a refusal raised by a command, a query or the router."""
    if isinstance(refusal, Unconfirmed) and request.method == "GET":
        return redirect(f"{CONFIRM[refusal.need]}?next={quote(request.url.path)}")
    status = refusal.status_code if isinstance(refusal, HTTPException) else STATUS[type(refusal)]
    title, text = TEXTS.get(status, TEXTS[422])
    if isinstance(refusal, Forbidden):
        text = refusal.reason
    if isinstance(refusal, Crossed):
        title, text = CROSSED
    if isinstance(refusal, Unconfirmed):
        text = "Show once more that it is you, then send it again."
    if isinstance(refusal, Invalid):
        text = " ".join(refusal.fields.values())
    if isinstance(refusal, TooMany):
        text = refusal.words
    sent = getattr(request.state, "sent", {})
    page = ErrorPage(
        status=status,
        title=title,
        text=text,
        request_id=request.state.request_id,
        next_path=request.url.path,
        kept=tuple(sent[name] for name in KEPT if sent.get(name, "").strip()),
        back_path=_back_path(request, refusal),
        confirm_path=CONFIRM[refusal.need] if isinstance(refusal, Unconfirmed) else "",
    )
    response = render(request, "error.html", page, status)
    if isinstance(refusal, TooMany):
        response.headers["retry-after"] = str(refusal.seconds)
    if isinstance(refusal, HTTPException):
        response.headers.update(refusal.headers or {})
    return response


def _back_path(request: Request, refusal: Exception) -> str:
    """The page a refused form stands on, or where one asked too often for another page; "" for none."""
    back = came_from(request, "")
    if request.method == "POST":
        return back
    is_elsewhere = unquote(urlsplit(back).path) != request.scope["path"]  # here it would be refused once more
    return back if isinstance(refusal, TooMany) and is_elsewhere else ""


class Journal:
    """Says each request and each bug once in the log: with ids and the view's name, never with what people wrote."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, status = perf_counter(), 0

        async def send_noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except ClientDisconnect:
            pass  # nobody is left who could be answered
        except Exception as error:
            where = outline(error)  # not the traceback: its messages may hold what somebody wrote
            log.error("request failed", **_ids(scope), error=where)  # noqa: TRY400
            if status:
                raise
            await _apology(scope["state"]["request_id"])(scope, receive, send_noting)
        finally:
            log.info("request", **_ids(scope), status=status, ms=round((perf_counter() - began) * 1000, 1))


def _ids(scope: Scope) -> dict[str, object]:
    state, view = scope.get("state", {}), scope.get("endpoint")
    actor = state.get("actor")
    return {
        "request_id": state.get("request_id"),
        "actor_id": actor.id if actor else None,
        "method": str(scope.get("method"))[:LONGEST_METHOD],
        "view": f"{view.__module__}.{view.__qualname__}" if view else None,
    }


def _apology(request_id: str) -> Response:
    text = f"Something broke on our side; the log knows it as {request_id}. Go back: your text is still there.\n"
    return PlainTextResponse(text, status_code=500)


def build(tools: Tools) -> Starlette:
    """The application for one running site."""
    settings, assets = tools.settings, Assets(STATIC)
    app = Starlette(
        routes=[
            Route("/static/{version}/{name:path}", assets.serve),
            *(guarded(route) for route in (DEMO_ROUTES if settings.demo else ())),
            *(guarded(route, PACE) for route in ROUTES),
        ],
        middleware=[
            Middleware(Guard, settings=settings, larger=LARGER_FORMS),
            Middleware(Journal),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=4),
            Middleware(WhoIsAsking, db=tools.db, settings=settings),
        ],
        exception_handlers={HTTPException: refuse, **dict.fromkeys(STATUS, refuse)},
    )
    app.state.tools = tools
    app.state.streams = Streams(tools.db)
    app.state.queue = {kind.name: kind for kind in QUEUE}
    app.state.holdings = HOLDINGS
    app.state.product_merges = PRODUCT_MERGES
    app.state.topic_merges = TOPIC_MERGES
    app.state.mail_made = MAIL_MADE
    app.state.unreached = UNREACHED
    app.state.alike = partial(ALIKE, tools)
    app.state.beside = BESIDE
    app.state.joined = JOINED
    app.state.wrote = WROTE
    app.state.frame = frame(settings, assets.prefix)
    app.state.templates = templates(assets.prefix, settings.time_zone)
    return app


class Templates(Environment):
    """Jinja with plain dictionaries of globals: each import compares their keys, slowly in its own chained ones."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


def templates(assets: str, zone_name: str) -> Environment:
    """The template environment; an unknown name in a template is an error. zone_name: where moments are told."""
    environment = Templates(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(assets=assets, token=FORM_TOKEN)
    kept = Kept()
    zone = ZoneInfo(zone_name)
    environment.filters.update(kept=kept, kept_each=kept.each, dated=dated)
    told = {"moment": moment_words, "day": day_words, "month": month_words}
    environment.filters.update({name: partial(words, zone=zone) for name, words in told.items()})
    return environment
