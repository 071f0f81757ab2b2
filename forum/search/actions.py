"""What the overlay offers besides what is found: places to go and things to do, those that are open to the reader."""

from collections.abc import Callable
from typing import NamedTuple

from forum.members.policy import may_have_settings, may_see_people
from forum.members.types import Actor
from forum.products.policy import may_see_products
from forum.renewals.policy import may_see_renewals
from forum.search.found_types import Hit, Section, Typed

MOST_ACTIONS, MOST_UNASKED = 4, 8
Rule = Callable[[Actor], object]


class Action(NamedTuple):
    """One place. words: what else finds it; may: whom it is open to."""

    path: str
    title: str
    words: str
    may: Rule


def _anybody(actor: Actor) -> bool:
    return True


ACTIONS = (
    Action("/ask", "Ask a question", "new thread start post write discussion", _anybody),
    Action("/unread", "Unread", "new threads posts catch up", may_have_settings),
    Action("/unanswered", "Unanswered", "open questions help", _anybody),
    Action("/products", "Products", "catalog vendors reviews compare", may_see_products),
    Action("/renewals", "Renewals", "contracts notice calendar", may_see_renewals),
    Action("/people", "People", "members directory who", may_see_people),
    Action("/top", "Top", "best helpful threads", _anybody),
    Action(
        "/settings/following",
        "What you hear about",
        "follow digest email mail notifications mute subscribe",
        may_have_settings,
    ),
    Action("/settings", "Settings", "profile preferences account privacy", may_have_settings),
    Action("/", "All threads", "home latest newest", _anybody),
    Action("/c", "Categories", "rooms sections", _anybody),
    Action("/topics", "Topics", "tags", _anybody),
    Action("/events", "Events", "webinars meetings conferences calendar coming", _anybody),
    Action("/notifications", "Notifications", "bell news mentions inbox", may_have_settings),
    Action("/drafts", "Drafts", "unsent held waiting", may_have_settings),
    Action("/settings/security", "Security", "passkeys codes sign in", may_have_settings),
    Action("/moderation", "Moderation", "queue flags staff", lambda actor: actor.is_staff),
    Action("/admin", "Administration", "admin site settings staff", lambda actor: actor.is_admin),
    Action("/sign-in", "Sign in", "log login join", lambda actor: actor.is_guest),
    Action("/help", "Help", "how markdown", _anybody),
    Action("/help/keyboard", "Keyboard", "keys shortcuts help", _anybody),
)


def actions(actor: Actor, typed: Typed) -> Section:
    """Those whose words begin as each word typed does; a choice of them while nothing is typed, none for filters."""
    sought = [word.text.casefold() for word in typed.words]
    most = MOST_ACTIONS if sought else MOST_UNASKED
    found = [] if typed.filters else [each for each in ACTIONS if each.may(actor) and _is_called(each, sought)]
    return Section("Actions", tuple(Hit("action", each.path, each.title) for each in found[:most]))


def _is_called(action: Action, sought: list[str]) -> bool:
    words = f"{action.title} {action.words}".casefold().split()
    return all(any(word.startswith(start) for word in words) for start in sought)
