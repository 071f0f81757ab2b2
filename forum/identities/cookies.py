"""What the pages about keys share: the site as passkeys know it, the challenge in its cookie, the next session."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from forum.identities import key_types
from forum.identities.key_types import CHALLENGE_MINUTES, Party
from forum.kit.http import own_path, redirect, settings_of
from forum.members.cookies import set_session


def party_of(request: Request) -> Party:
    """This site: by its settings, never by what a request says."""
    settings = settings_of(request)
    return Party(settings.site_host, settings.site_url, request.state.site.name)


def ask(request: Request, asked: key_types.Request) -> Response:
    """The options for the script that asked, and the challenge for this browser to bring back."""
    response = Response(asked.options, media_type="application/json")
    response.set_cookie(
        _name(request),
        asked.challenge,
        max_age=CHALLENGE_MINUTES * 60,
        path="/",
        secure=settings_of(request).is_https,
        httponly=True,
        samesite="strict",
    )
    return response


def challenge_of(request: Request) -> str:
    """The challenge this browser was given, "" for none."""
    return request.cookies.get(_name(request), "")


def go_on(request: Request, path: str, token: str) -> Response:
    """Lead to `path` with the session's new secret; the challenge is over."""
    response = redirect(own_path(path))
    set_session(response, token, settings_of(request))
    if _name(request) in request.cookies:
        response.delete_cookie(
            _name(request), path="/", secure=settings_of(request).is_https, httponly=True, samesite="strict"
        )
    return response


def to_confirm(need: str, next_path: str) -> Response:
    """Lead to where one shows again who one is, and from there to `next_path`. need: as Unconfirmed has it."""
    page = "/confirm/second-factor" if need == "second-factor" else "/confirm"
    return redirect(f"{page}?next={quote(next_path, safe='')}")


def _name(request: Request) -> str:
    return "__Host-passkey" if settings_of(request).is_https else "passkey"
