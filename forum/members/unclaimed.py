"""Members who have not come yet: authors of old mails, waiting to be claimed by signing in with their address."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from forum.kit.db import Database, rows, run
from forum.kit.errors import Invalid
from forum.members.address import canonical
from forum.members.joining import handle_of

TRIES = 9


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
        await run(db, "SELECT pg_advisory_xact_lock(hashtext('member.handle'))")
        owners = await _owners(db, [address for address in addresses.values() if address])
        members = {key: owners[address] for key, address in addresses.items() if address in owners}
        strangers = [each for each in people if each.key not in members]
        handles = await _free_handles(db, strangers)
        ids = await _insert(db, handles, strangers)
        members |= {each.key: ids[handles[each.key]] for each in strangers}
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


async def _free_handles(db: Database, people: Sequence[Stranger]) -> dict[str, str]:
    """A handle for each key: maya.okafor, maya.okafor2 …, at last one with a piece of the key's hash."""
    choices = {each.key: _choices(each) for each in people}
    found = await rows(
        db,
        "SELECT m.handle FROM member m WHERE m.handle = ANY(CAST(:handles AS text[]))",
        handles=[handle for handles in choices.values() for handle in handles],
    )
    taken = {row["handle"] for row in found}
    chosen = {}
    for key, handles in choices.items():
        chosen[key] = next(handle for handle in handles if handle not in taken)
        taken.add(chosen[key])
    return chosen


def _choices(person: Stranger) -> list[str]:
    stem = handle_of(person.name)
    digest = hashlib.sha256(person.key.encode()).hexdigest()
    numbered = [stem, *(f"{stem}{n}" for n in range(2, TRIES + 1))]
    return [*numbered, f"{stem[:24]}.{digest[:12]}", f"member.{digest[:30]}"]


async def _insert(db: Database, handles: dict[str, str], people: Sequence[Stranger]) -> dict[str, int]:
    added = await rows(
        db,
        """
        INSERT INTO member (handle, name, state)
        SELECT n.handle, n.name, 'unclaimed'
        FROM unnest(CAST(:handles AS text[]), CAST(:names AS text[])) n (handle, name)
        RETURNING id, handle
        """,
        handles=[handles[each.key] for each in people],
        names=[each.name for each in people],
    )
    return {row["handle"]: row["id"] for row in added}


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
