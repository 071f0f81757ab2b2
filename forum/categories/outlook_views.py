"""HTTP of "view as": what a guest, anybody of a role, or one member may do in each category."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.categories.outlook import Outlook, outlooks, somebody
from forum.kit.errors import NotFound
from forum.kit.http import db_of, render
from forum.members.policy import require_admin

ROLES = (
    ("guest", "A guest: nobody who signed in"),
    ("member", "A member, in no group"),
    ("vendor", "A vendor"),
    ("admin", "An administrator"),
)
NOBODY = "No active member has that handle. Look it up under People."


@dataclass(frozen=True)
class OutlookPage:
    """Whom one looks as, and what they may do in each category."""

    roles: Sequence[tuple[str, str]]
    role: str
    handle: str
    who: str
    outlooks: Sequence[Outlook]
    problems: dict[str, str]


async def view_as(request: Request) -> Response:
    """What somebody may do: the member with `handle` if one is given, else anybody with `role`."""
    require_admin(request.state.actor)
    db, names = db_of(request), dict(ROLES)
    handle = request.query_params.get("handle", "").strip().removeprefix("@").lower()
    role = request.query_params.get("role", "")
    role = role if role in names else "guest"
    try:
        actor = await somebody(db, role, handle)
    except NotFound:
        page = OutlookPage(ROLES, role, handle, "", (), {"handle": NOBODY})
        return render(request, "categories/view_as.html", page, 422)
    who = f"{actor.name} (@{actor.handle})" if handle else names[role].partition(":")[0]
    return render(
        request, "categories/view_as.html", OutlookPage(ROLES, role, handle, who, await outlooks(db, actor), {})
    )


routes = [Route("/admin/categories/view-as", view_as)]
