"""HTTP of who moderates a category."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.categories import moderating, register
from forum.categories.register import Moderator
from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, path_id, redirect, render
from forum.members.policy import require_admin


@dataclass(frozen=True)
class ModeratorsPage:
    """The moderators of a category, and the form that names one more."""

    id: int
    name: str
    colour: str
    moderators: Sequence[Moderator]
    handle: str
    problems: dict[str, str]

    @property
    def path(self) -> str:
        return f"/admin/categories/{self.id}/moderators"


async def index(request: Request) -> Response:
    """Who moderates it."""
    require_admin(request.state.actor)
    return await _page(request)


async def add(request: Request) -> Response:
    """One more, by handle."""
    require_admin(request.state.actor)
    category_id = path_id(request, "category_id")
    handle = (await form_of(request, "handle")).get("handle", "")
    try:
        await moderating.add(db_of(request), request.state.actor, category_id, handle)
    except Invalid as problem:
        return await _page(request, handle, problem.fields, 422)
    return redirect(f"/admin/categories/{category_id}/moderators?notice=saved")


async def remove(request: Request) -> Response:
    """One fewer."""
    require_admin(request.state.actor)
    category_id = path_id(request, "category_id")
    member_id = (await form_of(request, "member_id")).whole("member_id") or 0
    await moderating.remove(db_of(request), request.state.actor, category_id, member_id)
    return redirect(f"/admin/categories/{category_id}/moderators?notice=saved")


async def _page(
    request: Request, handle: str = "", problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    db = db_of(request)
    kept = await register.category(db, path_id(request, "category_id"))
    found = await register.moderators(db, kept.id)
    page = ModeratorsPage(kept.id, kept.draft.name, kept.draft.colour, found, handle, problems or {})
    return render(request, "categories/moderators.html", page, status)


routes = [
    Route("/admin/categories/{category_id:int}/moderators", index),
    Route("/admin/categories/{category_id:int}/moderators", add, methods=["POST"]),
    Route("/admin/categories/{category_id:int}/moderators/remove", remove, methods=["POST"]),
]
