"""What happens to review rounds by themselves, by the dates where each district is: opening, one reminder, closing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from forum.kit.db import Database, many, rows, run
from forum.kit.errors import NotFound
from forum.products import review_queries
from forum.renewals import rounds
from forum.renewals.days import day_in
from forum.renewals.round_queries import ASKS, IS_ITS_ROUND
from forum.renewals.round_types import OPENS_BEFORE, REMINDS_BEFORE
from forum.renewals.types import Contract

MOST_AT_ONCE = 200

# Contracts that may have come up: a day more on both sides, as dates differ with the time zone.
DUE_SQL = f"""
    SELECT n.id, n.product_id, CAST(NULL AS bigint) AS yearly_cents, '' AS note, pr.name AS product_name,
           pr.slug AS product_slug, n.ends_on, n.notice_on, n.notice_days, n.term_months, n.visibility, n.version,
           n.changed_at, n.district_id, d.time_zone, now() AS now, {ASKS} AS asks
    FROM contract n
    JOIN product pr ON pr.id = n.product_id
    JOIN district d ON d.id = n.district_id
    LEFT JOIN round_plan e ON e.contract_id = n.id
    WHERE n.notice_on BETWEEN current_date - 1 AND current_date + CAST(:ahead AS integer) + 1
      AND {ASKS} <> 'nobody' AND NOT EXISTS (SELECT 1 FROM review_round o WHERE {IS_ITS_ROUND})
    ORDER BY n.notice_on, n.id
    LIMIT :most
"""
RUNNING_SQL = """
    SELECT o.id, o.closes_on, d.time_zone, now() AS now
    FROM review_round o JOIN district d ON d.id = o.district_id
    WHERE o.closed_at IS NULL AND o.closes_on <= current_date + 1
    ORDER BY o.closes_on, o.id
    LIMIT :most
"""


@dataclass(frozen=True)
class Due(Contract):
    """A contract that may have come up, of which district, where that is, and how it asks. now: the database's."""

    district_id: int
    time_zone: str
    now: datetime
    asks: str

    def is_due(self, otherwise: str) -> bool:
        """Whether notice is to be given within 45 days; `otherwise` is the time zone of districts that say none."""
        left = self.notice_on - day_in(self.time_zone, self.now, otherwise)
        return timedelta(0) <= left <= timedelta(days=OPENS_BEFORE)


async def open_due(db: Database, time_zone: str) -> int:
    """Open the rounds of contracts whose notice is due in 45 days or less. Returns how many.

    time_zone: of districts that say none.
    """
    opened = 0
    for due in await many(db, Due, DUE_SQL, ahead=OPENS_BEFORE, most=MOST_AT_ONCE):
        if due.is_due(time_zone) and await review_queries.any_place(db):
            opened += await _open(db, due)
    return opened


async def _open(db: Database, due: Due) -> bool:
    """Whether the round was opened: the contract may have been removed meanwhile."""
    try:
        await rounds.begin(db, due, due.district_id, opened_by=None, is_unnamed=due.asks == "unnamed")
    except NotFound:
        return False
    return True


async def remind(db: Database) -> int:
    """Remind, once, who was asked and has not answered, a fortnight before a round closes. Returns how many."""
    return await run(
        db,
        """
        UPDATE round_asked w SET reminded_at = now()
        FROM review_round o
        WHERE o.id = w.round_id AND w.reminded_at IS NULL AND o.closed_at IS NULL
          AND o.closes_on <= current_date + CAST(:days AS integer) AND w.asked_at < now() - interval '3 days'
          AND NOT EXISTS (
              SELECT 1 FROM round_answer x WHERE x.round_id = o.id AND x.member_id = w.member_id
          )
        """,
        days=REMINDS_BEFORE,
    )


async def close_over(db: Database, time_zone: str) -> int:
    """Close the rounds whose last day is over where their district is. Returns how many."""
    closed = 0
    for row in await rows(db, RUNNING_SQL, most=MOST_AT_ONCE):
        if day_in(row["time_zone"], row["now"], time_zone) > row["closes_on"]:
            await rounds.close(db, row["id"])
            closed += 1
    return closed
