"""Silence and suspension of members, with their ends."""

from forum.audit.commands import record
from forum.audit.types import Act
from forum.kit import outbox
from forum.kit.db import Database, rows, run, value
from forum.kit.errors import Invalid, NotFound
from forum.members.policy import may_silence, may_suspend
from forum.members.standing import end_access, keep_an_admin, target, wait_for_roles
from forum.members.types import MAX_REASON, Actor, Target

MOST_DAYS = 365
# Of a suspended member: what they are once more.
LIFTED = "state = returns_as, suspended_until = NULL, suspension_reason = '', returns_as = 'active'"


async def silence(
    db: Database, actor: Actor, member_id: int, *, category_id: int | None, days: int, reason: str
) -> None:
    """For 1 to 365 days the member only reads, in one category or (None) everywhere; once more replaces the first.

    They hear of it by mail, with the reason. Raises Forbidden, Invalid, NotFound.
    """
    reason = _checked(days, reason)
    async with db.transaction():
        member = await target(db, member_id)
        may_silence(actor, member, category_id).require()
        if category_id is not None and not await _is_category(db, category_id):
            raise NotFound
        silence_id = await value(
            db,
            """
            INSERT INTO silence (member_id, category_id, until, reason, created_by)
            VALUES (:member_id, :category_id, now() + :days * interval '1 day', :reason, :actor_id)
            ON CONFLICT (member_id, coalesce(category_id, 0)) DO UPDATE
            SET until = excluded.until, reason = excluded.reason, created_by = excluded.created_by, created_at = now()
            RETURNING id
            """,
            member_id=member_id,
            category_id=category_id,
            days=float(days),
            reason=reason,
            actor_id=actor.id,
        )
        await record(
            db, actor.id, Act("member.silenced", "member", member_id, category_id, after={"days": days}, reason=reason)
        )
        await outbox.emit(db, "member.silenced", silence_id=silence_id)


async def unsilence(db: Database, actor: Actor, member_id: int, *, category_id: int | None) -> None:
    """The member writes again; when they were not silenced, nothing changes. Raises Forbidden, NotFound."""
    async with db.transaction():
        may_silence(actor, await target(db, member_id), category_id).require()
        lifted = await run(
            db,
            "DELETE FROM silence WHERE member_id = :member_id AND coalesce(category_id, 0) = :category_id",
            member_id=member_id,
            category_id=category_id or 0,
        )
        if lifted:
            await record(db, actor.id, Act("member.unsilenced", "member", member_id, category_id))
            await outbox.emit(db, "member.unsilenced", member_id=member_id, category_id=category_id or 0)


async def suspend(db: Database, actor: Actor, member_id: int, *, days: int | None, reason: str) -> None:
    """Shut the member out for 1 to 365 days, or (None) until somebody lifts it, and sign them out everywhere.

    They hear of it by mail, with the reason. Raises Forbidden, Invalid, NotFound.
    """
    reason = _checked(days, reason)
    async with db.transaction():
        await wait_for_roles(db)
        member = await target(db, member_id)
        may_suspend(actor, member).require()
        if member.is_admin:
            await keep_an_admin(db, member_id, "reason")
        await _shut_out(db, member_id, days, reason)
        after = {"state": "suspended", "days": days}
        act = Act("member.suspended", "member", member_id, before={"state": member.state}, after=after, reason=reason)
        await record(db, actor.id, act)
        await outbox.emit(db, "member.suspended", member_id=member_id)


async def _shut_out(db: Database, member_id: int, days: int | None, reason: str) -> None:
    await run(
        db,
        """
        UPDATE member
        SET state = 'suspended', suspension_reason = :reason,
            suspended_until = now() + CAST(:days AS double precision) * interval '1 day',
            returns_as = CASE state WHEN 'suspended' THEN returns_as ELSE state END
        WHERE id = :member_id
        """,
        member_id=member_id,
        days=None if days is None else float(days),
        reason=reason,
    )
    await end_access(db, member_id)


async def unsuspend(db: Database, actor: Actor, member_id: int) -> None:
    """The member may sign in again; when they were not suspended, nothing changes. Raises Forbidden, NotFound."""
    async with db.transaction():
        member = await target(db, member_id)
        may_suspend(actor, member).require()
        if member.state == "suspended":
            await _lift(db, actor.id, member)


async def _lift(db: Database, actor_id: int | None, member: Target) -> None:
    await run(db, f"UPDATE member SET {LIFTED} WHERE id = :member_id", member_id=member.id)
    act = Act(
        "member.unsuspended",
        "member",
        member.id,
        before={"state": "suspended"},
        after={"state": member.returns_as},
        reason="" if actor_id else "Its time was over.",
    )
    await record(db, actor_id, act)
    await outbox.emit(db, "member.unsuspended", member_id=member.id)


async def lift_ended(db: Database, *, member_id: int | None = None) -> None:
    """End the suspensions whose time is over, of everybody or of one member, and forget silences that are over."""
    async with db.transaction():
        ended = await rows(
            db,
            """
            SELECT m.id, m.handle, m.role, m.state, m.returns_as, m.suspended_until
            FROM member m
            WHERE m.state = 'suspended' AND m.suspended_until <= now()
              AND (m.id = :member_id OR CAST(:member_id AS bigint) IS NULL)
            ORDER BY m.id
            FOR NO KEY UPDATE SKIP LOCKED
            """,
            member_id=member_id,
        )
        for row in ended:
            await _lift(db, None, Target(**row))
        await run(db, "DELETE FROM silence WHERE until <= now()")


async def _is_category(db: Database, category_id: int) -> bool:
    found = await value(
        db, "SELECT c.id FROM category c WHERE c.id = :category_id AND NOT c.is_hidden", category_id=category_id
    )
    return found is not None


def _checked(days: int | None, reason: str) -> str:
    """The reason without spaces around it. Raises Invalid when it or the days will not do."""
    problems, reason = {}, reason.strip()
    if days is not None and not 1 <= days <= MOST_DAYS:
        problems["days"] = f"Between 1 and {MOST_DAYS} days."
    if not reason:
        problems["reason"] = "Say why: they read it in an email."
    elif len(reason) > MAX_REASON:
        problems["reason"] = f"At most {MAX_REASON} characters; this has {len(reason)}."
    if problems:
        raise Invalid(**problems)
    return reason
