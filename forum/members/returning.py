"""Closing one's own account for a while, and coming back by a mailed link."""

from forum.audit.commands import record
from forum.audit.types import Act
from forum.kit.db import Database, first, run
from forum.kit.errors import NotFound
from forum.members import queries, sign_in
from forum.members.mailed_links import spend
from forum.members.policy import may_deactivate
from forum.members.standing import end_access, keep_an_admin, target, wait_for_roles
from forum.members.types import Account, Actor

PURPOSE = "return"  # of the mailed link


async def deactivate(db: Database, actor: Actor) -> None:
    """Close `actor`'s own account and sign it out everywhere; a mailed link opens it again. Raises Forbidden, Invalid.

    What they wrote stays. The last administrator cannot. Ask policy.require_recent first.
    """
    may_deactivate(actor).require()
    async with db.transaction():
        await wait_for_roles(db)
        member = await target(db, actor.id or 0)
        if member.state != "active":
            return
        if member.is_admin:
            await keep_an_admin(db, member.id, "account")
        await run(db, "UPDATE member SET state = 'deactivated' WHERE id = :member_id", member_id=member.id)
        await end_access(db, member.id)
        act = Act("member.deactivated", "member", member.id, before={"state": "active"}, after={"state": "deactivated"})
        await record(db, actor.id, act)


async def come_back(db: Database, token: str) -> str:
    """Use a mailed link to open a deactivated account again. Returns the token of a link to sign in with.

    Raises NotFound when the link is used or over, or the account is not a deactivated one any more.
    """
    async with db.transaction():
        link = await queries.mailed_link(db, token)
        if link.purpose != PURPOSE:
            raise NotFound
        await spend(db, token)
        await _reactivate(db, link.address)
        return await sign_in.issue_link(
            db, "sign-in", link.address, next_path=link.next_path, hours=sign_in.LINK_MINUTES / 60
        )


async def _reactivate(db: Database, address: str) -> None:
    account = await first(
        db,
        Account,
        """
        SELECT m.id, m.state, m.suspended_until, m.suspension_reason
        FROM member_email e JOIN member m ON m.id = e.member_id
        WHERE e.address = :address AND m.state = 'deactivated'
        FOR NO KEY UPDATE OF m
        """,
        address=address,
    )
    if account is None:
        raise NotFound
    await run(db, "UPDATE member SET state = 'active' WHERE id = :member_id", member_id=account.id)
    act = Act("member.reactivated", "member", account.id, before={"state": "deactivated"}, after={"state": "active"})
    await record(db, account.id, act)
