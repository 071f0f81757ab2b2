"""Searches that members keep: the text they typed, never what it finds."""

from forum.kit.db import Database, many, run, value
from forum.kit.errors import Invalid, NotFound
from forum.members.types import Actor
from forum.search import policy
from forum.search.asked_types import MOST_SAVED, SavedSearch, SearchDraft, checked_name

OWN = "id = :saved_id AND member_id = :actor_id"


async def saved_searches(db: Database, actor: Actor) -> list[SavedSearch]:
    """What `actor` keeps, newest first; after two accounts became one these may be twice as many."""
    return await many(
        db,
        SavedSearch,
        """
        SELECT s.id, s.name, s.query, s.created_at, coalesce(f.level, 'none') AS level,
               coalesce(f.every_days, 0) AS every_days
        FROM saved_search s
        LEFT JOIN follow f ON f.member_id = s.member_id AND f.kind = 'search' AND f.target_id = s.id
        WHERE s.member_id = :actor_id
        ORDER BY s.created_at DESC, s.id DESC
        LIMIT 100
        """,
        actor_id=actor.id,
    )


async def save(db: Database, actor: Actor, draft: SearchDraft) -> int:
    """Keep a search; the same one twice is once. Returns its id. Raises Forbidden, Invalid."""
    policy.may_save(actor).require()
    draft.check()
    async with db.transaction():
        await run(db, "SELECT m.id FROM member m WHERE m.id = :actor_id FOR NO KEY UPDATE", actor_id=actor.id)
        same: int | None = await value(
            db,
            "SELECT s.id FROM saved_search s WHERE s.member_id = :actor_id AND lower(s.query) = lower(:query)",
            actor_id=actor.id,
            query=draft.query,
        )
        if same is not None:
            return same
        saved_id: int | None = await value(
            db,
            """
            INSERT INTO saved_search (member_id, query)
            SELECT :actor_id, :query
            WHERE (SELECT count(*) FROM saved_search s WHERE s.member_id = :actor_id) < :most
            RETURNING id
            """,
            actor_id=actor.id,
            query=draft.query,
            most=MOST_SAVED,
        )
        if saved_id is None:
            raise Invalid(query=f"You keep {MOST_SAVED} searches already. Remove one first.")
    return saved_id


async def rename(db: Database, actor: Actor, saved_id: int, name: str) -> None:
    """Give it a name; "" takes it away. Raises Forbidden, Invalid, NotFound."""
    policy.may_save(actor).require()
    name = checked_name(name)
    if not await run(
        db, f"UPDATE saved_search SET name = :name WHERE {OWN}", name=name, saved_id=saved_id, actor_id=actor.id
    ):
        raise NotFound


async def remove(db: Database, actor: Actor, saved_id: int) -> None:
    """Keep it no more; twice is once, and what is another's stays. Raises Forbidden."""
    policy.may_save(actor).require()
    await run(db, f"DELETE FROM saved_search WHERE {OWN}", saved_id=saved_id, actor_id=actor.id)
