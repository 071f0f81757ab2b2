"""How and when members want to hear of things: read and changed."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

from forum.following import policy
from forum.following.types import BREAK_ENDS_HOURS, Wishes
from forum.kit.db import Database, first, run
from forum.members.types import Actor

# Why no mail reaches a member, in a sentence, "" where it does.
Unreached = Callable[[Database, Actor], Awaitable[str]]


def break_day() -> date:
    """The day it is for breaks: another one only when it has begun in all of the United States."""
    return (datetime.now(UTC) - timedelta(hours=BREAK_ENDS_HOURS)).date()


async def wishes(db: Database, member_id: int) -> Wishes:
    """A member's wishes, or the defaults."""
    found = await first(
        db,
        Wishes,
        """
        SELECT w.member_id, w.asking, w.replying, w.mentioned, w.days, w.hour, w.time_zone, w.blocks, w.keeps_quiet,
               w.paused_until, w.stops_all, w.mails_read
        FROM mail_wish w
        WHERE w.member_id = :member_id
        """,
        member_id=member_id,
    )
    return found or Wishes(member_id)


async def change_wishes(db: Database, actor: Actor, wanted: Wishes) -> None:
    """These are `actor`'s wishes from now on. Raises Forbidden, Invalid."""
    policy.may_wish(actor).require()
    wanted.check(break_day())
    await run(
        db,
        """
        INSERT INTO mail_wish (member_id, asking, replying, mentioned, days, hour, time_zone, blocks, keeps_quiet,
                               paused_until, stops_all, mails_read)
        VALUES (:member_id, :asking, :replying, :mentioned, :days, :hour, :time_zone, :blocks, :keeps_quiet,
                :paused_until, :stops_all, :mails_read)
        ON CONFLICT (member_id) DO UPDATE
        SET asking = excluded.asking, replying = excluded.replying, mentioned = excluded.mentioned,
            days = excluded.days, hour = excluded.hour, time_zone = excluded.time_zone, blocks = excluded.blocks,
            keeps_quiet = excluded.keeps_quiet, paused_until = excluded.paused_until, stops_all = excluded.stops_all,
            mails_read = excluded.mails_read, changed_at = now()
        """,
        member_id=actor.id,
        asking=wanted.asking,
        replying=wanted.replying,
        mentioned=wanted.mentioned,
        days=list(wanted.days),
        hour=wanted.hour,
        time_zone=wanted.time_zone,
        blocks=list(wanted.blocks),
        keeps_quiet=wanted.keeps_quiet,
        paused_until=wanted.paused_until,
        stops_all=wanted.stops_all,
        mails_read=wanted.mails_read,
    )


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
