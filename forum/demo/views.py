"""HTTP of demo mode, which a site on a public address refuses: be anybody, read every mail."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from forum.kit.errors import NotFound
from forum.kit.http import choice, db_of, form_of, keep_choice, own_path, path_id, redirect, render, settings_of
from forum.kit.mailer import ScreenMail, screen_mail, screen_mails
from forum.members import cookies, queries, sign_in
from forum.members.types import Actor, Person
from forum.threads.lists import Selection, threads

LINK = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?)])")
GUEST_COOKIE = "demo-guest"
ROLES = {
    "maya.okafor": ("Member", "Asks, replies, accepts answers, marks what helped."),
    "ben.lindqvist": ("Newcomer", "New here: has read little, and has nothing to catch up on."),
    "omar.haddad": ("Moderator", "Looks after help, security and events; an ordinary member elsewhere."),
    "ines.varga": ("Administrator", "Decides who joins; sees and may do everything."),
    "tess.halloran": ("Vendor", "Sees only the categories that let vendors in."),
}


@dataclass(frozen=True)
class Choice:
    """Somebody to be."""

    person: Person
    role: str
    can: str


@dataclass(frozen=True)
class WhoPage:
    """Choose who you are. `solved` is the path of a thread with an accepted answer, "" when there is none."""

    choices: Sequence[Choice]
    actor: Actor
    solved: str


@dataclass(frozen=True)
class MailboxPage:
    """Every mail the forum has sent, and the one that is open."""

    mails: Sequence[ScreenMail]
    mail: ScreenMail | None

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The open mail's text in pieces: text, and whether it is a link."""
        parts = LINK.split(self.mail.body) if self.mail else []
        return [(text, n % 2 == 1) for n, text in enumerate(parts) if text]


def home_or_choice(home: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """The view of `/` in demo mode: the choice, until it is made."""

    async def view(request: Request) -> Response:
        is_chosen = not request.state.actor.is_guest or choice(request, GUEST_COOKIE)
        return await (home if is_chosen else choose)(request)

    return view


async def choose(request: Request) -> Response:
    """Everybody a visitor may be."""
    db, actor = db_of(request), request.state.actor
    people = await queries.demo_people(db, list(ROLES))
    choices = [Choice(person, *ROLES[person.handle]) for person in people]
    guide = Actor(people[0].id) if people else actor  # the tour makes its visitor the first of them
    best = await threads(db, guide, Selection("top", period="all"))
    solved = next((f"/t/{row.id}/{row.slug}" for row in best if row.is_answered), "")
    return render(request, "demo/who.html", WhoPage(choices, actor, solved))


async def be(request: Request) -> Response:
    """Become the chosen person, or a guest, and go where the tour leads."""
    form = await form_of(request, "handle", "next")
    handle = form.get("handle", "")
    settings, db = settings_of(request), db_of(request)
    response = redirect(own_path(form.get("next", "/")))
    if handle == "guest":
        keep_choice(request, response, GUEST_COOKIE, "1")
        cookies.drop_session(response, settings)
        return response
    person = next((one for one in await queries.demo_people(db, list(ROLES)) if one.handle == handle), None)
    if person is None:
        raise NotFound
    cookies.set_session(response, await sign_in.start_session(db, person.id, "Demo", has_second_factor=True), settings)
    return response


async def mailbox(request: Request) -> Response:
    """The newest mails, the latest open."""
    mails = await screen_mails(db_of(request))
    return render(request, "demo/mailbox.html", MailboxPage(mails, mails[0] if mails else None))


async def mail(request: Request) -> Response:
    """One mail."""
    found = await screen_mail(db_of(request), path_id(request, "mail_id"))
    return render(request, "demo/mailbox.html", MailboxPage(await screen_mails(db_of(request)), found))


async def mail_html(request: Request) -> Response:
    """One mail as mail programs show it: alone, as its styles are its own. Raises NotFound when it is plain text."""
    found = await screen_mail(db_of(request), path_id(request, "mail_id"))
    if not found.html:
        raise NotFound
    request.state.is_mail = True
    return HTMLResponse(found.html)


routes = [
    Route("/demo", choose),
    Route("/demo", be, methods=["POST"]),
    Route("/dev/mail", mailbox),
    Route("/dev/mail/{mail_id:int}", mail),
    Route("/dev/mail/{mail_id:int}/html", mail_html),
]
