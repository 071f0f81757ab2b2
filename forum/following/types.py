"""Shapes of the following room: what is followed and how, who hears of a post and why, what members wish."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

# From the closest to the widest: of equal levels the closest is said to be the reason.
KINDS = ("thread", "person", "search", "product", "topic", "vendor", "category", "everything")
LEVELS = ("each", "digest", "web", "muted")
BLOCKS = ("renewals", "reviews", "followed", "mentions", "unanswered")


@dataclass(frozen=True)
class Target:
    """What can be followed: a kind and its row's id, 0 for everything."""

    kind: str
    id: int = 0


class Heard(NamedTuple):
    """A member who is to hear of a post. reason: mentioned, asked, replied, or the kind of what they follow.

    level: "each", "digest" or "web". every_days: of a digest. target_id: of what they follow, by `reason`.
    """

    post_id: int
    member_id: int
    level: str
    every_days: int
    reason: str
    target_id: int


@dataclass(frozen=True)
class Wishes:
    """How a member wants to hear of things: a row of mail_wish, or these defaults. days: 1 for Monday to 7."""

    member_id: int
    asking: str = "each"
    replying: str = "each"
    mentioned: str = "each"
    days: tuple[int, ...] = (1, 2, 3, 4, 5)
    hour: int = 6
    time_zone: str = ""
    blocks: tuple[str, ...] = BLOCKS
    keeps_quiet: bool = True
    paused_until: date | None = None
    stops_all: bool = False
