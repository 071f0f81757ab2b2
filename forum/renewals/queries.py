"""Reads of the renewals room. Whatever is a contract's carries OURS or OTHERS."""

from collections.abc import Sequence
from datetime import date, datetime

from forum.categories.policy import READER
from forum.kit.db import Database, many, one, rows, value
from forum.members.types import Actor
from forum.products.types import compared
from forum.renewals.days import MONTHS_AHEAD
from forum.renewals.policy import FEWEST, OTHERS, OURS, WORKPLACE
from forum.renewals.types import Contract, KeptList, Office, OthersContract, Renewing

MOST_CONTRACTS = 500
OTHERS_A_PAGE = 50
MOST_CELLS = 2000

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

    One whose district asks without its name is left out meanwhile: its day would tell who asks.
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
        WHERE {OTHERS} AND n.ends_on >= :today AND (n.notice_on, n.id) > (:day, :id) AND NOT EXISTS (
            SELECT 1 FROM review_round o WHERE o.contract_id = n.id AND o.is_unnamed AND o.closed_at IS NULL
        )
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


async def products_called(db: Database, names: Sequence[str]) -> dict[str, int]:
    """The ids of the products that are called so, by their names as these are compared."""
    found = await rows(
        db,
        """
        SELECT pn.compared, pn.product_id FROM product_name pn
        WHERE pn.compared = ANY(CAST(:compared AS text[]))
        """,
        compared=sorted({compared(name) for name in names}),
    )
    return {row["compared"]: row["product_id"] for row in found}


async def kept_days(db: Database, district_id: int, product_ids: Sequence[int]) -> set[tuple[int, date]]:
    """Product and last day of the contracts a district has for those products."""
    found = await rows(
        db,
        """
        SELECT n.product_id, n.ends_on FROM contract n
        WHERE n.district_id = :district_id AND n.product_id = ANY(CAST(:product_ids AS bigint[]))
        """,
        district_id=district_id,
        product_ids=list(product_ids),
    )
    return {(row["product_id"], row["ends_on"]) for row in found}


async def contract_list(db: Database, actor: Actor, list_id: int) -> KeptList:
    """One's own list for the district one works for. Raises NotFound."""
    return await one(
        db,
        KeptList,
        f"""
        SELECT l.id, l.district_id, l.source, l.confirmed_at IS NOT NULL AS is_confirmed, l.stored
        FROM contract_list l
        {READER}
        WHERE l.id = :id AND l.created_by = r.id AND l.district_id = {WORKPLACE}
        """,
        actor_id=actor.id,
        id=list_id,
    )


async def feed_made_at(db: Database, actor: Actor) -> datetime | None:
    """When the address of one's calendar was made; None while there is none."""
    made_at: datetime | None = await value(
        db, "SELECT f.created_at FROM contract_feed f WHERE f.member_id = :member_id", member_id=actor.id
    )
    return made_at


async def renewing(db: Database, actor: Actor, first: date) -> list[Renewing]:
    """How many districts renew a product in a month: for the months from `first` on, where they are at least FEWEST.

    Districts that let other members see a contract are counted, for anybody may count these by hand; those that let
    only administrators see it are counted where they are FEWEST themselves: so what is left of a number after counting
    by hand is nothing, or as many. What a district keeps to itself is never counted.
    """
    return await many(
        db,
        Renewing,
        f"""
        WITH renewed AS (
            SELECT n.product_id, n.district_id, CAST(date_trunc('month', n.ends_on) AS date) AS month,
                   bool_or(n.visibility = 'members') AS is_open
            FROM contract n
            {READER}
            WHERE r.id IS NOT NULL AND r.role <> 'vendor' AND n.visibility <> 'us'
              AND n.ends_on >= :first AND n.ends_on < :first + make_interval(months => :months)
            GROUP BY n.product_id, n.district_id, month
        ),
        counted AS (
            SELECT w.product_id, w.month, count(*) FILTER (WHERE w.is_open) AS open_ones,
                   count(*) FILTER (WHERE NOT w.is_open) AS others
            FROM renewed w
            GROUP BY w.product_id, w.month
        ),
        shown AS (
            SELECT x.product_id, x.month,
                   x.open_ones + CASE WHEN x.others >= :fewest THEN x.others ELSE 0 END AS districts
            FROM counted x
        )
        SELECT pr.name AS product_name, pr.slug AS product_slug, s.month, s.districts
        FROM shown s
        JOIN product pr ON pr.id = s.product_id
        WHERE s.districts >= :fewest
        ORDER BY lower(pr.name), pr.id, s.month
        LIMIT :most
        """,
        actor_id=actor.id,
        first=first,
        months=MONTHS_AHEAD,
        fewest=FEWEST,
        most=MOST_CELLS,
    )
