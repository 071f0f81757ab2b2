"""Codes of an authenticator app (RFC 6238), and recovery codes for its loss. Owns code_secret and recovery_code.

A code is good for its 30 seconds and those before and after, and once. Tries are counted for each account, and only
somebody who is signed in to it can try: nobody else locks its owner out.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass

import pyotp

from forum.identities import key_queries
from forum.identities.key_types import CODE, RECOVERY_CODE, RECOVERY_CODES, SETUP_MINUTES, CodeSecret, plain_code
from forum.identities.policy import require_for_keys
from forum.kit import limits, outbox
from forum.kit.db import Database, first, run, value
from forum.kit.errors import Forbidden, Invalid
from forum.kit.tokens import digest
from forum.members import sign_in
from forum.members.queries import hold
from forum.members.types import Actor

STEP_SECONDS = 30
TRIES = 5
TRIES_SECONDS = 300
TRIES_A_DAY = 50
WRONG = "This code is not right, or was used. Wait for the next one your app shows."
WRITE = "Write the 6 digits your app shows, or one of your recovery codes."


@dataclass(frozen=True)
class TurnedOn:
    """The session's new secret, and the recovery codes: this is the only time anybody sees them."""

    token: str
    recovery_codes: list[str]


async def begin(db: Database, actor: Actor) -> None:
    """Make the secret that an app is to take over. Raises Unconfirmed, Forbidden when codes are on already."""
    require_for_keys(actor, await key_queries.keys(db, actor))
    begun = await run(
        db,
        """
        INSERT INTO code_secret (member_id, secret) VALUES (:member_id, :secret)
        ON CONFLICT (member_id) DO UPDATE SET secret = excluded.secret, created_at = now(), last_step = 0
        WHERE code_secret.confirmed_at IS NULL
        """,
        member_id=actor.id,
        secret=pyotp.random_base32(),
    )
    if not begun:
        raise Forbidden("Your app's codes are on already. Turn them off first to set up another app.")


async def turn_on(db: Database, actor: Actor, code: str) -> TurnedOn:
    """Codes count from now on: the app has shown that it knows the secret. Raises Invalid, TooMany, Unconfirmed."""
    require_for_keys(actor, await key_queries.keys(db, actor))
    await _count_try(db, actor)
    async with db.transaction():
        pending = await first(
            db,
            CodeSecret,
            f"""
            SELECT c.secret, c.last_step
            FROM code_secret c
            WHERE c.member_id = :member_id AND c.confirmed_at IS NULL
              AND c.created_at > now() - interval '{SETUP_MINUTES} minutes'
            FOR NO KEY UPDATE
            """,
            member_id=actor.id,
        )
        if pending is None:
            raise Invalid(code="Setting up took too long. Begin again.")
        await _keep_step(db, actor, await _step(db, pending, plain_code(code)))
        await run(
            db,
            "UPDATE code_secret SET confirmed_at = now() WHERE member_id = :member_id AND confirmed_at IS NULL",
            member_id=actor.id,
        )
        fresh = await _new_recovery_codes(db, actor)
        await outbox.emit(db, "keys.changed", member_id=actor.id or 0, change="codes-on")
        return TurnedOn(await sign_in.confirm_session(db, actor, has_second_factor=True), fresh)


async def turn_off(db: Database, actor: Actor) -> None:
    """Codes of the app count no more. Raises Unconfirmed."""
    require_for_keys(actor, await key_queries.keys(db, actor))
    async with db.transaction():
        await hold(db, actor.id)
        removed = await run(db, "DELETE FROM code_secret WHERE member_id = :member_id", member_id=actor.id)
        await drop_after_last_key(db, actor)
        if removed:
            await outbox.emit(db, "keys.changed", member_id=actor.id or 0, change="codes-off")


async def renew_recovery_codes(db: Database, actor: Actor) -> list[str]:
    """Ten new recovery codes in place of all there were. Raises Unconfirmed, Forbidden without another key."""
    keys = await key_queries.keys(db, actor)
    require_for_keys(actor, keys)
    if not keys.any:
        raise Forbidden("Recovery codes stand in for a passkey or an app. Add one of them first.")
    async with db.transaction():
        await hold(db, actor.id)
        fresh = await _new_recovery_codes(db, actor)
        await outbox.emit(db, "keys.changed", member_id=actor.id or 0, change="recovery-codes")
    return fresh


async def confirm_with(db: Database, actor: Actor, code: str) -> str:
    """Show with a code of the app, or a recovery code, that it is still `actor`. Returns the session's new secret.

    Raises Invalid, and TooMany after five tries in five minutes.
    """
    typed = plain_code(code)
    if not (CODE.fullmatch(typed) or RECOVERY_CODE.fullmatch(typed)):
        raise Invalid(code=WRITE)
    await _count_try(db, actor)
    async with db.transaction():
        await (_use_code if CODE.fullmatch(typed) else _use_recovery_code)(db, actor, typed)
        return await sign_in.confirm_session(db, actor, has_second_factor=True)


async def drop_after_last_key(db: Database, actor: Actor) -> None:
    """Without a passkey and an app, recovery codes go too, and no session has a second factor any more."""
    if not (await key_queries.keys(db, actor)).any:
        await run(db, "DELETE FROM recovery_code WHERE member_id = :member_id", member_id=actor.id)
        await sign_in.forget_second_factor(db, actor.id or 0)


async def remove_all(db: Database, member_id: int) -> bool:
    """Remove a member's secret and recovery codes, inside the caller's transaction. Returns whether an app was on."""
    await run(db, "DELETE FROM recovery_code WHERE member_id = :member_id", member_id=member_id)
    return bool(await run(db, "DELETE FROM code_secret WHERE member_id = :member_id", member_id=member_id))


async def _count_try(db: Database, actor: Actor) -> None:
    await limits.count(db, f"code {actor.id}", most=TRIES, seconds=TRIES_SECONDS)
    await limits.count(db, f"codes of a day {actor.id}", most=TRIES_A_DAY, seconds=86_400)


async def _use_code(db: Database, actor: Actor, code: str) -> None:
    known = await first(
        db,
        CodeSecret,
        """
        SELECT c.secret, c.last_step
        FROM code_secret c
        WHERE c.member_id = :member_id AND c.confirmed_at IS NOT NULL
        FOR NO KEY UPDATE
        """,
        member_id=actor.id,
    )
    if known is None:
        raise Invalid(code=WRONG)
    await _keep_step(db, actor, await _step(db, known, code))


async def _step(db: Database, known: CodeSecret, code: str) -> int:
    """Which 30 seconds `code` belongs to: now, just before or after, and later than the last used. Raises Invalid."""
    now: int = await value(
        db, "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) / :seconds) AS bigint)", seconds=STEP_SECONDS
    )
    app = pyotp.TOTP(known.secret)
    for step in (now - 1, now, now + 1):
        if step > known.last_step and hmac.compare_digest(app.generate_otp(step).encode(), code.encode()):
            return step
    raise Invalid(code=WRONG)


async def _keep_step(db: Database, actor: Actor, step: int) -> None:
    await run(
        db,
        "UPDATE code_secret SET last_step = :step WHERE member_id = :member_id",
        step=step,
        member_id=actor.id,
    )


async def _use_recovery_code(db: Database, actor: Actor, code: str) -> None:
    used = await run(
        db,
        """
        UPDATE recovery_code SET used_at = now()
        WHERE member_id = :member_id AND code_hash = :code_hash AND used_at IS NULL
        """,
        member_id=actor.id,
        code_hash=digest(code),
    )
    if not used:
        raise Invalid(code="This recovery code is not right, or was used.")
    await outbox.emit(db, "keys.changed", member_id=actor.id or 0, change="recovery-code-used")


async def _new_recovery_codes(db: Database, actor: Actor) -> list[str]:
    fresh = [base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(RECOVERY_CODES)]
    await run(db, "DELETE FROM recovery_code WHERE member_id = :member_id", member_id=actor.id)
    await run(
        db,
        """
        INSERT INTO recovery_code (member_id, code_hash)
        SELECT :member_id, unnest(CAST(:hashes AS bytea[]))
        """,
        member_id=actor.id,
        hashes=[digest(code) for code in fresh],
    )
    return fresh
