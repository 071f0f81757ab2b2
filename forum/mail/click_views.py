"""HTTP of one-click links in mails (RFC 8058): opening one shows what it would do, sending it does that, signed out."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import NotFound
from forum.kit.http import db_of, render, tools_of
from forum.mail import unsubscribing
from forum.mail.unsubscribing import Meaning


@dataclass(frozen=True)
class ClickPage:
    """What a link does. path: where its button leads; is_done: it was pressed.

    no_less: why it changes nothing, "" where it does; silence: why no mail comes, whatever it does.
    """

    meaning: Meaning
    path: str
    is_done: bool
    no_less: str
    silence: str


@dataclass(frozen=True)
class NoClickPage:
    """Of a link that is cut off, was not made here, or is worth nothing any more: the same for each of these."""


async def show(request: Request) -> Response:
    """Nothing happens by opening it: mail filters open every link."""
    try:
        click = await unsubscribing.read(tools_of(request), request.path_params["signed"])
    except NotFound:
        return _no_link(request)
    no_less, silence = await unsubscribing.standing(db_of(request), click)
    page = ClickPage(unsubscribing.meaning(click), request.url.path, False, no_less, silence)
    return render(request, "mail/click.html", page)


async def act(request: Request) -> Response:
    """Do it. Sent by the page's button or by a mail program, which has neither session nor token; what is sent is not
    read, as all that counts stands in the address.
    """
    try:
        click = await unsubscribing.read(tools_of(request), request.path_params["signed"])
        no_less, silence = await unsubscribing.standing(db_of(request), click)
        await unsubscribing.act(db_of(request), click)
    except NotFound:
        return _no_link(request)
    page = ClickPage(unsubscribing.meaning(click), request.url.path, True, no_less, silence)
    return render(request, "mail/click.html", page)


def _no_link(request: Request) -> Response:
    return render(request, "mail/no_click.html", NoClickPage(), 404)


routes = [
    Route("/mail/u/{signed:path}", show),
    Route("/mail/u/{signed:path}", act, methods=["POST"]),
]
