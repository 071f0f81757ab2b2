"""What members change about themselves, and what administrators change about them."""

import re
from dataclasses import asdict

from forum.kit.db import Database, run, value
from forum.kit.errors import Invalid, NotFound
from forum.kit.text import has_words
from forum.members.policy import may_have_settings
from forum.members.queries import hold
from forum.members.standing import give_role
from forum.members.types import MAX_NAME, Actor, Privacy, ProfileDraft

GROUP_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


async def change_profile(db: Database, actor: Actor, draft: ProfileDraft) -> None:
    """Save name, title and the words about oneself. Raises Forbidden, Invalid."""
    may_have_settings(actor).require()
    draft.check()
    async with db.transaction():
        await run(
            db,
            "UPDATE member SET name = :name, title = :title, about = :about WHERE id = :member_id",
            name=draft.name,
            title=draft.title,
            about=draft.about,
            member_id=actor.id,
        )
        await run(
            db, "UPDATE member_privacy SET title = '', about = '' WHERE member_id = :member_id", member_id=actor.id
        )
        await _keep_back(db, actor)


async def change_privacy(db: Database, actor: Actor, privacy: Privacy) -> None:
    """Say who sees which field of one's profile. Raises Forbidden, Invalid."""
    may_have_settings(actor).require()
    privacy.check()
    async with db.transaction():
        await hold(db, actor.id)
        await run(
            db,
            """
            INSERT INTO member_privacy (member_id, title_for, district_for, about_for, joined_for, topics_for)
            VALUES (:member_id, :title_for, :district_for, :about_for, :joined_for, :topics_for)
            ON CONFLICT (member_id) DO UPDATE
            SET title_for = excluded.title_for, district_for = excluded.district_for, about_for = excluded.about_for,
                joined_for = excluded.joined_for, topics_for = excluded.topics_for
            """,
            member_id=actor.id,
            **asdict(privacy),
        )
        await _keep_back(db, actor)


async def _keep_back(db: Database, actor: Actor) -> None:
    """Put each field where its readers look: in `member` what all members see, in `member_privacy` the rest."""
    await run(
        db,
        """
        WITH whole AS (
            SELECT m.id, coalesce(nullif(m.title, ''), x.title) AS title,
                   coalesce(nullif(m.about, ''), x.about) AS about,
                   coalesce(m.district_id, x.district_id) AS district_id
            FROM member m JOIN member_privacy x ON x.member_id = m.id
            WHERE m.id = :member_id
        ), kept AS (
            UPDATE member_privacy x
            SET title = CASE x.title_for WHEN 'members' THEN '' ELSE w.title END,
                about = CASE x.about_for WHEN 'members' THEN '' ELSE w.about END,
                district_id = CASE x.district_for WHEN 'members' THEN NULL ELSE w.district_id END
            FROM whole w
            WHERE x.member_id = w.id
            RETURNING x.member_id, x.title_for, x.about_for, x.district_for
        )
        UPDATE member m
        SET title = CASE k.title_for WHEN 'members' THEN w.title ELSE '' END,
            about = CASE k.about_for WHEN 'members' THEN w.about ELSE '' END,
            district_id = CASE k.district_for WHEN 'members' THEN w.district_id END
        FROM whole w JOIN kept k ON k.member_id = w.id
        WHERE m.id = w.id
        """,
        member_id=actor.id,
    )


async def mark_all_read(db: Database, actor: Actor) -> None:
    """Nothing before now is new to `actor`. Raises Forbidden."""
    may_have_settings(actor).require()
    await run(db, "UPDATE member SET unread_since = now() WHERE id = :member_id", member_id=actor.id)


async def grant(db: Database, address: str, role: str) -> None:
    """Give the member with that canonical address a role: for the command line. Raises NotFound, Invalid.

    Who is suspended stays so; who has not come yet is active from now on.
    """
    member_id = await value(db, "SELECT e.member_id FROM member_email e WHERE e.address = :address", address=address)
    if member_id is None:
        raise NotFound
    async with db.transaction():
        await give_role(db, None, member_id, role)
        await run(
            db, "UPDATE member SET state = 'active' WHERE id = :member_id AND state = 'unclaimed'", member_id=member_id
        )


async def add_to_group(db: Database, slug: str, name: str, member_ids: list[int]) -> int:
    """Make the group if it is new, and put the members into it. Returns its id. Raises Invalid."""
    check_group(slug, name)
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


def check_group(slug: str, name: str) -> None:
    """Raises Invalid when a group cannot be called so."""
    if not GROUP_SLUG.fullmatch(slug):
        raise Invalid(slug="A group is called in small letters, digits and hyphens: west-region.")
    if not 0 < len(name) <= MAX_NAME or not has_words(name) or not name.isprintable():
        raise Invalid(name=f"A group's name is one line of 1 to {MAX_NAME} characters.")
