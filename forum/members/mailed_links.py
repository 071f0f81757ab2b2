"""Using mailed links up, and those that only one member may use, while signed in."""

from forum.kit.db import Database, run, value
from forum.kit.errors import NotFound
from forum.kit.tokens import digest


async def own_address(db: Database, token: str, purpose: str, member_id: int | None) -> str:
    """The address that a link for this member alone was mailed to, if it may still be used. Raises NotFound."""
    found: str | None = await value(
        db,
        """
        SELECT l.address FROM mailed_link l
        WHERE l.token_hash = :token_hash AND l.purpose = :purpose AND l.member_id = :member_id
          AND l.used_at IS NULL AND l.expires_at > now()
        """,
        token_hash=digest(token),
        purpose=purpose,
        member_id=member_id,
    )
    if found is None:
        raise NotFound
    return found


async def spend(db: Database, token: str) -> None:
    """Within a transaction: the link is used. Raises NotFound when somebody was faster."""
    used = await run(
        db,
        "UPDATE mailed_link SET used_at = now() WHERE token_hash = :token_hash AND used_at IS NULL",
        token_hash=digest(token),
    )
    if not used:
        raise NotFound
