"""Quiet times: weeks in which no digests go out, of all districts or of one. Read and planned."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from forum.audit.commands import record
from forum.audit.queries import entry
from forum.audit.types import Act
from forum.following import policy
from forum.following.types import PICK
from forum.following.wishes import break_day
from forum.kit.db import Database, many, one, value
from forum.kit.errors import Invalid, NotFound
from forum.kit.forms import Form
from forum.kit.text import has_controls, one_line
from forum.members.types import Actor

LONGEST_DAYS, LONGEST_NAME = 120, 80
OVER = "This day is in the past. Choose a last day that is still to come."
QUIET_FIELDS = ("name", "starts_on", "ends_on", "district_id")


@dataclass(frozen=True)
class QuietTime:
    """From the first to the last day. district_name: "" for all districts."""

    id: int
    name: str
    starts_on: date
    ends_on: date
    district_name: str


@dataclass(frozen=True)
class QuietDraft:
    """A quiet time to be. district_id: 0 for all districts."""

    name: str
    starts_on: str
    ends_on: str
    district_id: int = 0

    @classmethod
    def from_form(cls, form: Form) -> "QuietDraft":
        """Raises Invalid for a district that is no number."""
        name, starts_on, ends_on = (form.get(field, "").strip() for field in QUIET_FIELDS[:3])
        return cls(one_line(name), starts_on, ends_on, form.whole("district_id") or 0)

    @property
    def days(self) -> tuple[date, date]:
        """First and last day. Raises Invalid with a sentence for each field that will not do."""
        problems: dict[str, str] = {}
        if not 0 < len(self.name) <= LONGEST_NAME or has_controls(self.name):
            problems["name"] = f"Give it a name of at most {LONGEST_NAME} characters, such as “Winter break”."
        starts_on, ends_on = _day(self.starts_on), _day(self.ends_on)
        if starts_on is None:
            problems["starts_on"] = "Enter a day as 2027-01-31."
        if ends_on is None:
            problems["ends_on"] = "Enter a day as 2027-01-31."
        if starts_on and ends_on and not 0 <= (ends_on - starts_on).days <= LONGEST_DAYS:
            problems["ends_on"] = f"Choose a last day on or after the first, at most {LONGEST_DAYS} days later."
        if problems or starts_on is None or ends_on is None:
            raise Invalid(**problems)
        return starts_on, ends_on


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def quiet_times(db: Database) -> Sequence[QuietTime]:
    """Those that are not over, the next first: up to 300."""
    return await many(
        db,
        QuietTime,
        """
        SELECT q.id, q.name, q.starts_on, q.ends_on, coalesce(d.name, '') AS district_name
        FROM quiet_time q
        LEFT JOIN district d ON d.id = q.district_id
        WHERE q.ends_on >= current_date - 1
        ORDER BY q.starts_on, q.id
        LIMIT 300
        """,
    )


async def plan(db: Database, actor: Actor, draft: QuietDraft) -> int:
    """No digests go out then; the same twice is once. Returns its id. Raises Forbidden, Invalid."""
    policy.may_plan_quiet(actor).require()
    starts_on, ends_on = draft.days
    if ends_on < break_day():
        raise Invalid(ends_on=OVER)
    async with db.transaction():
        await value(db, "SELECT pg_advisory_xact_lock(hashtext('quiet times'))")
        found: int | None = await value(db, SAME, **_columns(draft, starts_on, ends_on))
        if found is not None:
            return found
        quiet_id: int | None = await value(db, ADDED, **_columns(draft, starts_on, ends_on))
        if quiet_id is None:
            raise Invalid(district_id=PICK)
        after = {"name": draft.name, "starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
        await record(db, actor.id, Act("quiet.planned", "quiet_time", quiet_id, after=after))
    return quiet_id


async def remove(db: Database, actor: Actor, quiet_id: int) -> int:
    """Digests go out as ever then. Returns the log's entry, by which it comes back. Raises Forbidden, NotFound."""
    policy.may_plan_quiet(actor).require()
    async with db.transaction():
        removed = await one(db, QuietDraft, REMOVED, quiet_id=quiet_id)
        return await record(db, actor.id, Act("quiet.removed", "quiet_time", quiet_id, before=asdict(removed)))


async def bring_back(db: Database, actor: Actor, entry_id: int) -> None:
    """Plan again what `actor` removed by that entry. Raises Forbidden, NotFound, Invalid when it is over."""
    found = await entry(db, entry_id)
    if found.act != "quiet.removed" or found.actor_id != actor.id:
        raise NotFound
    await plan(db, actor, QuietDraft(**found.before))


def _columns(draft: QuietDraft, starts_on: date, ends_on: date) -> dict[str, object]:
    return {"name": draft.name, "starts_on": starts_on, "ends_on": ends_on, "district_id": draft.district_id}


SAME = """
    SELECT q.id FROM quiet_time q
    WHERE q.name = :name AND q.starts_on = :starts_on AND q.ends_on = :ends_on
      AND coalesce(q.district_id, 0) = :district_id
    ORDER BY q.id
    LIMIT 1
"""
ADDED = """
    INSERT INTO quiet_time (district_id, name, starts_on, ends_on)
    SELECT nullif(CAST(:district_id AS bigint), 0), :name, :starts_on, :ends_on
    WHERE :district_id = 0 OR EXISTS (SELECT 1 FROM district d WHERE d.id = :district_id)
    RETURNING id
"""
REMOVED = """
    DELETE FROM quiet_time WHERE id = :quiet_id
    RETURNING name, starts_on::text AS starts_on, ends_on::text AS ends_on, coalesce(district_id, 0) AS district_id
"""
