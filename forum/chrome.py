"""What the frame of every page shows: name, theme, navigation, announcements, a notice."""

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request

from forum import __version__
from forum.categories.types import Category
from forum.following import wording
from forum.following.control import Control
from forum.kit.errors import NOT_THERE, NOTHING_LEFT, Verdict
from forum.kit.http import choice
from forum.kit.settings import Settings
from forum.members.policy import may_see_people
from forum.members.types import THEMES, Actor
from forum.site.types import DISMISSED, Banner, Site, put_away

OFF_NAVIGATION = ("/t/", "/p/")
STAFF_PAGES = ("/admin", "/moderation", "/people/requests")
NOTICES = {
    "saved": "Saved.",
    "welcome": "Welcome! You are signed in.",
    "signed-out": "You are signed out.",
    "sessions-ended": "Your other sessions are signed out.",
    "read": "Nothing is unread now.",
    "invited": "The invitation is on its way.",
    "decided-about": "Done. They are told by email.",
    "decided": "Done. They hear about it by email when you let them in, or gave a reason.",
    "role": "Their role is changed.",
    "group": "The group is changed.",
    "domain": "The rule holds from now on.",
    "list-sent": "The invitations go out, a hundred a minute.",
    "uninvited": "The invitation is withdrawn.",
    "merged": "The topics are one now.",
    "suggested": "Thank you. An administrator looks at it, and you hear back by email.",
    "answered": "Thank you. Your answer is there.",
    "round-opened": "The round is open, and those who use it are asked.",
    "reviewed": "Thank you. Your review is there.",
    "told": "Thank you. Your story is there.",
    "asked": "Your question is there.",
    "contract-added": "The contract is kept.",
    "contracts-stored": "The contracts of the list are kept.",
    "links-void": "Links in earlier emails no longer work. Links in new emails do.",
    "started": "You are all set. You can change what you follow at any time.",
    "not-now": "As you like. To choose later, open Settings, What you hear about.",
    "quiet": "The quiet time is planned. No digests go out then.",
    "mail-again": "It goes out again within a minute.",
    "digest-sent": "It is on its way to your inbox.",
    "mail-queued": "It is in the queue. If it does not arrive in a minute or two, check here again.",
    "mail-stopped": "That address gets no more email.",
    "mail-let-in": "That address gets email again.",
    "search-saved": "The search is saved. You find it among your saved searches.",
    "muted": "Muted: you will hear no more about it. You find what you muted in your settings.",
    "all-done": "Everything you have seen is done.",
    "told-done": "Marked done.",
    "quiet-removed": "The quiet time is removed. Digests go out as ever then.",
    "search-removed": "The search is removed.",
    "feed-stopped": "The address shows nothing anymore.",
    "contract-removed": "The contract is removed.",
    "products-merged": "The two products are one now.",
    "dropped": "The draft is gone.",
    "done": "Done.",
    "undone": "Undone: it is as it was.",
    "not-undone": NOTHING_LEFT,
    "undo-gone": NOT_THERE,
    "nothing": "Nothing was changed: it was so already.",
    "led": "You were led here: this thread answers what you opened, or has taken it in.",
    "held": "A moderator looks at it first. You hear by email what they decide.",
    "withdrawn": "It is taken back.",
    "flagged": "Thank you. A moderator will look at it.",
    "unflagged": "Your flag is taken back.",
    "all-decided": "Decided.",
    "some-decided": "Decided. What others had taken or decided, or what cannot be posted anymore, was left as it is.",
    "merge-asked": "If that address is of another account here, a link is on its way to it.",
    "accounts-merged": "The two accounts are one now.",
    "account-closed": "Your account is closed, and you are signed out.",
    "announced": "Announced.",
    "event-off": "The event is canceled. Whoever is coming hears of it by email in ten minutes.",
    "event-on": "The event takes place after all. Whoever is coming hears of it by email in ten minutes.",
    "event-over": "This event is over, so nothing was changed.",
    "event-cancelled": "This event was canceled, so nothing was changed.",
    "taken-away": "Taken away.",
    "published": "Published.",
    "decided-job": "Done.",
    "passkey-added": "The passkey is there: you can sign in with it.",
    "passkey-removed": "The passkey is gone.",
    "codes-off": "Codes of your app count no more.",
    "confirm-sent": "The link is on its way. Open it in this browser.",
    "signed-out-everywhere": "You are signed out everywhere.",
    "linked": "The account is linked: you can sign in with it.",
    "unlinked": "The account is not linked anymore. Your other sessions are signed out.",
    "address-asked": "A link is on its way to that address. Open it in this browser.",
    "address-added": "The address is yours now.",
    "address-removed": "The address is gone. Your other sessions are signed out.",
    "address-chosen": "Email goes there from now on. Your other sessions are signed out.",
    "category-added": "The category is there.",
    "category-removed": "The category is gone.",
    **wording.NOTICES,
}
# Behind /undo/: an entry of the log, or a room with what it is to bring back.
UNDO = re.compile(r"[1-9][0-9]{0,8}|[a-z]+/[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
PLACE = re.compile(r"[a-z0-9-]{1,60}")
OF_NOTICE = {"notice", "undo", "at"}


class Chrome(NamedTuple):
    """What `_layout.html` reads. `theme` is "light", "dark" or "" for the system's.

    path: the page's own where the navigation may lead to it, else "", so that all threads share one frame.
    silence: a sentence where a notice promises email and its reader stopped or paused all of it, else "".
    undo: what the notice offers to undo, behind /undo/, "" for nothing; here: then where one goes on after it.
    control: how the reader follows what the page is about, None where there is no such thing.
    pages: which of terms and privacy are published, with their versions; terms_version: 0 while none are.
    staff_path: where staff pages begin for this reader, "" for those who have none.
    """

    site_name: str
    look_path: str
    logo_path: str
    pages: tuple[tuple[str, int], ...]
    terms_version: int
    banners: tuple[Banner, ...]
    version: str
    assets: str
    theme: str
    path: str
    notice: str
    silence: str
    undo: str
    here: str
    actor: Actor
    may_see_people: Verdict
    categories: tuple[Category, ...]
    staff_path: str
    staff_label: str
    is_staff_page: bool
    requests: int
    asked: int
    rounds: int
    notified: int
    is_demo: bool
    control: Control | None

    @property
    def around(self) -> "Chrome":
        """What stands around the page: the same for all that a reader may follow, and whatever was just done."""
        return self._replace(control=None, notice="", silence="", undo="", here="")


def frame(settings: Settings, assets: str) -> Callable[[Request], Chrome]:
    """The function that makes a request's Chrome; `assets` is the path prefix of the static files."""

    def chrome(request: Request) -> Chrome:
        theme = choice(request, "theme")
        path = request.scope["path"]
        reader, site = request.state.reader, request.state.site
        staff = _staff_entry(reader.actor)
        said = request.query_params.get("notice", "")
        undo = "" if reader.actor.is_guest else _asked(request, "undo", UNDO)
        return Chrome(
            site_name=site.name,
            look_path=site.look_path,
            logo_path=site.logo_path,
            pages=site.pages,
            terms_version=site.terms_version,
            banners=_banners(request, site, reader.actor),
            version=__version__,
            assets=assets,
            theme=theme if theme in THEMES else "",
            path="" if path.startswith(OFF_NAVIGATION) else path,
            notice=NOTICES.get(said, ""),
            silence=reader.silence if said in wording.BY_MAIL else "",
            undo=undo,
            here=_here(request) if undo else "",
            actor=reader.actor,
            may_see_people=may_see_people(reader.actor),
            categories=reader.categories,
            staff_path=staff[0],
            staff_label=staff[1],
            is_staff_page=path.startswith(STAFF_PAGES),
            requests=reader.requests,
            asked=reader.asked,
            rounds=reader.rounds,
            notified=reader.notified,
            is_demo=settings.demo,
            control=reader.control,
        )

    return chrome


def _asked(request: Request, name: str, pattern: re.Pattern[str]) -> str:
    text = request.query_params.get(name, "")
    return text if pattern.fullmatch(text) else ""


def _here(request: Request) -> str:
    """This page without its notice, and the place in it where one goes on."""
    query = urlencode([each for each in request.query_params.multi_items() if each[0] not in OF_NOTICE])
    place = _asked(request, "at", PLACE)
    return f"{request.scope['path']}{'?' if query else ''}{query}{'#' if place else ''}{place}"


def _staff_entry(actor: Actor) -> tuple[str, str]:
    """The one way into the staff pages from every page, and its words."""
    if actor.is_admin:
        return "/admin", "Administration"
    return ("/moderation", "Moderation") if actor.is_staff else ("", "")


def _banners(request: Request, site: Site, actor: Actor) -> tuple[Banner, ...]:
    if not site.banners:
        return ()
    return site.banners_for(
        is_guest=actor.is_guest, is_staff=actor.is_staff, dismissed=put_away(choice(request, DISMISSED))
    )
