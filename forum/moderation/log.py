"""Reads of the log: for staff what happened in their categories, for members that it happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forum.categories.policy import LET_IN, MODERATED, READABLE, READER
from forum.kit.db import Database, many
from forum.members.types import Actor

WORDS = {
    "flag.kept": "left a flagged post as it is",
    "flag.upheld": "hid a flagged post",
    "hold.published": "published a held post",
    "hold.refused": "did not publish a held post",
    "post.hidden_by_flags": "hid a post, because several members flagged it",
}
SPELLED = {"colour": "color"}  # names of fields, as people read them
LINKS = {"thread": "/t/{}", "post": "/p/{}"}


@dataclass(frozen=True)
class LogEntry:
    """Something done, as a reader of the log sees it."""

    id: int
    act: str
    actor_name: str | None
    actor_handle: str | None
    subject_kind: str
    subject_id: int
    subject_handle: str | None
    category_name: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str
    created_at: datetime

    @property
    def words(self) -> str:
        """What was done, in words."""
        return WORDS.get(self.act) or self.act.replace(".", ": ").replace("_", " ")

    @property
    def path(self) -> str:
        """Where its subject is, "" for what has no page."""
        if self.subject_handle:
            return f"/people/{self.subject_handle}"
        return LINKS.get(self.subject_kind, "").format(self.subject_id)

    @property
    def subject(self) -> str:
        return f"{self.subject_kind.replace('_', ' ')} {self.subject_id}"

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """(field, before, after) of what changed, but for ids: those of other categories are nobody's business."""
        names = [name for name in {**self.before, **self.after} if not name.endswith(("_id", "_ids"))]
        return [(_called(name), _text(self.before.get(name)), _text(self.after.get(name))) for name in names]


def _called(name: str) -> str:
    return SPELLED.get(name, name).replace("_", " ")


def _text(value: object) -> str:
    if value is None:
        return ""
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else str(value)[:200]


COLUMNS = """
    e.id, e.act, ea.name AS actor_name, ea.handle AS actor_handle, e.subject_kind, e.subject_id,
    s.handle AS subject_handle, c.name AS category_name
"""
FROM = f"""
    FROM audit_entry e
    LEFT JOIN member ea ON ea.id = e.actor_id
    LEFT JOIN member s ON e.subject_kind = 'member' AND s.id = e.subject_id AND s.state <> 'deleted'
    LEFT JOIN category c ON c.id = e.category_id
    {READER}
"""
STAFF_SQL = f"SELECT {COLUMNS}, e.before, e.after, e.reason, e.created_at {FROM} WHERE {MODERATED}"
NEWEST = "AND e.id < :before ORDER BY e.id DESC LIMIT :limit"


async def staff_log(
    db: Database, actor: Actor, *, by: str = "", act: str = "", kind: str = "", before: int, limit: int = 50
) -> list[LogEntry]:
    """Up to `limit` entries under id `before`, newest first: administrators all, moderators of their categories.

    by: an actor's handle. act, kind: of the entry and its subject; "" for all.
    """
    return await many(
        db,
        LogEntry,
        f"""
        {STAFF_SQL}
        AND (:by = '' OR ea.handle = :by) AND (:act = '' OR e.act = :act) AND (:kind = '' OR e.subject_kind = :kind)
        {NEWEST}
        """,
        actor_id=actor.id,
        by=by,
        act=act,
        kind=kind,
        before=before,
        limit=limit,
    )


async def about_member(db: Database, actor: Actor, member_id: int) -> list[LogEntry]:
    """What was done to a member, newest first, as far as `actor` may know."""
    return await many(
        db,
        LogEntry,
        f"""
        {STAFF_SQL} AND e.subject_kind = 'member' AND e.subject_id = :member_id
        ORDER BY e.id DESC
        LIMIT 50
        """,
        actor_id=actor.id,
        member_id=member_id,
    )


async def public_log(db: Database, actor: Actor, *, before: int, limit: int = 50) -> list[LogEntry]:
    """What every reader may know that it happened, in categories `actor` reads; no reasons, no details."""
    return await many(
        db,
        LogEntry,
        f"""
        SELECT {COLUMNS}, CAST('{{}}' AS jsonb) AS before, CAST('{{}}' AS jsonb) AS after, '' AS reason, e.created_at
        {FROM}
        LEFT JOIN post p ON e.subject_kind = 'post' AND p.id = e.subject_id
        LEFT JOIN thread t ON t.id = CASE e.subject_kind WHEN 'thread' THEN e.subject_id ELSE p.thread_id END
        WHERE e.is_public AND e.subject_kind <> 'member' AND (e.category_id IS NULL OR {READABLE})
              AND (t.id IS NULL OR {LET_IN})
        {NEWEST}
        """,
        actor_id=actor.id,
        before=before,
        limit=limit,
    )


async def acts_and_kinds(db: Database, actor: Actor) -> tuple[list[str], list[str]]:
    """The names of acts and kinds of subjects in the newest entries `actor` may see: for the filters."""
    found = await staff_log(db, actor, before=2**62, limit=1000)
    return sorted({entry.act for entry in found}), sorted({entry.subject_kind for entry in found})
