"""Shapes of the site room."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from forum.kit.errors import Invalid
from forum.kit.moments import moments
from forum.kit.text import has_words
from forum.site.contrast import stylesheet

MAX_NAME = 60
MAX_ANNOUNCEMENT = 1000
MAX_PAGE = 30_000
MAX_NOTE = 500
KINDS = ("info", "warn")
AUDIENCES = ("everyone", "members", "staff")
MISSING = {
    "from_at": "Say from when it is shown, as 2027-01-31T08:00.",
    "until_at": "Say until when it is shown, as 2027-01-31T08:00.",
}
PAGES = {"terms": "Terms of use", "privacy": "Privacy"}
DISMISSED = "dismissed"  # the cookie that holds the ids of announcements a reader has put away
MOST_DISMISSED = 20


def put_away(cookie: str) -> frozenset[int]:
    """The ids of announcements in the cookie "3.17"; nonsense is nothing."""
    return frozenset(int(part) for part in cookie[:400].split(".") if part.isascii() and part.isdigit())


class Banner(NamedTuple):
    """An announcement that is shown now; `html` was made by kit/markdown.py."""

    id: int
    kind: str
    audience: str
    html: str


@dataclass(frozen=True)
class Site:
    """What every page knows of the site: read with who is asking, so that no page asks for it.

    name: as administrators set it, else FORUM_SITE_NAME. methods_off: ways to sign in that are switched off.
    pages: (slug, newest version) of those that are published.
    """

    name: str
    accent: str = ""
    logo_hash: str = ""
    is_open_to_guests: bool = True
    takes_requests: bool = True
    is_indexed: bool = False
    methods_off: frozenset[str] = frozenset()
    banners: tuple[Banner, ...] = ()
    pages: tuple[tuple[str, int], ...] = ()

    @property
    def look_path(self) -> str:
        """The stylesheet of the accent colour, "" when it has none of its own."""
        return f"/look/{stylesheet(self.accent)[1]}.css" if self.accent else ""

    @property
    def logo_path(self) -> str:
        return f"/logo/{self.logo_hash}.png" if self.logo_hash else ""

    @property
    def terms_version(self) -> int:
        """The newest published version of the terms, 0 while there is none."""
        return dict(self.pages).get("terms", 0)

    def banners_for(self, *, is_guest: bool, is_staff: bool, dismissed: frozenset[int]) -> tuple[Banner, ...]:
        """The announcements meant for such a reader who has put away those of `dismissed`."""
        audiences = {"everyone"} | (set() if is_guest else {"members"}) | ({"staff"} if is_staff else set())
        return tuple(each for each in self.banners if each.audience in audiences and each.id not in dismissed)


@dataclass(frozen=True)
class Setting:
    """What administrators set, as it is stored: '' and () stand for nothing set."""

    name: str = ""
    accent: str = ""
    logo_hash: str = ""
    is_open_to_guests: bool = True
    takes_requests: bool = True
    is_indexed: bool = False
    methods_off: tuple[str, ...] = ()
    backup_note: str = ""
    is_set_up: bool = False


@dataclass(frozen=True)
class LookDraft:
    """A name and an accent colour as typed; "" takes either back."""

    name: str
    accent: str

    @property
    def problems(self) -> dict[str, str]:
        problems = {}
        if len(self.name) > MAX_NAME:
            problems["name"] = f"At most {MAX_NAME} characters; this has {len(self.name)}."
        if self.name and not (self.name.isprintable() and has_words(self.name)):
            problems["name"] = "Write the name in letters, on one line."
        return problems


@dataclass(frozen=True)
class AnnouncementDraft:
    """An announcement as typed: times are local ones of `time_zone`."""

    body: str = ""
    kind: str = "info"
    audience: str = "everyone"
    from_at: str = ""
    until_at: str = ""
    time_zone: str = ""
    client_key: str = ""

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "AnnouncementDraft":
        return cls(**{each.name: form.get(each.name, "").strip() for each in fields(cls)})

    def check(self) -> tuple[datetime, datetime]:
        """When it begins and ends, in UTC. Raises Invalid with a sentence for each field that will not do."""
        problems = self._problems()
        try:
            times = self._times()
        except Invalid as problem:
            raise Invalid(**problems, **problem.fields) from None
        if problems:
            raise Invalid(**problems)
        return times

    def _problems(self) -> dict[str, str]:
        problems = {}
        if not has_words(self.body):
            problems["body"] = "Write what you announce."
        elif len(self.body) > MAX_ANNOUNCEMENT:
            problems["body"] = f"At most {MAX_ANNOUNCEMENT} characters; this has {len(self.body)}."
        if self.kind not in KINDS:
            problems["kind"] = "Choose one of those offered."
        if self.audience not in AUDIENCES:
            problems["audience"] = "Choose one of those offered."
        if not 1 <= len(self.client_key) <= 64:
            problems["client_key"] = "Reload the page and send it again."
        return problems

    def _times(self) -> tuple[datetime, datetime]:
        if self.time_zone not in available_timezones():
            raise Invalid(time_zone="Reload the page and send it again.")
        at = moments({"from_at": self.from_at, "until_at": self.until_at}, ZoneInfo(self.time_zone), MISSING)
        if at["from_at"] >= at["until_at"]:
            raise Invalid(until_at="It ends before it begins: choose a later time.")
        return at["from_at"], at["until_at"]


@dataclass(frozen=True)
class Announcement:
    """An announcement as administrators see it."""

    id: int
    kind: str
    audience: str
    body: str
    html: str
    from_at: datetime
    until_at: datetime
    is_shown: bool
    is_over: bool


@dataclass(frozen=True)
class SitePage:
    """A version of the terms or of the privacy page."""

    slug: str
    version: int
    body: str
    html: str
    published_at: datetime
    newest: int

    @property
    def title(self) -> str:
        return PAGES[self.slug]


@dataclass(frozen=True)
class PageVersion:
    """A line of a page's history; `publisher` is None when that member is gone."""

    version: int
    published_at: datetime
    publisher: str | None


@dataclass(frozen=True)
class Terms:
    """The published terms a newcomer agrees to."""

    version: int
    published_at: datetime


@dataclass(frozen=True)
class MailTest:
    """What came of one test mail."""

    id: int
    tested_at: datetime
    tester: str | None
    is_good: bool
    outcome: str
