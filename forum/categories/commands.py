"""Writes of the categories room."""

from dataclasses import asdict

from forum.categories.types import CategoryDraft
from forum.kit.db import Database, run, value
from forum.kit.errors import Invalid


async def add_category(db: Database, draft: CategoryDraft) -> int:
    """Add a category behind the others. Returns its id.

    Raises Invalid when the draft will not do, its address is taken, or its parent is no category of the upper level.
    """
    draft.check()
    columns = asdict(draft)
    groups, parent = list(columns.pop("groups")), columns.pop("parent")
    async with db.transaction():
        parent_id = await _upper_category(db, parent) if parent else None
        category_id: int | None = await value(
            db,
            """
            INSERT INTO category (
                slug, name, description, colour, default_kind, ask_template,
                read_by, reply_by, start_by, lets_vendors_in, is_hidden, parent_id, position
            )
            VALUES (
                :slug, :name, :description, :colour, :default_kind, :ask_template,
                :read_by, :reply_by, :start_by, :lets_vendors_in, :is_hidden,
                :parent_id,
                (SELECT coalesce(max(o.position), 0) + 1 FROM category o)
            )
            ON CONFLICT (slug) DO NOTHING
            RETURNING id
            """,
            parent_id=parent_id,
            **columns,
        )
        if category_id is None:
            raise Invalid(slug=f"There is a category at /c/{draft.slug} already.")
        rights = {"read": draft.read_by, "reply": draft.reply_by, "start": draft.start_by}
        for may in (may for may, by in rights.items() if by == "groups"):
            await _give_groups(db, category_id, may, groups)
    return category_id


async def _upper_category(db: Database, slug: str) -> int:
    category_id = await _category(db, slug)
    if category_id is None:
        raise Invalid(parent=f"There is no category at /c/{slug}.")
    if await value(db, "SELECT c.parent_id FROM category c WHERE c.id = :category_id", category_id=category_id):
        raise Invalid(parent=f"/c/{slug} is below another category itself, and there are two levels.")
    return category_id


async def _category(db: Database, slug: str) -> int | None:
    found: int | None = await value(db, "SELECT c.id FROM category c WHERE c.slug = :slug", slug=slug)
    return found


async def _give_groups(db: Database, category_id: int, may: str, groups: list[int]) -> None:
    await run(
        db,
        """
        INSERT INTO category_group (category_id, may, group_id)
        SELECT :category_id, :may, group_id FROM unnest(CAST(:groups AS bigint[])) group_id
        ON CONFLICT DO NOTHING
        """,
        category_id=category_id,
        may=may,
        groups=groups,
    )


async def add_moderator(db: Database, slug: str, member_id: int) -> None:
    """Make a member staff in one category. Raises Invalid when there is none at `slug`."""
    category_id = await _category(db, slug)
    if category_id is None:
        raise Invalid(category=f"There is no category at /c/{slug}.")
    await run(
        db,
        """
        INSERT INTO category_moderator (category_id, member_id) VALUES (:category_id, :member_id)
        ON CONFLICT DO NOTHING
        """,
        category_id=category_id,
        member_id=member_id,
    )


async def show_category(db: Database, category_id: int) -> None:
    """A hidden category becomes readable for those it is meant for."""
    await run(db, "UPDATE category SET is_hidden = false WHERE id = :category_id", category_id=category_id)


async def count_threads(db: Database, category_id: int, change: int) -> None:
    """The category has `change` more (or fewer) threads that are not deleted."""
    await run(
        db,
        "UPDATE category SET thread_count = thread_count + :change WHERE id = :category_id",
        change=change,
        category_id=category_id,
    )
