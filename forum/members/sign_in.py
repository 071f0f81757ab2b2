"""Signing in by a mailed link, and the sessions that follow."""

import hashlib
from dataclasses import dataclass

from forum.districts.queries import district_of_domain
from forum.kit import limits, outbox
from forum.kit.db import Database, run, value
from forum.kit.errors import NotFound, TooMany
from forum.kit.tokens import digest, new_token
from forum.members import queries
from forum.members.address import canonical, domain_of
from forum.members.policy import may_use_links
from forum.members.types import Actor
from forum.site.queries import setting

LINK_MINUTES = 15
SESSION_DAYS = 30
MAILS_MEANWHILE = 3  # for one address, while the first of these links is alive
MAILS_AN_HOUR = 500  # for everybody together


@dataclass(frozen=True)
class SignedIn:
    """A new session: the secret for the cookie, and where the member wanted to go."""

    token: str
    next_path: str


async def request_link(db: Database, text: str, next_path: str = "/") -> None:
    """Ask for a mailed link. What happens here is the same for known and unknown addresses.

    An address that was mailed three links in a quarter of an hour gets no fourth, and nobody is told: those work,
    and whoever asks in another's name locks nobody out. Raises Forbidden where links are switched off, Invalid when it
    is no address, TooMany when the whole site has mailed 500 within the hour.
    """
    await _require_links(db)
    address = canonical(text)
    try:
        key = f"sign-in {hashlib.sha256(address.encode()).hexdigest()[:20]}"
        await limits.count(db, key, most=MAILS_MEANWHILE, seconds=LINK_MINUTES * 60)
    except TooMany:
        return
    await limits.count(db, "sign-in", most=MAILS_AN_HOUR, seconds=3600)
    await send_link(db, address, next_path)


async def _require_links(db: Database) -> None:
    may_use_links(frozenset((await setting(db)).methods_off)).require()


async def send_link(db: Database, address: str, next_path: str = "/") -> None:
    """Have a link mailed to a canonical address, whoever asked and however often."""
    async with db.transaction():
        request_id = await value(
            db,
            "INSERT INTO sign_in_request (address, next_path) VALUES (:address, :next_path) RETURNING id",
            address=address,
            next_path=next_path,
        )
        await outbox.emit(db, "sign_in.requested", request_id=request_id)


async def issue_link(
    db: Database,
    purpose: str,
    address: str,
    *,
    next_path: str = "/",
    district_id: int | None = None,
    session_id: int | None = None,
    member_id: int | None = None,
    hours: float,
) -> str:
    """A new link for `address`, beside those it has: a stranger who asks must not void them. Returns its token.

    session_id: the only session that may use it, and with which it ends. member_id: the only member who may.
    """
    token = new_token()
    await run(
        db,
        """
        INSERT INTO mailed_link
            (token_hash, purpose, address, next_path, district_id, session_id, member_id, expires_at)
        VALUES (:token_hash, :purpose, :address, :next_path, :district_id, :session_id, :member_id,
                now() + CAST(:hours AS double precision) * interval '1 hour')
        """,
        session_id=session_id,
        member_id=member_id,
        token_hash=digest(token),
        purpose=purpose,
        address=address,
        next_path=next_path,
        district_id=district_id,
        hours=hours,
    )
    return token


async def use_link(db: Database, token: str, device: str, place: str = "") -> SignedIn:
    """Sign in with a mailed link, once. An unclaimed member becomes active by it. Raises NotFound, Forbidden."""
    await _require_links(db)
    async with db.transaction():
        link = await queries.mailed_link(db, token)
        used = await run(
            db,
            """
            UPDATE mailed_link SET used_at = now()
            WHERE token_hash = :token_hash AND used_at IS NULL AND purpose = 'sign-in'
            """,
            token_hash=digest(token),
        )
        member_id = await queries.member_of_address(db, link.address)
        if not used or member_id is None:
            raise NotFound
        await claim(db, member_id, link.address)
        return SignedIn(await start_session(db, member_id, device, place=place), link.next_path)


async def claim(db: Database, member_id: int, address: str) -> None:
    """Whoever signs in has shown that `address` is theirs: an unclaimed member becomes active by it."""
    await run(
        db,
        "UPDATE member_email SET verified_at = coalesce(verified_at, now()) WHERE address = :address",
        address=address,
    )
    district = await district_of_domain(db, domain_of(address))
    await run(
        db,
        """
        UPDATE member SET state = 'active', unread_since = now(), district_id = coalesce(district_id, :district_id)
        WHERE id = :member_id AND state = 'unclaimed'
        """,
        member_id=member_id,
        district_id=district.id if district else None,
    )


async def start_session(
    db: Database,
    member_id: int,
    device: str,
    *,
    place: str = "",
    has_second_factor: bool = False,
    is_confirmed: bool = True,
) -> str:
    """A new session of 30 sliding days. Returns the secret for the cookie; only its hash is stored.

    place: where it was begun, in a few words. has_second_factor: it began with a passkey, or the like.
    is_confirmed: they have just shown that it is them, rather than that somebody elsewhere still remembers them.
    Raises NotFound unless the member is active. Their row is shared-locked: an account that is closed at the same
    moment is left with no session.
    """
    token = new_token()
    begun = await run(
        db,
        """
        INSERT INTO session (token_hash, member_id, device, place, expires_at, second_factor_at, confirmed_at)
        SELECT :token_hash, m.id, :device, :place, now() + CAST(:days AS double precision) * interval '1 day',
               CASE WHEN CAST(:has_second_factor AS boolean) THEN now() END,
               CASE WHEN CAST(:is_confirmed AS boolean) THEN now() ELSE now() - interval '1 day' END
        FROM member m
        WHERE m.id = :member_id AND m.state = 'active'
        FOR SHARE
        """,
        place=place[:120],
        has_second_factor=has_second_factor,
        is_confirmed=is_confirmed,
        token_hash=digest(token),
        member_id=member_id,
        device=device[:120],
        days=float(SESSION_DAYS),
    )
    if not begun:
        raise NotFound
    return token


async def confirm_session(db: Database, actor: Actor, *, has_second_factor: bool = False) -> str:
    """`actor` has shown again that it is them. Returns the session's new secret; the old one is worth nothing now.

    has_second_factor: they showed it with a passkey or a code. Raises NotFound when the session has ended meanwhile.
    """
    token = new_token()
    confirmed = await run(
        db,
        """
        UPDATE session
        SET token_hash = :token_hash, confirmed_at = now(),
            second_factor_at = CASE WHEN CAST(:has_second_factor AS boolean) THEN now() ELSE second_factor_at END
        WHERE id = :session_id AND member_id = :member_id AND expires_at > now()
        """,
        token_hash=digest(token),
        has_second_factor=has_second_factor,
        session_id=actor.session_id,
        member_id=actor.id,
    )
    if not confirmed:
        raise NotFound
    return token


async def confirm_by_link(db: Database, actor: Actor, token: str) -> SignedIn:
    """Use a mailed link of the purpose "confirm", once, in the session that asked for it. Raises NotFound."""
    async with db.transaction():
        next_path = await value(
            db,
            """
            UPDATE mailed_link SET used_at = now()
            WHERE token_hash = :token_hash AND purpose = 'confirm' AND session_id = :session_id
              AND used_at IS NULL AND expires_at > now()
            RETURNING next_path
            """,
            token_hash=digest(token),
            session_id=actor.session_id,
        )
        if next_path is None:
            raise NotFound
        return SignedIn(await confirm_session(db, actor), next_path)


async def is_confirmation_of(db: Database, actor: Actor, token: str) -> bool:
    """Whether this is a mailed link with which `actor`'s session can still confirm itself."""
    found = await value(
        db,
        """
        SELECT 1 FROM mailed_link l
        WHERE l.token_hash = :token_hash AND l.purpose = 'confirm' AND l.session_id = :session_id
          AND l.used_at IS NULL AND l.expires_at > now()
        """,
        token_hash=digest(token),
        session_id=actor.session_id,
    )
    return found is not None


async def forget_second_factor(db: Database, member_id: int) -> None:
    """The member's last key is gone: no session of theirs has a second factor any more."""
    await run(db, "UPDATE session SET second_factor_at = NULL WHERE member_id = :member_id", member_id=member_id)


async def keep_session(db: Database, session_id: int, place: str) -> None:
    """The session was used, from that place: its thirty days begin anew."""
    await run(
        db,
        """
        UPDATE session SET last_used_at = now(), place = :place, expires_at = now() + :days * interval '1 day'
        WHERE id = :session_id
        """,
        place=place[:120],
        session_id=session_id,
        days=float(SESSION_DAYS),
    )


async def end_session(db: Database, actor: Actor, session_id: int) -> None:
    """Sign one of `actor`'s own browsers out; any other session is left alone."""
    await run(
        db,
        "DELETE FROM session WHERE id = :session_id AND member_id = :member_id",
        session_id=session_id,
        member_id=actor.id,
    )


async def end_other_sessions(db: Database, actor: Actor) -> int:
    """Sign out everywhere but here. Returns how many sessions ended."""
    return await run(
        db,
        "DELETE FROM session WHERE member_id = :member_id AND id <> :session_id",
        member_id=actor.id,
        session_id=actor.session_id,
    )


async def end_sessions_of(db: Database, member_id: int) -> int:
    """Sign a member out everywhere. Returns how many sessions ended."""
    return await run(db, "DELETE FROM session WHERE member_id = :member_id", member_id=member_id)


async def forget_expired(db: Database) -> None:
    """Drop what is over: sessions, links and the requests for them."""
    await run(db, "DELETE FROM session WHERE expires_at < now()")
    await run(db, "DELETE FROM mailed_link WHERE expires_at < now() - interval '1 day'")
    await run(db, "DELETE FROM sign_in_request WHERE created_at < now() - interval '1 day'")
