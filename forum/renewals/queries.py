"""Reads of the renewals room. Whatever is a contract's carries OURS or OTHERS."""

from datetime import date

from forum.categories.policy import READER
from forum.kit.db import Database, many, one, value
from forum.members.types import Actor
from forum.renewals.policy import OTHERS, OURS, WORKPLACE
from forum.renewals.types import Contract, Office, OthersContract

MOST_CONTRACTS = 500
OTHERS_A_PAGE = 50

DATES = """
    pr.name AS product_name, pr.slug AS product_slug, n.ends_on, n.notice_on, n.term_months
"""
OURS_SQL = f"""
    SELECT n.id, n.product_id, n.notice_days, n.visibility, n.note, n.version, n.changed_at, n.yearly_cents, {DATES}
    FROM contract n
    JOIN product pr ON pr.id = n.product_id
    {READER}
    WHERE {OURS}
"""


async def office(db: Database, actor: Actor) -> Office:
    """Where `actor` works, and what time it is."""
    return await one(
        db,
        Office,
        f"""
        SELECT d.id AS district_id, coalesce(d.name, '') AS district_name, coalesce(d.time_zone, '') AS time_zone,
               now() AS now
        FROM (SELECT 1) one
        {READER}
        LEFT JOIN district d ON d.id = {WORKPLACE}
        """,
        actor_id=actor.id,
    )


async def contracts(db: Database, actor: Actor) -> list[Contract]:
    """Those of one's own district, the earliest day for notice first; the newest 500."""
    found = await many(
        db,
        Contract,
        f"{OURS_SQL} ORDER BY n.notice_on DESC, n.id DESC LIMIT :most",
        actor_id=actor.id,
        most=MOST_CONTRACTS,
    )
    return found[::-1]


async def contract(db: Database, actor: Actor, contract_id: int) -> Contract:
    """One of one's own district. Raises NotFound."""
    return await one(db, Contract, f"{OURS_SQL} AND n.id = :id", actor_id=actor.id, id=contract_id)


async def contract_to_change(db: Database, actor: Actor, contract_id: int) -> Contract:
    """The same with its row held. Raises NotFound."""
    return await one(
        db, Contract, f"{OURS_SQL} AND n.id = :id FOR NO KEY UPDATE OF n", actor_id=actor.id, id=contract_id
    )


async def others_contracts(db: Database, actor: Actor, today: date, *, after: tuple[date, int]) -> list[OthersContract]:
    """A page of what other districts let `actor` see and that runs on `today`, by the day for notice, and one more.

    after: the day for notice and id behind which it begins. Who is no administrator sees no price.
    """
    return await many(
        db,
        OthersContract,
        f"""
        SELECT n.id, d.name AS district_name, {DATES},
               CASE WHEN r.role = 'admin' THEN n.yearly_cents END AS yearly_cents
        FROM contract n
        JOIN product pr ON pr.id = n.product_id
        JOIN district d ON d.id = n.district_id
        {READER}
        WHERE {OTHERS} AND n.ends_on >= :today AND (n.notice_on, n.id) > (:day, :id)
        ORDER BY n.notice_on, n.id
        LIMIT :page
        """,
        actor_id=actor.id,
        today=today,
        day=after[0],
        id=after[1],
        page=OTHERS_A_PAGE + 1,
    )


async def is_kept(db: Database, district_id: int, product_id: int, ends_on: date) -> bool:
    """Whether a district has a contract for that product that ends on that day."""
    found: bool = await value(
        db,
        """
        SELECT EXISTS (
            SELECT 1 FROM contract n
            WHERE n.district_id = :district_id AND n.product_id = :product_id AND n.ends_on = :ends_on
        )
        """,
        district_id=district_id,
        product_id=product_id,
        ends_on=ends_on,
    )
    return found
