"""Inviting many at once from a list, sending what is confirmed bit by bit, and taking invitations back."""

import asyncio

from forum.audit.commands import record
from forum.audit.types import Act
from forum.districts.queries import districts, domain_book
from forum.kit import outbox
from forum.kit.db import Database, copy, many, run, value
from forum.kit.errors import NotFound
from forum.members import joining
from forum.members.invitation_lists import read_list
from forum.members.policy import may_invite
from forum.members.queries import OPEN_INVITATION
from forum.members.types import Actor, WaitingRow

MAILS_A_MINUTE = 100


async def lay_out(db: Database, actor: Actor, text: str) -> int:
    """Read a list and keep it for a look before anything is sent. Returns its id. Raises Forbidden, Invalid."""
    may_invite(actor).require()
    names = {district.name.lower(): district.id for district in await districts(db)}
    found = await asyncio.to_thread(read_list, text, await domain_book(db), names)
    async with db.transaction():
        list_id: int = await value(
            db, "INSERT INTO invitation_list (created_by) VALUES (:actor_id) RETURNING id", actor_id=actor.id
        )
        await copy(
            db,
            "invitation_row",
            ("list_id", "line", "status", "problem", "address", "name", "title", "district_id"),
            [
                (list_id, row.line, row.status, row.problem, row.address, row.name, row.title, row.district_id)
                for row in found
            ],
        )
        await _mark_known(db, list_id)
    return list_id


async def _mark_known(db: Database, list_id: int) -> None:
    await run(
        db,
        """
        UPDATE invitation_row w SET status = 'member'
        FROM member_email e JOIN member m ON m.id = e.member_id
        WHERE w.list_id = :list_id AND w.status = 'new' AND e.address = w.address AND m.state <> 'unclaimed'
        """,
        list_id=list_id,
    )
    await run(
        db,
        f"""
        UPDATE invitation_row w SET status = 'invited'
        FROM invitation i
        WHERE w.list_id = :list_id AND w.status = 'new' AND i.address = w.address AND {OPEN_INVITATION}
        """,
        list_id=list_id,
    )


async def confirm(db: Database, actor: Actor, list_id: int) -> None:
    """Have the good rows of one's list sent; a second time changes nothing. Raises Forbidden, NotFound."""
    may_invite(actor).require()
    async with db.transaction():
        confirmed = await run(
            db,
            """
            UPDATE invitation_list SET confirmed_at = now()
            WHERE id = :list_id AND created_by = :actor_id AND confirmed_at IS NULL
            """,
            list_id=list_id,
            actor_id=actor.id,
        )
        if not confirmed:
            await _require_list(db, actor, list_id)
            return
        count = await value(
            db,
            "SELECT count(*) FROM invitation_row w WHERE w.list_id = :list_id AND w.status = 'new'",
            list_id=list_id,
        )
        await record(db, actor.id, Act("invitation_list.sent", "invitation_list", list_id, after={"people": count}))
        await outbox.emit(db, "invitations.confirmed", list_id=list_id)


async def _require_list(db: Database, actor: Actor, list_id: int) -> None:
    found = await value(
        db,
        "SELECT l.id FROM invitation_list l WHERE l.id = :list_id AND l.created_by = :actor_id",
        list_id=list_id,
        actor_id=actor.id,
    )
    if not found:
        raise NotFound


async def send_waiting(db: Database) -> int:
    """Invite the next people of confirmed lists, at most 100 in any minute. Returns how many rows are done.

    Whoever has become a member meanwhile is passed over, and so are lists of those who are no administrators any more.
    """
    async with db.transaction():
        await run(db, "SELECT pg_advisory_xact_lock(hashtext('invitation.sending'))")
        sent = await value(db, "SELECT count(*) FROM invitation_row w WHERE w.sent_at > now() - interval '1 minute'")
        waiting = await many(
            db,
            WaitingRow,
            """
            SELECT w.list_id, w.line, w.address, w.name, w.title, w.district_id, l.created_by AS inviter_id
            FROM invitation_row w
            JOIN invitation_list l ON l.id = w.list_id
            JOIN member m ON m.id = l.created_by AND m.role = 'admin' AND m.state = 'active'
            WHERE w.status = 'new' AND w.sent_at IS NULL AND l.confirmed_at IS NOT NULL
            ORDER BY w.list_id, w.line
            LIMIT :most
            """,
            most=max(0, MAILS_A_MINUTE - sent),
        )
        for row in waiting:
            await _send(db, row)
    return len(waiting)


async def _send(db: Database, row: WaitingRow) -> None:
    await joining.send_invitation(db, row)
    await run(
        db,
        "UPDATE invitation_row SET sent_at = now() WHERE list_id = :list_id AND line = :line",
        list_id=row.list_id,
        line=row.line,
    )


async def resend(db: Database, actor: Actor, invitation_id: int) -> None:
    """Mail an invitation once more; its 14 days begin anew. Raises Forbidden, NotFound."""
    may_invite(actor).require()
    async with db.transaction():
        renewed = await run(
            db,
            "UPDATE invitation SET created_at = now() WHERE id = :invitation_id AND accepted_at IS NULL",
            invitation_id=invitation_id,
        )
        if not renewed:
            raise NotFound
        await outbox.emit(db, "member.invited", invitation_id=invitation_id)


async def withdraw(db: Database, actor: Actor, invitation_id: int) -> None:
    """Take an invitation back: its links work no more. Raises Forbidden, NotFound, also when it was accepted."""
    may_invite(actor).require()
    async with db.transaction():
        await run(  # links before the invitation: in the order in which joining takes them
            db,
            """
            UPDATE mailed_link SET used_at = now()
            WHERE purpose = 'join' AND used_at IS NULL
              AND address = (SELECT i.address FROM invitation i WHERE i.id = :invitation_id)
            """,
            invitation_id=invitation_id,
        )
        withdrawn = await run(
            db,
            "DELETE FROM invitation WHERE id = :invitation_id AND accepted_at IS NULL",
            invitation_id=invitation_id,
        )
        if not withdrawn:
            raise NotFound
        await record(db, actor.id, Act("invitation.withdrawn", "invitation", invitation_id))


async def forget_lists(db: Database) -> None:
    """Drop lists nobody confirmed within a day, and those that were sent more than 14 days ago."""
    await run(
        db,
        """
        DELETE FROM invitation_list
        WHERE confirmed_at IS NULL AND created_at < now() - interval '1 day'
           OR confirmed_at < now() - interval '14 days'
        """,
    )
