"""Announcing events, changing when and where they are, and saying that one comes."""

from collections.abc import Sequence
from datetime import datetime

from forum.events import policy, queries
from forum.events.times import when_words
from forum.events.types import DRAFT, Event, EventDraft, Facts, Times
from forum.kit import outbox
from forum.kit.db import Database, run, value
from forum.kit.errors import Invalid, NotFound, Stale
from forum.members.types import Actor
from forum.threads import commands as threads
from forum.threads import form_posts, hold
from forum.threads.commands import Prepared
from forum.threads.drafts import drop_draft
from forum.threads.queries import hold as hold_threads
from forum.threads.queries import thread_to_change
from forum.threads.types import PostSource, Thread

OVER = "That is in the past. Check the date."
# Of a thread that was begun by the same form before, the event is there already.
ANNOUNCE_SQL = """
    INSERT INTO event (post_id, starts_at, ends_at, starts_on, time_zone, place, link)
    SELECT p.id, :starts_at, :ends_at, :starts_on, :time_zone, :place, :link
    FROM post p
    WHERE p.thread_id = :thread_id AND p.number = 1
    ON CONFLICT DO NOTHING
"""
# With another time the same words are another event.
ALIKE_SQL = """
    SELECT p.thread_id
    FROM post p
    JOIN event e ON e.post_id = p.id
    WHERE p.thread_id = ANY(CAST(:thread_ids AS bigint[])) AND p.number = 1 AND e.starts_at = :starts_at
      AND e.ends_at = :ends_at AND e.time_zone = :time_zone AND e.place = :place AND e.link = :link
    ORDER BY p.thread_id
    LIMIT 1
"""
HOLD_SQL = """
    INSERT INTO held_event (held_id, starts_at, ends_at, starts_on, time_zone, place, link)
    VALUES (:held_id, :starts_at, :ends_at, :starts_on, :time_zone, :place, :link)
"""
# The opening post has the key that what was held had.
RELEASE_SQL = """
    INSERT INTO event (post_id, starts_at, ends_at, starts_on, time_zone, place, link)
    SELECT p.id, w.starts_at, w.ends_at, w.starts_on, w.time_zone, w.place, w.link
    FROM held_event w
    JOIN held_post h ON h.id = w.held_id AND h.outcome = 'published'
    JOIN post p ON p.thread_id = :thread_id AND p.author_id = h.author_id AND p.client_key = h.client_key
    WHERE w.held_id = :held_id
    ON CONFLICT DO NOTHING
"""
# It was away, or its thread came from where others read: between places that the same people read nothing is new.
RENEW_SQL = """
    UPDATE event e SET announced_at = greatest(e.announced_at, :back_at)
    FROM post p
    WHERE e.post_id = :post_id AND p.id = e.post_id AND e.starts_at > now() AND NOT e.is_cancelled
      AND (CAST(:is_back AS boolean) OR EXISTS (
          SELECT 1 FROM thread o
          JOIN audit_entry a ON a.subject_kind = 'thread' AND a.subject_id = o.id
          WHERE (o.id = p.thread_id OR o.merged_into_id = p.thread_id) AND a.act IN ('thread.moved', 'thread.merged')
            AND NOT a.is_public AND a.created_at > now() - interval '1 day'
      ))
"""
# What an event was until now, before it becomes something else: until the lock was there, not since it was asked for.
KEEP_SQL = """
    INSERT INTO event_before (post_id, version, starts_at, ends_at, time_zone, place, link, is_cancelled, until)
    SELECT e.post_id, e.version, e.starts_at, e.ends_at, e.time_zone, e.place, e.link, e.is_cancelled, clock_timestamp()
    FROM event e
    WHERE e.post_id = :post_id
"""
# With another time it is news again.
CHANGE_SQL = """
    INSERT INTO event AS e (post_id, starts_at, ends_at, starts_on, time_zone, place, link)
    VALUES (:post_id, :starts_at, :ends_at, :starts_on, :time_zone, :place, :link)
    ON CONFLICT (post_id) DO UPDATE
    SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, starts_on = excluded.starts_on,
        time_zone = excluded.time_zone, place = excluded.place, link = excluded.link, version = e.version + 1,
        changed_at = clock_timestamp(),
        announced_at = CASE WHEN e.starts_at = excluded.starts_at THEN e.announced_at ELSE now() END
"""
CANCEL_SQL = """
    UPDATE event
    SET is_cancelled = :is_cancelled, version = version + 1, changed_at = clock_timestamp(),
        announced_at = CASE WHEN :is_cancelled THEN announced_at ELSE now() END
    WHERE post_id = :post_id
"""
COME_SQL = "INSERT INTO event_guest (post_id, member_id) VALUES (:post_id, :member_id) ON CONFLICT DO NOTHING"
STAY_SQL = "DELETE FROM event_guest WHERE post_id = :post_id AND member_id = :member_id"


async def announce(db: Database, actor: Actor, draft: EventDraft) -> int:
    """Start a thread with its time and place. Sending the same draft twice starts one; with another time it is another.

    Returns its id, or 0: it waits for a moderator, with its time and place. Raises Invalid, Forbidden.
    """
    times = draft.check()
    if await value(db, "SELECT CAST(:ends_at AS timestamptz) <= now()", ends_at=times.ends_at):
        raise Invalid(ends=OVER)
    ready = await threads.prepare(db, actor, draft.sent(times))
    facts = _values(draft.facts, times)
    async with db.transaction():
        await drop_draft(db, actor, DRAFT)
        if again := await _announced_just_now(db, await threads.begun_just_now(db, actor, ready), facts):
            return again
        if await _waits(db, actor, ready, draft.facts, times):
            return 0
        thread_id = await threads.start_prepared(db, actor, ready, is_approved=True)
        await run(db, ANNOUNCE_SQL, thread_id=thread_id, **facts)
    return thread_id


async def _announced_just_now(db: Database, thread_ids: Sequence[int], facts: dict[str, object]) -> int:
    """The one of these threads that has the same time and place, or 0."""
    same = {name: fact for name, fact in facts.items() if name != "starts_on"}
    return await value(db, ALIKE_SQL, thread_ids=list(thread_ids), **same) or 0


async def _waits(db: Database, actor: Actor, ready: Prepared, facts: Facts, times: Times) -> bool:
    """Whether it is kept for a moderator; what was sent before and is public already is not."""
    thread = ready.draft
    text = "\n".join((thread.title, thread.topics, thread.body, _words(facts)))
    why = await hold.reason_to_hold(db, actor, ready.category_id, text)
    if not why or await threads.sent_before(db, actor.id, thread.client_key):
        return False
    when = when_words(times.starts_at, times.ends_at, facts.time_zone)
    beside = "\n".join(line for line in (when, facts.place, facts.link) if line)
    held_id = await hold.hold(db, actor, thread, category_id=ready.category_id, thread_id=None, why=why, beside=beside)
    if held_id:
        await run(db, HOLD_SQL, held_id=held_id, **_values(facts, times))
    return True


async def release(db: Database, held_id: int, thread_id: int) -> None:
    """A moderator let a thread through: it has the time and place that waited with it, if any did; twice is once."""
    await run(db, RELEASE_SQL, held_id=held_id, thread_id=thread_id)


async def renew(db: Database, post_id: int, back_at: datetime, *, is_back: bool) -> None:
    """A post stands where it did not: what it announces, if anything, is news of that moment while it is to come.

    is_back: it could not be seen before; else it came from another thread or category.
    """
    await run(db, RENEW_SQL, post_id=post_id, back_at=back_at, is_back=is_back)


async def change(db: Database, actor: Actor, thread_id: int, facts: Facts, version: int) -> None:
    """Say when and where it is; for a thread that announces something, also for the first time. Twice is once.

    version: the one the change was made from, 0 for none; what it leaves as it was there stays as it is now. Raises
    NotFound, Forbidden, Invalid, and Stale where somebody must choose between what was changed twice.
    """
    async with db.transaction():
        thread, post, event = await _held(db, actor, thread_id)
        policy.may_change(actor, thread, post, event).require()
        facts, conflict = await queries.merge(db, event, facts, version)
        times = facts.check()
        if event and event.is_as(facts, times):
            return
        if conflict or (version and not event):
            raise Stale
        before = _words(event.facts) if event else ""
        await form_posts.screen(db, actor, thread.category_id, _words(facts), before)
        if event:
            await _keep(db, actor, event)
        await run(db, CHANGE_SQL, post_id=post.id, **_values(facts, times))


async def cancel(db: Database, actor: Actor, thread_id: int, *, is_cancelled: bool) -> None:
    """Say that it does not take place, or that it does after all; twice is once. Raises NotFound, Forbidden."""
    async with db.transaction():
        thread, post, event = await _held(db, actor, thread_id)
        policy.may_change(actor, thread, post, event).require()
        if event is None:
            raise NotFound
        if event.is_cancelled != is_cancelled:
            await _keep(db, actor, event)
            await run(db, CANCEL_SQL, post_id=post.id, is_cancelled=is_cancelled)


async def come(db: Database, actor: Actor, thread_id: int, *, is_coming: bool) -> int:
    """Say that one will come, or will not; twice is once. Raises NotFound, Forbidden.

    Returns the id of the event's post, 0 where it was so already.
    """
    async with db.transaction():
        thread = await thread_to_change(db, actor, thread_id)
        event = await queries.event(db, actor, thread_id)
        policy.may_come(actor, thread, event).require()
        changed = await run(db, COME_SQL if is_coming else STAY_SQL, post_id=event.post_id, member_id=actor.id)
        if not changed:
            return 0
        if is_coming:
            await outbox.emit(db, "event.joined", post_id=event.post_id, member_id=actor.id or 0)
        else:
            await outbox.emit(db, "event.left", post_id=event.post_id, member_id=actor.id or 0)
    return event.post_id


async def _held(db: Database, actor: Actor, thread_id: int) -> tuple[Thread, PostSource, Event | None]:
    """As `queries.announced`, once the thread is held until the transaction ends."""
    await hold_threads(db, thread_id)
    return await queries.announced(db, actor, thread_id)


async def _keep(db: Database, actor: Actor, event: Event) -> None:
    """An event that is held becomes something else: what it was is kept, and whom it concerns hears of it."""
    await run(db, KEEP_SQL, post_id=event.post_id)
    version = event.version + 1
    await outbox.emit(db, "event.changed", post_id=event.post_id, version=version, by_id=actor.id or 0)


def _words(facts: Facts) -> str:
    return f"{facts.place}\n{facts.link}"


def _values(facts: Facts, times: Times) -> dict[str, object]:
    return {
        "starts_at": times.starts_at,
        "ends_at": times.ends_at,
        "starts_on": times.starts_on,
        "time_zone": facts.time_zone,
        "place": facts.place,
        "link": facts.link,
    }
