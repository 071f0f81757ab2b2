"""Shapes of the members room."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from forum.kit.errors import Invalid
from forum.kit.forms import Form

MAX_NAME = 120
MAX_ABOUT = 2000
MAX_REASON = 500
JOIN_FIELDS = ("name", "title", "address", "district_id", "note", "terms")
INVITATION_DAYS = 14
COLOURS = 12
DECLINE_REASONS = {
    "unknown": "We could not find out where you work. Ask again from your work address, and name your district.",
    "not-ours": "This forum is for the technology people of school districts.",
    "vendor": "Vendors join by an administrator's invitation. Write to us from your company's address.",
    "double": "You seem to have an account here already. Sign in with the address you used then.",
}
SEEN_BY = {"members": "All members", "staff": "Only staff", "nobody": "Nobody"}
PRIVATE_FIELDS = {
    "title_for": "Job",
    "district_for": "District and its size",
    "about_for": "About you",
    "joined_for": "Since when you are a member",
    "topics_for": "Topics you answer in",
}
THEMES = ("light", "dark")  # or neither: as the system has it
ROLES = {"member": "A member", "vendor": "A vendor", "admin": "An administrator"}
ROLE_NAMES = {"member": "Member", "vendor": "Vendor", "admin": "Administrator"}


def initials(name: str) -> str:
    """Up to two capital letters for the round picture: "Maya Okafor" → "MO"."""
    words = re.findall(r"\w+", name)
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@dataclass(frozen=True)
class Actor:
    """Who is asking. A guest is an Actor without an id, so no code asks `if actor is None`.

    silenced_in: ids of categories where they may only read; 0 means everywhere.
    is_confirmed: this session has shown within ten minutes that it is them; has_second_factor: it has shown a
    passkey or a one-time code since it began.
    """

    id: int | None
    handle: str = ""
    name: str = "Guest"
    role: str = "guest"
    groups: frozenset[int] = frozenset()
    moderates: frozenset[int] = frozenset()
    silenced_in: frozenset[int] = frozenset()
    session_id: int | None = None
    is_confirmed: bool = False
    has_second_factor: bool = False

    @property
    def is_guest(self) -> bool:
        return self.id is None

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"

    @property
    def is_vendor(self) -> bool:
        return self.role == "vendor"

    @property
    def is_staff(self) -> bool:
        """Whether staff pages are meant for them: administrators, and moderators of at least one category."""
        return self.is_admin or bool(self.moderates)

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def colour(self) -> int:
        return colour(self.id or 0)

    def moderates_in(self, category_id: int) -> bool:
        """Whether this is staff in that category; a moderator is an ordinary member elsewhere."""
        return self.is_admin or category_id in self.moderates

    def is_silenced_in(self, category_id: int) -> bool:
        """Whether they may only read there."""
        return 0 in self.silenced_in or category_id in self.silenced_in


GUEST = Actor(id=None)


def colour(member_id: int) -> int:
    """Which of the twelve colours the round picture has: 1 to 12."""
    return member_id % COLOURS + 1


@dataclass(frozen=True)
class Target:
    """A member whom somebody else is about to change. `returns_as`: the state behind a suspension."""

    id: int
    handle: str
    role: str
    state: str
    returns_as: str = "active"
    suspended_until: datetime | None = None

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"


@dataclass(frozen=True)
class Privacy:
    """Who sees which field of a member's profile: "members", "staff" or "nobody"."""

    title_for: str = "members"
    district_for: str = "members"
    about_for: str = "members"
    joined_for: str = "members"
    topics_for: str = "members"

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "Privacy":
        return cls(**{name: form.get(name, "") for name in PRIVATE_FIELDS})

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = {
            name: "Choose one of those offered." for name in PRIVATE_FIELDS if getattr(self, name) not in SEEN_BY
        }
        if problems:
            raise Invalid(**problems)


@dataclass(frozen=True)
class Account:
    """Whether somebody who has an address here may sign in."""

    id: int
    state: str
    suspended_until: datetime | None
    suspension_reason: str


@dataclass(frozen=True)
class MailedSanction:
    """What the mail about a silence or a suspension says. No `until`: no end; no `category_name`: everywhere."""

    member_id: int
    reason: str
    until: datetime | None
    category_name: str | None = None


@dataclass(frozen=True)
class Person:
    """A member as others see one."""

    id: int
    handle: str
    name: str
    title: str
    role: str
    district_name: str | None
    about: str = ""
    enrolment: int | None = None
    created_at: datetime | None = None
    state: str = "active"

    @property
    def path(self) -> str:
        return f"/people/{self.handle}"

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def colour(self) -> int:
        return colour(self.id)

    @property
    def standing(self) -> str:
        """Title and district in one line."""
        return ", ".join(part for part in (self.title, self.district_name) if part)


@dataclass(frozen=True)
class OpenSession:
    """One signed-in browser of a member, and where it was used last."""

    id: int
    device: str
    place: str
    created_at: datetime
    last_used_at: datetime


@dataclass(frozen=True)
class ProfileDraft:
    """What a member says of themselves."""

    name: str
    title: str
    about: str

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "ProfileDraft":
        return cls(*(form.get(name, "").strip() for name in ("name", "title", "about")))

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = person_problems(self.name, self.title)
        if len(self.about) > MAX_ABOUT:
            problems["about"] = f"At most {MAX_ABOUT} characters; this has {len(self.about)}."
        if problems:
            raise Invalid(**problems)


@dataclass(frozen=True)
class JoinDraft:
    """What somebody tells us when they join or ask to. terms: the version they agree to, 0 for none."""

    name: str
    title: str
    address: str = ""
    district_id: int | None = None
    note: str = ""
    terms: int = 0

    @classmethod
    def from_form(cls, form: Form) -> "JoinDraft":
        """Raises Invalid for a district or version that is no number."""
        return cls(
            name=form.get("name", "").strip(),
            title=form.get("title", "").strip(),
            address=form.get("address", "").strip(),
            district_id=form.whole("district_id"),
            note=form.get("note", "").strip(),
            terms=form.whole("terms") or 0,
        )

    @property
    def problems(self) -> dict[str, str]:
        """A sentence for each field that will not do; the address is judged where it is used."""
        problems = person_problems(self.name, self.title)
        if len(self.note) > 1000:
            problems["note"] = f"At most 1000 characters; this has {len(self.note)}."
        return problems

    def check(self) -> None:
        """Raises Invalid with the problems."""
        if self.problems:
            raise Invalid(**self.problems)


def person_problems(name: str, title: str) -> dict[str, str]:
    """What is wrong with a person's name and title, by field."""
    problems = {}
    if not name:
        problems["name"] = "Write your name as colleagues know you."
    elif len(name) > MAX_NAME or not name.isprintable():
        problems["name"] = f"At most {MAX_NAME} characters on one line."
    if len(title) > MAX_NAME or not title.isprintable():
        problems["title"] = f"At most {MAX_NAME} characters on one line."
    return problems


@dataclass(frozen=True)
class JoinRequest:
    """Somebody who waits for an administrator's word."""

    id: int
    address: str
    name: str
    title: str
    district_name: str | None
    note: str
    created_at: datetime
    is_vendor: bool = False


@dataclass(frozen=True)
class Invitation:
    """An invitation nobody has accepted yet."""

    id: int
    address: str
    inviter_name: str
    created_at: datetime


@dataclass(frozen=True)
class WaitingRow:
    """A row of a confirmed list of people to be invited."""

    list_id: int
    line: int
    address: str
    name: str
    title: str
    district_id: int | None
    inviter_id: int


@dataclass(frozen=True)
class LinkRequest:
    """Somebody wants a link mailed, and where to be led by it."""

    address: str
    next_path: str


@dataclass(frozen=True)
class MailedInvitation:
    """What the mail of an invitation needs to know."""

    address: str
    district_id: int | None
    inviter_name: str


@dataclass(frozen=True)
class MailedDecision:
    """Whether somebody who asked to join is let in."""

    address: str
    is_approved: bool
    reason: str


@dataclass(frozen=True)
class Newcomer:
    """Somebody who asked to join and is let in."""

    name: str
    title: str
    address: str
    district_id: int | None
    terms_version: int


@dataclass(frozen=True)
class MailedLink:
    """A link that was mailed and may still be used once."""

    purpose: str
    address: str
    next_path: str
    district_id: int | None
    district_name: str | None = field(default=None)
