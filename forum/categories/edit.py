"""Changing a category: its name and address, who may do what in it, whether it is written in."""

from collections.abc import Mapping
from typing import Any

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.categories import register
from forum.categories.commands import HOLD, check_address, columns, give_groups, upper_category
from forum.categories.policy import may_administer
from forum.categories.types import CategoryDraft
from forum.kit.db import Database, run
from forum.kit.errors import Stale
from forum.members.types import Actor

TEXTS = ("description", "ask_template")  # of these the record keeps only how long they are


async def edit(db: Database, actor: Actor, category_id: int, draft: CategoryDraft, *, version: int) -> None:
    """Make a category what the draft says; the address it had leads to the new one.

    version: the one the draft was made from. Raises Forbidden, Invalid, NotFound; Stale when somebody was faster.
    """
    may_administer(actor).require()
    draft.check()
    async with db.transaction():
        await run(db, HOLD)
        kept = await register.category(db, category_id)
        changed = _changed(kept.draft, draft)
        if not changed:
            return
        if kept.version != version:
            raise Stale
        await check_address(db, draft.slug, category_id)
        parent_id = await upper_category(db, draft.parent, category_id)
        await _keep_address(db, category_id, kept.draft.slug, draft.slug)
        await run(db, UPDATE, **columns(draft), parent_id=parent_id, category_id=category_id)
        await give_groups(db, category_id, draft)
        act = Act(
            "category.changed",
            "category",
            category_id,
            category_id,
            before=_recorded(kept.draft, changed),
            after=_recorded(draft, changed),
        )
        await audit.record(db, actor.id, act)


UPDATE = """
    UPDATE category
    SET slug = :slug, name = :name, description = :description, colour = :colour, default_kind = :default_kind,
        ask_template = :ask_template, seen_by = :seen_by, read_by = :read_by, reply_by = :reply_by,
        start_by = :start_by, lets_vendors_in = :lets_vendors_in, is_hidden = :is_hidden, is_archived = :is_archived,
        holds_first_posts = :holds_first_posts, slow_seconds = :slow_seconds,
        parent_id = CAST(:parent_id AS bigint), version = version + 1
    WHERE id = :category_id
"""


def _changed(before: CategoryDraft, after: CategoryDraft) -> list[str]:
    return [name for name, each in vars(before).items() if each != vars(after)[name]]


def _recorded(draft: CategoryDraft, names: list[str]) -> Mapping[str, Any]:
    found = {name: vars(draft)[name] for name in names}
    return {name: f"{len(each)} characters" if name in TEXTS else each for name, each in found.items()}


async def _keep_address(db: Database, category_id: int, old: str, new: str) -> None:
    if old == new:
        return
    await run(db, "DELETE FROM category_address WHERE slug = :new", new=new)
    await run(
        db,
        "INSERT INTO category_address (slug, category_id) VALUES (:old, :category_id)",
        old=old,
        category_id=category_id,
    )
