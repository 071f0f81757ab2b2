"""What administrators read of categories: each as it is set, whatever they themselves may read in it."""

from dataclasses import dataclass

from forum.categories.queries import IN_ORDER
from forum.categories.types import CategoryDraft, Kept, readers
from forum.kit.db import Database, many, one, rows
from forum.kit.errors import NotFound


@dataclass(frozen=True)
class Row:
    """A category in the list of administrators."""

    id: int
    slug: str
    name: str
    colour: str
    parent_id: int | None
    read_by: str
    lets_vendors_in: bool
    is_hidden: bool
    is_archived: bool
    holds_first_posts: bool
    slow_seconds: int
    thread_count: int
    moderator_count: int

    @property
    def readers(self) -> str:
        return readers(self.read_by, lets_vendors_in=self.lets_vendors_in)

    @property
    def states(self) -> list[str]:
        """What is out of the ordinary about it, in a word or two each."""
        slow = f"{self.slow_seconds} s between posts" if self.slow_seconds else ""
        words = {"Hidden": self.is_hidden, "Archived": self.is_archived, "First posts wait": self.holds_first_posts}
        return [word for word, is_so in words.items() if is_so] + ([slow] if slow else [])


@dataclass(frozen=True)
class Group:
    """A group of members that rights can be given to."""

    id: int
    name: str
    member_count: int


@dataclass(frozen=True)
class Moderator:
    """A member who is staff in a category."""

    id: int
    handle: str
    name: str


async def register(db: Database) -> list[Row]:
    """Every category, children behind their parents."""
    return await many(
        db,
        Row,
        f"""
        SELECT c.id, c.slug, c.name, c.colour, c.parent_id, c.read_by, c.lets_vendors_in, c.is_hidden, c.is_archived,
               c.holds_first_posts, c.slow_seconds, c.thread_count,
               (SELECT count(*) FROM category_moderator x WHERE x.category_id = c.id) AS moderator_count
        FROM category c
        LEFT JOIN category u ON u.id = c.parent_id
        {IN_ORDER}
        """,
    )


async def category(db: Database, category_id: int) -> Kept:
    """One category as it is now. Raises NotFound."""
    found = await rows(
        db,
        """
        SELECT c.id, c.version, EXISTS (SELECT 1 FROM category o WHERE o.parent_id = c.id) AS has_children,
               EXISTS (SELECT 1 FROM thread t WHERE t.category_id = c.id) AS has_threads,
               c.slug, c.name, c.description, c.colour, u.slug AS parent, c.default_kind, c.ask_template,
               c.seen_by, c.read_by, c.reply_by, c.start_by, c.lets_vendors_in, c.is_hidden, c.is_archived,
               c.holds_first_posts, c.slow_seconds,
               ARRAY(SELECT g.group_id FROM category_group g WHERE g.category_id = c.id AND g.may = 'read')
                   AS read_groups,
               ARRAY(SELECT g.group_id FROM category_group g WHERE g.category_id = c.id AND g.may = 'reply')
                   AS reply_groups,
               ARRAY(SELECT g.group_id FROM category_group g WHERE g.category_id = c.id AND g.may = 'start')
                   AS start_groups
        FROM category c
        LEFT JOIN category u ON u.id = c.parent_id
        WHERE c.id = :category_id
        """,
        category_id=category_id,
    )
    if not found:
        raise NotFound
    columns = dict(found[0])
    about = {name: columns.pop(name) for name in ("id", "version", "has_children", "has_threads")}
    return Kept(**about, draft=CategoryDraft(**columns))


async def groups(db: Database) -> list[Group]:
    """Every group, by name."""
    return await many(
        db,
        Group,
        """
        SELECT g.id, g.name, (SELECT count(*) FROM group_member x WHERE x.group_id = g.id) AS member_count
        FROM member_group g
        ORDER BY lower(g.name), g.id
        """,
    )


async def moderators(db: Database, category_id: int) -> list[Moderator]:
    """Who is staff in a category, by name."""
    return await many(
        db,
        Moderator,
        """
        SELECT m.id, m.handle, m.name
        FROM category_moderator x
        JOIN member m ON m.id = x.member_id
        WHERE x.category_id = :category_id
        ORDER BY lower(m.name), m.id
        """,
        category_id=category_id,
    )


async def member_called(db: Database, handle: str) -> Moderator:
    """The active member with that handle who could moderate: vendors are none. Raises NotFound."""
    return await one(
        db,
        Moderator,
        """
        SELECT m.id, m.handle, m.name FROM member m
        WHERE m.handle = :handle AND m.state = 'active' AND m.role <> 'vendor'
        """,
        handle=handle,
    )
