"""Reads of the mail room: whom mails go to, and what became of those in the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from forum.kit.clocks import moment_words
from forum.kit.db import Database, Row, many, rows
from forum.kit.zones import zone_of
from forum.members.queries import READER_ZONE, zone
from forum.members.types import Actor

# A digest comes once at most; another mail that comes twice is seen once, by its Message-ID.
MAY_COME_AGAIN = "NOT (m.kind = 'digest' AND m.is_unsure)"


@dataclass(frozen=True)
class Recipient:
    """An active member and the address their mail goes to. zone_name: of their time zone, "" for the site's."""

    member_id: int
    name: str
    address: str
    zone_name: str = ""

    def zone(self, site_zone: str) -> ZoneInfo:
        return zone_of(self.zone_name, site_zone)


async def recipients(db: Database, member_ids: Sequence[int]) -> dict[int, Recipient]:
    """Those of some members who are active and have an address, by id: the one they chose, else their first."""
    found = await many(
        db,
        Recipient,
        f"""
        SELECT DISTINCT ON (r.id) r.id AS member_id, r.name, e.address, {READER_ZONE} AS zone_name
        FROM member r
        JOIN member_email e ON e.member_id = r.id AND e.verified_at IS NOT NULL
        WHERE r.id = ANY(CAST(:ids AS bigint[])) AND r.state = 'active'
        ORDER BY r.id, e.is_primary DESC, e.verified_at, e.address
        """,
        ids=list(member_ids),
    )
    return {each.member_id: each for each in found}


@dataclass(frozen=True)
class Count:
    """How many mails are in a state: all that wait or are under way, of the others those of the last day."""

    state: str
    count: int


@dataclass(frozen=True)
class Domain:
    """Mails to one receiving domain that were tried and wait. oldest: since when; next: when one is tried again."""

    name: str
    count: int
    oldest: datetime
    next: datetime
    outcome: str


@dataclass(frozen=True)
class Waiting:
    """A mail that waits. to_name: whom it is for; next_at: when it is tried; outcome: of the last try, "" for none."""

    id: int
    kind: str
    to_name: str
    next_at: datetime
    outcome: str


@dataclass(frozen=True)
class Failure:
    """A mail that failed for good. to_name: whom it was for; domain: of their address, "" if none was ever tried.

    may_come_again: whether it may be sent again.
    """

    id: int
    kind: str
    to_name: str
    domain: str
    outcome: str
    attempts: int
    created_at: datetime
    ended_at: datetime
    may_come_again: bool


@dataclass(frozen=True)
class Suppression:
    """An address that nothing is mailed to. reason: as in its table; by_name: the administrator who said so."""

    address: str
    reason: str
    created_at: datetime
    by_name: str | None


@dataclass(frozen=True)
class Day:
    """How many mails left on one day."""

    day: date
    sent: int


async def counts(db: Database) -> list[Count]:
    """The queue by state; nothing for states without mails."""
    return await many(
        db,
        Count,
        """
        SELECT x.state, CAST(sum(x.count) AS bigint) AS count
        FROM (
            SELECT 'waiting' AS state, count(*) AS count FROM mail m WHERE m.state = 'waiting'
            UNION ALL
            SELECT 'sending', count(*) FROM mail m WHERE m.state = 'sending'
            UNION ALL
            SELECT m.state, count(*) FROM mail m WHERE m.ended_at > now() - interval '1 day' GROUP BY m.state
        ) x
        GROUP BY x.state
        ORDER BY x.state
        LIMIT :most
        """,
        most=5,
    )


async def oldest_by_domain(db: Database, *, limit: int = 20) -> list[Domain]:
    """Where mails wait that were tried before, the longest waiting domain first."""
    return await many(
        db,
        Domain,
        """
        SELECT m.domain AS name, count(*) AS count, min(m.created_at) AS oldest, min(m.next_at) AS next,
               max(m.outcome) AS outcome
        FROM mail m
        WHERE m.state = 'waiting' AND m.domain <> ''
        GROUP BY m.domain
        ORDER BY min(m.created_at), m.domain
        LIMIT :limit
        """,
        limit=limit,
    )


async def next_to_leave(db: Database, *, limit: int = 20) -> list[Waiting]:
    """The mails that wait, those first whose turn comes first."""
    return await many(
        db,
        Waiting,
        """
        SELECT m.id, m.kind, r.name AS to_name, m.next_at, m.outcome
        FROM mail m
        JOIN member r ON r.id = m.member_id
        WHERE m.state = 'waiting'
        ORDER BY m.next_at, m.id
        LIMIT :limit
        """,
        limit=limit,
    )


async def failures(db: Database, *, limit: int = 50) -> list[Failure]:
    """The mails that failed, the latest first."""
    return await many(
        db,
        Failure,
        f"""
        SELECT m.id, m.kind, r.name AS to_name, m.domain, m.outcome, m.attempts, m.created_at, m.ended_at,
               {MAY_COME_AGAIN} AS may_come_again
        FROM mail m
        JOIN member r ON r.id = m.member_id
        WHERE m.state = 'failed'
        ORDER BY m.ended_at DESC, m.id DESC
        LIMIT :limit
        """,
        limit=limit,
    )


async def suppressions(db: Database, *, limit: int = 100) -> list[Suppression]:
    """The addresses that nothing is mailed to, the latest first."""
    return await many(
        db,
        Suppression,
        """
        SELECT s.address, s.reason, s.created_at, b.name AS by_name
        FROM mail_suppression s
        LEFT JOIN member b ON b.id = s.created_by
        ORDER BY s.created_at DESC, s.address
        LIMIT :limit
        """,
        limit=limit,
    )


async def days(db: Database, last: date, zone_name: str, *, limit: int = 28) -> list[Day]:
    """How many mails left on each day up to `last`, as days begin and end in a time zone, the first day first."""
    return await many(
        db,
        Day,
        """
        SELECT d.day, count(m.id) AS sent
        FROM generate_series(0, :limit - 1) n
        CROSS JOIN LATERAL (SELECT CAST(:last AS date) - n AS day) d
        LEFT JOIN mail m ON m.ended_at >= CAST(d.day AS timestamp) AT TIME ZONE CAST(:zone_name AS text)
            AND m.ended_at < CAST(d.day + 1 AS timestamp) AT TIME ZONE CAST(:zone_name AS text)
            AND m.state = 'sent'
        GROUP BY d.day
        ORDER BY d.day
        LIMIT :limit
        """,
        last=last,
        zone_name=zone_name,
        limit=limit,
    )


async def mail_made(db: Database, actor: Actor, post_id: int, zone_name: str) -> list[str]:
    """What mail was made of a post for `actor`, in sentences; none when none was made.

    zone_name: of whoever says no time zone of their own.
    """
    found = await rows(
        db,
        """
        SELECT m.kind, m.state, m.outcome, m.next_at, m.ended_at,
               m.goes_if_read OR coalesce(w.mails_read, false) AS goes_if_read
        FROM mail m
        LEFT JOIN mail_wish w ON w.member_id = m.member_id
        WHERE m.post_id = :post_id AND m.member_id = :actor_id AND m.kind IN ('instant', 'change')
        ORDER BY m.id
        """,
        post_id=post_id,
        actor_id=actor.id,
    )
    if not found:
        return []
    own_zone = await zone(db, actor.id or 0, zone_name)
    return [_made(row, own_zone) for row in found]


def _made(row: Row, zone: ZoneInfo) -> str:
    what = "it" if row["kind"] == "instant" else "its change"
    match row["state"]:
        case "waiting":
            unread = "" if row["goes_if_read"] or row["kind"] == "change" else " and have not read it here"
            due = moment_words(row["next_at"], zone)
            return f"An email about {what} is due on {due}. It goes out only if you still want it then{unread}."
        case "sending":
            return f"An email about {what} is on its way."
        case "sent":
            return f"An email about {what} was sent on {moment_words(row['ended_at'], zone)}."
        case "unwanted":
            return f"No email about {what} was sent. {row['outcome']}"
        case _:
            return f"An email about {what} could not be delivered to your address."
