"""What is said once somebody has chosen how to follow something: a notice for each kind and choice."""

from collections.abc import Mapping

from forum.following.things import THINGS
from forum.following.types import Level, Target

SAID = {
    "each": "You get every message {of_it} by email.",
    "daily": "You get new messages {of_it} in your daily digest.",
    "weekly": "You get new messages {of_it} in your weekly digest.",
    "days": "You get new messages {of_it} in a digest as often as you chose.",
    "web": "You find new messages {of_it} on the web.",
    "muted": "Muted: you hear no more about {it}.",
    "none": "You no longer follow {it}.",
}
NOTICES: Mapping[str, str] = {
    f"{kind}-{choice}": sentence.format(it=thing.it, of_it=thing.of_it)
    for kind, thing in THINGS.items()
    for choice, sentence in SAID.items()
}
# Those that promise email: they also say where their reader stopped or paused all of it.
BY_MAIL = frozenset(f"{kind}-{choice}" for kind in THINGS for choice in ("each", "daily", "weekly", "days")) | {
    "started"
}


def notice_of(target: Target, level: Level) -> str:
    """The name, in NOTICES, of what is said."""
    return f"{target.kind}-{level.choice}"
