"""Who walks through the forum, and a second opinion on what each may read: written apart from the forum's own rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from forum.kit.db import Database, rows
from tests.walker.canaries import Planted

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Walker:
    """Somebody who looks into everything. `is_out`: suspended, so that the forum treats them as a guest."""

    name: str
    member_id: int = 0
    role: str = "guest"
    groups: frozenset[int] = frozenset()
    moderates: frozenset[int] = frozenset()
    is_out: bool = False

    @property
    def is_guest(self) -> bool:
        return self.member_id == 0 or self.is_out


@dataclass
class World:
    """Every row there is, by table, and where each canary sits."""

    tables: dict[str, Sequence[Row]]
    planted: dict[str, Planted] = field(default_factory=dict)

    def one(self, table: str, **values: Any) -> Row | None:
        return next((row for row in self.tables[table] if all(row[k] == v for k, v in values.items())), None)

    def all(self, table: str, **values: Any) -> list[Row]:
        return [row for row in self.tables[table] if all(row[k] == v for k, v in values.items())]


async def read_world(db: Database) -> World:
    """The whole database as it is now."""
    names = await rows(db, "SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public' ORDER BY relname")
    tables = {name["relname"]: [dict(r) for r in await rows(db, f"SELECT * FROM {name['relname']}")] for name in names}
    return World(tables)


def reads(world: World, who: Walker, category: Row) -> bool:
    """Whether `who` may read what stands in a category."""
    if category["is_hidden"]:
        return False
    if category["read_by"] == "everyone" and who.role != "vendor":
        return True
    if who.is_guest:
        return False
    if who.role == "admin":
        return True
    if who.role == "vendor":
        return category["lets_vendors_in"] and category["read_by"] in ("everyone", "members")
    if category["read_by"] == "members" or category["id"] in who.moderates:
        return True
    groups = {row["group_id"] for row in world.all("category_group", category_id=category["id"], may="read")}
    return category["read_by"] == "groups" and bool(groups & who.groups)


def sees_vendor(world: World, who: Walker, vendor_id: int) -> bool:
    """Whether the vendor and its products are there for `who`: for members all, for a vendor's people their own."""
    if who.is_guest:
        return False
    return who.role != "vendor" or world.one("vendor_account", member_id=who.member_id, vendor_id=vendor_id) is not None


def works_for(world: World, who: Walker) -> int | None:
    """The district whose contracts `who` keeps: vendors keep none."""
    if who.is_guest or who.role == "vendor":
        return None
    hidden = world.one("member_privacy", member_id=who.member_id)
    return (hidden and hidden["district_id"]) or world.one("member", id=who.member_id)["district_id"]


def is_staff(who: Walker, category_id: int | None) -> bool:
    return not who.is_guest and (who.role == "admin" or category_id in who.moderates)


def is_let_in(world: World, who: Walker, thread: Row) -> bool:
    """Whether a thread of a category that `who` reads is for them: some keep vendors out, or are one vendor's."""
    if not thread["keeps_vendors_out"] and thread["vendor_id"] is None:
        return True
    if who.is_guest or who.role != "vendor":
        return not who.is_guest
    return not thread["keeps_vendors_out"] and sees_vendor(world, who, thread["vendor_id"])


def finds_thread(world: World, who: Walker, thread_id: int) -> bool:
    """Whether the thread is there for `who`."""
    thread = world.one("thread", id=thread_id)
    if thread is None or not reads(world, who, world.one("category", id=thread["category_id"])):
        return False
    if not is_let_in(world, who, thread):
        return False
    is_own = not who.is_guest and thread["author_id"] == who.member_id
    return not thread["deleted_at"] or is_own or is_staff(who, thread["category_id"])


def finds_post(world: World, who: Walker, post_id: int) -> bool:
    """Whether the post's text is there for `who`."""
    post = world.one("post", id=post_id)
    if post is None or not finds_thread(world, who, post["thread_id"]):
        return False
    is_own = not who.is_guest and post["author_id"] == who.member_id
    return not post["deleted_at"] or is_own or is_staff(who, world.one("thread", id=post["thread_id"])["category_id"])


def meets(world: World, who: Walker, member_id: int) -> bool:
    """Whether `who` may know that this member is here: by the list of people, or by what they wrote or look after."""
    member = world.one("member", id=member_id)
    if not who.is_guest and who.role == "admin":
        return True
    if not who.is_guest and (who.member_id == member_id or (who.role == "member" and member["state"] == "active")):
        return True
    posts = [p["id"] for p in world.all("post", author_id=member_id)]
    posts += [r["post_id"] for r in world.all("post_revision", editor_id=member_id)]
    wrote = any(finds_post(world, who, post) for post in posts)
    looks_after = any(
        reads(world, who, world.one("category", id=row["category_id"]))
        for row in world.all("category_moderator", member_id=member_id)
    )
    return wrote or looks_after or (not who.is_guest and acts_in_public(world, who, member_id))


def acts_in_public(world: World, who: Walker, member_id: int) -> bool:
    """Whether the log that `who` reads names this member: staff who act in public do it under their name."""
    return any(reads_entry(world, who, entry) for entry in world.all("audit_entry", actor_id=member_id, is_public=True))


def reads_entry(world: World, who: Walker, entry: Row) -> bool:
    """Whether what a public entry of the log is about stands where `who` reads."""
    thread = world.one("thread", id=entry["subject_id"]) if entry["subject_kind"] == "thread" else None
    category = world.one("category", id=entry["category_id"])
    return reads(world, who, category) and (thread is None or is_let_in(world, who, thread))
