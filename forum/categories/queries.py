"""Reads of the categories room."""

import json
from functools import lru_cache

from forum.categories.policy import LET_IN, NOT_FOR_ALL, READABLE, READER, SEEN
from forum.categories.types import Category, Locked, Room
from forum.kit.db import Database, many, one, value
from forum.members.types import Actor

# Children behind their parents; needs the parent `u` of a category `c`.
IN_ORDER = "ORDER BY coalesce(u.position, c.position), coalesce(u.id, c.id), u.id IS NOT NULL, c.position, c.id"

# How many threads of a category `c` reader `r` may read.
COUNT = f"""c.thread_count - CASE WHEN r.role <> 'vendor' THEN 0 ELSE (
    SELECT count(*) FROM thread t
    WHERE t.category_id = c.id AND t.deleted_at IS NULL AND {NOT_FOR_ALL} AND NOT coalesce({LET_IN}, false)
) END"""

# In any query with a reader `r`: the categories open to them, as JSON text for `shelf`.
SHELF = f"""(
    SELECT CAST(json_agg(json_build_array(c.id, c.slug, c.name, c.colour, c.parent_id, {COUNT}) {IN_ORDER}) AS text)
    FROM category c
    LEFT JOIN category u ON u.id = c.parent_id
    WHERE {READABLE}
)"""


@lru_cache(maxsize=256)
def shelf(text: str | None) -> tuple[Category, ...]:
    """The categories in the JSON text of SHELF. Kept by that text: readers with the same rights share one."""
    found = json.loads(text or "[]")
    ids = {each[0] for each in found}  # below a category that its reader may not open, one looks as if on top
    return tuple(
        Category(category_id, slug, name, colour, int(parent_id in ids), thread_count)
        for category_id, slug, name, colour, parent_id, thread_count in found
    )


async def categories(db: Database, actor: Actor) -> tuple[Category, ...]:
    """The categories `actor` may read, children behind their parents."""
    return shelf(await value(db, f"SELECT {SHELF} FROM (SELECT 1) one {READER}", actor_id=actor.id))


ROOM_COLUMNS = """
    c.id, c.slug, c.name, c.colour, c.description, c.default_kind, c.ask_template,
    c.reply_by, c.start_by, c.lets_vendors_in, c.is_archived, c.holds_first_posts, c.slow_seconds, c.seen_by,
    ARRAY(SELECT g.group_id FROM category_group g WHERE g.category_id = c.id AND g.may = 'reply') AS reply_groups,
    ARRAY(SELECT g.group_id FROM category_group g WHERE g.category_id = c.id AND g.may = 'start') AS start_groups,
    ARRAY(SELECT m.name FROM category_moderator x JOIN member m ON m.id = x.member_id
          WHERE x.category_id = c.id ORDER BY m.name, m.id) AS moderators
"""
ROOM_SQL = f"""
    SELECT {ROOM_COLUMNS}
    FROM category c
    LEFT JOIN category u ON u.id = c.parent_id
    {READER}
    WHERE {READABLE}
"""


async def room(db: Database, actor: Actor, slug: str) -> Room:
    """One category with its rights, also by an address it had. Raises NotFound, also when `actor` may not read it."""
    return await one(
        db,
        Room,
        f"""
        {ROOM_SQL}
        AND (c.slug = :slug OR c.id = (SELECT o.category_id FROM category_address o WHERE o.slug = :slug))
        """,
        actor_id=actor.id,
        slug=slug,
    )


async def rooms(db: Database, actor: Actor) -> list[Room]:
    """Every category `actor` may read, with its rights, children behind their parents."""
    return await many(db, Room, f"{ROOM_SQL} {IN_ORDER}", actor_id=actor.id)


async def locked(db: Database, actor: Actor) -> list[Locked]:
    """The categories `actor` may not read, but may know of, by name."""
    return await many(
        db,
        Locked,
        f"""
        SELECT c.name, c.description, c.colour, c.read_by, c.lets_vendors_in
        FROM category c
        {READER}
        WHERE {SEEN} AND NOT {READABLE}
        ORDER BY lower(c.name), c.id
        """,
        actor_id=actor.id,
    )
