"""Undo: for ten seconds, whoever acted as staff takes the act back as if it had not been."""

from collections.abc import Awaitable, Callable, Mapping

from forum.audit import commands as audit
from forum.audit.queries import ENTRY_SQL, entry
from forum.audit.types import Act, Entry
from forum.kit.db import Database, one, value
from forum.kit.errors import Invalid, NotFound
from forum.members import sanctions
from forum.members.types import Actor
from forum.moderation import flags, holds, policy, queue
from forum.threads import delete, merge, move, split, state

SECONDS = 15  # the button is there for ten; the others are for the way
TOO_LATE = "Undo works for ten seconds. Take it back by hand: what you did is in the log."
ONCE = "It is undone already."

Reversal = Callable[[Database, Actor, Entry], Awaitable[str]]


async def undo(db: Database, actor: Actor, entry_id: int) -> str:
    """Take an act of one's own back. Returns the path to look at, "" where one was.

    What a decision of the queue was, waits there again. Raises NotFound for what is not `actor`'s to undo, Invalid
    when it is too late or something changed since, Forbidden when the right is gone.
    """
    async with db.transaction():
        found = await one(db, Entry, f"{ENTRY_SQL} WHERE e.id = :entry_id FOR NO KEY UPDATE OF e", entry_id=entry_id)
        if actor.is_guest or found.actor_id != actor.id or found.act not in REVERSALS:
            raise NotFound
        policy.may_undo(actor, found).require()
        if not await _is_fresh(db, entry_id):
            raise Invalid(undo=TOO_LATE)
        if await _is_undone(db, entry_id):
            raise Invalid(undo=ONCE)
        path = await REVERSALS[found.act](db, actor, found)
        await audit.record(db, actor.id, _undoing(found))
        await queue.reopen(db, entry_id)
    return path


async def _undo_batch(db: Database, actor: Actor, batch: Entry) -> str:
    for entry_id in reversed(batch.after["entries"]):
        each = await entry(db, entry_id)
        await REVERSALS[each.act](db, actor, each)
        await queue.reopen(db, entry_id)
    return ""


async def _unsilence(db: Database, actor: Actor, found: Entry) -> str:
    await sanctions.unsilence(db, actor, found.subject_id, category_id=found.category_id)
    return ""


async def _unsuspend(db: Database, actor: Actor, found: Entry) -> str:
    await sanctions.unsuspend(db, actor, found.subject_id)
    return ""


REVERSALS: Mapping[str, Reversal] = {
    **dict.fromkeys(
        (
            "thread.locked",
            "thread.unlocked",
            "thread.pinned",
            "thread.unpinned",
            "thread.slowed",
            "thread.duplicate",
            "thread.reopened",
            "thread.vendors_kept_out",
            "thread.vendors_let_in",
        ),
        state.undo,
    ),
    "thread.moved": move.undo,
    "thread.split": split.undo,
    "thread.merged": merge.undo,
    "thread.hidden": delete.undo,
    "post.hidden": delete.undo,
    "thread.batch": _undo_batch,
    "flag.kept": flags.undo,
    "hold.refused": holds.undo,
    "member.silenced": _unsilence,
    "member.suspended": _unsuspend,
}


def _undoing(found: Entry) -> Act:
    return Act(
        name="act.undone",
        subject_kind=found.subject_kind,
        subject_id=found.subject_id,
        category_id=found.category_id,
        before={"entry_id": found.id, "act": found.act},
        is_public=found.is_public,
    )


async def _is_fresh(db: Database, entry_id: int) -> bool:
    found: bool = await value(
        db,
        """
        SELECT e.created_at > clock_timestamp() - :seconds * interval '1 second' FROM audit_entry e
        WHERE e.id = :entry_id
        """,
        seconds=float(SECONDS),
        entry_id=entry_id,
    )
    return found


async def _is_undone(db: Database, entry_id: int) -> bool:
    found: bool = await value(
        db,
        """
        SELECT EXISTS (
            SELECT 1 FROM audit_entry e
            JOIN audit_entry o ON o.id = :entry_id
            WHERE e.act = 'act.undone' AND e.subject_kind = o.subject_kind AND e.subject_id = o.subject_id
              AND CAST(e.before ->> 'entry_id' AS bigint) = :entry_id
        )
        """,
        entry_id=entry_id,
    )
    return found
