"""Digests for tests: a reader whose digest has been made, and what stands in it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from forum.kit.db import rows, run, value
from forum.mail.digests.making import make_due, plan_stale
from forum.mail.digests.rendering import render_digests
from forum.mail.queueing import claim
from forum.mail.types import Ready, Unwanted
from tests.factories import a_member
from tests.following.scenes import follows, wishes

CHICAGO = "America/Chicago"
EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]


async def a_digest_reader(db, *followed, every_days=1, **fields):
    """Somebody who follows these (kind, id) by digest, on every day of the week."""
    reader = await a_member(db, **fields)
    await wishes(db, reader, days=EVERY_DAY)
    for kind, target_id in followed or (("everything", 0),):
        await follows(db, reader, kind, target_id, "digest", every_days=every_days)
    return reader


OLDER = {
    "post": ("created_at",),
    "thread": ("created_at",),
    "review": ("created_at",),
    "notification": ("created_at", "changed_at", "opened_at", "done_at"),
    "read_mark": ("read_at",),
    "mail": ("created_at", "ended_at", "since", "until"),
    "digest_mark": ("since", "until"),
    "belated": ("away_at", "back_at", "at"),
    "mention": ("since", "seen_at"),
    "event": ("announced_at", "changed_at"),
    "event_before": ("until",),
    "event_guest": ("said_at",),
}


async def two_minutes_pass(db) -> None:
    """Everything is two minutes older: digests tell of what is older than one."""
    for table, columns in OLDER.items():
        changes = ", ".join(f"{name} = {name} - interval '2 minutes'" for name in columns)
        await run(db, f"UPDATE {table} SET {changes}")


async def make_digests_now(db) -> None:
    """Whatever was planned for whenever is due by now, of the day that has just begun."""
    await two_minutes_pass(db)
    await plan_stale(db, zone=CHICAGO)
    await run(db, "UPDATE digest_plan SET due_at = now() + interval '1 second' * 0, last_on = NULL")
    await make_due(db, zone=CHICAGO)


@dataclass(frozen=True)
class Sent:
    """A digest as it came, or why it did not. text, html: its parts; "" where nothing was sent."""

    recipient: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    outcome: str = ""
    message: EmailMessage | None = None


async def digests(tools) -> dict[int, Sent]:
    """What has become of all digests that wait, by member."""
    claimed = await claim(tools.db, domain="forum.example", most=1000)
    made = await render_digests(tools, claimed)
    return {each.member_id: _sent(made[each.id]) for each in claimed}


async def digest_of(tools, reader) -> Sent:
    """Make the reader's digest now, and read it."""
    await make_digests_now(tools.db)
    return (await digests(tools)).get(reader.id, Sent())


def _sent(made: Ready | Unwanted) -> Sent:
    if isinstance(made, Unwanted):
        return Sent(outcome=made.outcome)
    message = message_from_bytes(made.message, policy=policy.SMTP)
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    return Sent(made.recipient, message["Subject"], text, html, "", message)


async def ended(db, state="sent", **fields) -> None:
    """Every digest has ended so, and the next day has come."""
    await run(
        db,
        "UPDATE mail SET state = :state, ended_at = now() WHERE state IN ('waiting', 'sending')",
        state=state,
    )
    for name, said in fields.items():
        await run(db, f"UPDATE mail SET {name} = :said", said=said)
    await run(
        db,
        """
        UPDATE mail SET dedupe_key = 'yesterday:' || id
        """,
    )
    await run(db, "UPDATE digest_mark SET last_on = last_on - greatest(every_days, 1)")


async def times(db, reader) -> list[tuple[int, datetime, datetime]]:
    return [tuple(row.values()) for row in await rows(db, "SELECT every_days, since, until FROM digest_mark")]


def today() -> date:
    """Where the site is: in Greenwich it may be tomorrow."""
    return datetime.now(ZoneInfo(CHICAGO)).date()


def yesterday() -> datetime:
    return datetime.now(UTC) - timedelta(days=1)


async def quiet_today(db, district_id=None) -> None:
    await run(
        db,
        """
        INSERT INTO quiet_time (district_id, name, starts_on, ends_on)
        VALUES (:district_id, 'Winter break', current_date - 2, current_date + 2)
        """,
        district_id=district_id,
    )


async def address_of(db, member) -> str:
    return await value(db, "SELECT e.address FROM member_email e WHERE e.member_id = :id", id=member.id)
