"""What somebody may do in each category: asked of the very SQL and policy that decide it everywhere else."""

from dataclasses import dataclass

from forum.categories.policy import MODERATED, READABLE, READER, SEEN, may_act, may_start
from forum.categories.queries import IN_ORDER, ROOM_COLUMNS
from forum.categories.types import Room, readers
from forum.kit.db import Database, Row, rows, shaped, value
from forum.kit.errors import YES, Verdict
from forum.members import queries as members
from forum.members.types import GUEST, Actor

# In place of READER: nobody in particular, with a role, in no group, moderating nothing.
STAND_IN = "CROSS JOIN (SELECT CAST(0 AS bigint) AS id, CAST(:role AS text) AS role) r"
COLUMNS = f"""
    SELECT {ROOM_COLUMNS}, c.read_by, c.is_hidden, {SEEN} AS is_seen, {READABLE} AS is_readable,
           coalesce({MODERATED}, false) AS is_moderated
    FROM category c
    LEFT JOIN category u ON u.id = c.parent_id
"""
HIDDEN = Verdict("It is hidden from everybody.")


@dataclass(frozen=True)
class Outlook:
    """What somebody may do in a category, and else why not."""

    room: Room
    seeing: Verdict
    reading: Verdict
    replying: Verdict
    starting: Verdict
    moderating: Verdict


async def somebody(db: Database, role: str, handle: str = "") -> Actor:
    """The active member with that handle as an Actor; without one, anybody of the role. Raises NotFound."""
    if handle:
        member_id = await value(db, "SELECT m.id FROM member m WHERE m.handle = :handle", handle=handle)
        return await members.actor(db, member_id or 0)
    return GUEST if role == "guest" else Actor(0, role=role)


async def outlooks(db: Database, actor: Actor) -> list[Outlook]:
    """What `actor` may do in every category. Somebody with the id 0 stands for anybody of their role."""
    if actor.id == 0:
        found = await rows(db, f"{COLUMNS} {STAND_IN} {IN_ORDER}", role=actor.role)
    else:
        found = await rows(db, f"{COLUMNS} {READER} {IN_ORDER}", actor_id=actor.id)
    return [_outlook(actor, dict(row)) for row in found]


def _outlook(actor: Actor, row: Row) -> Outlook:
    columns = dict(row)
    read_by, is_hidden = columns.pop("read_by"), columns.pop("is_hidden")
    is_seen, is_readable, is_moderated = (columns.pop(f"is_{name}") for name in ("seen", "readable", "moderated"))
    room = shaped(Room, columns)
    refusal = HIDDEN if is_hidden else Verdict(readers(read_by, lets_vendors_in=room.lets_vendors_in))
    reading = YES if is_readable else refusal
    return Outlook(
        room=room,
        seeing=YES if is_seen or is_readable else refusal,
        reading=reading,
        replying=may_act(actor, room.replying, "reply") if is_readable else reading,
        starting=may_start(actor, room) if is_readable else reading,
        moderating=YES if is_moderated else Verdict("Its moderators and administrators moderate it."),
    )
