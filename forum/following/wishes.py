"""How and when members want to hear of things: read and changed."""

from forum.following import policy
from forum.following.types import Wishes
from forum.kit.db import Database, first, run
from forum.members.types import Actor


async def wishes(db: Database, member_id: int) -> Wishes:
    """A member's wishes, or the defaults."""
    found = await first(
        db,
        Wishes,
        """
        SELECT w.member_id, w.asking, w.replying, w.mentioned, w.days, w.hour, w.time_zone, w.blocks, w.keeps_quiet,
               w.paused_until, w.stops_all
        FROM mail_wish w
        WHERE w.member_id = :member_id
        """,
        member_id=member_id,
    )
    return found or Wishes(member_id)


async def change_wishes(db: Database, actor: Actor, wanted: Wishes) -> None:
    """These are `actor`'s wishes from now on. Raises Forbidden, Invalid."""
    policy.may_wish(actor).require()
    wanted.check()
    await run(
        db,
        """
        INSERT INTO mail_wish (member_id, asking, replying, mentioned, days, hour, time_zone, blocks, keeps_quiet,
                               paused_until, stops_all)
        VALUES (:member_id, :asking, :replying, :mentioned, :days, :hour, :time_zone, :blocks, :keeps_quiet,
                :paused_until, :stops_all)
        ON CONFLICT (member_id) DO UPDATE
        SET asking = excluded.asking, replying = excluded.replying, mentioned = excluded.mentioned,
            days = excluded.days, hour = excluded.hour, time_zone = excluded.time_zone, blocks = excluded.blocks,
            keeps_quiet = excluded.keeps_quiet, paused_until = excluded.paused_until, stops_all = excluded.stops_all,
            changed_at = now()
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
