"""How a person becomes a member: invited, by an approved mail domain, asked and approved, or made by hand."""

from contextlib import suppress

from forum.audit.commands import record
from forum.audit.types import Act
from forum.districts.queries import district_of_domain, kind_of_domain
from forum.kit import limits, outbox
from forum.kit.db import Database, first, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, TooMany
from forum.members import queries, sign_in
from forum.members.address import canonical, domain_of
from forum.members.handles import free_handles
from forum.members.mailed_links import spend
from forum.members.policy import may_ask_to_join, may_invite
from forum.members.types import MAX_REASON, Actor, JoinDraft, Newcomer, WaitingRow
from forum.site.commands import agree
from forum.site.queries import published_terms, setting

REQUESTS_AN_HOUR = 200  # of everybody together: behind a proxy all visitors share an address
KEPT_DAYS = 90
BLOCKED = "People of this email domain cannot join here. Ask an administrator, or use another address."


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

    The link stands for its own address, whatever else was sent; somebody of a vendor's domain becomes a vendor.
    Raises NotFound when the link is used or over, Invalid when the draft will not do.
    """
    draft.check()
    async with db.transaction():
        link = await queries.mailed_link(db, token)
        if link.purpose != "join":
            raise NotFound
        await spend(db, token)
        kind = await kind_of_domain(db, domain_of(link.address))
        if kind == "blocked":
            raise Invalid(address=BLOCKED)
        await _require_consent(db, draft)
        member_id = await add_member(
            db,
            draft.name,
            title=draft.title,
            role=_role_of(kind),
            district_id=link.district_id,
            address=link.address,
        )
        await _keep_consent(db, member_id, draft.terms)
        return member_id


def _role_of(kind: str) -> str:
    """What people of a mail domain of that kind become."""
    return "vendor" if kind == "vendor" else "member"


async def _require_consent(db: Database, draft: JoinDraft) -> None:
    terms = await published_terms(db)
    if terms and draft.terms != terms.version:
        raise Invalid(terms="Read the terms of use, and agree to them to join.")


async def _keep_consent(db: Database, member_id: int, version: int) -> None:
    if version:
        await agree(db, member_id, version)


async def invite(db: Database, actor: Actor, address: str, district_id: int | None) -> None:
    """Invite `address`; asking twice mails the invitation again. Raises Forbidden, Invalid.

    Whoever is known from old mails gets a link to sign in instead: by that they take over what they wrote.
    """
    may_invite(actor).require()
    address = canonical(address)
    if await queries.is_unclaimed(db, address):
        await sign_in.send_link(db, address)
        return
    if await queries.account(db, address):
        raise Invalid(address="Somebody here already has this address.")
    if await kind_of_domain(db, domain_of(address)) == "blocked":
        raise Invalid(address="This email domain is blocked. Unblock it first, or write to another address.")
    chosen = await _district_for(db, address, district_id)
    async with db.transaction():
        await _open_invitation(db, address, district_id=chosen, inviter_id=actor.id or 0)


async def send_invitation(db: Database, row: WaitingRow) -> None:
    """Invite somebody of a list, unless they have become a member meanwhile."""
    if await queries.is_unclaimed(db, row.address):
        await sign_in.send_link(db, row.address)
    elif await queries.account(db, row.address) is None:
        await _open_invitation(
            db,
            row.address,
            district_id=row.district_id,
            inviter_id=row.inviter_id,
            name=row.name,
            title=row.title,
        )


async def _open_invitation(
    db: Database, address: str, *, district_id: int | None, inviter_id: int, name: str = "", title: str = ""
) -> None:
    invitation_id = await value(
        db,
        """
        INSERT INTO invitation (address, district_id, invited_by, name, title)
        VALUES (:address, :district_id, :inviter_id, :name, :title)
        ON CONFLICT (address) WHERE accepted_at IS NULL
        DO UPDATE SET district_id = excluded.district_id, invited_by = excluded.invited_by, created_at = now(),
                      name = excluded.name, title = excluded.title
        RETURNING id
        """,
        address=address,
        district_id=district_id,
        inviter_id=inviter_id,
        name=name,
        title=title,
    )
    await outbox.emit(db, "member.invited", invitation_id=invitation_id)


async def ask_to_join(db: Database, draft: JoinDraft) -> None:
    """Keep a request for the administrators. The answer is the same whether the address is known or not.

    A second one while the first waits changes nothing: it may be somebody else's. Whoever has an account, or is
    known from old mails, is mailed a link to sign in. Raises Invalid with everything that will not do, TooMany after
    200 good ones in an hour, Forbidden where nobody may ask.
    """
    may_ask_to_join(takes_requests=(await setting(db)).takes_requests).require()
    address = _address_of(draft)
    await _require_consent(db, draft)
    await limits.count(db, "join", most=REQUESTS_AN_HOUR, seconds=3600)
    if await queries.account(db, address):
        with suppress(TooMany, Forbidden):  # either would tell that the address is known
            await sign_in.request_link(db, address)
        return
    if await kind_of_domain(db, domain_of(address)) == "blocked":
        return
    async with db.transaction():
        request_id = await value(
            db,
            """
            INSERT INTO join_request (address, name, title, district_id, note, terms_version)
            SELECT :address, :name, :title, d.id, :note, :terms
            FROM (SELECT 1) one LEFT JOIN district d ON d.id = :district_id
            WHERE NOT EXISTS (SELECT 1 FROM member_email e WHERE e.address = :address)
            ON CONFLICT (address) WHERE decided_at IS NULL DO NOTHING
            RETURNING id
            """,
            address=address,
            name=draft.name,
            title=draft.title,
            district_id=draft.district_id,
            note=draft.note,
            terms=draft.terms,
        )
        if request_id is not None:
            await outbox.emit(db, "join.requested", request_id=request_id)


def _address_of(draft: JoinDraft) -> str:
    problems = draft.problems
    try:
        address = canonical(draft.address)
    except Invalid as problem:
        problems |= problem.fields
    if problems:
        raise Invalid(**problems)
    return address


async def decide(
    db: Database, actor: Actor, request_id: int, *, is_approved: bool, role: str = "", reason: str = ""
) -> None:
    """Let the person in, or not. Deciding twice changes nothing. Raises Forbidden, Invalid, NotFound.

    role: "member" or "vendor"; "" as their mail domain says. reason: mailed to who is declined; without one they hear
    nothing.
    """
    may_invite(actor).require()
    if role not in ("", "member", "vendor"):
        raise Invalid(role="Choose one of those offered.")
    if len(reason) > MAX_REASON:
        raise Invalid(reason_words=f"At most {MAX_REASON} characters; this has {len(reason)}.")
    async with db.transaction():
        newcomer = await first(
            db,
            Newcomer,
            """
            UPDATE join_request
            SET decided_at = now(), decided_by = :actor_id, is_approved = :is_approved, reason = :reason
            WHERE id = :request_id AND decided_at IS NULL
            RETURNING name, title, address, district_id, terms_version
            """,
            actor_id=actor.id,
            request_id=request_id,
            is_approved=is_approved,
            reason=reason,
        )
        if newcomer is None:
            await _require_request(db, request_id)
            return
        name = "join_request.approved" if is_approved else "join_request.declined"
        await record(db, actor.id, Act(name, "join_request", request_id, reason=reason))
        if is_approved:
            kind = await kind_of_domain(db, domain_of(newcomer.address))
            await _let_in(db, newcomer, role or _role_of(kind))
        await outbox.emit(db, "join.decided", request_id=request_id)


async def _let_in(db: Database, newcomer: Newcomer, role: str) -> None:
    member_id = await add_member(
        db,
        newcomer.name,
        title=newcomer.title,
        role=role,
        district_id=newcomer.district_id,
        address=newcomer.address,
    )
    await _keep_consent(db, member_id, newcomer.terms_version)


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
