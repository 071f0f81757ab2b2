"""What administrators decide about members: their role, and the groups they are in."""

from collections.abc import Sequence

from forum.audit.commands import record
from forum.audit.types import Act
from forum.kit import outbox
from forum.kit.db import Database, rows, run, value
from forum.kit.errors import Invalid, NotFound
from forum.members.policy import may_administer
from forum.members.profile import check_group
from forum.members.standing import give_role
from forum.members.types import ROLES, Actor

MOST_AT_ONCE = 100


async def change_role(db: Database, actor: Actor, member_id: int, role: str) -> None:
    """Make somebody a member, vendor or administrator; they hear of it by mail. Raises Forbidden, Invalid, NotFound.

    The last administrator stays one.
    """
    may_administer(actor).require()
    if role not in ROLES:
        raise Invalid(role="Choose one of those offered.")
    async with db.transaction():
        if await give_role(db, actor.id, member_id, role):
            await outbox.emit(db, "member.role_changed", member_id=member_id)


async def add_group(db: Database, actor: Actor, slug: str, name: str) -> int:
    """A new group. Returns its id. Raises Forbidden, Invalid."""
    may_administer(actor).require()
    check_group(slug, name)
    async with db.transaction():
        group_id: int | None = await value(
            db,
            """
            INSERT INTO member_group (slug, name) VALUES (:slug, :name)
            ON CONFLICT (slug) DO NOTHING
            RETURNING id
            """,
            slug=slug,
            name=name,
        )
        if group_id is None:
            raise Invalid(slug="There is a group of that name already.")
        await record(db, actor.id, Act("group.added", "group", group_id, after={"slug": slug, "name": name}))
        return group_id


async def add_people(db: Database, actor: Actor, group_id: int, handles: Sequence[str]) -> None:
    """Put up to 100 members, by handle, into a group; who is in it stays. Raises Forbidden, Invalid, NotFound."""
    may_administer(actor).require()
    handles = list(dict.fromkeys(handle.strip().lstrip("@").lower() for handle in handles if handle.strip(" @")))
    if not handles:
        raise Invalid(handles="Write at least one handle, as in @maya.okafor.")
    if len(handles) > MOST_AT_ONCE:
        raise Invalid(handles=f"At most {MOST_AT_ONCE} at once.")
    async with db.transaction():
        await _require_group(db, group_id)
        added = await rows(
            db,
            """
            INSERT INTO group_member (group_id, member_id)
            SELECT :group_id, m.id FROM member m WHERE m.id = ANY(CAST(:member_ids AS bigint[]))
            ON CONFLICT DO NOTHING
            RETURNING member_id
            """,
            group_id=group_id,
            member_ids=await _members(db, handles),
        )
        for row in added:
            act = Act("group.joined", "member", row["member_id"], after={"group_id": group_id})
            await record(db, actor.id, act)


async def remove_from_group(db: Database, actor: Actor, group_id: int, member_id: int) -> None:
    """Take somebody out of a group; when they are not in it, nothing changes. Raises Forbidden, NotFound."""
    may_administer(actor).require()
    async with db.transaction():
        await _require_group(db, group_id)
        removed = await run(
            db,
            "DELETE FROM group_member WHERE group_id = :group_id AND member_id = :member_id",
            group_id=group_id,
            member_id=member_id,
        )
        if removed:
            await record(db, actor.id, Act("group.left", "member", member_id, before={"group_id": group_id}))


async def _members(db: Database, handles: Sequence[str]) -> list[int]:
    found = await rows(
        db,
        """
        SELECT m.handle, m.id FROM member m
        WHERE m.handle = ANY(CAST(:handles AS text[])) AND m.state NOT IN ('deleted', 'unnamed')
        """,
        handles=list(handles),
    )
    ids = {row["handle"]: row["id"] for row in found}
    if unknown := [handle for handle in handles if handle not in ids]:
        raise Invalid(handles=f"There is no member called @{unknown[0][:40]}.")
    return list(ids.values())


async def _require_group(db: Database, group_id: int) -> None:
    if not await value(db, "SELECT g.id FROM member_group g WHERE g.id = :group_id", group_id=group_id):
        raise NotFound
