"""Reads of the categories room."""

import json
from functools import lru_cache

from forum.categories.policy import READABLE, READER
from forum.categories.types import Category, Room
from forum.kit.db import Database, many, one, value
from forum.members.types import Actor

# In any query with a reader `r`: the categories open to them, as JSON text for `shelf`.
SHELF = f"""(
    SELECT CAST(json_agg(json_build_array(
               c.id, c.slug, c.name, c.colour, CASE WHEN u.id IS NULL THEN 0 ELSE 1 END, c.thread_count
           ) ORDER BY coalesce(u.position, c.position), coalesce(u.id, c.id), u.id IS NOT NULL, c.position, c.id)
           AS text)
    FROM category c
    LEFT JOIN category u ON u.id = c.parent_id
    WHERE {READABLE}
)"""


@lru_cache(maxsize=256)
def shelf(text: str | None) -> tuple[Category, ...]:
    """The categories in the JSON text of SHELF. Kept by that text: readers with the same rights share one."""
    return tuple(Category(*columns) for columns in json.loads(text or "[]"))


async def categories(db: Database, actor: Actor) -> tuple[Category, ...]:
    """The categories `actor` may read, children behind their parents."""
    return shelf(await value(db, f"SELECT {SHELF} FROM (SELECT 1) one {READER}", actor_id=actor.id))


ROOM_SQL = f"""
    SELECT c.id, c.slug, c.name, c.colour, c.description, c.default_kind, c.ask_template,
           c.reply_by, c.start_by, c.lets_vendors_in, c.is_archived, c.holds_first_posts, c.slow_seconds, c.seen_by,
           ARRAY(SELECT g.group_id FROM category_group g WHERE g.category_id = c.id AND g.may = 'reply')
               AS reply_groups,
           ARRAY(SELECT g.group_id FROM category_group g WHERE g.category_id = c.id AND g.may = 'start')
               AS start_groups,
           ARRAY(SELECT m.name FROM category_moderator x JOIN member m ON m.id = x.member_id
                 WHERE x.category_id = c.id ORDER BY m.name, m.id) AS moderators
    FROM category c
    {READER}
    WHERE {READABLE}
"""


async def room(db: Database, actor: Actor, slug: str) -> Room:
    """One category with its rights. Raises NotFound when there is none or `actor` may not read it."""
    return await one(db, Room, f"{ROOM_SQL} AND c.slug = :slug", actor_id=actor.id, slug=slug)


async def rooms(db: Database, actor: Actor) -> list[Room]:
    """Every category `actor` may read, with its rights, by position."""
    return await many(db, Room, f"{ROOM_SQL} ORDER BY c.position, c.id", actor_id=actor.id)
