"""HTTP of one-click links in mails (RFC 8058): opening one shows what it would do, sending it does that, signed out."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import NOTHING_LEFT, Invalid, NotFound
from forum.kit.http import db_of, form_of, render, tools_of
from forum.mail import already, taking_back, unsubscribing
from forum.mail.unsubscribing import Meaning


@dataclass(frozen=True)
class ClickPage:
    """What a link does. path: where its button leads; is_done: it was pressed.

    no_less: why it changes nothing, "" where it does; silence: why no mail comes, whatever it does.

    changes: what was changed, in lines; events: of which events' changes no mail tells any more. deed: what takes it
    back, "" for nothing.
    """

    meaning: Meaning
    path: str
    is_done: bool
    no_less: str
    silence: str
    changes: Sequence[str] = ()
    events: str = ""
    deed: str = ""


@dataclass(frozen=True)
class TakenBackPage:
    """What became of a press on “Take it back”. title: its heading; said: in a sentence."""

    title: str
    said: str


@dataclass(frozen=True)
class NoClickPage:
    """Of a link that is cut off, was not made here, or is worth nothing any more: the same for each of these."""


async def show(request: Request) -> Response:
    """Nothing happens by opening it: mail filters open every link."""
    try:
        click = await unsubscribing.read(tools_of(request), request.path_params["signed"])
    except NotFound:
        return _no_link(request)
    no_less, silence = await already.standing(db_of(request), click)
    page = ClickPage(unsubscribing.meaning(click), request.url.path, False, no_less, silence)
    return render(request, "mail/click.html", page)


async def act(request: Request) -> Response:
    """Do it. Sent by the page's button or by a mail program, which has neither session nor token; what is sent is not
    read, as all that counts stands in the address.
    """
    try:
        click = await unsubscribing.read(tools_of(request), request.path_params["signed"])
        outcome = await unsubscribing.act(db_of(request), click)
    except NotFound:
        return _no_link(request)
    changes, events = taking_back.told(outcome, click)
    page = ClickPage(
        unsubscribing.meaning(click),
        request.url.path,
        True,
        outcome.no_less,
        outcome.silence,
        changes,
        events,
        await taking_back.offered(tools_of(request), outcome.deed),
    )
    return render(request, "mail/click.html", page)


async def take_back(request: Request) -> Response:
    """Bring back what a link changed, for whoever has its page, signed in or not."""
    deed = (await form_of(request, "deed")).get("deed", "")
    try:
        page = WHOLLY if await taking_back.take_back(tools_of(request), deed) else PARTLY
    except Invalid:
        page = NOTHING
    except NotFound:
        return _no_link(request)
    return render(request, "mail/taken_back.html", page)


WHOLLY = TakenBackPage("Taken back", "Done. You hear of everything as you did before.")
PARTLY = TakenBackPage("Taken back", "Done. You hear of things as you did before, but for what was changed since.")
NOTHING = TakenBackPage("Nothing to take back", NOTHING_LEFT)


def _no_link(request: Request) -> Response:
    return render(request, "mail/no_click.html", NoClickPage(), 404)


routes = [
    Route("/mail/u/{signed:path}", show),
    Route("/mail/u/{signed:path}", act, methods=["POST"]),
    Route("/mail/take-back", take_back, methods=["POST"]),
]
