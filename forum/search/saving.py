"""Searches that members keep: the text they typed, never what it finds."""

from forum.kit.db import Database, first, many, run, value
from forum.kit.errors import NOTHING_LEFT, Forbidden, Invalid, NotFound
from forum.members.queries import hold
from forum.members.types import Actor
from forum.search import policy
from forum.search.asked_types import MOST_SAVED, SavedSearch, SearchDraft, checked_name

OWN = "id = :saved_id AND member_id = :actor_id"
FULL = f"You keep {MOST_SAVED} searches already. Remove one first."


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
        await _hold(db, actor)
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
            raise Invalid(query=FULL)
    return saved_id


async def rename(db: Database, actor: Actor, saved_id: int, name: str) -> None:
    """Give it a name; "" takes it away. Raises Forbidden, Invalid, NotFound."""
    policy.may_save(actor).require()
    name = checked_name(name)
    if not await run(
        db, f"UPDATE saved_search SET name = :name WHERE {OWN}", name=name, saved_id=saved_id, actor_id=actor.id
    ):
        raise NotFound


async def remove(db: Database, actor: Actor, saved_id: int) -> SavedSearch | None:
    """Keep it no more; twice is once, and what is another's stays. Returns what was removed. Raises Forbidden."""
    policy.may_save(actor).require()
    sql = f"DELETE FROM saved_search WHERE {OWN} RETURNING id, name, query, created_at"
    return await first(db, SavedSearch, sql, saved_id=saved_id, actor_id=actor.id)


async def bring_back(db: Database, actor: Actor, saved: SavedSearch) -> None:
    """Keep a search again that `actor` removed, as it was; twice is once.

    Raises Forbidden, also where they keep as many as they may, and Invalid where they keep it already.
    """
    policy.may_save(actor).require()
    async with db.transaction():
        await _hold(db, actor)
        is_back = await run(
            db,
            """
            INSERT INTO saved_search (id, member_id, name, query, created_at)
            OVERRIDING SYSTEM VALUE
            VALUES (:saved_id, :actor_id, :name, :query, :created_at)
            ON CONFLICT DO NOTHING
            """,
            saved_id=saved.id,
            actor_id=actor.id,
            name=saved.name,
            query=saved.query,
            created_at=saved.created_at,
        )
        if not is_back:
            raise Invalid(undo=NOTHING_LEFT)
        if len(await saved_searches(db, actor)) > MOST_SAVED:
            raise Forbidden(FULL)


async def _hold(db: Database, actor: Actor) -> None:
    """Within a transaction: `actor` keeps nothing more elsewhere until it ends."""
    await hold(db, actor.id or 0)
