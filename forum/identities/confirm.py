"""Showing again who one is by a mailed link, and what is done for somebody who has lost their keys."""

from forum.audit.commands import record
from forum.audit.types import Act
from forum.identities import codes, key_queries, passkeys
from forum.identities.policy import may_reset_keys
from forum.kit import limits, outbox
from forum.kit.db import Database
from forum.kit.errors import Forbidden
from forum.members import queries, sign_in
from forum.members.types import Actor

MAILS = 3
MAILS_SECONDS = 900


async def request_link(db: Database, actor: Actor, next_path: str) -> None:
    """Have a link mailed that only this session can use. Raises Forbidden, and TooMany after three in a while."""
    if actor.id is None or actor.session_id is None:
        raise Forbidden("Sign in first.")
    if not await queries.mail_address(db, actor.id):
        raise Forbidden("There is no verified address to email a link to. Use a passkey, or a code.")
    await limits.count(db, f"confirm {actor.id}", most=MAILS, seconds=MAILS_SECONDS)
    async with db.transaction():
        await outbox.emit(db, "confirmation.requested", session_id=actor.session_id, next_path=next_path)


async def reset_second_factors(db: Database, actor: Actor | None, member_id: int) -> None:
    """Take passkeys, app codes and recovery codes from a member who lost them, and end their sessions.

    actor: an administrator; None for the command line. The member hears of it by mail. Raises Forbidden, also where
    a passkey is their only way in; NotFound.
    """
    if actor is not None:
        may_reset_keys(actor, member_id).require()
    async with db.transaction():
        await queries.hold(db, member_id)
        ways = await key_queries.ways(db, member_id)
        if ways.count == ways.passkeys:
            raise Forbidden("They could not sign in without their passkeys. Give them an address first.")
        removed = await passkeys.remove_all(db, member_id)
        had_codes = await codes.remove_all(db, member_id)
        await sign_in.end_sessions_of(db, member_id)
        act = Act(
            "keys.reset", "member", member_id, before={"passkeys": removed, "codes": had_codes}, after={"passkeys": 0}
        )
        await record(db, actor.id if actor else None, act)
        await outbox.emit(db, "keys.changed", member_id=member_id, change="reset")
