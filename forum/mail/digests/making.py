"""Makes digests that are due: a row of mail for each, and what time it tells of. What stands in it is chosen later."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from forum.kit.db import Database, many, rows, run
from forum.kit.tools import Tools
from forum.mail.digests.calendar import day_at, next_run, zone_of
from forum.mail.types import FOLDED, OVERTAKEN
from forum.renewals.policy import WORKPLACE

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
# Each cadence that a member follows something by; every day for those who got more mails than anybody reads.
CADENCES = f"""
    SELECT g.member_id, g.every_days FROM follow g
    WHERE g.member_id = ANY(CAST(:member_ids AS bigint[])) AND g.level = 'digest'
    UNION
    SELECT o.member_id, 1 FROM mail o
    WHERE o.member_id = ANY(CAST(:member_ids AS bigint[])) AND o.outcome = '{FOLDED}'
      AND o.created_at > now() - interval '3 days'
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
# Whether a member `r` with wishes `w` has a quiet week on that day.
QUIET = f"""(
    coalesce(w.keeps_quiet, true) AND EXISTS (
        SELECT 1 FROM quiet_time q
        WHERE x.day BETWEEN q.starts_on AND q.ends_on AND (q.district_id IS NULL OR q.district_id = {WORKPLACE})
    )
)"""
# Cadences whose turn it is: so many days have gone by, or the mail that was to tell of them never left.
TURNS = f"""
    SELECT x.member_id, f.every_days, x.day, {QUIET} AS is_quiet,
           CASE WHEN k.member_id IS NULL THEN x.due_at - f.every_days * interval '1 day'
                WHEN o.id IS NOT NULL OR k.is_quiet THEN k.since
                ELSE k.until END AS since,
           CASE WHEN k.member_id IS NULL THEN x.day - f.every_days
                WHEN o.id IS NOT NULL THEN k.dates_after
                ELSE k.last_on END AS dates_after
    FROM unnest(
        CAST(:member_ids AS bigint[]), CAST(:days AS date[]), CAST(:due_at AS timestamptz[])
    ) x (member_id, day, due_at)
    JOIN member r ON r.id = x.member_id
    LEFT JOIN mail_wish w ON w.member_id = x.member_id
    JOIN ({CADENCES}) f ON f.member_id = x.member_id
    LEFT JOIN digest_mark k ON k.member_id = f.member_id AND k.every_days = f.every_days
    LEFT JOIN mail o ON o.id = k.mail_id AND (
        o.state = 'waiting' OR o.state = 'unwanted' AND o.outcome = '{OVERTAKEN}'
        OR o.state = 'failed' AND NOT o.is_unsure
    )
    WHERE k.member_id IS NULL OR o.id IS NOT NULL OR x.day - k.last_on >= f.every_days
"""
# Those still waiting tell nothing any more: what they would have told, the new one does.
MAKE_SQL = f"""
    WITH turn AS MATERIALIZED ({TURNS}),
    made AS (
        INSERT INTO mail (member_id, kind, dedupe_key, since, until)
        SELECT t.member_id, 'digest', 'digest:' || t.member_id || ':' || t.day, min(t.since), now()
        FROM turn t
        GROUP BY t.member_id, t.day
        ORDER BY t.member_id
        ON CONFLICT (dedupe_key) DO NOTHING
        RETURNING id, member_id
    ),
    marked AS (
        INSERT INTO digest_mark AS k (member_id, every_days, mail_id, since, until, dates_after, last_on, is_quiet)
        SELECT t.member_id, t.every_days, n.id, t.since, now(), t.dates_after, t.day, t.is_quiet
        FROM turn t JOIN made n ON n.member_id = t.member_id
        ON CONFLICT (member_id, every_days) DO UPDATE
        SET mail_id = excluded.mail_id, since = excluded.since, until = excluded.until, last_on = excluded.last_on,
            dates_after = excluded.dates_after, is_quiet = excluded.is_quiet
        RETURNING k.member_id
    ),
    dropped AS (
        DELETE FROM digest_mark k
        WHERE k.member_id = ANY(CAST(:member_ids AS bigint[]))
          AND NOT EXISTS (
              SELECT 1 FROM ({CADENCES}) f WHERE f.member_id = k.member_id AND f.every_days = k.every_days
          )
        RETURNING k.member_id
    ),
    overtaken AS (
        UPDATE mail o
        SET state = 'unwanted', outcome = '{OVERTAKEN}', ended_at = now()
        FROM made n
        WHERE o.member_id = n.member_id AND o.kind = 'digest' AND o.state = 'waiting' AND o.id <> n.id
        RETURNING o.id
    )
    SELECT n.id FROM made n ORDER BY n.id
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

    Several workers may do so at once: a member has one a day, and each cadence its turn once.
    """
    async with db.transaction():
        found = await many(db, Planned, DUE_SQL, zone=zone, most=most)
        days = [day_at(each.due_at or each.now, each.zone) for each in found]
        told = [(each, day) for each, day in zip(found, days, strict=True) if each.is_told(day)]
        await rows(
            db,
            MAKE_SQL,
            member_ids=[each.member_id for each, _ in told],
            days=[day for _, day in told],
            due_at=[each.due_at for each, _ in told],
        )
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
