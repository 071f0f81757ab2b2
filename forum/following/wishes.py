"""How and when members want to hear of things: read and changed."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

from forum.following import policy
from forum.following.types import BREAK_ENDS_HOURS, Wishes
from forum.kit.db import Database, first, one, run
from forum.members.types import Actor

# Why no mail reaches a member, in a sentence, "" where it does.
Unreached = Callable[[Database, Actor], Awaitable[str]]


def break_day() -> date:
    """The day it is for breaks: another one only when it has begun in all of the United States."""
    return (datetime.now(UTC) - timedelta(hours=BREAK_ENDS_HOURS)).date()


async def wishes(db: Database, member_id: int) -> Wishes:
    """A member's wishes, or the defaults."""
    return await first(db, Wishes, WISHES_SQL, member_id=member_id) or Wishes(member_id)


WISHES_SQL = """
    SELECT w.member_id, w.asking, w.replying, w.mentioned, w.days, w.hour, w.time_zone, w.blocks, w.keeps_quiet,
           w.paused_until, w.stops_all, w.mails_read
    FROM mail_wish w
    WHERE w.member_id = :member_id
"""


async def change_wishes(db: Database, actor: Actor, shown: Wishes, sent: Wishes) -> None:
    """What `actor` changed from `shown` to `sent` is so from now on; all else stays as it stands, whoever changed it
    meanwhile. Raises Forbidden, Invalid.
    """
    policy.may_wish(actor).require()
    async with db.transaction():
        await run(db, "INSERT INTO mail_wish (member_id) VALUES (:id) ON CONFLICT DO NOTHING", id=actor.id)
        now = await one(db, Wishes, f"{WISHES_SQL} FOR NO KEY UPDATE OF w", member_id=actor.id)
        wanted = now.on(break_day()).merged(shown, sent)
        wanted.check(break_day())
        await run(db, CHANGE_SQL, **vars(wanted) | {"days": list(wanted.days), "blocks": list(wanted.blocks)})


CHANGE_SQL = """
    UPDATE mail_wish
    SET asking = :asking, replying = :replying, mentioned = :mentioned, days = :days, hour = :hour,
        time_zone = :time_zone, blocks = :blocks, keeps_quiet = :keeps_quiet, paused_until = :paused_until,
        stops_all = :stops_all, mails_read = :mails_read, changed_at = now()
    WHERE member_id = :member_id
"""


async def pause(db: Database, actor: Actor, days: int = 14) -> None:
    """No mail of what is followed for so many days from today, UTC; a longer pause stays. Raises Forbidden."""
    policy.may_wish(actor).require()
    await run(
        db,
        """
        INSERT INTO mail_wish (member_id, paused_until) VALUES (:member_id, current_date + CAST(:days AS integer))
        ON CONFLICT (member_id) DO UPDATE
        SET paused_until = greatest(mail_wish.paused_until, excluded.paused_until), changed_at = now()
        """,
        member_id=actor.id,
        days=days,
    )


async def stop_all(db: Database, actor: Actor) -> None:
    """No mail of what is followed any more, until `actor` wants it again; twice is once. Raises Forbidden."""
    policy.may_wish(actor).require()
    await run(
        db,
        """
        INSERT INTO mail_wish (member_id, stops_all) VALUES (:member_id, true)
        ON CONFLICT (member_id) DO UPDATE SET stops_all = true, changed_at = now()
        """,
        member_id=actor.id,
    )


async def lift_silence(db: Database, member_id: int) -> None:
    """As if they took no break and had stopped nothing: for a look in a transaction of which nothing stays."""
    await run(
        db,
        "UPDATE mail_wish SET paused_until = NULL, stops_all = false WHERE member_id = :member_id",
        member_id=member_id,
    )


async def consent(db: Database, actor: Actor) -> None:
    """`actor` has seen what a digest looks like and wants it: when they said so first is kept. Raises Forbidden."""
    policy.may_wish(actor).require()
    await run(
        db,
        """
        INSERT INTO mail_wish (member_id, consented_at) VALUES (:member_id, now())
        ON CONFLICT (member_id) DO UPDATE SET consented_at = coalesce(mail_wish.consented_at, now())
        """,
        member_id=actor.id,
    )


async def void_links(db: Database, actor: Actor) -> None:
    """One-click links in mails made before now are worth nothing. Raises Forbidden."""
    policy.may_wish(actor).require()
    await run(db, f"{VOID} SELECT m.id, now() FROM member m WHERE m.id = :actor_id {ONCE}", actor_id=actor.id)


async def void_links_before(db: Database, entry_id: int) -> None:
    """The same for the member whom this entry of the log is about, as of then; twice is once."""
    await run(
        db,
        f"""
        {VOID}
        SELECT m.id, e.created_at FROM audit_entry e JOIN member m ON m.id = e.subject_id AND m.state <> 'deleted'
        WHERE e.id = :entry_id AND e.subject_kind = 'member'
        {ONCE}
        """,
        entry_id=entry_id,
    )


VOID = "INSERT INTO mail_wish AS w (member_id, links_made_at)"
ONCE = "ON CONFLICT (member_id) DO UPDATE SET links_made_at = greatest(w.links_made_at, excluded.links_made_at)"
