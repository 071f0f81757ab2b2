"""What the frame of every page shows: name, theme, navigation, a notice."""

from collections.abc import Callable
from typing import NamedTuple

from starlette.requests import Request

from forum import __version__
from forum.categories.types import Category
from forum.kit.errors import Verdict
from forum.kit.settings import Settings
from forum.members.policy import may_see_people
from forum.members.types import THEMES, Actor

OFF_NAVIGATION = ("/t/", "/p/")
NOTICES = {
    "saved": "Saved.",
    "welcome": "Welcome! You are signed in.",
    "signed-out": "You are signed out.",
    "sessions-ended": "Your other sessions are signed out.",
    "read": "Nothing is unread now.",
    "invited": "The invitation is on its way.",
    "decided": "Done. They hear of it by mail when you let them in.",
    "merged": "The topics are one now.",
    "dropped": "The draft is gone.",
}


class Chrome(NamedTuple):
    """What `_layout.html` reads. `theme` is "light", "dark" or "" for the system's.

    path: the page's own where the navigation may lead to it, else "", so that all threads share one frame.
    """

    site_name: str
    version: str
    assets: str
    theme: str
    path: str
    notice: str
    actor: Actor
    may_see_people: Verdict
    categories: tuple[Category, ...]
    requests: int
    is_demo: bool


def frame(settings: Settings, assets: str) -> Callable[[Request], Chrome]:
    """The function that makes a request's Chrome; `assets` is the path prefix of the static files."""

    def chrome(request: Request) -> Chrome:
        theme = request.cookies.get("theme", "")
        path = request.scope["path"]
        reader = request.state.reader
        return Chrome(
            site_name=settings.site_name,
            version=__version__,
            assets=assets,
            theme=theme if theme in THEMES else "",
            path="" if path.startswith(OFF_NAVIGATION) else path,
            notice=NOTICES.get(request.query_params.get("notice", ""), ""),
            actor=reader.actor,
            may_see_people=may_see_people(reader.actor),
            categories=reader.categories,
            requests=reader.requests,
            is_demo=settings.demo,
        )

    return chrome
