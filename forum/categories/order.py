"""The order of categories: one step up or down among those that stand on the same level."""

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.categories.commands import HOLD
from forum.categories.policy import may_administer
from forum.kit.db import Database, run, value
from forum.kit.errors import NotFound
from forum.members.types import Actor

STEPS = {"up": -1, "down": +1}


async def move(db: Database, actor: Actor, category_id: int, direction: str) -> None:
    """Put a category one place "up" or "down"; the first stays first. Raises Forbidden, NotFound."""
    may_administer(actor).require()
    async with db.transaction():
        await run(db, HOLD)
        beside: list[int] | None = await value(db, BESIDE, category_id=category_id)
        if not beside:
            raise NotFound
        place = beside.index(category_id)
        new_place = min(max(place + STEPS[direction], 0), len(beside) - 1)
        if new_place == place:
            return
        beside.insert(new_place, beside.pop(place))
        await run(db, ORDER, ids=beside)
        act = Act(
            "category.moved",
            "category",
            category_id,
            category_id,
            before={"place": place + 1},
            after={"place": new_place + 1},
        )
        await audit.record(db, actor.id, act)


BESIDE = """
    SELECT array_agg(o.id ORDER BY o.position, o.id)
    FROM category c
    JOIN category o ON o.parent_id IS NOT DISTINCT FROM c.parent_id
    WHERE c.id = :category_id
"""
ORDER = """
    UPDATE category c SET position = n.place
    FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY n (id, place)
    WHERE c.id = n.id
"""
