"""Reads of the mail room: whom mails go to, and what became of those in the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from forum.kit.db import Database, Row, many, rows
from forum.members.types import Actor

# A digest comes once at most; another mail that comes twice is seen once, by its Message-ID.
MAY_COME_AGAIN = "NOT (m.kind = 'digest' AND m.is_unsure)"


@dataclass(frozen=True)
class Recipient:
    """An active member and the address their mail goes to."""

    member_id: int
    name: str
    address: str


async def recipients(db: Database, member_ids: Sequence[int]) -> dict[int, Recipient]:
    """Those of some members who are active and have an address, by id: the one they chose, else their first."""
    found = await many(
        db,
        Recipient,
        """
        SELECT DISTINCT ON (m.id) m.id AS member_id, m.name, e.address
        FROM member m
        JOIN member_email e ON e.member_id = m.id AND e.verified_at IS NOT NULL
        WHERE m.id = ANY(CAST(:ids AS bigint[])) AND m.state = 'active'
        ORDER BY m.id, e.is_primary DESC, e.verified_at, e.address
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
    """How many mails left, and how many failed, on one day of UTC."""

    day: date
    sent: int
    failed: int


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


async def days(db: Database, *, limit: int = 28) -> list[Day]:
    """How many mails left on each of the last days, the first day first."""
    return await many(
        db,
        Day,
        """
        SELECT CAST(d.day AS date) AS day, count(m.id) FILTER (WHERE m.state = 'sent') AS sent,
               count(m.id) FILTER (WHERE m.state = 'failed') AS failed
        FROM generate_series(0, :limit - 1) n
        CROSS JOIN LATERAL (SELECT date_trunc('day', now() AT TIME ZONE 'UTC') - n * interval '1 day' AS day) d
        LEFT JOIN mail m ON m.ended_at >= d.day AT TIME ZONE 'UTC'
            AND m.ended_at < (d.day + interval '1 day') AT TIME ZONE 'UTC' AND m.state IN ('sent', 'failed')
        GROUP BY d.day
        ORDER BY d.day
        LIMIT :limit
        """,
        limit=limit,
    )


async def mail_made(db: Database, actor: Actor, post_id: int) -> list[str]:
    """What mail was made of a post for `actor`, in sentences; none when none was made."""
    found = await rows(
        db,
        """
        SELECT m.state, m.outcome, m.next_at, m.ended_at FROM mail m
        WHERE m.post_id = :post_id AND m.member_id = :actor_id AND m.kind = 'instant'
        ORDER BY m.id
        """,
        post_id=post_id,
        actor_id=actor.id,
    )
    return [_made(row) for row in found]


def _made(row: Row) -> str:
    match row["state"]:
        case "waiting":
            return f"A mail about it is due on {_when(row['next_at'])}."
        case "sending":
            return "A mail about it is on its way."
        case "sent":
            return f"A mail about it was sent on {_when(row['ended_at'])}."
        case "unwanted":
            return f"No mail about it was sent. {row['outcome']}"
        case _:
            return "A mail about it could not be delivered to your address."


def _when(at: datetime) -> str:
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
