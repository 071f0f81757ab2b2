"""HTTP of the ways to sign in: which are set up, switching them, and a live test of each provider."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.administration import commands
from forum.administration.policy import MAILED_LINK
from forum.administration.types import Way
from forum.identities import providers
from forum.identities.types import Check
from forum.kit import limits
from forum.kit.errors import NotFound
from forum.kit.http import db_of, form_of, redirect, render, settings_of
from forum.kit.settings import Settings
from forum.members.policy import require_admin
from forum.members.types import Actor
from forum.site.types import Site

TESTS_AN_HOUR = 30


@dataclass(frozen=True)
class SignInPage:
    """Every way to sign in. tested: the key of the one whose `checks` these are."""

    actor: Actor
    ways: tuple[Way, ...]
    tested: str
    checks: Sequence[Check]


def ways(settings: Settings, site: Site) -> tuple[Way, ...]:
    """The ways to sign in that this forum knows; secrets stay in the settings."""
    offered = [
        Way(MAILED_LINK, "emailed link", settings.can_mail, "SMTP_URL" if not settings.demo else ""),
        Way("passkey", "passkey", True, ""),
        *(Way(key, name, True, "", is_provider=True) for key, name in settings.sign_in_buttons),
    ]
    return tuple(way.switched(is_on=way.key not in site.methods_off) for way in offered)


async def show(request: Request) -> Response:
    """What is set up and switched on."""
    return _page(request)


async def switch(request: Request) -> Response:
    """Switch a way on or off."""
    actor, db = request.state.actor, db_of(request)
    require_admin(actor)
    way = _way(request)
    is_on = (await form_of(request, "on")).one_of("on", ("0", "1")) == "1"
    set_up = frozenset(each.key for each in ways(settings_of(request), request.state.site) if each.is_set_up)
    await commands.switch_method(db, actor, way.key, is_on=is_on, set_up=set_up)
    return redirect("/admin/sign-in?notice=saved")


async def test(request: Request) -> Response:
    """Ask a provider what signing in needs, now."""
    actor, db = request.state.actor, db_of(request)
    require_admin(actor)
    await form_of(request)
    way = _way(request)
    if not way.is_provider:
        raise NotFound
    await limits.count(db, f"provider test {actor.id}", most=TESTS_AN_HOUR, seconds=3600)
    settings = settings_of(request)
    checks = await providers.test(settings, providers.configured_as(settings, way.key))
    await commands.note_provider_test(db, actor, way.key, is_good=all(check.is_good for check in checks))
    return _page(request, way.key, checks)


def _way(request: Request) -> Way:
    """The way in the path. Raises NotFound."""
    key = request.path_params["method"]
    for way in ways(settings_of(request), request.state.site):
        if way.key == key:
            return way
    raise NotFound


def _page(request: Request, tested: str = "", checks: Sequence[Check] = ()) -> Response:
    require_admin(request.state.actor)
    found = ways(settings_of(request), request.state.site)
    return render(request, "administration/sign_in.html", SignInPage(request.state.actor, found, tested, checks))


routes = [
    Route("/admin/sign-in", show),
    Route("/admin/sign-in/{method}", switch, methods=["POST"]),
    Route("/admin/sign-in/{method}/test", test, methods=["POST"]),
]
