"""Reads of stories of moves. Who may read a story's thread reads it here too; costs and calls are for members."""

from forum.categories.policy import READABLE_THREAD, READER
from forum.kit.db import Database, many, rows
from forum.members.types import Actor
from forum.products import policy
from forum.products.policy import SEEN
from forum.products.story_types import Flow, OwnStory, Stories, Story, StoryDraft
from forum.threads.policy import THREAD_THERE
from forum.threads.queries import HANDLE

MOST_STORIES = 50

TOLD = f"""
    FROM switch_story s
    JOIN post p ON p.id = s.post_id AND p.deleted_at IS NULL
    JOIN thread t ON t.id = p.thread_id AND t.deleted_at IS NULL
    JOIN category c ON c.id = t.category_id
    JOIN member a ON a.id = p.author_id
    {READER}
"""
OF_PRODUCT = "(s.to_product_id = :product_id OR s.from_product_id = :product_id)"


async def stories(db: Database, actor: Actor, product_id: int) -> Stories:
    """How many districts came to a product and left it, and the newest stories of that, up to 50."""
    flows = await _flows(db, actor, product_id)
    return Stories(flows, await _told(db, actor, product_id)) if flows else Stories()


async def _flows(db: Database, actor: Actor, product_id: int) -> list[Flow]:
    return await many(
        db,
        Flow,
        f"""
        SELECT s.to_product_id = :product_id AS is_here, CASE WHEN {SEEN} THEN pr.name ELSE '' END AS name,
               CASE WHEN {SEEN} THEN '/products/' || pr.slug ELSE '' END AS path,
               count(DISTINCT s.district_id) AS districts
        {TOLD}
        JOIN product pr ON pr.id IN (s.from_product_id, s.to_product_id) AND pr.id <> :product_id
        WHERE {OF_PRODUCT} AND {READABLE_THREAD} AND {THREAD_THERE}
        GROUP BY 1, 2, 3
        ORDER BY 1 DESC, 4 DESC, 2, 3
        LIMIT 40
        """,
        actor_id=actor.id,
        product_id=product_id,
    )


async def _told(db: Database, actor: Actor, product_id: int) -> list[Story]:
    return await many(
        db,
        Story,
        f"""
        SELECT s.id, '/t/' || t.id || '/' || t.slug AS thread_path, t.title, o.slug AS from_slug, n.slug AS to_slug,
               s.regret, s.weeks, CASE WHEN CAST(:is_member AS boolean) THEN s.cost_cents END AS cents,
               CAST(:is_member AS boolean) AND s.may_be_called AS may_be_called, s.said_at, a.name AS author_name,
               {HANDLE} AS author_handle, d.name AS author_district,
               coalesce(s.member_id = r.id, false) AS is_own
        {TOLD}
        JOIN product o ON o.id = s.from_product_id
        JOIN product n ON n.id = s.to_product_id
        LEFT JOIN district d ON d.id = a.district_id
        WHERE {OF_PRODUCT} AND {READABLE_THREAD} AND {THREAD_THERE}
        ORDER BY s.said_at DESC, s.id DESC
        LIMIT :most
        """,
        actor_id=actor.id,
        product_id=product_id,
        is_member=bool(policy.may_see_prices(actor)),
        most=MOST_STORIES,
    )


DRAFTED = (
    *("regret", "went_well", "went_badly", "weeks", "carried", "carried_how", "cents", "may_be_called", "version"),
    "moved_from",
)


async def own_story(db: Database, actor: Actor, from_id: int, to_id: int) -> OwnStory | None:
    """What `actor` told of a move; None before they have."""
    found = await rows(
        db,
        """
        SELECT s.id, s.regret, s.went_well, s.went_badly, s.weeks, s.carried, s.carried_how, s.cost_cents AS cents,
               s.may_be_called, s.version, o.slug AS moved_from, p.id AS post_id, p.thread_id,
               p.deleted_at IS NOT NULL OR t.deleted_at IS NOT NULL AS is_gone
        FROM switch_story s
        JOIN product o ON o.id = s.from_product_id
        JOIN post p ON p.id = s.post_id
        JOIN thread t ON t.id = p.thread_id
        WHERE s.from_product_id = :from_id AND s.to_product_id = :to_id AND s.member_id = :member_id
        """,
        from_id=from_id,
        to_id=to_id,
        member_id=actor.id,
    )
    if not found:
        return None
    row = found[0]
    draft = StoryDraft(**{name: row[name] for name in DRAFTED})
    return OwnStory(row["id"], draft, row["post_id"], row["thread_id"], row["is_gone"])


async def siblings(db: Database, actor: Actor, product_id: int) -> list[tuple[str, str]]:
    """Addresses and names of other products of the same kind, up to 200, by name."""
    found = await rows(
        db,
        f"""
        SELECT pr.slug, pr.name
        FROM product pr
        {READER}
        WHERE pr.category_id = (SELECT o.category_id FROM product o WHERE o.id = :product_id)
          AND pr.id <> :product_id AND {SEEN}
        ORDER BY lower(pr.name), pr.id
        LIMIT 200
        """,
        actor_id=actor.id,
        product_id=product_id,
    )
    return [(row["slug"], row["name"]) for row in found]
