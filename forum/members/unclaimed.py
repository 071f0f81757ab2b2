"""Members who have not come yet: authors of old mails, waiting to be claimed by signing in with their address."""

from collections.abc import Sequence
from dataclasses import dataclass

from forum.kit.db import Database, rows, run
from forum.kit.errors import Invalid
from forum.members.address import canonical
from forum.members.handles import free_handles, wait_for_turn


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody known by name only; address may be "", key tells people of one name apart."""

    key: str
    name: str
    address: str


async def add_unclaimed(db: Database, people: Sequence[Stranger]) -> dict[str, int]:
    """The member of each key: whoever owns the address already, else a new unclaimed member with it, unverified."""
    addresses = {each.key: _address(each) for each in people}
    async with db.transaction():
        await wait_for_turn(db)
        owners = await _owners(db, [address for address in addresses.values() if address])
        members = {key: owners[address] for key, address in addresses.items() if address in owners}
        strangers = [each for each in people if each.key not in members]
        members |= await _insert(db, strangers)
        owned = [each.key for each in strangers if addresses[each.key]]
        await _give_addresses(db, [addresses[key] for key in owned], [members[key] for key in owned])
    return members


def _address(person: Stranger) -> str:
    try:
        return canonical(person.address) if person.address else ""
    except Invalid:
        return ""


async def _owners(db: Database, addresses: list[str]) -> dict[str, int]:
    found = await rows(
        db,
        "SELECT e.address, e.member_id FROM member_email e WHERE e.address = ANY(CAST(:addresses AS text[]))",
        addresses=addresses,
    )
    return {row["address"]: row["member_id"] for row in found}


async def _insert(db: Database, people: Sequence[Stranger]) -> dict[str, int]:
    """The new member of each key."""
    handles = await free_handles(db, [each.name for each in people])
    added = await rows(
        db,
        """
        INSERT INTO member (handle, name, state)
        SELECT n.handle, n.name, 'unclaimed'
        FROM unnest(CAST(:handles AS text[]), CAST(:names AS text[])) n (handle, name)
        RETURNING id, handle
        """,
        handles=handles,
        names=[each.name for each in people],
    )
    ids = {row["handle"]: row["id"] for row in added}
    return {each.key: ids[handle] for each, handle in zip(people, handles, strict=True)}


async def _give_addresses(db: Database, addresses: list[str], member_ids: list[int]) -> None:
    await run(
        db,
        """
        INSERT INTO member_email (address, member_id)
        SELECT n.address, n.member_id
        FROM unnest(CAST(:addresses AS text[]), CAST(:member_ids AS bigint[])) n (address, member_id)
        ON CONFLICT DO NOTHING
        """,
        addresses=addresses,
        member_ids=member_ids,
    )
