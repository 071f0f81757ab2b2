"""HTTP of showing again that it is you: with a passkey, a code, or a link mailed for this session."""

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.identities import codes, confirm, cookies, key_queries, passkeys
from forum.identities.key_types import Keys
from forum.identities.policy import may_have_keys
from forum.kit.errors import Invalid, NotFound
from forum.kit.http import db_of, form_of, own_path, redirect, render, settings_of
from forum.members import queries, sign_in
from forum.members.types import Actor


@dataclass(frozen=True)
class ConfirmPage:
    """How this member can show that it is them. is_second_factor: a mailed link would not do."""

    next_path: str
    is_second_factor: bool
    keys: Keys
    can_have_passkeys: bool
    can_mail: bool
    is_demo: bool
    problems: dict[str, str]


@dataclass(frozen=True)
class FirstKeyPage:
    """A staff page was asked for by somebody who has no second factor yet: here they get one."""

    next_path: str
    can_have_passkeys: bool
    is_demo: bool


@dataclass(frozen=True)
class ConfirmLinkPage:
    """The button behind the mailed link. `is_good` is False when it was used, is over, or is another browser's."""

    token: str
    is_good: bool


async def show(request: Request) -> Response:
    """Who are you, again?"""
    actor, next_path = request.state.actor, own_path(request.query_params.get("next", "/"))
    if actor.is_guest:
        return redirect(f"/sign-in?next={quote(next_path, safe='')}")
    return redirect(next_path) if actor.is_confirmed else await _page(request, next_path)


async def show_second_factor(request: Request) -> Response:
    """A passkey or a code, please; or the first key, for who has none."""
    actor, next_path = request.state.actor, own_path(request.query_params.get("next", "/"))
    if actor.is_guest:
        return redirect(f"/sign-in?next={quote(next_path, safe='')}")
    if actor.has_second_factor:
        return redirect(next_path)
    keys = await key_queries.keys(db_of(request), actor)
    if keys.any:
        return await _page(request, next_path, is_second_factor=True)
    if not actor.is_confirmed:
        return cookies.to_confirm("identity", f"/confirm/second-factor?next={quote(next_path, safe='')}")
    page = FirstKeyPage(next_path, cookies.party_of(request).can_have_passkeys, settings_of(request).demo)
    return render(request, "identities/second_factor.html", page)


async def ask_for_passkey(request: Request) -> Response:
    """What the browser is to sign."""
    await form_of(request)
    asked = await passkeys.ask_for_one(db_of(request), cookies.party_of(request), _actor(request))
    return cookies.ask(request, asked)


async def by_passkey(request: Request) -> Response:
    """It is them, says the passkey."""
    form = await form_of(request, "credential", "next", "need")
    db, actor, next_path = db_of(request), _actor(request), own_path(form.get("next", "/"))
    challenge, party = cookies.challenge_of(request), cookies.party_of(request)
    try:
        token = await passkeys.confirm_with(db, actor, party, challenge, form.get("credential", ""))
    except Invalid as problem:
        return await _page(request, next_path, form.get("need") == "second-factor", problem.fields)
    return cookies.go_on(request, next_path, token)


async def by_code(request: Request) -> Response:
    """It is them, says the code."""
    form = await form_of(request, "code", "next", "need")
    next_path = own_path(form.get("next", "/"))
    try:
        token = await codes.confirm_with(db_of(request), _actor(request), form.get("code", ""))
    except Invalid as problem:
        return await _page(request, next_path, form.get("need") == "second-factor", problem.fields)
    return cookies.go_on(request, next_path, token)


async def mail_link(request: Request) -> Response:
    """Mail a link for this session."""
    form = await form_of(request, "next")
    next_path = own_path(form.get("next", "/"))
    await confirm.request_link(db_of(request), _actor(request), next_path)
    return redirect(f"/confirm?next={quote(next_path, safe='')}&notice=confirm-sent")


async def show_link(request: Request) -> Response:
    """Show the button; opening the page changes nothing."""
    token = request.path_params["token"]
    is_good = await sign_in.is_confirmation_of(db_of(request), request.state.actor, token)
    return render(request, "identities/confirm_link.html", ConfirmLinkPage(token, is_good), 200 if is_good else 404)


async def by_link(request: Request) -> Response:
    """It is them, says the mailbox."""
    await form_of(request)
    token = request.path_params["token"]
    try:
        confirmed = await sign_in.confirm_by_link(db_of(request), request.state.actor, token)
    except NotFound:
        return render(request, "identities/confirm_link.html", ConfirmLinkPage(token, is_good=False), 404)
    return cookies.go_on(request, confirmed.next_path, confirmed.token)


async def in_demo(request: Request) -> Response:
    """In demo mode anybody may be anybody, so a button will do. Raises NotFound elsewhere."""
    form = await form_of(request, "next")
    if not settings_of(request).demo:
        raise NotFound
    token = await sign_in.confirm_session(db_of(request), _actor(request), has_second_factor=True)
    return cookies.go_on(request, own_path(form.get("next", "/")), token)


async def _page(
    request: Request, next_path: str, is_second_factor: bool = False, problems: dict[str, str] | None = None
) -> Response:
    db, actor = db_of(request), request.state.actor
    page = ConfirmPage(
        next_path=next_path,
        is_second_factor=is_second_factor,
        keys=await key_queries.keys(db, actor),
        can_have_passkeys=cookies.party_of(request).can_have_passkeys,
        can_mail=not is_second_factor and bool(await queries.mail_address(db, actor.id)),
        is_demo=settings_of(request).demo,
        problems=problems or {},
    )
    return render(request, "identities/confirm.html", page, 422 if problems else 200)


def _actor(request: Request) -> Actor:
    actor: Actor = request.state.actor
    may_have_keys(actor).require()
    return actor


routes = [
    Route("/confirm", show),
    Route("/confirm/second-factor", show_second_factor),
    Route("/confirm/passkey/options", ask_for_passkey, methods=["POST"]),
    Route("/confirm/passkey", by_passkey, methods=["POST"]),
    Route("/confirm/code", by_code, methods=["POST"]),
    Route("/confirm/link", mail_link, methods=["POST"]),
    Route("/confirm/link/{token}", show_link),
    Route("/confirm/link/{token}", by_link, methods=["POST"]),
    Route("/confirm/demo", in_demo, methods=["POST"]),
]
