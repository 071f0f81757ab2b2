"""Shapes of the following room: what is followed and how, who hears of a post and why, what members wish."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import available_timezones

from forum.following.causes import BY_ITSELF, briefly, why_followed
from forum.following.choices import BLOCKS, CHOICES, DEFAULTS, EVENTS, LEVELS, WEEKDAYS
from forum.following.things import THINGS
from forum.kit.days import dated
from forum.kit.errors import Invalid
from forum.kit.forms import Form
from forum.kit.merging import merged
from forum.search.asked_types import SavedSearch

LONGEST_DAYS = 90
LONGEST_BREAK_DAYS = 366
BREAK_ENDS_HOURS = 10  # after midnight in UTC: then a day has begun in all of the United States
PICK = "Choose one of those offered."


@dataclass(frozen=True)
class Target:
    """What can be followed: a kind and its row's id, 0 for everything."""

    kind: str
    id: int = 0

    @property
    def path(self) -> str:
        """The page where one chooses how to follow it."""
        return f"/follow/{self.kind}/{self.id}" if self.id else f"/follow/{self.kind}"


@dataclass(frozen=True)
class Level:
    """How something is followed. every_days: of a digest, 1 to 90, else 0. "none": not at all."""

    name: str
    every_days: int = 0

    @classmethod
    def from_form(cls, form: Form) -> "Level":
        """What fields `level`, one of CHOICES or "stop", and `every_days` say. Raises Invalid."""
        choice = form.one_of("level", (*CHOICES, "stop"))
        days = {"daily": 1, "weekly": 7, "days": _days(form.get("every_days", ""))}.get(choice, 0)
        name = {"stop": "none", "daily": "digest", "weekly": "digest", "days": "digest"}.get(choice, choice)
        return cls(name, days)

    @property
    def choice(self) -> str:
        """The one of CHOICES that this is."""
        if self.name != "digest":
            return self.name
        return {1: "daily", 7: "weekly"}.get(self.every_days, "days")

    @property
    def words(self) -> str:
        if self.choice == "days":
            return f"Digest every {self.every_days} days"
        return CHOICES.get(self.choice, "Not followed")

    def check(self, kind: str) -> None:
        """Raises Invalid where something of that kind is not followed so."""
        if self.name not in LEVELS or (self.name == "muted" and not THINGS[kind].is_mutable):
            raise Invalid(level=PICK)
        if self.name == "digest" and not 1 <= self.every_days <= LONGEST_DAYS:
            raise Invalid(every_days=f"Enter a whole number of days from 1 to {LONGEST_DAYS}.")


def _days(text: str) -> int:
    """The number somebody typed, 0 for what is none: `Level.check` says the range of it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(f"{LONGEST_DAYS}") else 0


@dataclass(frozen=True)
class Deed:
    """What one click did to how something is followed. reason: of its row before, "" where there was none."""

    target: Target
    before: Level
    reason: str
    after: Level

    @property
    def parts(self) -> Sequence[object]:
        """What an Undo button carries of it; nothing where all is as it was."""
        levels = (self.before.name, self.before.every_days, self.after.name, self.after.every_days)
        return (self.target.kind, self.target.id, *levels, self.reason or "-") if self.before != self.after else ()

    @classmethod
    def from_parts(cls, parts: Sequence[str]) -> "Deed":
        """The deed that `parts` are of."""
        kind, target_id, before, before_days, after, after_days, reason = parts
        levels = Level(before, int(before_days)), Level(after, int(after_days))
        return cls(Target(kind, int(target_id)), levels[0], reason.strip("-"), levels[1])


@dataclass(frozen=True)
class RemovedSearch:
    """A saved search that its member removed, and how they followed it. reason: of its row, "" where there was none."""

    saved: SavedSearch
    level: Level
    reason: str

    @property
    def parts(self) -> Sequence[object]:
        """What an Undo button carries of it; the words in letters that stand in addresses."""
        words = json.dumps([self.saved.name, self.saved.query, self.saved.created_at.isoformat()], ensure_ascii=False)
        packed = urlsafe_b64encode(words.encode()).decode().rstrip("=")
        return (self.saved.id, self.level.name, self.level.every_days, self.reason or "-", packed)

    @classmethod
    def from_parts(cls, parts: Sequence[str]) -> "RemovedSearch":
        """The one that `parts` are of."""
        saved_id, level, every_days, reason, packed = parts
        name, query, created_at = json.loads(urlsafe_b64decode(packed + "=="))
        saved = SavedSearch(int(saved_id), name, query, datetime.fromisoformat(created_at))
        return cls(saved, Level(level, int(every_days)), reason.strip("-"))


@dataclass(frozen=True)
class Followed:
    """Something a member follows. name, path: "" where they may not see it any more, or where it is gone."""

    kind: str
    target_id: int
    level: str
    every_days: int
    reason: str
    changed_at: datetime
    name: str = ""
    path: str = ""

    @property
    def target(self) -> Target:
        return Target(self.kind, self.target_id)

    @property
    def kind_name(self) -> str:
        return THINGS[self.kind].name

    @property
    def chosen(self) -> Level:
        return Level(self.level, self.every_days)

    @property
    def since(self) -> str:
        """How it came to be followed, "" where its member chose it."""
        if self.reason in BY_ITSELF:
            return f"followed since {briefly(why_followed(self.reason))}"
        return "picked from our suggestions" if self.reason == "preset" else ""


class Heard(NamedTuple):
    """A member who is to hear of a post. reason: mentioned, asked, replied, or the kind of what they follow.

    level: "each", "digest" or "web". every_days: of a digest. target_id: of what they follow, by `reason`; the thread
    for those who were mentioned, asked or replied. since: of a thread, the reason for which it is followed, else "".
    """

    post_id: int
    member_id: int
    level: str
    every_days: int
    reason: str
    target_id: int
    since: str


@dataclass(frozen=True)
class Wishes:
    """How a member wants to hear of things: a row of mail_wish, or these defaults. days: 1 for Monday to 7.

    blocks: of a digest, in the member's order. time_zone: "" for the district's, then the site's. paused_until: the
    first day with mail again. mails_read: messages are mailed also if they were read on the site before.
    """

    member_id: int
    asking: str = "each"
    replying: str = "each"
    mentioned: str = "each"
    days: tuple[int, ...] = (1, 2, 3, 4, 5)
    hour: int = 6
    time_zone: str = ""
    blocks: tuple[str, ...] = tuple(BLOCKS)
    keeps_quiet: bool = True
    paused_until: date | None = None
    stops_all: bool = False
    mails_read: bool = False

    def silence(self, today: date) -> str:
        """A sentence where no mail goes out on that day, else ""."""
        if self.stops_all:
            return "You stopped all email about what you follow."
        if self.paused_until and self.paused_until > today:
            return f"You paused all email until {dated(self.paused_until)}."
        return ""

    def on(self, today: date) -> "Wishes":
        """The same without a break that is over."""
        return self if self.paused_until and self.paused_until > today else replace(self, paused_until=None)

    def merged(self, shown: "Wishes", sent: "Wishes") -> "Wishes":
        """With what was changed from `shown` to `sent`, and nothing else."""
        return Wishes(**merged(vars(shown), vars(sent), vars(self)))

    def check(self, today: date) -> None:
        """Raises Invalid with a sentence for each field that will not do. today: as breaks are reckoned."""
        problems = {name: PICK for name in EVENTS if getattr(self, name) not in DEFAULTS}
        if not self.days or not set(self.days) <= set(WEEKDAYS):
            problems["days"] = "Choose at least one day. To get no digests, stop or pause them."
        if not 0 <= self.hour <= 23:
            problems["hour"] = PICK
        if self.time_zone and self.time_zone not in available_timezones():
            problems["time_zone"] = "Choose one from the list."
        if not set(self.blocks) <= set(BLOCKS):
            problems["blocks"] = PICK
        if self.paused_until and not today < self.paused_until <= today + timedelta(LONGEST_BREAK_DAYS):
            problems["paused_until"] = "Choose a day after today, within a year, or leave it empty."
        if problems:
            raise Invalid(**problems)
