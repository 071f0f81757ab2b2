"""HTTP of the topics room: the page of all topics, and merging two."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, redirect, render
from forum.members.policy import require_admin
from forum.topics import commands, queries
from forum.topics.policy import may_merge
from forum.topics.types import Topic


@dataclass(frozen=True)
class TopicsPage:
    """Every topic with threads the reader may read; administrators also get the form that merges two."""

    topics: Sequence[Topic]
    may_merge: bool
    slug: str
    into: str
    problems: dict[str, str]


async def index(request: Request) -> Response:
    """All topics, most used first."""
    return await _index(request)


async def merge(request: Request) -> Response:
    """Make one topic of two."""
    may_merge(request.state.actor).require()
    require_admin(request.state.actor)
    form = await form_of(request, "slug", "into")
    slug, into = (form.get(name, "").strip().lstrip("#").lower() for name in ("slug", "into"))
    try:
        await commands.merge(db_of(request), request.state.actor, slug, into, request.app.state.topic_merges)
    except Invalid as problem:
        return await _index(request, slug, into, problem.fields, 422)
    return redirect("/topics?notice=merged")


async def _index(
    request: Request, slug: str = "", into: str = "", problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    actor = request.state.actor
    found = await queries.topics(db_of(request), actor)
    page = TopicsPage(found, bool(may_merge(actor)), slug, into, problems or {})
    return render(request, "topics/index.html", page, status)


routes = [Route("/topics", index), Route("/topics/merge", merge, methods=["POST"])]
