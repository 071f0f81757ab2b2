"""Reads of the moderation room. Everything is bounded by the categories the reader moderates."""

from collections.abc import Sequence

from forum.categories.policy import MODERATED, READER
from forum.kit.db import Database, first, many, one, rows
from forum.members.types import Actor
from forum.moderation.policy import MINE
from forum.moderation.types import CLAIM_MINUTES, History, Item, ReasonTemplate, StaffNote

ITEM_SQL = f"""
    SELECT i.id, i.kind, i.subject_id, i.category_id, i.author_id, i.claimed_by, k.name AS claimed_name,
           coalesce(i.claimed_at > now() - interval '{CLAIM_MINUTES} minutes', false) AS is_claimed,
           i.decided_at, d.name AS decided_name, i.verdict, i.letter, i.entry_id, i.created_at
    FROM queue_item i
    LEFT JOIN member k ON k.id = i.claimed_by
    LEFT JOIN member d ON d.id = i.decided_by
    LEFT JOIN category c ON c.id = i.category_id
    {READER}
    WHERE {MINE}
"""


async def item(db: Database, actor: Actor, item_id: int) -> Item:
    """One item, waiting or decided. Raises NotFound when it is not for `actor`."""
    return await one(db, Item, f"{ITEM_SQL} AND i.id = :item_id", item_id=item_id, actor_id=actor.id)


async def waiting(db: Database, actor: Actor, *, kind: str = "", after: int = 0, limit: int = 20) -> list[Item]:
    """Up to `limit` items that wait for `actor`, oldest first, with ids above `after`; of one kind or (\"\") all."""
    return await many(
        db,
        Item,
        f"""
        {ITEM_SQL} AND i.decided_at IS NULL AND i.id > :after AND (i.kind = :kind OR :kind = '')
        ORDER BY i.id
        LIMIT :limit
        """,
        actor_id=actor.id,
        kind=kind,
        after=after,
        limit=limit,
    )


async def counts(db: Database, actor: Actor) -> dict[str, int]:
    """How many of each kind wait for `actor`."""
    found = await rows(
        db,
        f"""
        SELECT i.kind, count(*) AS waiting
        FROM queue_item i LEFT JOIN category c ON c.id = i.category_id {READER}
        WHERE i.decided_at IS NULL AND {MINE}
        GROUP BY i.kind
        """,
        actor_id=actor.id,
    )
    return {row["kind"]: row["waiting"] for row in found}


async def histories(db: Database, actor: Actor, member_ids: Sequence[int]) -> dict[int, History]:
    """What staff know of these members, counted only in the categories `actor` moderates."""
    found = await many(
        db,
        History,
        f"""
        WITH own AS MATERIALIZED (SELECT c.id FROM category c {READER} WHERE {MODERATED})
        SELECT m.id AS member_id, m.created_at AS joined_at,
               (SELECT count(*) FROM post p JOIN thread t ON t.id = p.thread_id
                WHERE p.author_id = m.id AND p.deleted_at IS NULL AND t.deleted_at IS NULL
                      AND t.category_id IN (SELECT own.id FROM own)) AS posts,
               (SELECT count(*) FROM queue_item i
                WHERE i.author_id = m.id AND i.kind = 'flag' AND i.verdict = 'hidden'
                      AND i.category_id IN (SELECT own.id FROM own)) AS hidden,
               (SELECT count(*) FROM queue_item i
                WHERE i.author_id = m.id AND i.kind = 'hold' AND i.verdict = 'not published'
                      AND i.category_id IN (SELECT own.id FROM own)) AS refused,
               (SELECT count(*) FROM audit_entry e
                WHERE e.subject_kind = 'member' AND e.subject_id = m.id AND e.act = 'member.silenced'
                      AND (e.category_id IN (SELECT own.id FROM own) OR CAST(:is_admin AS boolean))) AS silences
        FROM member m
        WHERE m.id = ANY(CAST(:member_ids AS bigint[]))
        """,
        member_ids=list(member_ids),
        is_admin=actor.is_admin,
        actor_id=actor.id,
    )
    return {history.member_id: history for history in found}


async def reasons(db: Database) -> list[ReasonTemplate]:
    """The templates of reasons, by name."""
    return await many(
        db, ReasonTemplate, "SELECT s.id, s.name, s.letter FROM reason_template s ORDER BY s.name, s.id LIMIT 100"
    )


async def reason(db: Database, reason_id: int) -> ReasonTemplate | None:
    """One template."""
    return await first(
        db,
        ReasonTemplate,
        "SELECT s.id, s.name, s.letter FROM reason_template s WHERE s.id = :reason_id",
        reason_id=reason_id,
    )


NOTE_SQL = f"""
    SELECT n.id, n.body, w.name AS author_name, n.author_id, c.name AS category_name, n.created_at
    FROM staff_note n
    LEFT JOIN member w ON w.id = n.author_id
    LEFT JOIN category c ON c.id = n.category_id
    {READER}
    WHERE {MODERATED}
"""


async def notes(db: Database, actor: Actor, member_id: int) -> list[StaffNote]:
    """What staff wrote about a member: administrators see all, moderators what is for their categories."""
    return await many(
        db,
        StaffNote,
        f"{NOTE_SQL} AND n.member_id = :member_id ORDER BY n.id DESC LIMIT 100",
        member_id=member_id,
        actor_id=actor.id,
    )


async def note(db: Database, actor: Actor, note_id: int) -> StaffNote:
    """One staff note. Raises NotFound when it is not for `actor`."""
    return await one(db, StaffNote, f"{NOTE_SQL} AND n.id = :note_id", note_id=note_id, actor_id=actor.id)
