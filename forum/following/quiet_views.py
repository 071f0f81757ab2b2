"""HTTP of quiet times, for administrators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.districts.queries import districts
from forum.following import quiet
from forum.following.quiet import QUIET_FIELDS, QuietDraft, QuietTime
from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, path_id, redirect, redirect_noting, render
from forum.kit.undoing import undo, undo_of
from forum.members.policy import require_admin

PATH = "/admin/quiet"


@dataclass(frozen=True)
class QuietPage:
    """The quiet times that are not over, and the form for one more. districts: id and name."""

    times: Sequence[QuietTime]
    districts: Sequence[tuple[int, str]]
    draft: QuietDraft
    problems: Mapping[str, str] = field(default_factory=dict)


async def index(request: Request) -> Response:
    """When it is quiet."""
    require_admin(request.state.actor)
    return await _page(request, QuietDraft("", "", ""), {})


async def plan(request: Request) -> Response:
    """One more."""
    require_admin(request.state.actor)
    form = await form_of(request, *QUIET_FIELDS)
    draft = QuietDraft("", "", "")
    try:
        draft = QuietDraft.from_form(form)
        await quiet.plan(db_of(request), request.state.actor, draft)
    except Invalid as problem:
        return await _page(request, draft, problem.fields, 422)
    return redirect(f"{PATH}?notice=quiet")


async def remove(request: Request) -> Response:
    """One fewer."""
    require_admin(request.state.actor)
    await form_of(request)
    entry_id = await quiet.remove(db_of(request), request.state.actor, path_id(request, "quiet_id"))
    return redirect_noting(PATH, "quiet-removed", undo_of(request, "quiet", [entry_id]))


async def bring_back(request: Request) -> Response:
    """Plan it again as it was."""
    db, actor = db_of(request), request.state.actor
    require_admin(actor)
    return await undo(request, "quiet", PATH, lambda parts: quiet.bring_back(db, actor, int(parts[0])))


async def _page(request: Request, draft: QuietDraft, problems: Mapping[str, str], status: int = 200) -> Response:
    db = db_of(request)
    named = [(0, "All districts"), *((each.id, each.name) for each in await districts(db))]
    return render(
        request, "following/quiet.html", QuietPage(await quiet.quiet_times(db), named, draft, problems), status
    )


routes = [
    Route(PATH, index),
    Route(PATH, plan, methods=["POST"]),
    Route(f"{PATH}/{{quiet_id:int}}/remove", remove, methods=["POST"]),
    Route("/undo/quiet/{deed}", bring_back, methods=["POST"]),
]
