"""The mail addresses of a member: added by a mailed link, removed, one of them chosen for the forum's mail."""

from collections.abc import Sequence
from dataclasses import dataclass

from forum.kit.db import Database, many, run, value
from forum.kit.errors import Invalid, NotFound
from forum.members import mailed_links
from forum.members.queries import hold

PURPOSE = "address"  # of the mailed link


@dataclass(frozen=True)
class OwnAddress:
    """An address of a member. is_primary: the forum's mail goes there."""

    address: str
    is_primary: bool


async def own_addresses(db: Database, member_id: int) -> Sequence[OwnAddress]:
    """The addresses a member has shown to be theirs; first the one to which mail goes."""
    return await many(
        db,
        OwnAddress,
        """
        SELECT e.address,
               row_number() OVER (ORDER BY e.is_primary DESC, e.verified_at, e.address) = 1 AS is_primary
        FROM member_email e
        WHERE e.member_id = :member_id AND e.verified_at IS NOT NULL
        ORDER BY e.is_primary DESC, e.verified_at, e.address
        """,
        member_id=member_id,
    )


async def use_address_link(db: Database, token: str, member_id: int | None) -> str:
    """Within a transaction: the address is the member's now. Returns it. Raises NotFound, Invalid when it is taken."""
    address = await mailed_links.own_address(db, token, PURPOSE, member_id)
    await mailed_links.spend(db, token)
    added = await run(
        db,
        """
        INSERT INTO member_email (address, member_id, verified_at) VALUES (:address, :member_id, now())
        ON CONFLICT (address) DO UPDATE SET verified_at = coalesce(member_email.verified_at, now())
        WHERE member_email.member_id = excluded.member_id
        """,
        address=address,
        member_id=member_id,
    )
    if not added:
        raise Invalid(address="Another account here has this address. Sign in with it to see that account.")
    await run(
        db,
        "UPDATE invitation SET accepted_at = now() WHERE address = :address AND accepted_at IS NULL",
        address=address,
    )
    return address


async def lock_addresses(db: Database, member_id: int | None) -> Sequence[str]:
    """Within a transaction: the member's shown addresses; nobody else changes their ways in until it ends."""
    await hold(db, member_id)
    return [each.address for each in await own_addresses(db, member_id or 0)]


async def remove_address(db: Database, member_id: int | None, address: str) -> None:
    """Within a transaction: it is the member's no more, and no link that was mailed to it works. Raises NotFound."""
    removed = await run(
        db,
        "DELETE FROM member_email WHERE address = :address AND member_id = :member_id",
        address=address,
        member_id=member_id,
    )
    if not removed:
        raise NotFound
    await run(
        db, "UPDATE mailed_link SET used_at = now() WHERE address = :address AND used_at IS NULL", address=address
    )


async def choose_address(db: Database, member_id: int | None, address: str) -> bool:
    """Within a transaction: mail goes there from now on. Returns whether that is a change. Raises NotFound."""
    is_chosen = await value(
        db,
        """
        SELECT e.is_primary FROM member_email e
        WHERE e.address = :address AND e.member_id = :member_id AND e.verified_at IS NOT NULL
        """,
        address=address,
        member_id=member_id,
    )
    if is_chosen is None:
        raise NotFound
    await run(
        db,
        "UPDATE member_email SET is_primary = false WHERE member_id = :member_id AND is_primary",
        member_id=member_id,
    )
    await run(db, "UPDATE member_email SET is_primary = true WHERE address = :address", address=address)
    return not is_chosen
