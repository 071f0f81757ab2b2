"""Shapes of the following room: what is followed and how, who hears of a post and why, what members wish."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import available_timezones

from forum.kit.errors import Invalid
from forum.kit.forms import Form

# From the closest to the widest: of equal levels the closest is said to be the reason.
KINDS = ("thread", "person", "search", "product", "topic", "vendor", "category", "everything")
LEVELS = ("each", "digest", "web", "muted")
MUTABLE = ("thread", "person", "topic", "category")  # what is unwanted whatever else is followed
BLOCKS = {
    "renewals": "My district's renewals and their deadlines",
    "reviews": "New reviews of products we run or I follow",
    "followed": "What I follow",
    "mentions": "Where I was mentioned, and have not read it",
    "unanswered": "Unanswered questions I could answer",
}
LONGEST_DAYS = 90
CHOICES = {
    "each": "Every message by mail",
    "daily": "In my daily digest",
    "weekly": "In a digest each week",
    "days": "In a digest every few days",
    "web": "On the web only",
    "muted": "Nothing of it",
}
DEFAULTS = {
    "each": "Every message by mail",
    "digest": "In my digest",
    "web": "On the web only",
    "none": "Do not follow it",
}
EVENTS = {
    "asking": "When I begin a thread",
    "replying": "When I reply in a thread",
    "mentioned": "When somebody mentions me",
}
WEEKDAYS = {1: "Monday", 2: "Tuesday", 3: "Wednesday", 4: "Thursday", 5: "Friday", 6: "Saturday", 7: "Sunday"}
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
        days = {"daily": 1, "weekly": 7}.get(choice) or (form.whole("every_days") or 0 if choice == "days" else 0)
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
            return f"In a digest every {self.every_days} days"
        return CHOICES.get(self.choice, "Not followed")

    def check(self, kind: str) -> None:
        """Raises Invalid where something of that kind is not followed so."""
        if self.name not in LEVELS or (self.name == "muted" and kind not in MUTABLE):
            raise Invalid(level=PICK)
        if self.name == "digest" and not 1 <= self.every_days <= LONGEST_DAYS:
            raise Invalid(every_days=f"Every how many days? Write a number from 1 to {LONGEST_DAYS}.")


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
    def chosen(self) -> Level:
        return Level(self.level, self.every_days)


class Heard(NamedTuple):
    """A member who is to hear of a post. reason: mentioned, asked, replied, or the kind of what they follow.

    level: "each", "digest" or "web". every_days: of a digest. target_id: of what they follow, by `reason`; the thread
    for those who were mentioned, asked or replied.
    """

    post_id: int
    member_id: int
    level: str
    every_days: int
    reason: str
    target_id: int


@dataclass(frozen=True)
class Wishes:
    """How a member wants to hear of things: a row of mail_wish, or these defaults. days: 1 for Monday to 7.

    blocks: of a digest, in the member's order. time_zone: "" for the district's, then the site's. paused_until: the
    first day with mail again.
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

    def silence(self, today: date) -> str:
        """A sentence where no mail goes out on that day, else ""."""
        if self.stops_all:
            return "You stopped all mail of what you follow."
        if self.paused_until and self.paused_until > today:
            return f"You paused all mail until {self.paused_until:%d %B %Y}."
        return ""

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = {name: PICK for name in EVENTS if getattr(self, name) not in DEFAULTS}
        if not self.days or not set(self.days) <= set(WEEKDAYS):
            problems["days"] = "Choose at least one day. To have no digests, stop following or pause."
        if not 0 <= self.hour <= 23:
            problems["hour"] = PICK
        if self.time_zone and self.time_zone not in available_timezones():
            problems["time_zone"] = "Choose one of the list, or leave it empty."
        if not set(self.blocks) <= set(BLOCKS):
            problems["blocks"] = PICK
        if problems:
            raise Invalid(**problems)


WISH_FIELDS = (*EVENTS, "hour", "time_zone", "keeps_quiet", "paused_until", "stops_all")


def wishes_from_form(form: Form, member_id: int) -> Wishes:
    """Raises Invalid for what is no number or no day; field place_BLOCK is the block's place, 0 to leave it out."""
    return Wishes(
        member_id=member_id,
        asking=form.get("asking", ""),
        replying=form.get("replying", ""),
        mentioned=form.get("mentioned", ""),
        days=tuple(sorted(set(form.ids("days")))),
        hour=-1 if (hour := form.whole("hour")) is None else hour,
        time_zone=form.get("time_zone", "").strip(),
        blocks=_in_order({block: form.whole(f"place_{block}") or 0 for block in BLOCKS}),
        keeps_quiet=form.flag("keeps_quiet"),
        paused_until=_day(form.get("paused_until", "")),
        stops_all=form.flag("stops_all"),
    )


def _in_order(places: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted((block for block, place in places.items() if place), key=lambda block: places[block]))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(paused_until="Write a day as 2027-01-31, or leave it empty.") from None
