"""Removing a category that holds nothing."""

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.categories import register
from forum.categories.commands import HOLD
from forum.categories.policy import may_administer, may_remove
from forum.kit.db import Database, run
from forum.members.types import Actor


async def remove(db: Database, actor: Actor, category_id: int) -> None:
    """Remove an empty category with its rights and old addresses. Raises Forbidden, NotFound."""
    may_administer(actor).require()
    async with db.transaction():
        await run(db, HOLD)
        # FOR UPDATE: nobody may start a thread in it from here on, which FOR NO KEY UPDATE would let them.
        await run(db, "SELECT c.id FROM category c WHERE c.id = :category_id FOR UPDATE", category_id=category_id)
        kept = await register.category(db, category_id)
        may_remove(kept).require()
        await audit.close_entries(db, category_id)  # without a category, public ones would be everybody's
        await run(db, "DELETE FROM category WHERE id = :category_id", category_id=category_id)
        act = Act(
            "category.removed",
            "category",
            category_id,
            before={"slug": kept.draft.slug, "name": kept.draft.name},
        )
        await audit.record(db, actor.id, act)
