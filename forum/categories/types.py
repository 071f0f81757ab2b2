"""Shapes of the categories room."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from forum.kit.errors import Invalid

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
MAX_NAME = 80
COLOUR = re.compile(r"#[0-9a-f]{6}")
READERS = ("everyone", "members", "staff", "groups")
WRITERS = READERS[1:]
KINDS = ("question", "discussion", "review", "resource", "event", "announcement")


class Category(NamedTuple):
    """A category as its readers see it. `depth` is 0, or 1 below another category."""

    id: int
    slug: str
    name: str
    colour: str
    depth: int
    thread_count: int

    @property
    def path(self) -> str:
        return f"/c/{self.slug}"


@dataclass(frozen=True)
class Rights:
    """Who may do one thing in a category: `by` is everyone, members, staff or groups (then: those in `groups`)."""

    category_id: int
    by: str
    groups: frozenset[int] = frozenset()
    lets_vendors_in: bool = False
    is_archived: bool = False


@dataclass(frozen=True)
class Room:
    """A category with what it takes to read and write in it.

    is_archived: everybody reads as before, only administrators write. holds_first_posts: first posts of newcomers wait
    for a moderator. slow_seconds: least time between two posts of one member who is not staff.
    """

    id: int
    slug: str
    name: str
    colour: str
    description: str
    default_kind: str
    ask_template: str
    reply_by: str
    start_by: str
    lets_vendors_in: bool
    is_archived: bool
    holds_first_posts: bool
    slow_seconds: int
    seen_by: str
    reply_groups: tuple[int, ...]
    start_groups: tuple[int, ...]
    moderators: tuple[str, ...]

    @property
    def path(self) -> str:
        return f"/c/{self.slug}"

    @property
    def starting(self) -> Rights:
        return self._rights(self.start_by, self.start_groups)

    @property
    def replying(self) -> Rights:
        return self._rights(self.reply_by, self.reply_groups)

    def _rights(self, by: str, groups: Sequence[int]) -> Rights:
        return Rights(self.id, by, frozenset(groups), self.lets_vendors_in, self.is_archived)


@dataclass(frozen=True)
class CategoryDraft:
    """A category to be made. `read_by` … as in Rights; `groups` holds ids for every right given to groups."""

    slug: str
    name: str
    description: str = ""
    colour: str = "#49606b"
    parent: str | None = None
    default_kind: str = "question"
    ask_template: str = ""
    read_by: str = "members"
    reply_by: str = "members"
    start_by: str = "members"
    lets_vendors_in: bool = False
    is_hidden: bool = False
    groups: Sequence[int] = field(default=())

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = {}
        if not SLUG.fullmatch(self.slug):
            problems["slug"] = "An address is letters, digits and hyphens: e-rate."
        if not 0 < len(self.name) <= MAX_NAME or not self.name.isprintable():
            problems["name"] = f"A name is one line of 1 to {MAX_NAME} characters."
        if not COLOUR.fullmatch(self.colour):
            problems["colour"] = "A colour is # and six digits or small letters a to f: #49606b."
        if self.default_kind not in KINDS:
            problems["default_kind"] = f"A kind of thread is {', '.join(KINDS)}."
        if self.read_by not in READERS:
            problems["read_by"] = f"Readers are {', '.join(READERS)}."
        for name in ("reply_by", "start_by"):
            if getattr(self, name) not in WRITERS:
                problems[name] = f"Those who {name.removesuffix('_by')} are {', '.join(WRITERS)}."
        if "groups" in (self.read_by, self.reply_by, self.start_by) and not self.groups:
            problems["groups"] = "Name at least one group."
        if problems:
            raise Invalid(**problems)
