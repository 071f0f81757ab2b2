"""Events for tests: name only what the test is about."""

from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from forum.events import commands
from forum.events.types import EventDraft, Facts
from forum.kit.db import run
from forum.kit.moments import typed
from forum.threads.types import ThreadDraft
from tests.factories import a_category, a_member

CHICAGO = "America/Chicago"
_n = count(1)


def facts(*, days=3, hours=1, **fields) -> Facts:
    """In so many days, for so many hours."""
    starts_at = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=days)
    zone = ZoneInfo(fields.get("time_zone", CHICAGO))
    told = {"starts": typed(starts_at, zone), "ends": typed(starts_at + timedelta(hours=hours), zone)}
    return Facts(**{**told, "time_zone": CHICAGO, "place": "", "link": "https://meet.example/1", **fields})


def a_draft(category, *, title="Filters, and what they see", body="", topics="", key="", out=False, **fields):
    """An event as it would be typed."""
    n = next(_n)
    thread = ThreadDraft(
        category, "event", title, body or f"We show ours, for the {n}th time.", topics, key or f"key-{n}", out
    )
    return EventDraft(thread, facts(**fields))


async def an_event(db, *, author=None, category=None, **fields) -> int:
    """An event; returns its thread's id."""
    author = author or await a_member(db)
    return await commands.announce(db, author, a_draft(category or await a_category(db), **fields))


async def over(db, thread_id) -> None:
    """An event was held long ago."""
    await run(
        db,
        """
        UPDATE event SET starts_at = now() - interval '2 days', ends_at = now() - interval '47 hours',
               starts_on = current_date - 2
        WHERE post_id = (SELECT p.id FROM post p WHERE p.thread_id = :id AND p.number = 1)
        """,
        id=thread_id,
    )
