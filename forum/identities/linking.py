"""Accounts elsewhere and the members they belong to: signing in, linking, unlinking. Owns identity.

An account is known by issuer and subject, never by its address. The address only leads to a member once, when a
provider we believe has verified it: just as far as a link mailed to it would.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from forum.audit.commands import record
from forum.audit.types import Act
from forum.districts.queries import open_district
from forum.identities import key_queries, notices
from forum.identities.policy import may_remove_way, require_for_keys
from forum.identities.types import Identity, Vouched
from forum.kit.db import Database, first, many, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members import queries, sanctions, sign_in
from forum.members.address import domain_of
from forum.members.addresses import lock_addresses
from forum.members.queries import OPEN_INVITATION
from forum.members.types import Actor

RECENT_S = 600


@dataclass(frozen=True)
class Stranger:
    """Somebody vouched for who is no member: the secret of a link to join with, or "" for asking to join."""

    join_token: str


async def identities(db: Database, actor: Actor) -> Sequence[Identity]:
    """The accounts elsewhere that open the actor's account here."""
    return await many(
        db,
        Identity,
        """
        SELECT i.id, i.provider, i.label, i.created_at, i.last_used_at
        FROM identity i
        WHERE i.member_id = :member_id
        ORDER BY i.id
        LIMIT 100
        """,
        member_id=actor.id,
    )


async def arrive(db: Database, who: Vouched, device: str, place: str = "") -> str | Stranger:
    """Sign in whoever a provider vouches for: the secret of the new session, or a Stranger who may join.

    Raises NotFound for everybody else: an account that opens nothing here, or whose member may not sign in.
    """
    member_id = await _member_of(db, who)
    if member_id is not None:
        await sanctions.lift_ended(db, member_id=member_id)
        async with db.transaction():
            await _use(db, who, member_id)
            return await sign_in.start_session(db, member_id, device, place=place, is_confirmed=_is_fresh(who))
    if not who.address:
        raise NotFound
    account = await queries.account(db, who.address)
    if account is None:
        return await _stranger(db, who.address)
    await sanctions.lift_ended(db, member_id=account.id)
    async with db.transaction():
        member_id = await queries.member_of_address(db, who.address)
        if member_id is None:
            raise NotFound
        await sign_in.claim(db, member_id, who.address)
        await _link(db, member_id, who)
        return await sign_in.start_session(db, member_id, device, place=place, is_confirmed=_is_fresh(who))


def _is_fresh(who: Vouched) -> bool:
    """Whether they showed the provider who they are just now, rather than that it remembers them."""
    return abs(time.time() - who.authenticated_at) < RECENT_S


async def _member_of(db: Database, who: Vouched) -> int | None:
    found: int | None = await value(
        db,
        "SELECT i.member_id FROM identity i WHERE i.issuer = :issuer AND i.subject = :subject",
        issuer=who.issuer,
        subject=who.subject,
    )
    return found


async def _use(db: Database, who: Vouched, member_id: int) -> None:
    """Raises NotFound when it was unlinked a moment ago."""
    used = await run(
        db,
        """
        UPDATE identity SET last_used_at = now(), label = :label
        WHERE issuer = :issuer AND subject = :subject AND member_id = :member_id
        """,
        label=who.label,
        issuer=who.issuer,
        subject=who.subject,
        member_id=member_id,
    )
    if not used:
        raise NotFound


async def _stranger(db: Database, address: str) -> Stranger:
    """The invited, and people of an approved domain, join at once, as they would by a mailed link."""
    invited = await first(
        db,
        _Invited,
        f"SELECT i.district_id FROM invitation i WHERE i.address = :address AND {OPEN_INVITATION}",
        address=address,
    )
    district = await open_district(db, domain_of(address))
    if invited is None and district is None:
        return Stranger("")
    district_id = invited.district_id if invited else district.id if district else None
    hours = sign_in.LINK_MINUTES / 60
    return Stranger(await sign_in.issue_link(db, "join", address, district_id=district_id, hours=hours))


@dataclass(frozen=True)
class _Invited:
    district_id: int | None


async def link(db: Database, actor: Actor, who: Vouched) -> None:
    """The account elsewhere opens the actor's account from now on; twice is once. Raises Forbidden, Invalid."""
    if actor.id is None:
        raise Forbidden("Sign in to link an account.")
    async with db.transaction():
        await _link(db, actor.id, who)


async def _link(db: Database, member_id: int, who: Vouched) -> None:
    """Raises Invalid when it is somebody else's. The member is told at each address."""
    added = await value(
        db,
        """
        INSERT INTO identity (member_id, issuer, subject, provider, label)
        VALUES (:member_id, :issuer, :subject, :provider, :label)
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        member_id=member_id,
        issuer=who.issuer,
        subject=who.subject,
        provider=who.provider,
        label=who.label,
    )
    if added is None:
        if await _member_of(db, who) != member_id:
            raise Invalid(provider="That account opens another member's account here. Unlink it there first.")
        return
    act = Act("identity.linked", "member", member_id, after={"provider": who.provider})
    await record(db, member_id, act)
    await notices.tell(db, member_id, "identity-linked")


async def unlink(db: Database, actor: Actor, identity_id: int) -> None:
    """It opens nothing here any more, and all other sessions end. Raises Unconfirmed, Forbidden for the last way in.

    What is not the actor's, or is gone, is left alone.
    """
    require_for_keys(actor, await key_queries.keys(db, actor))
    member_id = actor.id or 0
    async with db.transaction():
        await lock_addresses(db, member_id)
        provider = await value(
            db,
            "SELECT i.provider FROM identity i WHERE i.id = :identity_id AND i.member_id = :member_id",
            identity_id=identity_id,
            member_id=member_id,
        )
        if provider is None:
            return
        may_remove_way((await key_queries.ways(db, member_id)).count).require()
        await run(db, "DELETE FROM identity WHERE id = :identity_id", identity_id=identity_id)
        await record(db, member_id, Act("identity.unlinked", "member", member_id, before={"provider": provider}))
        await notices.tell(db, member_id, "identity-unlinked")
        await sign_in.end_other_sessions(db, actor)
