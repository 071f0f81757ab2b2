"""Who moderates a category. They are ordinary members in every other."""

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.categories import register
from forum.categories.commands import name_moderator
from forum.categories.policy import may_administer
from forum.kit.db import Database, run
from forum.kit.errors import Invalid, NotFound
from forum.members.types import Actor


async def add(db: Database, actor: Actor, category_id: int, handle: str) -> None:
    """Make the member with that handle a moderator of the category; twice is once. Raises Forbidden, Invalid."""
    may_administer(actor).require()
    async with db.transaction():
        await register.category(db, category_id)
        try:
            member = await register.member_called(db, handle.strip().lower().removeprefix("@"))
        except NotFound:
            raise Invalid(
                handle="No member has that handle who could moderate: active, and no vendor. Look it up under People."
            ) from None
        await name_moderator(db, actor.id, category_id, member.id)


async def remove(db: Database, actor: Actor, category_id: int, member_id: int) -> None:
    """Make a moderator of the category an ordinary member there; twice is once. Raises Forbidden, NotFound."""
    may_administer(actor).require()
    async with db.transaction():
        await register.category(db, category_id)
        is_over = await run(
            db,
            "DELETE FROM category_moderator WHERE category_id = :category_id AND member_id = :member_id",
            category_id=category_id,
            member_id=member_id,
        )
        if is_over:
            await audit.record(db, actor.id, Act("moderator.removed", "member", member_id, category_id))
