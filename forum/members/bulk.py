"""Many members at once, with the dates they have: for demos and moves from elsewhere. Who may do so is asked there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from forum.kit.db import Database, copy, rows
from forum.members.address import canonical


@dataclass(frozen=True, slots=True)
class KnownMember:
    """A person who was a member before; the address counts as verified."""

    handle: str
    name: str
    title: str
    role: str
    district_id: int | None
    address: str
    unread_since: datetime
    created_at: datetime


async def insert_members(db: Database, members: Sequence[KnownMember]) -> dict[str, int]:
    """Add members nobody here has met. Returns the id of each handle."""
    await copy(
        db,
        "member",
        ("handle", "name", "title", "role", "district_id", "unread_since", "created_at"),
        [(m.handle, m.name, m.title, m.role, m.district_id, m.unread_since, m.created_at) for m in members],
    )
    found = await rows(
        db,
        "SELECT m.id, m.handle FROM member m WHERE m.handle = ANY(CAST(:handles AS text[]))",
        handles=[each.handle for each in members],
    )
    ids = {row["handle"]: row["id"] for row in found}
    await copy(
        db,
        "member_email",
        ("address", "member_id", "verified_at"),
        [(canonical(each.address), ids[each.handle], each.created_at) for each in members],
    )
    return ids
