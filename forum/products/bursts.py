"""Reviews that come much faster than a product's usual pace wait for moderators. Owns review_burst."""

from collections.abc import Mapping, Sequence

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.kit.db import Database, many, one, rows, run, value
from forum.kit.errors import NotFound
from forum.members.policy import require_admin
from forum.members.types import Actor
from forum.moderation.types import Card, Decision, Deed, Kind, Ruling
from forum.products import queries, scoring
from forum.products.queries import HOLD
from forum.products.score_types import Burst

DAYS, TIMES, FEWEST = 7, 3, 6
A_WEEK, A_YEAR_BEFORE = "interval '7 days'", "interval '372 days'"

# Reviews of the last DAYS, and how many came in so many days on average in the year before.
PACE_SQL = f"""
    SELECT count(*) FILTER (WHERE rv.created_at > now() - {A_WEEK}) AS reviews,
           count(*) FILTER (WHERE rv.created_at <= now() - {A_WEEK}) * 7.0 / 365 AS usual
    FROM review rv
    WHERE rv.product_id = :product_id AND rv.created_at > now() - {A_YEAR_BEFORE}
"""


async def look_for_burst(db: Database, product_id: int) -> int | None:
    """Keep a burst for moderators: FEWEST reviews and more, TIMES as many as usual. Returns its id, None for none."""
    pace = (await rows(db, PACE_SQL, product_id=product_id))[0]
    if pace["reviews"] < FEWEST or pace["reviews"] < TIMES * pace["usual"]:
        return None
    burst_id: int | None = await value(
        db,
        f"""
        INSERT INTO review_burst AS b (product_id, reviews, usual, begins_at)
        SELECT :product_id, CAST(:reviews AS integer), CAST(:usual AS real), now() - {A_WEEK}
        WHERE NOT EXISTS (
            SELECT 1 FROM review_burst o
            WHERE o.product_id = :product_id AND o.decided_at > now() - {A_WEEK}
        )
        ON CONFLICT (product_id) WHERE decided_at IS NULL DO UPDATE SET reviews = excluded.reviews
        RETURNING b.id
        """,
        product_id=product_id,
        reviews=pace["reviews"],
        usual=float(pace["usual"]),
    )
    return burst_id


BURST_SQL = """
    SELECT b.id, b.product_id, pr.name AS product_name, pr.slug AS product_slug, b.reviews, b.usual, b.begins_at,
           b.created_at
    FROM review_burst b JOIN product pr ON pr.id = b.product_id
    WHERE b.decided_at IS NULL
"""


async def cards(db: Database, actor: Actor, ids: Sequence[int]) -> list[Card]:
    """What came too fast; for administrators."""
    if not actor.is_admin:
        return []
    found = await many(db, Burst, f"{BURST_SQL} AND b.id = ANY(CAST(:ids AS bigint[])) ORDER BY b.id", ids=list(ids))
    return [_card(each) for each in found]


def _card(burst: Burst) -> Card:
    return Card(
        subject_id=burst.id,
        heading=f"{burst.reviews} reviews of {burst.product_name} within {DAYS} days",
        text="",
        created_at=burst.created_at,
        path=f"{burst.path}#reviews",
        lines=(f"Usual are {burst.usual:.1f} in {DAYS} days",),
    )


async def places(db: Database, ids: Sequence[int]) -> Mapping[int, int | None]:
    """Those that still wait, in no category."""
    found = await rows(
        db,
        "SELECT b.id FROM review_burst b WHERE b.id = ANY(CAST(:ids AS bigint[])) AND b.decided_at IS NULL",
        ids=list(ids),
    )
    return {row["id"]: None for row in found}


async def approve(db: Database, actor: Actor, burst_id: int, ruling: Ruling) -> Decision:
    """They are honest: nothing changes. Raises NotFound."""
    require_admin(actor)
    async with db.transaction():
        await _held(db, burst_id)
        return Decision(await _settle(db, actor, burst_id, "kept", ruling), "kept", may_undo=False)


async def set_aside(db: Database, actor: Actor, burst_id: int, ruling: Ruling) -> Decision:
    """They stay to be read, marked, and do not count in the score any more. Raises NotFound."""
    require_admin(actor)
    async with db.transaction():
        await run(db, HOLD)  # no product goes meanwhile
        burst = await _held(db, burst_id)
        await queries.hold(db, burst.product_id)
        await run(
            db,
            """
            UPDATE review SET is_set_aside = true
            WHERE product_id = :product_id AND created_at > :begins_at AND created_at < :begins_at + interval '14 days'
            """,
            product_id=burst.product_id,
            begins_at=burst.begins_at,
        )
        await scoring.rescore(db, burst.product_id)
        return Decision(await _settle(db, actor, burst_id, "set_aside", ruling), "set aside", may_undo=False)


async def _held(db: Database, burst_id: int) -> Burst:
    """One that still waits, its row held. Raises NotFound."""
    if not await value(db, "SELECT b.id FROM review_burst b WHERE b.id = :id FOR NO KEY UPDATE", id=burst_id):
        raise NotFound
    return await one(db, Burst, f"{BURST_SQL} AND b.id = :id", id=burst_id)


async def _settle(db: Database, actor: Actor, burst_id: int, outcome: str, ruling: Ruling) -> int:
    await run(db, "UPDATE review_burst SET decided_at = now() WHERE id = :id", id=burst_id)
    return await audit.record(
        db, actor.id, Act(f"review_burst.{outcome}", "review_burst", burst_id, reason=ruling.reason)
    )


KIND = Kind(
    "burst",
    "Bursts of reviews",
    cards,
    places,
    {"approve": Deed("They are honest", approve), "reject": Deed("Set them aside", set_aside)},
    hold=queries.hold_names,
)
