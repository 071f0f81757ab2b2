"""What changes of a member's standing share: the locked row, the last administrator, the end of all sessions."""

from forum.audit.commands import record
from forum.audit.types import Act
from forum.kit.db import Database, one, run, value
from forum.kit.errors import Invalid
from forum.members.types import Target

LAST_ADMIN = "This is the last administrator. Make somebody else one first."


async def target(db: Database, member_id: int) -> Target:
    """The member, locked until the transaction ends. Raises NotFound, also for an account that was deleted."""
    return await one(
        db,
        Target,
        """
        SELECT m.id, m.handle, m.role, m.state, m.returns_as, m.suspended_until
        FROM member m
        WHERE m.id = :member_id AND m.state NOT IN ('deleted', 'unnamed')
        FOR NO KEY UPDATE
        """,
        member_id=member_id,
    )


async def wait_for_roles(db: Database) -> None:
    """Until the transaction ends nobody else changes who is an administrator; ask before locking any row."""
    await run(db, "SELECT pg_advisory_xact_lock(hashtext('member.role'))")


async def keep_an_admin(db: Database, member_id: int, field: str) -> None:
    """Raises Invalid for `field` when that member is the only active administrator. Call wait_for_roles before."""
    is_only_one = await value(
        db,
        "SELECT bool_and(m.id = :member_id) FROM member m WHERE m.role = 'admin' AND m.state = 'active'",
        member_id=member_id,
    )
    if is_only_one:
        raise Invalid(**{field: LAST_ADMIN})


async def end_access(db: Database, member_id: int) -> None:
    """Sign the member out everywhere, and let none of the links that were mailed to them work any more."""
    await run(db, "DELETE FROM session WHERE member_id = :member_id", member_id=member_id)
    await run(
        db,
        """
        UPDATE mailed_link SET used_at = now()
        WHERE used_at IS NULL AND address IN (SELECT e.address FROM member_email e WHERE e.member_id = :member_id)
        """,
        member_id=member_id,
    )


async def give_role(db: Database, actor_id: int | None, member_id: int, role: str) -> bool:
    """Make somebody a member, vendor or administrator, and record who did it. Returns whether that is new.

    Call it in a transaction that holds no row yet. Raises NotFound, Invalid for the last administrator.
    """
    await wait_for_roles(db)
    member = await target(db, member_id)
    if role != "admin":
        await keep_an_admin(db, member_id, "role")
    if member.role == role:
        return False
    await run(db, "UPDATE member SET role = :role WHERE id = :member_id", role=role, member_id=member_id)
    act = Act("member.role_changed", "member", member_id, before={"role": member.role}, after={"role": role})
    await record(db, actor_id, act)
    return True
