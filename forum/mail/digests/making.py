"""When digests are due, for each member, and that each is made once then."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from forum.kit.db import Database, many, plan_for_many, run
from forum.kit.tools import Tools
from forum.kit.zones import zone_of
from forum.mail.digests.calendar import day_at, next_run
from forum.mail.digests.marking import busy, make

MOST_AT_ONCE = 500

# Whose plan, with what they wish and where they are. Whoever may not sign in has no plan to speak of.
PLANNED = """
    SELECT d.member_id, d.due_at, d.last_on, now() AS now,
           m.state = 'active' AND NOT coalesce(w.stops_all, false) AS is_wanted, w.paused_until,
           coalesce(w.days, '{1,2,3,4,5}') AS days, coalesce(w.hour, 6) AS hour,
           coalesce(nullif(w.time_zone, ''), nullif(o.time_zone, ''), :zone) AS zone_name,
           CAST(:zone AS text) AS site_zone
    FROM digest_plan d
    JOIN member m ON m.id = d.member_id
    LEFT JOIN mail_wish w ON w.member_id = m.id
    LEFT JOIN district o ON o.id = m.district_id
"""
STALE_SQL = f"""
    {PLANNED}
    WHERE d.is_stale
    ORDER BY d.member_id
    LIMIT :most
    FOR NO KEY UPDATE OF d SKIP LOCKED
"""
DUE_SQL = f"""
    {PLANNED}
    WHERE NOT d.is_stale AND d.due_at <= now()
    ORDER BY d.due_at, d.member_id
    LIMIT :most
    FOR NO KEY UPDATE OF d SKIP LOCKED
"""
PLAN_SQL = """
    UPDATE digest_plan d
    SET is_stale = false, due_at = x.due_at, last_on = coalesce(x.last_on, d.last_on)
    FROM unnest(
        CAST(:member_ids AS bigint[]), CAST(:due_at AS timestamptz[]), CAST(:last_on AS date[])
    ) x (member_id, due_at, last_on)
    WHERE d.member_id = x.member_id
"""


class Planned(NamedTuple):
    """A member's plan: see PLANNED. zone_name: of their time zone, which the site's stands in for
    where there is none of that name."""

    member_id: int
    due_at: datetime | None
    last_on: date | None
    now: datetime
    is_wanted: bool
    paused_until: date | None
    days: Sequence[int]
    hour: int
    zone_name: str
    site_zone: str

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.zone_name, self.site_zone)

    def is_told(self, day: date) -> bool:
        """Whether they get one on that day."""
        return self.is_wanted and (self.paused_until is None or self.paused_until <= day)

    def next(self, last_on: date | None) -> datetime:
        return next_run(self.now, days=self.days, hour=self.hour, zone=self.zone, last_on=last_on)


async def make_digests(tools: Tools) -> None:
    """Each minute: reckon anew when digests are due of those who wish otherwise now, and make those that are."""
    zone = tools.settings.time_zone
    while await plan_stale(tools.db, zone=zone) == MOST_AT_ONCE:
        pass
    while await make_due(tools.db, zone=zone) == MOST_AT_ONCE:
        pass


async def plan_stale(db: Database, *, zone: str, most: int = MOST_AT_ONCE) -> int:
    """Say when the next digest is due, of up to `most` members. Returns of how many. zone: of who says none."""
    async with db.transaction():
        found = await many(db, Planned, STALE_SQL, zone=zone, most=most)
        await _plan(db, found, [each.next(each.last_on) for each in found], [None] * len(found))
    return len(found)


async def make_due(db: Database, *, zone: str, most: int = MOST_AT_ONCE) -> int:
    """Make up to `most` digests that are due, longest due first. Returns of how many members the turn came.

    Several workers may do so at once: a member has one a day, and each cadence its turn once. Whoever is being sent one
    just then waits for the next time.
    """
    async with db.transaction():
        await plan_for_many(db)
        due = await many(db, Planned, DUE_SQL, zone=zone, most=most)
        waiting = await busy(db, [each.member_id for each in due])
        found = [each for each in due if each.member_id not in waiting]
        days = [day_at(each.due_at or each.now, each.zone) for each in found]
        told = [(each, day) for each, day in zip(found, days, strict=True) if each.is_told(day)]
        await make(db, [(each.member_id, day, each.due_at or each.now) for each, day in told])
        await _plan(db, found, [each.next(day) for each, day in zip(found, days, strict=True)], days)
    return len(found)


async def _plan(
    db: Database, found: Sequence[Planned], due_at: Sequence[datetime], last_on: Sequence[date | None]
) -> None:
    await run(
        db,
        PLAN_SQL,
        member_ids=[each.member_id for each in found],
        due_at=list(due_at),
        last_on=list(last_on),
    )
