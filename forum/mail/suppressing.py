"""Addresses that nothing is mailed to any more. Links to sign in are mailed all the same. Owns mail_suppression."""

from collections.abc import Sequence

from forum.audit.commands import record
from forum.audit.types import THE_SITE, Act
from forum.kit.db import Database, rows, run
from forum.kit.errors import Invalid
from forum.mail.policy import may_run_mail
from forum.mail.queries import recipients
from forum.mail.types import NO_ADDRESS_OF_YOURS
from forum.members.address import canonical
from forum.members.types import Actor

LEFT_ALONE = (
    "Your address gets no more email: a mail server refused it, or an administrator stopped it. "
    "Ask an administrator to start it again."
)


async def suppressed(db: Database, addresses: Sequence[str]) -> set[str]:
    """Those of some addresses that nothing is mailed to."""
    found = await rows(
        db,
        "SELECT s.address FROM mail_suppression s WHERE s.address = ANY(CAST(:addresses AS text[]))",
        addresses=list(addresses),
    )
    return {row["address"] for row in found}


async def unreached(db: Database, actor: Actor) -> str:
    """Why no mail reaches `actor`, in a sentence to them; "" where it does."""
    person = (await recipients(db, [actor.id or 0])).get(actor.id or 0)
    if person is None:
        return NO_ADDRESS_OF_YOURS
    return LEFT_ALONE if await suppressed(db, [person.address]) else ""


async def suppress(db: Database, address: str, reason: str, by: int | None = None) -> bool:
    """Mail nothing more to an address; twice is once. Returns whether it is new.

    reason: "refused", "complained", "asked" or "staff".
    """
    return bool(
        await run(
            db,
            """
            INSERT INTO mail_suppression (address, reason, created_by) VALUES (:address, :reason, :by)
            ON CONFLICT DO NOTHING
            """,
            address=address,
            reason=reason,
            by=by,
        )
    )


async def add(db: Database, actor: Actor, text: str) -> None:
    """An administrator stops mails to an address. Raises Forbidden, Invalid."""
    may_run_mail(actor).require()
    address = canonical(text)
    async with db.transaction():
        if not await suppress(db, address, "staff", actor.id):
            raise Invalid(address="This address already gets no email.")
        await record(db, actor.id, Act("address.suppressed", "site", THE_SITE))


async def let_in(db: Database, actor: Actor, text: str) -> None:
    """An administrator has mails go to an address again. Raises Forbidden; Invalid, too, where it was not stopped."""
    may_run_mail(actor).require()
    address = canonical(text)
    async with db.transaction():
        if not await run(db, "DELETE FROM mail_suppression WHERE address = :address", address=address):
            raise Invalid(address="Email to this address was not stopped, so nothing was changed.")
        await record(db, actor.id, Act("address.let_in", "site", THE_SITE))
