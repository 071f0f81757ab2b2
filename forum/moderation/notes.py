"""Staff notes about members: written and thrown away; each act stands in the log without the words."""

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.kit.db import Database, rows, value
from forum.kit.errors import Invalid, NotFound
from forum.kit.text import has_words
from forum.members.policy import require_staff
from forum.members.types import Actor
from forum.moderation import policy, queries
from forum.moderation.types import MAX_STAFF_NOTE


async def write_note(db: Database, actor: Actor, member_id: int, category_id: int | None, body: str) -> None:
    """A note about a member for the staff of a category, or with None for administrators. Raises Invalid, Forbidden."""
    require_staff(actor)
    policy.may_note(actor, category_id).require()
    if not has_words(body) or len(body) > MAX_STAFF_NOTE:
        raise Invalid(body=f"Write something, at most {MAX_STAFF_NOTE} characters; this has {len(body)}.")
    if category_id and not await value(db, "SELECT true FROM category c WHERE c.id = :id", id=category_id):
        raise Invalid(category_id="Choose one of the categories offered.")
    async with db.transaction():
        note_id = await value(
            db,
            """
            INSERT INTO staff_note (member_id, category_id, author_id, body)
            VALUES (:member_id, :category_id, :actor_id, :body)
            RETURNING id
            """,
            member_id=member_id,
            category_id=category_id,
            actor_id=actor.id,
            body=body,
        )
        act = Act("note.written", "member", member_id, category_id, after={"note_id": note_id})
        await audit.record(db, actor.id, act)


async def drop_note(db: Database, actor: Actor, member_id: int, note_id: int) -> None:
    """Throw a note about that member away. Raises NotFound, also when somebody was faster; Forbidden."""
    require_staff(actor)
    async with db.transaction():
        note = await queries.note(db, actor, note_id)
        policy.may_drop_note(actor, note.author_id).require()
        gone = await rows(
            db,
            "DELETE FROM staff_note WHERE id = :note_id AND member_id = :member_id RETURNING category_id",
            note_id=note_id,
            member_id=member_id,
        )
        if not gone:
            raise NotFound
        act = Act("note.dropped", "member", member_id, gone[0]["category_id"], before={"note_id": note_id})
        await audit.record(db, actor.id, act)
