"""Mails to every address of a member: a way into their account has changed. Owns address_notice."""

from collections.abc import Iterable

from forum.kit import outbox
from forum.kit.db import Database, run, value
from forum.members.addresses import own_addresses

HAPPENED = {
    "address-added": "An email address was added to your account.",
    "address-removed": "An email address was removed from your account.",
    "address-chosen": "Email for your account goes to another address from now on.",
    "identity-linked": "Your account can be opened by signing in elsewhere from now on.",
    "identity-unlinked": "A way to open your account by signing in elsewhere was removed.",
}


async def tell(db: Database, member_id: int, happened: str, *, beside: Iterable[str] = (), but: str = "") -> None:
    """Within the transaction of what happened: a mail to each address of the member, and to those `beside`.

    happened: a key of HAPPENED. but: the address that need not be told.
    """
    found = {each.address for each in await own_addresses(db, member_id)} | set(beside)
    for address in sorted(found - {but}):
        notice_id = await value(
            db,
            """
            INSERT INTO address_notice (member_id, address, happened) VALUES (:member_id, :address, :happened)
            RETURNING id
            """,
            member_id=member_id,
            address=address,
            happened=happened,
        )
        await outbox.emit(db, "ways_in.changed", notice_id=notice_id)


async def forget_notice(db: Database, notice_id: int) -> None:
    """It has been mailed."""
    await run(db, "DELETE FROM address_notice WHERE id = :notice_id", notice_id=notice_id)


async def forget_old_notices(db: Database) -> None:
    """Drop those that could not be mailed for a month."""
    await run(db, "DELETE FROM address_notice WHERE created_at < now() - interval '30 days'")
