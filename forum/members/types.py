"""Shapes of the members room."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from forum.kit.errors import Invalid

MAX_NAME = 120
MAX_ABOUT = 2000
INVITATION_DAYS = 14
COLOURS = 12
THEMES = ("light", "dark")  # or neither: as the system has it


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
    """One signed-in browser of a member."""

    id: int
    device: str
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
    """What somebody tells us when they join or ask to."""

    name: str
    title: str
    address: str = ""
    district_id: int | None = None
    note: str = ""

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "JoinDraft":
        district = form.get("district_id", "")
        return cls(
            name=form.get("name", "").strip(),
            title=form.get("title", "").strip(),
            address=form.get("address", "").strip(),
            district_id=int(district) if district.isascii() and district.isdigit() and len(district) < 19 else None,
            note=form.get("note", "").strip(),
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


@dataclass(frozen=True)
class Invitation:
    """An invitation nobody has accepted yet."""

    id: int
    address: str
    inviter_name: str
    created_at: datetime


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
class Newcomer:
    """Somebody who asked to join and is let in."""

    name: str
    title: str
    address: str
    district_id: int | None


@dataclass(frozen=True)
class MailedLink:
    """A link that was mailed and may still be used once."""

    purpose: str
    address: str
    next_path: str
    district_id: int | None
    district_name: str | None = field(default=None)
