"""HTTP of passkeys: signing in with one, and naming and removing one's own.

Forms ask `…/options` by script for what the browser is to sign, and send its answer in the field `credential`.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.identities import cookies, passkeys
from forum.identities.policy import may_have_keys
from forum.kit import limits
from forum.kit.errors import Invalid, NotFound, Unconfirmed
from forum.kit.http import client_block, db_of, form_of, own_path, path_id, redirect, render
from forum.members.cookies import browser_of, leave_session
from forum.members.types import Actor

SECURITY = "/settings/security"
ASKED_BY_BLOCK = 600  # a district's schools may all sign in through one address
BLOCK_SECONDS = 300


@dataclass(frozen=True)
class RefusedPage:
    """The passkey did not sign in; what to do."""

    reason: str
    next_path: str


async def ask_to_sign_in(request: Request) -> Response:
    """What the browser is to sign in order to sign in."""
    await form_of(request)
    _require_passkeys(request)
    await limits.count(db_of(request), f"passkeys {client_block(request)}", most=ASKED_BY_BLOCK, seconds=BLOCK_SECONDS)
    return cookies.ask(request, await passkeys.ask_for_one(db_of(request), cookies.party_of(request)))


async def sign_in(request: Request) -> Response:
    """Sign in."""
    form = await form_of(request, "credential", "next")
    _require_passkeys(request)
    db, challenge, party = db_of(request), cookies.challenge_of(request), cookies.party_of(request)
    next_path = own_path(form.get("next", "/"))
    try:
        token = await passkeys.sign_in_with(db, party, challenge, form.get("credential", ""), *browser_of(request))
    except Invalid as problem:
        page = RefusedPage(" ".join(problem.fields.values()), next_path)
        return render(request, "identities/passkey_refused.html", page, 422)
    await leave_session(request)
    return cookies.go_on(request, next_path, token)


def _require_passkeys(request: Request) -> None:
    if "passkey" in request.state.site.methods_off:
        raise NotFound


async def ask_to_register(request: Request) -> Response:
    """What the browser is to make."""
    await form_of(request)
    asked = await passkeys.ask_to_register(db_of(request), _actor(request), cookies.party_of(request))
    return cookies.ask(request, asked)


async def rename(request: Request) -> Response:
    """Call one otherwise."""
    form = await form_of(request, "name")
    await passkeys.rename(db_of(request), _actor(request), path_id(request, "passkey_id"), form.get("name", ""))
    return redirect(f"{SECURITY}?notice=saved")


async def remove(request: Request) -> Response:
    """Remove one."""
    await form_of(request)
    try:
        await passkeys.remove(db_of(request), _actor(request), path_id(request, "passkey_id"))
    except Unconfirmed as refusal:
        return cookies.to_confirm(refusal.need, SECURITY)
    return redirect(f"{SECURITY}?notice=passkey-removed")


def _actor(request: Request) -> Actor:
    actor: Actor = request.state.actor
    may_have_keys(actor).require()
    return actor


routes = [
    Route("/sign-in/passkey/options", ask_to_sign_in, methods=["POST"]),
    Route("/sign-in/passkey", sign_in, methods=["POST"]),
    Route("/settings/security/passkeys/options", ask_to_register, methods=["POST"]),
    Route("/settings/security/passkeys/{passkey_id:int}/name", rename, methods=["POST"]),
    Route("/settings/security/passkeys/{passkey_id:int}/remove", remove, methods=["POST"]),
]
