"""What members change about themselves, and what administrators change about them."""

import re

from forum.kit.db import Database, run, value
from forum.kit.errors import Invalid, NotFound
from forum.members.policy import may_have_settings
from forum.members.types import MAX_NAME, Actor, ProfileDraft

GROUP_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


async def change_profile(db: Database, actor: Actor, draft: ProfileDraft) -> None:
    """Save name, title and the words about oneself. Raises Forbidden, Invalid."""
    may_have_settings(actor).require()
    draft.check()
    await run(
        db,
        "UPDATE member SET name = :name, title = :title, about = :about WHERE id = :member_id",
        name=draft.name,
        title=draft.title,
        about=draft.about,
        member_id=actor.id,
    )


async def mark_all_read(db: Database, actor: Actor) -> None:
    """Nothing before now is new to `actor`. Raises Forbidden."""
    may_have_settings(actor).require()
    await run(db, "UPDATE member SET unread_since = now() WHERE id = :member_id", member_id=actor.id)


async def grant(db: Database, address: str, role: str) -> None:
    """Give the member with that canonical address a role: member, vendor or admin. Raises NotFound, Invalid.

    Who is suspended stays so; who has not come yet is active from now on.
    """
    async with db.transaction():
        await run(db, "SELECT pg_advisory_xact_lock(hashtext('member.role'))")
        member_id = await value(
            db, "SELECT e.member_id FROM member_email e WHERE e.address = :address", address=address
        )
        if member_id is None:
            raise NotFound
        if role != "admin" and await _is_last_admin(db, member_id):
            raise Invalid(role="This is the last administrator. Make somebody else one first.")
        await run(
            db,
            """
            UPDATE member SET role = :role, state = CASE state WHEN 'unclaimed' THEN 'active' ELSE state END
            WHERE id = :member_id
            """,
            member_id=member_id,
            role=role,
        )


async def _is_last_admin(db: Database, member_id: int) -> bool:
    is_only_one = await value(
        db,
        "SELECT bool_and(m.id = :member_id) FROM member m WHERE m.role = 'admin' AND m.state = 'active'",
        member_id=member_id,
    )
    return bool(is_only_one)


async def add_to_group(db: Database, slug: str, name: str, member_ids: list[int]) -> int:
    """Make the group if it is new, and put the members into it. Returns its id. Raises Invalid."""
    if not GROUP_SLUG.fullmatch(slug):
        raise Invalid(slug="A group is called in small letters, digits and hyphens: west-region.")
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise Invalid(name=f"A group's name is one line of 1 to {MAX_NAME} characters.")
    group_id: int = await value(
        db,
        """
        INSERT INTO member_group (slug, name) VALUES (:slug, :name)
        ON CONFLICT (slug) DO UPDATE SET name = excluded.name
        RETURNING id
        """,
        slug=slug,
        name=name,
    )
    await run(
        db,
        """
        INSERT INTO group_member (group_id, member_id)
        SELECT :group_id, member_id FROM unnest(CAST(:member_ids AS bigint[])) member_id
        ON CONFLICT DO NOTHING
        """,
        group_id=group_id,
        member_ids=member_ids,
    )
    return group_id
