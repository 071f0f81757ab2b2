"""Shapes that staff see of members."""

from dataclasses import dataclass
from datetime import datetime

from forum.kit.text import with_query
from forum.members.types import ROLE_NAMES, Target

STATES = {
    "active": "Active",
    "unclaimed": "Known from old emails",
    "suspended": "Suspended",
    "deactivated": "Deactivated",
}
BIGGEST = 2**62


@dataclass(frozen=True)
class Standing(Target):
    """A member and the reason of their suspension."""

    suspension_reason: str = ""

    @property
    def state_name(self) -> str:
        return STATES[self.state]


@dataclass(frozen=True)
class Silence:
    """Where a member only reads; everywhere when there is no category."""

    category_id: int | None
    category_name: str | None
    until: datetime
    reason: str

    @property
    def where(self) -> str:
        return self.category_name or "Everywhere"


@dataclass(frozen=True)
class MemberSought:
    """Which members an administrator looks for; what is empty asks for nothing."""

    words: str = ""
    role: str = ""
    state: str = ""
    before: int = BIGGEST

    @property
    def pattern(self) -> str:
        """The words for ILIKE, with what it would take for more than a letter spelled out."""
        return like(self.words)

    def path(self, before: int) -> str:
        """Where the members before the id `before` are shown, who fit as well."""
        values = {"words": self.words, "role": self.role, "state": self.state, "before": str(before)}
        return with_query("/admin/people", values)


def like(words: str) -> str:
    """A pattern for ILIKE: whatever holds `words` as they are."""
    for mark in ("\\", "%", "_"):
        words = words.replace(mark, "\\" + mark)
    return f"%{words}%"


@dataclass(frozen=True)
class MemberRow:
    """A member as administrators see one; `addresses` are parted by spaces."""

    id: int
    handle: str
    name: str
    role: str
    state: str
    suspended_until: datetime | None
    district_name: str | None
    created_at: datetime
    last_seen_at: datetime | None
    addresses: str | None

    @property
    def role_name(self) -> str:
        return ROLE_NAMES[self.role]

    @property
    def state_name(self) -> str:
        return STATES[self.state]


@dataclass(frozen=True)
class Group:
    """A group and how many are in it."""

    id: int
    slug: str
    name: str
    size: int

    @property
    def path(self) -> str:
        return f"/admin/groups/{self.id}"


@dataclass(frozen=True)
class GroupMember:
    """Somebody in a group."""

    id: int
    handle: str
    name: str


@dataclass(frozen=True)
class ListSummary:
    """How many lines of a list are of each kind, and whether it is on its way."""

    id: int
    is_confirmed: bool
    new: int
    wrong: int
    double: int
    member: int
    invited: int


@dataclass(frozen=True)
class ListedLine:
    """A line that is not sent, and why."""

    line: int
    status: str
    problem: str
    address: str

    @property
    def words(self) -> str:
        known = {
            "double": "The same address stands further up.",
            "member": "A member already.",
            "invited": "Invited already.",
        }
        return self.problem or known.get(self.status, "")
