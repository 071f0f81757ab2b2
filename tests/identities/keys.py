"""What tests of keys share: a signed-in member, a passkey of theirs, an app with their secret."""

import time
from dataclasses import replace

import pyotp

from forum.identities import codes, key_queries, passkeys
from forum.identities.key_types import Party
from forum.kit.db import run, value
from forum.kit.tokens import digest
from forum.members import sign_in
from tests.factories import a_member
from tests.identities.authenticator import Authenticator

PARTY = Party("localhost", "http://localhost:8000", "Staffroom")


async def signed_in(db, actor=None, **fields):
    """A member in a fresh session."""
    actor = actor or await a_member(db, **fields)
    return await as_of(db, actor, await sign_in.start_session(db, actor.id, "Test"))


async def as_of(db, actor, token):
    """`actor` as the session with this secret knows them now."""
    row = "SELECT {} FROM session WHERE token_hash = :hash"
    confirmed = "confirmed_at > now() - interval '10 minutes'"
    session_id, is_confirmed, has_factor = [
        await value(db, row.format(what), hash=digest(token))
        for what in ("id", confirmed, "second_factor_at IS NOT NULL")
    ]
    return replace(actor, session_id=session_id, is_confirmed=is_confirmed, has_second_factor=has_factor)


async def a_passkey(db, actor, name="Work laptop", **kind):
    """A passkey of the signed-in `actor`; returns it with the actor as they are then."""
    key = Authenticator(**kind)
    asked = await passkeys.ask_to_register(db, actor, PARTY)
    token = await passkeys.register(db, actor, PARTY, asked.challenge, key.make(asked.options), name)
    return key, await as_of(db, actor, token)


async def an_app(db, actor):
    """An app with the secret of the signed-in `actor`; returns it, the recovery codes and the actor as they are then.

    The code that turned it on is of the 30 seconds before, so that the one of now is still good.
    """
    await codes.begin(db, actor)
    app = pyotp.TOTP((await key_queries.secret_being_set_up(db, actor)).secret)
    on = await codes.turn_on(db, actor, code_at(app, -1))
    await run(db, "DELETE FROM limit_count")
    return app, on.recovery_codes, await as_of(db, actor, on.token)


async def attempt(doing):
    """What came of it: the answer, or the refusal."""
    try:
        return await doing
    except Exception as refusal:
        return refusal


def code_at(app, step=0):
    """The code that the app shows now, or so many half minutes later."""
    return app.generate_otp(int(time.time()) // 30 + step)
