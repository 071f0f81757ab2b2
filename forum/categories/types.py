"""Shapes of the categories room."""

import re
from collections.abc import Sequence
from dataclasses import InitVar, dataclass
from typing import NamedTuple

from forum.kit.errors import Invalid
from forum.kit.forms import Form
from forum.kit.text import one_line

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
MAX_NAME, MAX_DESCRIPTION, MAX_TEMPLATE, MAX_SLOW = 80, 500, 5000, 86_400
COLOUR = re.compile(r"#[0-9a-f]{6}")
READERS = ("everyone", "members", "staff", "groups")
WRITERS = READERS[1:]
OPEN = ("everyone", "members")  # where vendors can be let in
SEERS = ("readers", "members", "everyone")
RIGHTS = ("read", "reply", "start")
AS_READ = "readers"
READERS_SENTENCES = {
    "everyone": "Everyone reads it.",
    "members": "Members read it.",
    "groups": "Members of chosen groups read it.",
    "staff": "Its moderators and administrators read it.",
}
KINDS = ("question", "discussion", "review", "resource", "event", "announcement")
PALETTE = (
    *(("#49606b", "Slate"), ("#2f6f9f", "Blue"), ("#3b5fb0", "Indigo"), ("#5c4a9e", "Violet"), ("#9c3f75", "Plum")),
    *(("#a33a2c", "Brick"), ("#7a4b2b", "Brown"), ("#8a5a00", "Amber"), ("#6b6a1f", "Olive"), ("#3f7a3d", "Green")),
    *(("#14595f", "Teal"), ("#4a5361", "Gray")),
)
SWITCHES = ("lets_vendors_in", "is_hidden", "is_archived", "holds_first_posts")
FIELDS = (
    *("slug", "name", "description", "palette", "colour", "parent", "default_kind", "ask_template", "slow_seconds"),
    *("seen_by", "read_by", "reply_by", "start_by", *SWITCHES),
)
MANY = tuple(f"{right}_groups" for right in RIGHTS)


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
class Locked:
    """What somebody sees of a category that they may not read: that it is there, and who reads it."""

    name: str
    description: str
    colour: str
    read_by: str
    lets_vendors_in: bool

    @property
    def readers(self) -> str:
        return readers(self.read_by, lets_vendors_in=self.lets_vendors_in)


def readers(read_by: str, *, lets_vendors_in: bool) -> str:
    """A sentence: who reads a category."""
    sentence = READERS_SENTENCES[read_by]
    return f"{sentence} Vendors do not." if read_by in OPEN and not lets_vendors_in else sentence


def _seconds(form: Form) -> int:
    try:
        return form.whole("slow_seconds") or 0
    except Invalid:
        return -1  # what `check` refuses with its sentence


@dataclass(frozen=True)
class CategoryDraft:
    """A category as it is to be. `read_by` … as in Rights; reply_by and start_by "readers" stand for whoever reads.

    groups: for makers of categories that have one set of groups for every right given to groups.
    """

    slug: str
    name: str
    description: str = ""
    colour: str = "#49606b"
    parent: str | None = None
    default_kind: str = "question"
    ask_template: str = ""
    seen_by: str = "readers"
    read_by: str = "members"
    reply_by: str = AS_READ
    start_by: str = AS_READ
    read_groups: tuple[int, ...] = ()
    reply_groups: tuple[int, ...] = ()
    start_groups: tuple[int, ...] = ()
    lets_vendors_in: bool = False
    is_hidden: bool = False
    is_archived: bool = False
    holds_first_posts: bool = False
    slow_seconds: int = 0
    groups: InitVar[Sequence[int]] = ()

    def __post_init__(self, groups: Sequence[int]) -> None:
        for right in RIGHTS:
            if getattr(self, f"{right}_by") == AS_READ:
                object.__setattr__(self, f"{right}_by", self.read_by if self.read_by in WRITERS else "members")
                object.__setattr__(self, f"{right}_groups", self.read_groups)
            chosen = sorted({*getattr(self, f"{right}_groups"), *groups})
            is_given = getattr(self, f"{right}_by") == "groups"
            object.__setattr__(self, f"{right}_groups", tuple(chosen) if is_given else ())

    @classmethod
    def from_form(cls, form: Form) -> "CategoryDraft":
        """The draft in a form with FIELDS and MANY; `palette` holds a colour, or "own" for the one typed."""
        palette, colour = form.get("palette", "own"), form.get("colour", "").strip().lower()
        return cls(
            slug=form.get("slug", "").strip().lower(),
            name=one_line(form.get("name", "")),
            description=one_line(form.get("description", "")),
            colour=colour if palette == "own" else palette,
            parent=form.get("parent") or None,
            default_kind=form.get("default_kind", ""),
            ask_template=form.get("ask_template", "").strip(),
            seen_by=form.get("seen_by", ""),
            slow_seconds=_seconds(form),
            **{f"{right}_by": form.get(f"{right}_by", "") for right in RIGHTS},  # type: ignore[arg-type]
            **{f"{right}_groups": form.ids(f"{right}_groups") for right in RIGHTS},  # type: ignore[arg-type]
            **{switch: switch in form for switch in SWITCHES},  # type: ignore[arg-type]
        )

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        if problems := self._field_problems() | self._rights_problems():
            raise Invalid(**problems)

    def _field_problems(self) -> dict[str, str]:
        problems = {}
        if not SLUG.fullmatch(self.slug):
            problems["slug"] = "An address is letters, digits and hyphens: e-rate."
        if not 0 < len(self.name) <= MAX_NAME or not self.name.isprintable():
            problems["name"] = f"A name is one line of 1 to {MAX_NAME} characters."
        if len(self.description) > MAX_DESCRIPTION or not self.description.isprintable():
            problems["description"] = f"A description is one line of at most {MAX_DESCRIPTION} characters."
        if not COLOUR.fullmatch(self.colour):
            problems["colour"] = "A color is # and six digits or small letters a to f: #49606b."
        if self.default_kind not in KINDS:
            problems["default_kind"] = f"A kind of thread is {', '.join(KINDS)}."
        if len(self.ask_template) > MAX_TEMPLATE:
            problems["ask_template"] = f"At most {MAX_TEMPLATE:,} characters; this has {len(self.ask_template):,}."
        if not 0 <= self.slow_seconds <= MAX_SLOW:
            problems["slow_seconds"] = "From 0 to 86400 seconds, which is a day; 0 is no limit."
        return problems

    def _rights_problems(self) -> dict[str, str]:
        problems = {}
        if self.seen_by not in SEERS:
            problems["seen_by"] = f"Those who see it are {', '.join(SEERS)}."
        if self.read_by not in READERS:
            return problems | {"read_by": f"Readers are {', '.join(READERS)}."}
        if self.lets_vendors_in and self.read_by not in OPEN:
            problems["lets_vendors_in"] = "Vendors are let in only where everyone or all members read."
        if self.read_by == "groups" and not self.read_groups:
            problems["read_by"] = "Choose at least one group that reads."
        for right, verb in (("reply", "replies"), ("start", "starts threads")):
            if problem := self._writing_problem(right, verb):
                problems[f"{right}_by"] = problem
        return problems

    def _writing_problem(self, right: str, verb: str) -> str:
        by, groups = getattr(self, f"{right}_by"), getattr(self, f"{right}_groups")
        if by not in WRITERS:
            return f"Those who {right} are {', '.join(WRITERS)}."
        if by == "groups" and not groups and (self.read_groups or self.read_by in OPEN):
            return f"Choose at least one group that {verb}."
        is_wider = (by == "members" and self.read_by not in OPEN) or (by == "groups" and self.read_by == "staff")
        if is_wider or (self.read_by == "groups" and not {*groups} <= {*self.read_groups}):
            return f"Who {verb} must be able to read: give them the right to read, or choose fewer here."
        return ""


@dataclass(frozen=True)
class Kept:
    """A category as it is now; `version` counts its changes."""

    id: int
    version: int
    has_children: bool
    has_threads: bool
    draft: CategoryDraft
