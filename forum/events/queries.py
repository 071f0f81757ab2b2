"""Reads of events. A reader only gets those of threads that READABLE_THREAD lets them see."""

from forum.categories.policy import READABLE_THREAD, READER
from forum.events.conflicts import Merge, Opened
from forum.events.policy import EVENT_THERE
from forum.events.types import Event, Facts, Guest
from forum.kit.db import Database, first, many, one
from forum.members.queries import READER_ZONE
from forum.members.types import Actor
from forum.threads import queries as threads
from forum.threads.lists import KEY_MOMENT, Place
from forum.threads.types import PostSource, Thread

A_PAGE, MOST_NAMES = 50, 60
FIRST, LAST = Place(0, 0), Place()  # where lists begin that go on in time, and back

EVENT_SQL = f"""
    SELECT e.post_id, t.id AS thread_id, t.slug, p.number, t.title, c.slug AS category_slug, c.name AS category_name,
           c.colour AS category_colour, e.starts_at, e.ends_at, e.starts_on, e.time_zone, e.place, e.link,
           e.is_cancelled, e.version, e.changed_at,
           (SELECT count(*) FROM event_guest g JOIN member m ON m.id = g.member_id AND m.state = 'active'
            WHERE g.post_id = e.post_id) AS guests,
           EXISTS (SELECT 1 FROM event_guest g WHERE g.post_id = e.post_id AND g.member_id = r.id) AS is_coming,
           now() AS now, {READER_ZONE} AS reader_zone
    FROM event e
    JOIN post p ON p.id = e.post_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    {READER}
    WHERE {READABLE_THREAD} AND {EVENT_THERE}
"""
THE_EVENT = f"{EVENT_SQL} AND t.id = :thread_id"
# The key of an event in a list is when it begins, in microseconds since 1970.
KEY = f"({KEY_MOMENT}, CAST(:id AS bigint))"
COMING_SQL = f"""
    {EVENT_SQL} AND e.ends_at > now() AND e.starts_at > now() - interval '336 hours'
      AND (e.starts_at, e.post_id) > {KEY}
    ORDER BY e.starts_at, e.post_id
    LIMIT :limit
"""
PAST_SQL = f"""
    {EVENT_SQL} AND e.ends_at <= now() AND (e.starts_at, e.post_id) < {KEY}
    ORDER BY e.starts_at DESC, e.post_id DESC
    LIMIT :limit
"""

# An event as it was or is with that version.
OPENED_SQL = """
    SELECT x.starts_at, x.ends_at, x.time_zone, x.place, x.link, x.is_cancelled
    FROM (
        SELECT e.version, e.starts_at, e.ends_at, e.time_zone, e.place, e.link, e.is_cancelled
        FROM event e WHERE e.post_id = :post_id
        UNION ALL
        SELECT b.version, b.starts_at, b.ends_at, b.time_zone, b.place, b.link, b.is_cancelled
        FROM event_before b WHERE b.post_id = :post_id
    ) x
    WHERE x.version = CAST(:version AS bigint)
"""


async def coming(db: Database, actor: Actor, *, after: Place = FIRST, limit: int = A_PAGE) -> list[Event]:
    """Up to `limit` events that are not over, next ones first."""
    return await many(db, Event, COMING_SQL, actor_id=actor.id, key=after.key, id=after.id, limit=limit)


async def past(db: Database, actor: Actor, *, before: Place = LAST, limit: int = A_PAGE) -> list[Event]:
    """Up to `limit` events that are over, newest first."""
    return await many(db, Event, PAST_SQL, actor_id=actor.id, key=before.key, id=before.id, limit=limit)


async def event_of(db: Database, actor: Actor, thread_id: int) -> Event | None:
    """The event of a thread, None where it has none that `actor` may see."""
    return await first(db, Event, THE_EVENT, actor_id=actor.id, thread_id=thread_id)


async def event(db: Database, actor: Actor, thread_id: int) -> Event:
    """The event of a thread. Raises NotFound."""
    return await one(db, Event, THE_EVENT, actor_id=actor.id, thread_id=thread_id)


async def announced(db: Database, actor: Actor, thread_id: int) -> tuple[Thread, PostSource, Event | None]:
    """A thread, the post that has its event or would have it, and the event. Raises NotFound."""
    thread = await threads.thread(db, actor, thread_id)
    found = await event_of(db, actor, thread_id)
    return thread, await threads.post_numbered(db, actor, thread_id, found.number if found else 1), found


async def merge(db: Database, event: Event | None, typed: Facts, version: int) -> Merge:
    """What was typed in a form that showed that version, 0 for none, over what stands now."""
    found = await first(db, Opened, OPENED_SQL, post_id=event.post_id, version=version) if event else None
    opened = found.facts if found else None if version else Facts()
    return Merge.of(opened, typed, event, was_cancelled=found is not None and found.is_cancelled)


async def guests(db: Database, post_id: int) -> list[Guest]:
    """Who said that they will come, up to MOST_NAMES, first ones first; of an event that its reader may see."""
    return await many(
        db,
        Guest,
        """
        SELECT m.handle, m.name
        FROM event_guest g
        JOIN member m ON m.id = g.member_id AND m.state = 'active'
        WHERE g.post_id = :post_id
        ORDER BY g.said_at, g.member_id
        LIMIT :most
        """,
        post_id=post_id,
        most=MOST_NAMES,
    )
