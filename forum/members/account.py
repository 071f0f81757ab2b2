"""What the members room holds of one member: exported, handed over to another account, forgotten."""

from collections.abc import Mapping
from dataclasses import asdict

from forum.kit.db import Database, rows, run
from forum.kit.holdings import Holding, Rows
from forum.members import queries
from forum.members.types import Actor

FORMER = "Former member"
OWN_ADDRESSES = "(SELECT e.address FROM member_email e WHERE e.member_id = :member_id)"
FORGOTTEN = (
    f"DELETE FROM join_request WHERE address IN {OWN_ADDRESSES}",
    f"DELETE FROM invitation WHERE address IN {OWN_ADDRESSES}",
    f"DELETE FROM invitation_row WHERE address IN {OWN_ADDRESSES}",
    f"DELETE FROM sign_in_request WHERE address IN {OWN_ADDRESSES}",
    f"DELETE FROM mailed_link WHERE address IN {OWN_ADDRESSES} OR member_id = :member_id",
    "DELETE FROM member_email WHERE member_id = :member_id",
)


async def export(db: Database, actor: Actor) -> Mapping[str, Rows]:
    """Profile, addresses, groups and open sessions."""
    person = asdict(await queries.person(db, actor.handle, actor))
    addresses = await rows(
        db,
        "SELECT e.address, e.verified_at FROM member_email e WHERE e.member_id = :member_id ORDER BY e.address",
        member_id=actor.id,
    )
    groups = await rows(
        db,
        """
        SELECT g.name FROM group_member x JOIN member_group g ON g.id = x.group_id
        WHERE x.member_id = :member_id ORDER BY g.name, g.id
        """,
        member_id=actor.id,
    )
    sessions = [asdict(session) for session in await queries.open_sessions(db, actor)]
    return {"profile": [person], "addresses": addresses, "groups": groups, "sessions": sessions}


# The mail of the account that stays goes on to where it went, also if nobody has chosen that.
STAYS_SQL = """
    UPDATE member_email x
    SET is_primary = true
    FROM (
        SELECT e.address FROM member_email e
        WHERE e.member_id = :into_id AND e.verified_at IS NOT NULL
        ORDER BY e.is_primary DESC, e.verified_at, e.address
        LIMIT 1
    ) y
    WHERE x.address = y.address
"""


async def hand_over(db: Database, from_id: int, into_id: int) -> None:
    """Addresses, groups and silences go to the other account; a role does not: it was given to that account alone."""
    await run(db, STAYS_SQL, into_id=into_id)
    for statement in (
        "UPDATE member_email SET member_id = :into_id, is_primary = false WHERE member_id = :from_id",
        """
        INSERT INTO group_member (group_id, member_id)
        SELECT x.group_id, :into_id FROM group_member x WHERE x.member_id = :from_id
        ON CONFLICT DO NOTHING
        """,
        """
        INSERT INTO silence (member_id, category_id, until, reason, created_by)
        SELECT :into_id, y.category_id, y.until, y.reason, y.created_by FROM silence y WHERE y.member_id = :from_id
        ON CONFLICT (member_id, coalesce(category_id, 0)) DO UPDATE SET until = greatest(silence.until, excluded.until)
        """,
    ):
        await run(db, statement, from_id=from_id, into_id=into_id)
    await _close(db, from_id, into_id)


async def forget(db: Database, member_id: int, removes: bool) -> None:
    """No name, no address, no way in; what refers to the member finds a former member."""
    for statement in FORGOTTEN:
        await run(db, statement, member_id=member_id)
    await _close(db, member_id, None)


async def _close(db: Database, member_id: int, merged_into: int | None) -> None:
    for statement in (
        "DELETE FROM group_member WHERE member_id = :member_id",
        "DELETE FROM silence WHERE member_id = :member_id",
        "DELETE FROM member_privacy WHERE member_id = :member_id",
        "DELETE FROM session WHERE member_id = :member_id",
    ):
        await run(db, statement, member_id=member_id)
    await run(
        db,
        """
        UPDATE member
        SET state = 'deleted', name = :name, handle = 'former-' || id, title = '', about = '', district_id = NULL,
            role = 'member', merged_into = :merged_into
        WHERE id = :member_id
        """,
        name=FORMER,
        merged_into=merged_into,
        member_id=member_id,
    )


HOLDING = Holding("members", export, hand_over, forget)
