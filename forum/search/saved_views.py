"""HTTP of the searches that a member keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, path_id, redirect, render
from forum.kit.text import with_query
from forum.search import policy, saving
from forum.search.asked_types import MOST_SAVED, SavedSearch, SearchDraft


@dataclass(frozen=True)
class SavedPage:
    """The searches this member keeps, and the form for one more with what was typed into it.

    named_id: the search whose new `name` will not do, 0 for none.
    """

    searches: Sequence[SavedSearch]
    most: int
    query: str = ""
    named_id: int = 0
    name: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)


async def show(request: Request) -> Response:
    """My searches."""
    return await _show(request)


async def save(request: Request) -> Response:
    """Keep one, and see what it finds."""
    form = await form_of(request, "query")
    draft = SearchDraft.from_text(form.get("query", ""))
    try:
        await saving.save(db_of(request), request.state.actor, draft)
    except Invalid as problem:
        return await _show(request, 422, query=draft.query, problems=problem.fields)
    return redirect(with_query("/search", {"q": draft.query, "notice": "search-saved"}))


async def rename(request: Request) -> Response:
    """Name one."""
    name = (await form_of(request, "name")).get("name", "")
    saved_id = path_id(request, "saved_id")
    try:
        await saving.rename(db_of(request), request.state.actor, saved_id, name)
    except Invalid as problem:
        return await _show(request, 422, named_id=saved_id, name=name, problems=problem.fields)
    return redirect("/searches?notice=saved")


async def _show(request: Request, status: int = 200, **typed: Any) -> Response:
    actor = request.state.actor
    policy.may_save(actor).require()
    page = SavedPage(await saving.saved_searches(db_of(request), actor), MOST_SAVED, **typed)
    return render(request, "search/saved.html", page, status)


routes = [
    Route("/searches", show),
    Route("/searches", save, methods=["POST"]),
    Route("/searches/{saved_id:int}/name", rename, methods=["POST"]),
]
