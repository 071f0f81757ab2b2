"""Who speaks for a vendor."""

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.kit.db import Database, run, value
from forum.kit.errors import Invalid
from forum.members.types import Actor
from forum.products import policy


async def let_speak(db: Database, actor: Actor, vendor_id: int, handle: str) -> None:
    """An account of a vendor's people speaks for it from now on, and for no other. Raises Forbidden, Invalid."""
    policy.may_manage(actor).require()
    async with db.transaction():
        member_id = await value(
            db,
            """
            SELECT m.id FROM member m
            WHERE m.handle = :handle AND m.role = 'vendor' AND m.state = 'active'
            FOR NO KEY UPDATE
            """,
            handle=handle.strip().removeprefix("@").lower(),
        )
        if member_id is None:
            raise Invalid(handle="Write the @name of an account with the role of a vendor.")
        await run(
            db,
            """
            INSERT INTO vendor_account (member_id, vendor_id) VALUES (:member_id, :vendor_id)
            ON CONFLICT (member_id) DO UPDATE SET vendor_id = excluded.vendor_id
            """,
            member_id=member_id,
            vendor_id=vendor_id,
        )
        await audit.record(db, actor.id, Act("vendor.joined", "vendor", vendor_id, after={"member_id": member_id}))


async def let_go(db: Database, actor: Actor, vendor_id: int, member_id: int) -> None:
    """An account does not speak for the vendor any more; twice is once. Raises Forbidden."""
    policy.may_manage(actor).require()
    async with db.transaction():
        gone = await run(
            db,
            "DELETE FROM vendor_account WHERE member_id = :member_id AND vendor_id = :vendor_id",
            member_id=member_id,
            vendor_id=vendor_id,
        )
        if gone:
            act = Act("vendor.left", "vendor", vendor_id, before={"member_id": member_id})
            await audit.record(db, actor.id, act)
