"""A member's private address for calendars: made, made anew, and stopped; read by whoever holds it."""

from forum.kit.db import Database, run, value
from forum.kit.errors import NotFound
from forum.kit.tokens import digest, new_token
from forum.members import queries as members
from forum.members.policy import require_recent
from forum.members.types import Actor
from forum.renewals import policy


async def make_feed(db: Database, actor: Actor) -> str:
    """Make an address; the one before is worth nothing then. Returns its token, which nobody can tell again.

    Raises Forbidden, Unconfirmed.
    """
    policy.may_see_renewals(actor).require()
    require_recent(actor)
    token = new_token()
    await run(
        db,
        """
        INSERT INTO contract_feed (member_id, token_hash) VALUES (:member_id, :token_hash)
        ON CONFLICT (member_id) DO UPDATE SET token_hash = excluded.token_hash, created_at = now()
        """,
        member_id=actor.id,
        token_hash=digest(token),
    )
    return token


async def stop_feed(db: Database, actor: Actor) -> None:
    """The address is worth nothing any more."""
    await run(db, "DELETE FROM contract_feed WHERE member_id = :member_id", member_id=actor.id)


async def reader_of(db: Database, token: str) -> Actor:
    """Who made the address with that token, with the rights they have now. Raises NotFound for those who have none."""
    member_id = await value(
        db, "SELECT f.member_id FROM contract_feed f WHERE f.token_hash = :token_hash", token_hash=digest(token)
    )
    if member_id is None:
        raise NotFound
    reader = await members.actor(db, member_id)
    if not policy.may_see_renewals(reader):
        raise NotFound
    return reader
