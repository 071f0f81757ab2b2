"""Writes of the audit room: called inside the transaction of what is recorded."""

from forum.audit.types import Act
from forum.kit.db import Database, run, value


async def record(db: Database, actor_id: int | None, act: Act) -> int:
    """Record an act of a member, or of the system (None). Returns the entry's id, by which it may be undone."""
    entry_id: int = await value(
        db,
        """
        INSERT INTO audit_entry (act, actor_id, subject_kind, subject_id, category_id, before, after, reason, is_public)
        VALUES (:act, :actor_id, :subject_kind, :subject_id, :category_id, :before, :after, :reason, :is_public)
        RETURNING id
        """,
        act=act.name,
        actor_id=actor_id,
        subject_kind=act.subject_kind,
        subject_id=act.subject_id,
        category_id=act.category_id,
        before=dict(act.before or {}),
        after=dict(act.after or {}),
        reason=act.reason,
        is_public=act.is_public,
    )
    return entry_id


async def close_entries(db: Database, category_id: int) -> None:
    """Nothing done in a category is public any more: before it goes, and with it the rights to read it."""
    await run(
        db,
        "UPDATE audit_entry SET is_public = false WHERE category_id = :category_id AND is_public",
        category_id=category_id,
    )
