"""HTTP of one-click links in mails (RFC 8058): opening one shows what it would do, sending it does that, signed out."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.http import db_of, render, tools_of
from forum.mail import unsubscribing
from forum.mail.unsubscribing import Meaning


@dataclass(frozen=True)
class ClickPage:
    """What a link does. path: where its button leads; is_done: it was pressed."""

    meaning: Meaning
    path: str
    is_done: bool


async def show(request: Request) -> Response:
    """Nothing happens by opening it: mail filters open every link."""
    click = await unsubscribing.read(tools_of(request), request.path_params["signed"])
    page = ClickPage(unsubscribing.meaning(click), request.url.path, is_done=False)
    return render(request, "mail/click.html", page)


async def act(request: Request) -> Response:
    """Do it. Sent by the page's button or by a mail program, which has neither session nor token; what is sent is not
    read, as all that counts stands in the address.
    """
    click = await unsubscribing.read(tools_of(request), request.path_params["signed"])
    await unsubscribing.act(db_of(request), click)
    page = ClickPage(unsubscribing.meaning(click), request.url.path, is_done=True)
    return render(request, "mail/click.html", page)


routes = [
    Route("/mail/u/{signed}", show),
    Route("/mail/u/{signed}", act, methods=["POST"]),
]
