"""Shapes of the demo community, named as in its files."""

from dataclasses import dataclass


@dataclass(frozen=True)
class District:
    """A made-up district; `enrolment` counts its students."""

    name: str
    enrolment: int
    domains: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """A circle of members."""

    slug: str
    name: str


@dataclass(frozen=True)
class Member:
    """A made-up person. A vendor has a `domain` for the address instead of a district; `moderates` are categories."""

    handle: str
    name: str
    title: str
    district: str = ""
    domain: str = ""
    role: str = "member"
    group: str = ""
    moderates: tuple[str, ...] = ()
    newcomer: bool = False


@dataclass(frozen=True)
class Category:
    """A category. read, reply, start: everyone, members, staff, or groups, then those in `groups`."""

    slug: str
    name: str
    colour: str
    kind: str
    description: str
    parent: str | None = None
    template: str = ""
    read: str = "members"
    reply: str = "members"
    start: str = "members"
    groups: tuple[str, ...] = ()
    vendors: bool = False


@dataclass(frozen=True)
class Topic:
    """A topic and the words that lead to it."""

    slug: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """A reply, `after_hours` after its thread began; `helpful` members have marked it.

    deleted: by its author, or with a `reason` by staff. edited: why the text `before` became `body`.
    """

    by: str
    after_hours: float
    body: str
    helpful: int = 0
    deleted: bool = False
    reason: str = ""
    edited: str = ""
    before: str = ""


@dataclass(frozen=True)
class Thread:
    """A thread that began `age_days` ago. accepted: which of the replies, from 1.

    deleted: by its author, or with a `reason` by staff. Why a thread is locked is for the reader of the file;
    the forum tells it in the last reply.
    """

    category: str
    kind: str
    title: str
    by: str
    age_days: float
    topics: tuple[str, ...]
    body: str
    replies: tuple[Reply, ...] = ()
    accepted: int | None = None
    pinned: bool = False
    locked: bool = False
    vendors_out: bool = False
    deleted: bool = False
    reason: str = ""


@dataclass(frozen=True)
class JoinRequest:
    """Somebody who asks to be let in."""

    address: str
    name: str
    title: str
    note: str
    district: str = ""


@dataclass(frozen=True)
class Invitation:
    """Somebody who was invited and has not come yet."""

    address: str
    by: str


@dataclass(frozen=True)
class Draft:
    """Text not sent yet: a reply to the thread with the title `reply_to`, else a new thread."""

    by: str
    body: str
    reply_to: str = ""
    title: str = ""
    category: str = ""
    kind: str = ""
    topics: str = ""


@dataclass(frozen=True)
class Flag:
    """A member flags a post of the thread with the title `thread`."""

    by: str
    thread: str
    number: int
    reason: str
    note: str = ""


@dataclass(frozen=True)
class Word:
    """Watched words of a category, by somebody who moderates it."""

    by: str
    category: str
    words: str
    act: str
    sentence: str = ""
    path: str = ""


@dataclass(frozen=True)
class Product:
    """A made-up product. share: which part of the districts have run it; left: which part of these do not any more."""

    kind: str
    name: str
    vendor: str
    share: float
    about: str
    left: float = 0.0
    status: str = "current"
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Speaker:
    """A vendor's account, and the vendor it speaks for."""

    by: str
    vendor: str


@dataclass(frozen=True)
class Suggestion:
    """A product that a member misses."""

    by: str
    kind: str
    name: str
    vendor: str
    website: str
    note: str


@dataclass(frozen=True)
class Talk:
    """What members say of one kind of products. price: of a student and year, in dollars, about."""

    name: str
    price: float
    works: tuple[str, ...]
    lacks: tuple[str, ...]
    ask: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """Products by kind, who speaks for their vendors, and what is suggested."""

    kinds: tuple[str, ...]
    products: tuple[Product, ...]
    speakers: tuple[Speaker, ...]
    suggestions: tuple[Suggestion, ...]
    talk: tuple[Talk, ...]


@dataclass(frozen=True)
class Community:
    """All of it; categories in their order, threads oldest first."""

    districts: tuple[District, ...]
    groups: tuple[Group, ...]
    members: tuple[Member, ...]
    categories: tuple[Category, ...]
    topics: tuple[Topic, ...]
    threads: tuple[Thread, ...]
    join_requests: tuple[JoinRequest, ...]
    invitations: tuple[Invitation, ...]
    drafts: tuple[Draft, ...]
    words: tuple[Word, ...]
    held: tuple[Draft, ...]
    flags: tuple[Flag, ...]
    catalogue: Catalogue

    @property
    def oldest_days(self) -> float:
        return self.threads[0].age_days

    def days_of_posts(self, handle: str) -> list[float]:
        """How many days ago somebody wrote each of their posts."""
        opened = [each.age_days for each in self.threads if each.by == handle]
        replied = [
            each.age_days - reply.after_hours / 24
            for each in self.threads
            for reply in each.replies
            if reply.by == handle
        ]
        return opened + replied

    def staff(self, category: str) -> str:
        """The handle of who looks after a category: its first moderator, else the first administrator."""
        moderators = [each.handle for each in self.members if category in each.moderates]
        return [*moderators, *(each.handle for each in self.members if each.role == "admin")][0]
