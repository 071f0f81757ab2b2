"""How a person becomes a member: invited, by an approved mail domain, asked and approved, or made by hand."""

from contextlib import suppress

from forum.districts.queries import district_of_domain
from forum.kit import limits, outbox
from forum.kit.db import Database, first, run, value
from forum.kit.errors import Invalid, NotFound, TooMany
from forum.kit.tokens import digest
from forum.members import queries, sign_in
from forum.members.address import canonical, domain_of
from forum.members.handles import free_handles
from forum.members.policy import may_invite
from forum.members.types import Actor, JoinDraft, Newcomer

REQUESTS_AN_HOUR = 200  # of everybody together: behind a proxy all visitors share an address
KEPT_DAYS = 90


async def add_member(
    db: Database,
    name: str,
    *,
    title: str = "",
    role: str = "member",
    district_id: int | None = None,
    address: str | None = None,
    handle: str | None = None,
) -> int:
    """A new active member; `address` counts as verified. Returns the id. Raises Invalid when the address is taken."""
    async with db.transaction():
        member_id: int = await value(
            db,
            """
            INSERT INTO member (handle, name, title, role, district_id)
            VALUES (:handle, :name, :title, :role, :district_id)
            RETURNING id
            """,
            handle=handle or (await free_handles(db, [name]))[0],
            name=name,
            title=title,
            role=role,
            district_id=district_id,
        )
        if address is not None:
            await _own_address(db, member_id, canonical(address))
    return member_id


async def _own_address(db: Database, member_id: int, address: str) -> None:
    added = await run(
        db,
        """
        INSERT INTO member_email (address, member_id, verified_at) VALUES (:address, :member_id, now())
        ON CONFLICT DO NOTHING
        """,
        address=address,
        member_id=member_id,
    )
    if not added:
        raise Invalid(address="Somebody here already has this address.")
    await run(
        db,
        "UPDATE invitation SET accepted_at = now() WHERE address = :address AND accepted_at IS NULL",
        address=address,
    )


async def accept_link(db: Database, token: str, draft: JoinDraft) -> int:
    """Join with a mailed link (invitation or approved domain). Returns the new member's id.

    Raises NotFound when the link is used or over, Invalid when the draft will not do.
    """
    draft.check()
    async with db.transaction():
        link = await queries.mailed_link(db, token)
        used = await run(
            db,
            "UPDATE mailed_link SET used_at = now() WHERE token_hash = :token_hash AND used_at IS NULL",
            token_hash=digest(token),
        )
        if link.purpose != "join" or not used:
            raise NotFound
        return await add_member(db, draft.name, title=draft.title, district_id=link.district_id, address=link.address)


async def invite(db: Database, actor: Actor, address: str, district_id: int | None) -> None:
    """Invite `address`; asking twice mails the invitation again. Raises Forbidden, Invalid.

    Whoever is known from old mails gets a link to sign in instead: by that they take over what they wrote.
    """
    may_invite(actor).require()
    address = canonical(address)
    if await queries.is_unclaimed(db, address):
        await sign_in.send_link(db, address)
        return
    if await queries.member_with_address(db, address):
        raise Invalid(address="Somebody here already has this address.")
    async with db.transaction():
        invitation_id = await value(
            db,
            """
            INSERT INTO invitation (address, district_id, invited_by)
            VALUES (:address, :district_id, :actor_id)
            ON CONFLICT (address) WHERE accepted_at IS NULL
            DO UPDATE SET district_id = excluded.district_id, invited_by = excluded.invited_by, created_at = now()
            RETURNING id
            """,
            address=address,
            district_id=await _district_for(db, address, district_id),
            actor_id=actor.id,
        )
        await outbox.emit(db, "member.invited", invitation_id=invitation_id)


async def ask_to_join(db: Database, draft: JoinDraft) -> None:
    """Keep a request for the administrators. The answer is the same whether the address is known or not.

    A second one while the first waits changes nothing: it may be somebody else's. Whoever is known from old mails
    gets a link to sign in. Raises Invalid with everything that will not do, TooMany after 200 good ones in an hour.
    """
    address = _address_of(draft)
    await limits.count(db, "join", most=REQUESTS_AN_HOUR, seconds=3600)
    if await queries.is_unclaimed(db, address):
        with suppress(TooMany):  # it would tell that the address is known
            await sign_in.request_link(db, address)
        return
    await run(
        db,
        """
        INSERT INTO join_request (address, name, title, district_id, note)
        SELECT :address, :name, :title, d.id, :note
        FROM (SELECT 1) one LEFT JOIN district d ON d.id = :district_id
        WHERE NOT EXISTS (SELECT 1 FROM member_email e WHERE e.address = :address)
        ON CONFLICT (address) WHERE decided_at IS NULL DO NOTHING
        """,
        address=address,
        name=draft.name,
        title=draft.title,
        district_id=draft.district_id,
        note=draft.note,
    )


def _address_of(draft: JoinDraft) -> str:
    problems = draft.problems
    try:
        address = canonical(draft.address)
    except Invalid as problem:
        problems |= problem.fields
    if problems:
        raise Invalid(**problems)
    return address


async def decide(db: Database, actor: Actor, request_id: int, *, is_approved: bool) -> None:
    """Let the person in, or not. Deciding twice changes nothing. Raises Forbidden, NotFound."""
    may_invite(actor).require()
    async with db.transaction():
        newcomer = await first(
            db,
            Newcomer,
            """
            UPDATE join_request SET decided_at = now(), decided_by = :actor_id, is_approved = :is_approved
            WHERE id = :request_id AND decided_at IS NULL
            RETURNING name, title, address, district_id
            """,
            actor_id=actor.id,
            request_id=request_id,
            is_approved=is_approved,
        )
        if newcomer is None:
            await _require_request(db, request_id)
            return
        if is_approved:
            await add_member(
                db, newcomer.name, title=newcomer.title, district_id=newcomer.district_id, address=newcomer.address
            )
            await outbox.emit(db, "member.approved", request_id=request_id)


async def _require_request(db: Database, request_id: int) -> None:
    if not await value(db, "SELECT q.id FROM join_request q WHERE q.id = :request_id", request_id=request_id):
        raise NotFound


async def _district_for(db: Database, address: str, district_id: int | None) -> int | None:
    """The chosen district, else the one whose mail domain the address has. Raises Invalid for an unknown one."""
    if district_id is None:
        district = await district_of_domain(db, domain_of(address))
        return district.id if district else None
    if not await value(db, "SELECT d.id FROM district d WHERE d.id = :district_id", district_id=district_id):
        raise Invalid(district_id="Choose a district of the list, or none.")
    return district_id


async def forget_decided(db: Database) -> None:
    """Drop decided requests and invitations that are older than 90 days: addresses nobody needs any more."""
    days = float(KEPT_DAYS)
    await run(db, "DELETE FROM join_request WHERE decided_at < now() - :days * interval '1 day'", days=days)
    await run(db, "DELETE FROM invitation WHERE created_at < now() - :days * interval '1 day'", days=days)
