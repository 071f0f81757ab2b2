"""HTTP of who sees which field of one's own profile."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.http import db_of, form_of, redirect, render
from forum.members import profile, queries
from forum.members.policy import may_have_settings
from forum.members.types import PRIVATE_FIELDS, SEEN_BY, Privacy


@dataclass(frozen=True)
class PrivacyPage:
    """Each field with who sees it now, and the choices. `chosen`: by the field's name."""

    fields: Mapping[str, str]
    choices: Mapping[str, str]
    chosen: Mapping[str, str]


async def show(request: Request) -> Response:
    """What I show to whom."""
    actor = request.state.actor
    may_have_settings(actor).require()
    privacy = await queries.privacy(db_of(request), actor)
    chosen = {name: getattr(privacy, name) for name in PRIVATE_FIELDS}
    return render(request, "members/privacy.html", PrivacyPage(PRIVATE_FIELDS, SEEN_BY, chosen))


async def save(request: Request) -> Response:
    """Change it."""
    actor = request.state.actor
    may_have_settings(actor).require()
    privacy = Privacy.from_form(await form_of(request, *PRIVATE_FIELDS))
    await profile.change_privacy(db_of(request), actor, privacy)
    return redirect("/settings/privacy?notice=saved")


routes = [Route("/settings/privacy", show), Route("/settings/privacy", save, methods=["POST"])]
