"""What the names in filters stand for: the category, member or product that the reader may know of."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from forum.categories.policy import READABLE, READABLE_THREADS, READER
from forum.kit.db import Database, rows, value
from forum.members.policy import may_see_people
from forum.members.types import Actor
from forum.products.policy import SEEN
from forum.products.types import compared
from forum.search.days import first_day
from forum.search.found_types import Filter
from forum.search.types import FOR_ALL, MEMBERS, Limits, Scope, vendor_audience
from forum.topics.queries import topic_called

MOST_ALIKE = 20  # products whose names begin as was typed
NOBODY = -1  # an id that no row has: a filter for what is not there finds nothing

CATEGORIES_SQL = f"""
    SELECT c.id, c.slug, c.name FROM category c {READER}
    WHERE {READABLE}
    ORDER BY c.id
"""


async def scope_of(db: Database, actor: Actor) -> Scope:
    """What a search of `actor` goes through."""
    found = await rows(db, CATEGORIES_SQL, actor_id=actor.id)
    category_ids = (0, *(row["id"] for row in found))
    if not actor.is_vendor:
        return Scope(category_ids, (FOR_ALL,), "guests") if actor.is_guest else Scope(category_ids, (FOR_ALL, MEMBERS))
    vendor_id = await value(db, "SELECT va.vendor_id FROM vendor_account va WHERE va.member_id = :id", id=actor.id)
    return Scope(category_ids, (FOR_ALL, vendor_audience(vendor_id or NOBODY)), "vendors")


async def limits_of(db: Database, actor: Actor, filters: Sequence[Filter]) -> tuple[Limits, tuple[str, ...]]:
    """What filters limit the found to, and a sentence for each that names nothing the reader knows of."""
    limits, problems = Limits(), []
    for each in filters:
        limits, problem = await RESOLVERS[each.name](db, actor, each.value, limits)
        if problem:
            problems.append(problem)
    return limits, tuple(problems)


Resolved = tuple[Limits, str]


async def _category(db: Database, actor: Actor, name: str, limits: Limits) -> Resolved:
    wanted = name.casefold()
    found = [
        row["id"]
        for row in await rows(db, CATEGORIES_SQL, actor_id=actor.id)
        if wanted in (row["slug"], row["name"].casefold())
    ]
    problem = "" if found else f"There is no category “{name}” here."
    return replace(limits, category_ids=(*limits.category_ids, *(found or [NOBODY]))), problem


async def _topic(db: Database, actor: Actor, name: str, limits: Limits) -> Resolved:
    slug = "-".join(name.lower().removeprefix("#").split())
    found = await topic_called(db, actor, slug)
    problem = "" if found else f"There is no topic “{name}” here."
    return replace(limits, topics=(*limits.topics, found or slug)), problem


async def _author(db: Database, actor: Actor, name: str, limits: Limits) -> Resolved:
    """By handle or whole name, else by one of their names: of those in the list of members, or whose posts are open.

    Who may not look members up is not told that there is none.
    """
    wanted = name.removeprefix("@").casefold()
    found = await rows(
        db,
        f"""
        SELECT m.id, m.handle = :wanted OR lower(m.name) = :wanted AS is_whole FROM member m
        WHERE (m.handle = :wanted OR lower(m.name) = :wanted OR :wanted = ANY(string_to_array(lower(m.name), ' ')))
          AND m.state NOT IN ('deleted', 'unnamed')
          AND (m.state = 'active' OR EXISTS (
              SELECT 1 FROM post p
              JOIN thread t ON t.id = p.thread_id
              WHERE p.author_id = m.id AND p.deleted_at IS NULL AND t.deleted_at IS NULL AND {READABLE_THREADS}
          ))
        ORDER BY is_whole DESC, m.id
        LIMIT 20
        """,
        wanted=wanted,
        actor_id=actor.id,
    )
    problem = f"There is nobody called “{name}” here." if not found and may_see_people(actor) else ""
    ids = [row["id"] for row in found if row["is_whole"]] or [row["id"] for row in found] or [NOBODY]
    return replace(limits, author_ids=(*limits.author_ids, *ids)), problem


async def _product(db: Database, actor: Actor, name: str, limits: Limits) -> Resolved:
    found = await rows(
        db,
        f"""
        SELECT DISTINCT ON (pr.id) pr.id, n.place
        FROM (
            SELECT s.id, 1 AS place FROM product s WHERE s.slug = :slug
            UNION ALL SELECT pa.product_id, 2 FROM product_address pa WHERE pa.slug = :slug
            UNION ALL SELECT pn.product_id, 3 FROM product_name pn WHERE pn.compared = :compared
            UNION ALL SELECT pn.product_id, 4 FROM product_name pn
                      WHERE length(:compared) > 2 AND starts_with(pn.compared, :compared)
        ) n
        JOIN product pr ON pr.id = n.id
        {READER}
        WHERE {SEEN}
        ORDER BY pr.id, n.place
        LIMIT 20
        """,
        actor_id=actor.id,
        slug=name.lower(),
        compared=compared(name),
    )
    problem = "" if found else f"There is no product “{name}” here."
    first = min((row["place"] for row in found), default=0)
    ids = [row["id"] for row in found if row["place"] == first][: MOST_ALIKE if first == 4 else 1] or [NOBODY]
    return replace(limits, product_ids=(*limits.product_ids, *ids)), problem


async def _kind(db: Database, actor: Actor, name: str, limits: Limits) -> Resolved:
    return replace(limits, kinds=(*limits.kinds, name)), ""


async def _state(db: Database, actor: Actor, name: str, limits: Limits) -> Resolved:
    return replace(limits, is_answered=name == "answered"), ""


async def _after(db: Database, actor: Actor, day: str, limits: Limits) -> Resolved:
    today: date = await value(db, "SELECT current_date")
    return replace(limits, after=first_day(day, today)), ""


RESOLVERS: Mapping[str, Callable[[Database, Actor, str, Limits], Awaitable[Resolved]]] = {
    "category": _category,
    "topic": _topic,
    "by": _author,
    "product": _product,
    "kind": _kind,
    "is": _state,
    "after": _after,
}
