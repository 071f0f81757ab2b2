"""Shapes of the events room: when and where something is, as typed and as kept, and who comes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from forum.events.times import hours_words, own_hours_words, when_words
from forum.kit.days import written_in_full
from forum.kit.errors import Invalid, Verdict
from forum.kit.forms import Form
from forum.kit.moments import FIRST_YEAR, LAST_YEAR, TO_MINUTES, local_from, moments, typed
from forum.kit.text import has_controls, has_words, is_web_address, one_line
from forum.kit.zones import named_zones, zone_of
from forum.threads.paths import path_of_post
from forum.threads.types import ASK_FIELDS, FACT_FIELDS, ThreadDraft

KIND, ONLINE = "event", "Online"
DRAFT = "event"  # the key of what is typed and not sent
MAX_PLACE, MAX_LINK = 200, 300
LONGEST = timedelta(days=14)
NEW_FIELDS = (*(name for name in ASK_FIELDS if name != "kind"), *FACT_FIELDS)
MISSING = {
    "starts": f"Say when it begins: a day and a time from {FIRST_YEAR} to {LAST_YEAR - 1}.",
    "ends": f"Say when it ends: a day and a time from {FIRST_YEAR} to {LAST_YEAR - 1}.",
}


@dataclass(frozen=True)
class Times:
    """From when to when, in UTC, and the day on which it begins where it is."""

    starts_at: datetime
    ends_at: datetime
    starts_on: date


@dataclass(frozen=True)
class Facts:
    """When and where, as typed: times are local ones of `time_zone`. place: "" for online only."""

    starts: str = ""
    ends: str = ""
    time_zone: str = ""
    place: str = ""
    link: str = ""

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "Facts":
        return cls(**{name: one_line(form.get(name, "")) for name in FACT_FIELDS})

    def with_kept(self, fields: Mapping[str, str]) -> "Facts":
        """With what a kept draft has of it."""
        return replace(self, **{name: fields[name] for name in FACT_FIELDS if fields.get(name)})

    @property
    def fields(self) -> dict[str, tuple[str, ...]]:
        """What changes apart from the rest: the times and their zone are one, as none says when without the others."""
        times = tuple(text[:TO_MINUTES] if local_from(text) else text for text in (self.starts, self.ends))
        return {"times": (*times, self.time_zone), "place": (self.place,), "link": (self.link,)}

    @classmethod
    def from_fields(cls, fields: Mapping[str, tuple[str, ...]]) -> "Facts":
        """The ones that `fields` are of."""
        return cls(*fields["times"], *fields["place"], *fields["link"])

    def check(self) -> Times:
        """What it says of times. Raises Invalid with a sentence for each field that will not do."""
        problems = {} if self.time_zone in dict(named_zones()) else {"time_zone": "Choose one from the list."}
        if len(self.place) > MAX_PLACE or has_controls(self.place) or (self.place and not has_words(self.place)):
            problems["place"] = f"At most {MAX_PLACE} ordinary characters, or leave it empty."
        if self.link and not (is_web_address(self.link) and len(self.link) <= MAX_LINK):
            problems["link"] = f"Write a whole address, https://…, at most {MAX_LINK} characters, or leave it empty."
        if "time_zone" in problems:
            raise Invalid(**problems)
        try:
            times = self._times(ZoneInfo(self.time_zone))
        except Invalid as problem:
            raise Invalid(**problem.fields, **problems) from None
        if problems:
            raise Invalid(**problems)
        return times

    def _times(self, zone: ZoneInfo) -> Times:
        at = moments({"starts": self.starts, "ends": self.ends}, zone, MISSING)
        if not timedelta() < at["ends"] - at["starts"] <= LONGEST:
            raise Invalid(ends=f"It must end after it begins, at most {LONGEST.days} days later.")
        return Times(at["starts"], at["ends"], at["starts"].astimezone(zone).date())


def facts_of(starts_at: datetime, ends_at: datetime, time_zone: str, place: str, link: str) -> Facts:
    """What is kept, as it would be typed."""
    zone = zone_of(time_zone, "UTC")
    return Facts(typed(starts_at, zone), typed(ends_at, zone), zone.key, place, link)


@dataclass(frozen=True)
class EventDraft:
    """A new thread with its time and place, as typed."""

    thread: ThreadDraft
    facts: Facts

    @classmethod
    def from_form(cls, form: Form) -> "EventDraft":
        """Raises Invalid for a box that is neither ticked nor empty."""
        thread = ThreadDraft.from_form(Form([*form.fields, ("kind", KIND)]))
        return cls(thread, Facts.from_form(form))

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Everything typed, as the fields of the form."""
        told = [(name, text) for name, text in self.thread.fields if name != "kind"]
        return [*told, *((name, getattr(self.facts, name)) for name in FACT_FIELDS)]

    def check(self) -> Times:
        """As `Facts.check`, for all of its fields at once."""
        try:
            self.thread.check()
        except Invalid as problem:
            raise Invalid(**problem.fields, **self._fact_problems()) from None
        return self.facts.check()

    def _fact_problems(self) -> Mapping[str, str]:
        try:
            self.facts.check()
        except Invalid as problem:
            return problem.fields
        return {}

    def sent(self, times: Times) -> ThreadDraft:
        """The thread to be started. Its key is that of the form and the time: the form sent once more with another
        time is another event."""
        return replace(self.thread, client_key=f"{self.thread.client_key} {times.starts_at:%Y%m%d%H%M}")


class Event(NamedTuple):
    """An event as its reader sees it. thread_id, slug, number: where the post stands that announces it.

    guests: how many said that they will come; is_coming: whether the reader did. now: of the database.
    reader_zone: their time zone, "" where nobody knows it.
    """

    post_id: int
    thread_id: int
    slug: str
    number: int
    title: str
    category_slug: str
    category_name: str
    category_colour: str
    starts_at: datetime
    ends_at: datetime
    starts_on: date
    time_zone: str
    place: str
    link: str
    is_cancelled: bool
    version: int
    changed_at: datetime
    guests: int
    is_coming: bool
    now: datetime
    reader_zone: str

    @property
    def thread_path(self) -> str:
        return f"/t/{self.thread_id}/{self.slug}"

    @property
    def path(self) -> str:
        """The thread's, or of the post in it that announces this, where that is not the first."""
        return path_of_post(self.thread_path, self.number)

    @property
    def is_over(self) -> bool:
        return self.ends_at <= self.now

    @property
    def day(self) -> str:
        return written_in_full(self.starts_on)

    @property
    def hours(self) -> str:
        return hours_words(self.starts_at, self.ends_at, self.time_zone, self.starts_on)

    @property
    def own_hours(self) -> str:
        """The same where its reader is, with the day if that is another; "" where clocks say the same there."""
        return own_hours_words(self.starts_at, self.ends_at, self.time_zone, self.reader_zone or self.time_zone)

    @property
    def when(self) -> str:
        return when_words(self.starts_at, self.ends_at, self.time_zone)

    @property
    def where(self) -> str:
        return self.place or ONLINE

    @property
    def guest_words(self) -> str:
        who = f"{self.guests} {'person' if self.guests == 1 else 'people'}"
        if self.is_over or self.is_cancelled:
            return f"{who} wanted to come"
        return f"{who} {'is' if self.guests == 1 else 'are'} coming"

    def is_as(self, facts: Facts, times: Times) -> bool:
        """Whether that is what it says already."""
        told = (times.starts_at, times.ends_at, facts.time_zone, facts.place, facts.link)
        return told == (self.starts_at, self.ends_at, self.time_zone, self.place, self.link)

    @property
    def facts(self) -> Facts:
        """It as it would be typed."""
        return facts_of(self.starts_at, self.ends_at, self.time_zone, self.place, self.link)


class Guest(NamedTuple):
    """Somebody who said that they will come."""

    handle: str
    name: str


@dataclass(frozen=True)
class Beside:
    """What a thread's page says of its event; event: None where nobody has said yet when it is.

    guests: pairs of a name and the path of their page, of those whom the reader may see.
    """

    thread_id: int
    event: Event | None
    guests: tuple[tuple[str, str], ...]
    may_come: Verdict
    may_change: Verdict
