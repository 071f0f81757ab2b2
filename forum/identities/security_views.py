"""HTTP of one's own security: passkeys, codes, recovery codes, and where one is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import pyotp
import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.identities import codes, cookies, key_queries, passkeys
from forum.identities.key_types import Keys, spaced
from forum.identities.policy import may_have_keys, may_remove_way, require_for_keys
from forum.kit.errors import Invalid, Unconfirmed, Verdict
from forum.kit.http import db_of, form_of, own_path, redirect, render, settings_of
from forum.members import queries
from forum.members.cookies import set_session
from forum.members.types import Actor, OpenSession

SECURITY = "/settings/security"


@dataclass(frozen=True)
class SecurityPage:
    """How my account is secured. confirm_path: where to go before anything may be changed, "" when it may be."""

    keys: Keys
    sessions: Sequence[OpenSession]
    current_id: int | None
    confirm_path: str
    can_have_passkeys: bool
    may_remove_passkey: Verdict
    next_path: str = SECURITY
    typed_name: str = ""
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SetUpPage:
    """An app takes over the secret: from the picture, or typed."""

    picture: str
    secret: str
    next_path: str
    problems: dict[str, str]


@dataclass(frozen=True)
class RecoveryPage:
    """Ten codes that are never shown again."""

    codes: Sequence[str]
    next_path: str


async def show(request: Request) -> Response:
    """My keys and sessions."""
    return await _show(request, _actor(request))


async def register(request: Request) -> Response:
    """Keep the passkey that the browser has made."""
    actor = _actor(request)
    form = await form_of(request, "credential", "name", "next")
    next_path = own_path(form.get("next", SECURITY), SECURITY)
    challenge, party = cookies.challenge_of(request), cookies.party_of(request)
    try:
        token = await passkeys.register(
            db_of(request), actor, party, challenge, form.get("credential", ""), form.get("name", "")
        )
    except Unconfirmed as refusal:
        return cookies.to_confirm(refusal.need, next_path)
    except Invalid as problem:
        return await _show(request, actor, form.get("name", ""), problem.fields, 422, next_path)
    notice = "?notice=passkey-added" if next_path == SECURITY else ""
    return cookies.go_on(request, next_path + notice, token)


async def begin(request: Request) -> Response:
    """Make a secret for an app."""
    form = await form_of(request, "next")
    next_path = own_path(form.get("next", SECURITY), SECURITY)
    try:
        await codes.begin(db_of(request), _actor(request))
    except Unconfirmed as refusal:
        return cookies.to_confirm(refusal.need, next_path)
    return redirect(f"{SECURITY}/codes?next={quote(next_path, safe='')}")


async def set_up(request: Request) -> Response:
    """Show the secret, until the app has shown that it has it."""
    return await _set_up(request, own_path(request.query_params.get("next", SECURITY), SECURITY))


async def turn_on(request: Request) -> Response:
    """Believe the app from now on, and show the recovery codes once."""
    form = await form_of(request, "code", "next")
    next_path = own_path(form.get("next", SECURITY), SECURITY)
    try:
        turned_on = await codes.turn_on(db_of(request), _actor(request), form.get("code", ""))
    except Unconfirmed as refusal:
        return cookies.to_confirm(refusal.need, next_path)
    except Invalid as problem:
        return await _set_up(request, next_path, problem.fields, 422)
    request.state.session_token = turned_on.token  # what the page's own forms are tied to
    response = render(request, "identities/recovery.html", RecoveryPage(_read(turned_on.recovery_codes), next_path))
    set_session(response, turned_on.token, settings_of(request))
    return response


async def turn_off(request: Request) -> Response:
    """Believe the app no more."""
    await form_of(request)
    try:
        await codes.turn_off(db_of(request), _actor(request))
    except Unconfirmed as refusal:
        return cookies.to_confirm(refusal.need, SECURITY)
    return redirect(f"{SECURITY}?notice=codes-off")


async def renew_recovery_codes(request: Request) -> Response:
    """Show ten new ones, once."""
    await form_of(request)
    try:
        fresh = await codes.renew_recovery_codes(db_of(request), _actor(request))
    except Unconfirmed as refusal:
        return cookies.to_confirm(refusal.need, SECURITY)
    return render(request, "identities/recovery.html", RecoveryPage(_read(fresh), SECURITY))


async def _show(
    request: Request,
    actor: Actor,
    typed_name: str = "",
    problems: dict[str, str] | None = None,
    status: int = 200,
    next_path: str = SECURITY,
) -> Response:
    db = db_of(request)
    keys, ways = await key_queries.keys(db, actor), await key_queries.ways(db, actor.id or 0)
    page = SecurityPage(
        keys=keys,
        sessions=await queries.open_sessions(db, actor),
        current_id=actor.session_id,
        confirm_path=_confirm_path(actor, keys),
        can_have_passkeys=cookies.party_of(request).can_have_passkeys,
        may_remove_passkey=may_remove_way(ways.count),
        next_path=next_path,
        typed_name=typed_name,
        problems=problems or {},
    )
    return render(request, "identities/security.html", page, status)


def _confirm_path(actor: Actor, keys: Keys) -> str:
    try:
        require_for_keys(actor, keys)
    except Unconfirmed as refusal:
        return cookies.to_confirm(refusal.need, SECURITY).headers["location"]
    return ""


async def _set_up(
    request: Request, next_path: str, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    db, actor = db_of(request), _actor(request)
    require_for_keys(actor, await key_queries.keys(db, actor))
    pending = await key_queries.secret_being_set_up(db, actor)
    if pending is None:
        return redirect(SECURITY)
    site = request.state.site.name.replace(":", " ")
    uri = pyotp.TOTP(pending.secret).provisioning_uri(name=actor.handle, issuer_name=site)
    picture = segno.make(uri, micro=False).svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
    page = SetUpPage(picture, spaced(pending.secret), next_path, problems or {})
    return render(request, "identities/set_up.html", page, status)


def _read(fresh: Sequence[str]) -> list[str]:
    return [spaced(code).replace(" ", "-") for code in fresh]


def _actor(request: Request) -> Actor:
    actor: Actor = request.state.actor
    may_have_keys(actor).require()
    return actor


routes = [
    Route("/settings/security", show),
    Route("/settings/security/passkeys", register, methods=["POST"]),
    Route("/settings/security/codes", set_up),
    Route("/settings/security/codes", begin, methods=["POST"]),
    Route("/settings/security/codes/turn-on", turn_on, methods=["POST"]),
    Route("/settings/security/codes/turn-off", turn_off, methods=["POST"]),
    Route("/settings/security/recovery-codes", renew_recovery_codes, methods=["POST"]),
]
