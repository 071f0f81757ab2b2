"""HTTP of signing in with an account elsewhere, and of linking one.

The way there begins with a link, not a form: browsers hold the redirects of a form to `form-action`.
What a provider says when it refuses is never shown.
"""

from dataclasses import dataclass
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from forum.identities import key_queries, linking, oidc, providers
from forum.identities.policy import require_for_keys
from forum.identities.types import Attempt, Departure, Failed, Provider, Vouched
from forum.kit.errors import Invalid, NotFound
from forum.kit.http import db_of, own_path, redirect, render, settings_of, tools_of
from forum.members import cookies

log = structlog.get_logger()
OURS = ("same-origin", "none")
BY_HAND = "/settings/sign-in"


@dataclass(frozen=True)
class FailedPage:
    """It did not work: the same words whether the account is unknown, or its member may not sign in."""

    provider_name: str
    is_linking: bool
    problem: str = ""


async def start(request: Request) -> Response:
    """Off to the provider."""
    provider = _provider(request)
    next_path = own_path(request.query_params.get("next", "/"))
    if request.headers.get("sec-fetch-site", "none") not in OURS:  # nobody is sent there by another site
        return redirect(f"/sign-in?next={quote(next_path)}")
    return await _depart(request, provider, next_path, None)


async def start_linking(request: Request) -> Response:
    """Off to the provider, to link the account there to mine."""
    provider, actor = _provider(request), request.state.actor
    require_for_keys(actor, await key_queries.keys(db_of(request), actor))
    if request.headers.get("sec-fetch-site", "none") not in OURS:
        return redirect(BY_HAND)
    return await _depart(request, provider, BY_HAND, actor.id)


async def _depart(request: Request, provider: Provider, next_path: str, member_id: int | None) -> Response:
    try:
        departure = await oidc.depart(tools_of(request), provider, next_path, member_id=member_id)
    except Failed as problem:
        return _failed(request, provider, problem.why, is_linking=member_id is not None, status=503)
    response = RedirectResponse(departure.url, status_code=303)
    _keep(request, response, departure)
    return response


async def back(request: Request) -> Response:
    """Back from the provider: sign in, link, or say that it did not work."""
    provider = _provider(request)
    secret = request.cookies.get(_cookie(request), "")
    attempt = None
    try:
        attempt = await oidc.take_attempt(db_of(request), provider, request.query_params.get("state", ""), secret)
        who = await oidc.return_from(settings_of(request), provider, request.query_params, secret)
        response = await _arrived(request, attempt, who)
    except (Failed, NotFound, Invalid) as problem:
        is_linking = attempt is not None and attempt.member_id is not None
        why = problem.why if isinstance(problem, Failed) else type(problem).__name__
        told = problem.fields.get("provider", "") if isinstance(problem, Invalid) else ""
        response = _failed(request, provider, why, is_linking=is_linking, status=403, problem=told)
    if attempt is not None:
        _drop(request, response)
    return response


async def _arrived(request: Request, attempt: Attempt, who: Vouched) -> Response:
    actor = request.state.actor
    if attempt.member_id is None:
        return await _signed_in(request, attempt, who)
    if actor.id != attempt.member_id:
        raise Failed("another member is signed in by now")
    await linking.link(db_of(request), actor, who)
    return redirect(f"{BY_HAND}?notice=linked")


async def _signed_in(request: Request, attempt: Attempt, who: Vouched) -> Response:
    arrival = await linking.arrive(db_of(request), who, *cookies.browser_of(request))
    if isinstance(arrival, linking.Stranger):
        known = f"name={quote(who.name, safe='')}"
        if arrival.join_token:
            return redirect(f"/join/{arrival.join_token}?{known}")
        return redirect(f"/join?{known}&address={quote(who.address, safe='')}")
    await cookies.leave_session(request)
    response = redirect(own_path(attempt.next_path))
    cookies.set_session(response, arrival, settings_of(request))
    return response


def _failed(
    request: Request, provider: Provider, why: str, *, is_linking: bool, status: int, problem: str = ""
) -> Response:
    log.info("sign-in failed", provider=provider.key, why=why)
    return render(request, "identities/failed.html", FailedPage(provider.name, is_linking, problem), status)


def _provider(request: Request) -> Provider:
    """The provider of the path. Raises NotFound when it is not set up, or switched off."""
    key = request.path_params["provider"]
    if key in request.state.site.methods_off:
        raise NotFound
    return providers.configured_as(settings_of(request), key)


def _cookie(request: Request) -> str:
    return settings_of(request).cookie_name("oidc")


def _keep(request: Request, response: Response, departure: Departure) -> None:
    response.set_cookie(
        _cookie(request),
        departure.secret,
        max_age=oidc.ATTEMPT_MINUTES * 60,
        path="/",
        secure=settings_of(request).is_https,
        httponly=True,
        samesite="lax",  # the provider's redirect comes from another site
    )


def _drop(request: Request, response: Response) -> None:
    is_secure = settings_of(request).is_https
    response.delete_cookie(_cookie(request), path="/", secure=is_secure, httponly=True, samesite="lax")


routes = [
    Route("/sign-in/with/{provider}", start),
    Route("/sign-in/with/{provider}/back", back),
    Route("/settings/sign-in/with/{provider}", start_linking),
]
