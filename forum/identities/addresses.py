"""A member's own mail addresses: asking to add one, confirming it, removing, choosing. Owns address_request."""

from forum.audit.commands import record
from forum.audit.types import Act
from forum.identities import key_queries, notices
from forum.identities.policy import may_have_keys, require_for_keys
from forum.kit import limits, outbox
from forum.kit.db import Database, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members import addresses, sign_in
from forum.members.address import canonical
from forum.members.types import Actor

MOST_ADDRESSES = 10
ASKED_AN_HOUR = 5


async def ask(db: Database, actor: Actor, text: str) -> None:
    """Have a link mailed to an address the actor wants to add; whether somebody here has it is not told.

    Raises Unconfirmed, Invalid, TooMany after five in an hour.
    """
    require_for_keys(actor, await key_queries.keys(db, actor))
    address = canonical(text)
    own = [each.address for each in await addresses.own_addresses(db, actor.id or 0)]
    if address in own:
        raise Invalid(address="You have this address already.")
    if len(own) >= MOST_ADDRESSES:
        raise Invalid(address=f"You have {MOST_ADDRESSES} addresses, which is the most. Remove one you do not use.")
    await limits.count(db, f"address {actor.id}", most=ASKED_AN_HOUR, seconds=3600)
    async with db.transaction():
        request_id = await value(
            db,
            "INSERT INTO address_request (member_id, address) VALUES (:member_id, :address) RETURNING id",
            member_id=actor.id,
            address=address,
        )
        await outbox.emit(db, "address.asked", request_id=request_id)


async def confirm(db: Database, actor: Actor, token: str) -> None:
    """Add the address whose mailed link this is. The addresses before it are told. Raises NotFound, Invalid."""
    may_have_keys(actor).require()
    member_id = actor.id or 0
    async with db.transaction():
        address = await addresses.use_address_link(db, token, member_id)
        await record(db, member_id, Act("address.added", "member", member_id))
        await notices.tell(db, member_id, "address-added", but=address)


async def remove(db: Database, actor: Actor, address: str) -> None:
    """It is the actor's no more, and all other sessions end. It and those that stay are told. Twice is once.

    Raises Unconfirmed, Forbidden for the last address.
    """
    require_for_keys(actor, await key_queries.keys(db, actor))
    member_id = actor.id or 0
    async with db.transaction():
        own = await addresses.lock_addresses(db, member_id)
        if address not in own:
            return
        if len(own) == 1:
            raise Forbidden("This is your last address, and the forum writes to it. Add another one first.")
        await addresses.remove_address(db, member_id, address)
        entry_id = await record(db, member_id, Act("address.removed", "member", member_id))
        if address == own[0]:  # nothing of what members follow was mailed to another
            await outbox.emit(db, "address.left", entry_id=entry_id)
        await notices.tell(db, member_id, "address-removed", beside=[address])
        await sign_in.end_other_sessions(db, actor)


async def choose(db: Database, actor: Actor, address: str) -> None:
    """The forum's mail goes there from now on, and all other sessions end. Raises Unconfirmed, NotFound."""
    require_for_keys(actor, await key_queries.keys(db, actor))
    member_id = actor.id or 0
    async with db.transaction():
        own = await addresses.lock_addresses(db, member_id)
        if not own or address not in own:
            raise NotFound
        is_new = await addresses.choose_address(db, member_id, address)
        if is_new and own[0] != address:
            entry_id = await record(db, member_id, Act("address.chosen", "member", member_id))
            await outbox.emit(db, "address.left", entry_id=entry_id)
            await notices.tell(db, member_id, "address-chosen")
            await sign_in.end_other_sessions(db, actor)


async def forget_requests(db: Database) -> None:
    """Drop what was asked a day ago."""
    await run(db, "DELETE FROM address_request WHERE created_at < now() - interval '1 day'")
