"""Passkeys: asking a browser for one, believing its answer, naming and removing. Owns passkey and passkey_challenge.

A challenge is random, kept only as a hash, bound to the browser (it holds the challenge in a cookie no script can
read) and to the session it was made for, good for five minutes and once. Every passkey must verify its owner, by a
finger, a face or a PIN: each is a second factor.
"""

import secrets
from typing import Any, NoReturn

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json,
    parse_authentication_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from forum.identities import codes, key_queries
from forum.identities.key_types import CHALLENGE_MINUTES, Party, Request, StoredPasskey, key_name
from forum.identities.policy import may_add_passkey, may_remove_way, require_for_keys
from forum.kit import outbox
from forum.kit.db import Database, first, run
from forum.kit.errors import Invalid, NotFound
from forum.kit.tokens import digest
from forum.members import sign_in
from forum.members.queries import hold
from forum.members.types import GUEST, Actor

MAX_ANSWER = 20_000
OVER = "That took too long, or the page was open twice. Try again."
STRANGE = "This passkey did not work. Try again, or choose another way."
VERIFIED = UserVerificationRequirement.REQUIRED


async def ask_to_register(db: Database, actor: Actor, party: Party) -> Request:
    """Have the browser make a passkey for `actor`. Raises Unconfirmed, Forbidden."""
    keys = await key_queries.keys(db, actor)
    require_for_keys(actor, keys)
    may_add_passkey(keys).require()
    challenge = await _challenge(db, "register", actor)
    options = webauthn.generate_registration_options(
        rp_id=party.host,
        rp_name=party.name,
        user_id=_handle(actor.id),
        user_name=actor.handle,
        user_display_name=actor.name,
        challenge=base64url_to_bytes(challenge),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=each) for each in await key_queries.credential_ids(db, actor)
        ],
    )
    return Request(options_to_json(options), challenge)


async def register(db: Database, actor: Actor, party: Party, challenge: str, answer: str, name: str) -> str:
    """Keep the passkey that the browser has made. Returns the session's new secret: it has a second factor now.

    Raises Invalid, Unconfirmed, Forbidden.
    """
    require_for_keys(actor, await key_queries.keys(db, actor))
    name = key_name(name)
    await _use_challenge(db, "register", challenge, actor)
    try:
        made = webauthn.verify_registration_response(
            credential=_bounded(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=party.host,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception as error:  # its parsers meet bytes of a stranger's choice, and raise many things
        _refuse(error)
    async with db.transaction():
        await hold(db, actor.id)
        may_add_passkey(await key_queries.keys(db, actor)).require()
        added = await run(
            db,
            """
            INSERT INTO passkey (member_id, credential_id, public_key, sign_count, name)
            VALUES (:member_id, :credential_id, :public_key, :sign_count, :name)
            ON CONFLICT (credential_id) DO NOTHING
            """,
            member_id=actor.id,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name,
        )
        if not added:
            raise Invalid(passkey="This passkey is in use already.")
        await outbox.emit(db, "keys.changed", member_id=actor.id or 0, change="passkey-added")
        return await sign_in.confirm_session(db, actor, has_second_factor=True)


async def ask_for_one(db: Database, party: Party, actor: Actor = GUEST) -> Request:
    """Have the browser show a passkey: any, to sign in; one of `actor`'s, to show again who they are."""
    challenge = await _challenge(db, "sign-in" if actor.is_guest else "confirm", actor)
    options = webauthn.generate_authentication_options(
        rp_id=party.host,
        challenge=base64url_to_bytes(challenge),
        allow_credentials=[
            PublicKeyCredentialDescriptor(id=each) for each in await key_queries.credential_ids(db, actor)
        ],
        user_verification=VERIFIED,
    )
    return Request(options_to_json(options), challenge)


async def sign_in_with(db: Database, party: Party, challenge: str, answer: str, device: str, place: str = "") -> str:
    """Sign in with a passkey. Returns the new session's secret; it begins with a second factor. Raises Invalid."""
    await _use_challenge(db, "sign-in", challenge, GUEST)
    async with db.transaction():
        member_id = await _owner(db, party, challenge, answer)
        try:
            return await sign_in.start_session(db, member_id, device, place=place, has_second_factor=True)
        except NotFound:
            raise Invalid(passkey=STRANGE) from None


async def confirm_with(db: Database, actor: Actor, party: Party, challenge: str, answer: str) -> str:
    """Show with a passkey that it is still `actor`. Returns the session's new secret. Raises Invalid, NotFound."""
    await _use_challenge(db, "confirm", challenge, actor)
    async with db.transaction():
        if await _owner(db, party, challenge, answer) != actor.id:
            raise Invalid(passkey="That passkey belongs to another account.")
        return await sign_in.confirm_session(db, actor, has_second_factor=True)


async def rename(db: Database, actor: Actor, passkey_id: int, name: str) -> None:
    """Call one's own passkey otherwise. Raises Invalid, NotFound."""
    renamed = await run(
        db,
        "UPDATE passkey SET name = :name WHERE id = :passkey_id AND member_id = :member_id",
        name=key_name(name),
        passkey_id=passkey_id,
        member_id=actor.id,
    )
    if not renamed:
        raise NotFound


async def remove(db: Database, actor: Actor, passkey_id: int) -> None:
    """Remove one's own passkey, unless it is the last way in. Raises Unconfirmed, Forbidden, NotFound."""
    require_for_keys(actor, await key_queries.keys(db, actor))
    async with db.transaction():
        await hold(db, actor.id)
        ways = await key_queries.ways(db, actor.id or 0)
        removed = await run(
            db,
            "DELETE FROM passkey WHERE id = :passkey_id AND member_id = :member_id",
            passkey_id=passkey_id,
            member_id=actor.id,
        )
        if not removed:
            raise NotFound
        may_remove_way(ways.count).require()
        await codes.drop_after_last_key(db, actor)
        await outbox.emit(db, "keys.changed", member_id=actor.id or 0, change="passkey-removed")


async def remove_all(db: Database, member_id: int) -> int:
    """Remove every passkey of a member, inside the caller's transaction. Returns how many there were."""
    return await run(db, "DELETE FROM passkey WHERE member_id = :member_id", member_id=member_id)


async def forget_old(db: Database) -> None:
    """Drop the challenges that are over."""
    await run(db, "DELETE FROM passkey_challenge WHERE expires_at < now()")


async def _challenge(db: Database, purpose: str, actor: Actor) -> str:
    challenge = bytes_to_base64url(secrets.token_bytes(32))
    await run(
        db,
        """
        INSERT INTO passkey_challenge (challenge_hash, purpose, session_id, expires_at)
        VALUES (:challenge_hash, :purpose, :session_id, now() + CAST(:minutes AS integer) * interval '1 minute')
        """,
        challenge_hash=digest(challenge),
        purpose=purpose,
        session_id=actor.session_id,
        minutes=CHALLENGE_MINUTES,
    )
    return challenge


async def _use_challenge(db: Database, purpose: str, challenge: str, actor: Actor) -> None:
    """At once and for good, whatever the answer is worth. Raises Invalid when it is used, over or another's."""
    used = await run(
        db,
        """
        DELETE FROM passkey_challenge
        WHERE challenge_hash = :challenge_hash AND purpose = :purpose
          AND session_id IS NOT DISTINCT FROM CAST(:session_id AS bigint) AND expires_at > now()
        """,
        challenge_hash=digest(challenge),
        purpose=purpose,
        session_id=actor.session_id,
    )
    if not used:
        raise Invalid(passkey=OVER)


async def _owner(db: Database, party: Party, challenge: str, answer: str) -> int:
    """Whose passkey has signed the challenge. Raises Invalid. Call it in a transaction: the passkey is locked."""
    try:
        shown = parse_authentication_credential_json(_bounded(answer))
    except Exception as error:  # as above
        _refuse(error)
    stored = await first(
        db,
        StoredPasskey,
        """
        SELECT p.id, p.member_id, p.public_key, p.sign_count
        FROM passkey p
        WHERE p.credential_id = :credential_id
        FOR NO KEY UPDATE
        """,
        credential_id=shown.raw_id,
    )
    if stored is None or shown.response.user_handle not in (None, b"", _handle(stored.member_id)):
        raise Invalid(passkey="This site does not know that passkey. Sign in another way, and add it in your settings.")
    try:
        verified = webauthn.verify_authentication_response(
            credential=shown,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=stored.public_key,
            credential_current_sign_count=stored.sign_count,
            require_user_verification=True,
        )
    except Exception as error:  # as above
        _refuse(error)
    await run(
        db,
        "UPDATE passkey SET sign_count = :sign_count, last_used_at = now() WHERE id = :id",
        sign_count=verified.new_sign_count,
        id=stored.id,
    )
    return stored.member_id


def _bounded(answer: str) -> str:
    if not 0 < len(answer) <= MAX_ANSWER:
        raise Invalid(passkey=STRANGE)
    return answer


def _refuse(error: Exception) -> NoReturn:
    raise Invalid(passkey=STRANGE) from error


def _handle(member_id: Any) -> bytes:
    """What authenticators know the member by; it says nothing of them."""
    return int(member_id).to_bytes(8, "big")
