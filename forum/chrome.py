"""What the frame of every page shows: name, theme, navigation, announcements, a notice."""

from collections.abc import Callable
from typing import NamedTuple

from starlette.requests import Request

from forum import __version__
from forum.categories.types import Category
from forum.following.control import Control
from forum.kit.errors import Verdict
from forum.kit.http import choice, query_int
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
    "decided-about": "Done. They are told by mail.",
    "decided": "Done. They hear of it by mail when you let them in, or gave a reason.",
    "role": "Their role is changed.",
    "group": "The group is changed.",
    "domain": "The rule holds from now on.",
    "list-sent": "The invitations go out, a hundred a minute.",
    "uninvited": "The invitation is withdrawn.",
    "merged": "The topics are one now.",
    "suggested": "Thank you. An administrator looks at it, and you hear by mail.",
    "answered": "Thank you. Your answer is there.",
    "round-opened": "The round is open, and those who use it are asked.",
    "reviewed": "Thank you. Your review is there.",
    "told": "Thank you. Your story is there.",
    "asked": "Your question is there.",
    "contract-added": "The contract is kept.",
    "contracts-stored": "The contracts of the list are kept.",
    "followed": "Saved. This is how you hear of it from now on.",
    "unfollowed": "You do not follow it any more.",
    "started": "You are all set. What you follow can be changed at any time.",
    "quiet": "It is quiet then: no digests go out.",
    "mail-again": "It is sent again within the minute.",
    "digest-sent": "It is on its way to your mailbox.",
    "mail-queued": "It is queued. If none arrives within a minute or two, look here again.",
    "mail-stopped": "Nothing is mailed to that address any more.",
    "mail-let-in": "Mails go to that address again.",
    "search-saved": "The search is kept. It stands among your saved searches.",
    "muted": "You hear no more of it. Under the settings you find what you muted.",
    "all-done": "All is done that you have seen.",
    "search-removed": "The search is kept no more.",
    "feed-stopped": "The address shows nothing any more.",
    "contract-removed": "The contract is removed.",
    "products-merged": "The two products are one now.",
    "dropped": "The draft is gone.",
    "done": "Done.",
    "undone": "Undone: it is as it was.",
    "nothing": "Nothing was changed: it was so already.",
    "led": "You were led here: this thread answers what you opened, or has taken it in.",
    "held": "A moderator looks at it first. You hear by mail what they decide.",
    "withdrawn": "It is taken back.",
    "flagged": "Thank you. A moderator will look at it.",
    "unflagged": "Your flag is taken back.",
    "all-decided": "Decided.",
    "some-decided": "Decided. What others had taken or decided, or what cannot be posted any more, was left as it is.",
    "merge-asked": "If that address is of another account here, a link is on its way to it.",
    "accounts-merged": "The two accounts are one now.",
    "account-closed": "Your account is closed, and you are signed out.",
    "announced": "Announced.",
    "taken-away": "Taken away.",
    "published": "Published.",
    "decided-job": "Done.",
    "passkey-added": "The passkey is there: you can sign in with it.",
    "passkey-removed": "The passkey is gone.",
    "codes-off": "Codes of your app count no more.",
    "confirm-sent": "The link is on its way. Open it in this browser.",
    "signed-out-everywhere": "You are signed out everywhere.",
    "linked": "The account is linked: you can sign in with it.",
    "unlinked": "The account is not linked any more. Your other sessions are signed out.",
    "address-asked": "A link is on its way to that address. Open it in this browser.",
    "address-added": "The address is yours now.",
    "address-removed": "The address is gone. Your other sessions are signed out.",
    "address-chosen": "Mail goes there from now on. Your other sessions are signed out.",
    "category-added": "The category is there.",
    "category-removed": "The category is gone.",
}


class Chrome(NamedTuple):
    """What `_layout.html` reads. `theme` is "light", "dark" or "" for the system's.

    path: the page's own where the navigation may lead to it, else "", so that all threads share one frame.
    undo: the log's entry that the notice offers to undo, 0 for none; here: then the path of this page.
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
    undo: int
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
        """What stands around the page: the same for all that a reader may follow."""
        return self._replace(control=None) if self.control else self


def frame(settings: Settings, assets: str) -> Callable[[Request], Chrome]:
    """The function that makes a request's Chrome; `assets` is the path prefix of the static files."""

    def chrome(request: Request) -> Chrome:
        theme = choice(request, "theme")
        path = request.scope["path"]
        reader, site = request.state.reader, request.state.site
        staff = _staff_entry(reader.actor)
        undo = 0 if reader.actor.is_guest else query_int(request, "undo")
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
            notice=NOTICES.get(request.query_params.get("notice", ""), ""),
            undo=undo,
            here=path if undo else "",
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
