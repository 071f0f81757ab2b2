"""A hidden category where an import lays out threads until all of them can be shown at once."""

from forum.audit import commands as audit
from forum.categories.commands import add_category
from forum.categories.types import CategoryDraft
from forum.kit.db import Database, run


async def add_staging(db: Database, slug: str) -> int:
    """A hidden category for threads that will belong to `slug`. Returns its id."""
    name = f"Import into {slug}"[:80]
    return await add_category(db, CategoryDraft(slug=f"{slug[:50]}-import", name=name, read_by="staff", is_hidden=True))


async def drop_staging(db: Database, category_id: int) -> None:
    """Remove a category that holds no thread any more."""
    await audit.close_entries(db, category_id)
    await run(db, "DELETE FROM category WHERE id = :category_id", category_id=category_id)
