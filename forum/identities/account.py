"""What the identities room holds of one member: linked accounts, passkeys, codes."""

from collections.abc import Mapping

from forum.kit.db import Database, rows, run
from forum.kit.holdings import Holding, Rows
from forum.members.types import Actor

IDENTITIES_SQL = """
    SELECT i.provider, i.issuer, i.subject, i.label, i.created_at, i.last_used_at
    FROM identity i WHERE i.member_id = :member_id ORDER BY i.id
"""
PASSKEYS_SQL = """
    SELECT k.name, k.created_at, k.last_used_at FROM passkey k WHERE k.member_id = :member_id ORDER BY k.id
"""
FORGOTTEN = (
    "DELETE FROM identity WHERE member_id = :member_id",
    "DELETE FROM passkey WHERE member_id = :member_id",
    "DELETE FROM code_secret WHERE member_id = :member_id",
    "DELETE FROM recovery_code WHERE member_id = :member_id",
    "DELETE FROM oidc_attempt WHERE member_id = :member_id",
    "DELETE FROM address_request WHERE member_id = :member_id",
    "DELETE FROM address_notice WHERE member_id = :member_id",
)


async def export(db: Database, actor: Actor) -> Mapping[str, Rows]:
    """Linked accounts, and the names of passkeys; no secret leaves the forum."""
    identities = await rows(db, IDENTITIES_SQL, member_id=actor.id)
    return {"identities": identities, "passkeys": await rows(db, PASSKEYS_SQL, member_id=actor.id)}


async def hand_over(db: Database, from_id: int, into_id: int) -> None:
    """Linked accounts sign in to the other one then; passkeys and codes were made for this one, and end with it."""
    await run(
        db, "UPDATE identity SET member_id = :into_id WHERE member_id = :from_id", into_id=into_id, from_id=from_id
    )
    await forget(db, from_id, removes=True)


async def forget(db: Database, member_id: int, removes: bool) -> None:
    """No way in is left."""
    for statement in FORGOTTEN:
        await run(db, statement, member_id=member_id)


HOLDING = Holding("identities", export, hand_over, forget)
