"""Reads of the audit room. Who may read an entry is decided by the staff rooms that show it."""

from forum.audit.types import Entry
from forum.kit.db import Database, many, one

# An entry `e`; the actor `ea` may be gone.
ENTRY_SQL = """
    SELECT e.id, e.act, e.actor_id, ea.name AS actor_name, ea.handle AS actor_handle, e.subject_kind, e.subject_id,
           e.category_id, e.before, e.after, e.reason, e.is_public, e.created_at
    FROM audit_entry e
    LEFT JOIN member ea ON ea.id = e.actor_id
"""


async def entry(db: Database, entry_id: int) -> Entry:
    """One entry. Raises NotFound."""
    return await one(db, Entry, f"{ENTRY_SQL} WHERE e.id = :entry_id", entry_id=entry_id)


async def entries_about(db: Database, kind: str, subject_id: int, *, limit: int = 50) -> list[Entry]:
    """What was done to one thing, newest first."""
    return await many(
        db,
        Entry,
        f"""
        {ENTRY_SQL}
        WHERE e.subject_kind = :kind AND e.subject_id = :subject_id
        ORDER BY e.id DESC
        LIMIT :limit
        """,
        kind=kind,
        subject_id=subject_id,
        limit=limit,
    )
