"""HTTP of tending search: what is looked for, what is not found, and words that mean the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid, Stale
from forum.kit.http import db_of, form_of, path_id, plain, redirect, render
from forum.members.policy import require_admin
from forum.members.types import Actor
from forum.search import asking, synonyms
from forum.search.asked_types import Asked, Synonyms, SynonymsDraft

CHANGED = "Somebody else changed this group since you opened it. Compare, and save again to replace their change."


@dataclass(frozen=True)
class AskedPage:
    """What was looked for in the last days, every group of synonyms, and the form for one more with its `terms`."""

    actor: Actor
    asked: Sequence[Asked]
    missed: Sequence[Asked]
    groups: Sequence[Synonyms]
    terms: str
    problems: Mapping[str, str]


@dataclass(frozen=True)
class SynonymsPage:
    """The form of one group. version: the one that `terms` were made from."""

    actor: Actor
    group: Synonyms
    terms: str
    version: int
    problems: Mapping[str, str]


async def show(request: Request) -> Response:
    """What is looked for; the form may begin with a term that was not found."""
    term = plain(request.query_params.get("terms", "")).strip()[: asking.MAX_WORDS]
    return await _show(request, f"{term}, " if term else "")


async def add(request: Request) -> Response:
    """One more group of words that mean the same."""
    require_admin(request.state.actor)
    terms = (await form_of(request, "terms")).get("terms", "")
    try:
        await synonyms.add(db_of(request), request.state.actor, SynonymsDraft.from_line(terms))
    except Invalid as problem:
        return await _show(request, terms, problem.fields, 422)
    return redirect("/admin/search?notice=saved")


async def edit(request: Request) -> Response:
    """The form of a group."""
    require_admin(request.state.actor)
    group = await _group(request)
    return _edit(request, group, group.line)


async def change(request: Request) -> Response:
    """Change it."""
    require_admin(request.state.actor)
    group = await _group(request)
    form = await form_of(request, "terms", "version")
    terms, version = form.get("terms", ""), form.whole("version") or 0
    try:
        draft = SynonymsDraft.from_line(terms)
        await synonyms.change(db_of(request), request.state.actor, group.id, draft, version=version)
    except Invalid as problem:
        return _edit(request, group, terms, version, problem.fields, 422)
    except Stale:
        newest = await _group(request)
        return _edit(request, newest, terms, newest.version, {"form": CHANGED}, 409)
    return redirect("/admin/search?notice=saved")


async def remove(request: Request) -> Response:
    """These words mean the same no more."""
    require_admin(request.state.actor)
    await form_of(request)
    await synonyms.remove(db_of(request), request.state.actor, path_id(request, "synonym_id"))
    return redirect("/admin/search?notice=saved")


async def _group(request: Request) -> Synonyms:
    return await synonyms.synonyms(db_of(request), path_id(request, "synonym_id"))


async def _show(request: Request, terms: str, problems: Mapping[str, str] | None = None, status: int = 200) -> Response:
    actor, db = request.state.actor, db_of(request)
    require_admin(actor)
    page = AskedPage(
        actor=actor,
        asked=await asking.most_asked(db),
        missed=await asking.most_missed(db),
        groups=await synonyms.all_synonyms(db),
        terms=terms,
        problems=problems or {},
    )
    return render(request, "search/asked.html", page, status)


def _edit(
    request: Request,
    group: Synonyms,
    terms: str,
    version: int | None = None,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    page = SynonymsPage(
        actor=request.state.actor,
        group=group,
        terms=terms,
        version=group.version if version is None else version,
        problems=problems or {},
    )
    return render(request, "search/synonyms.html", page, status)


routes = [
    Route("/admin/search", show),
    Route("/admin/search/synonyms", add, methods=["POST"]),
    Route("/admin/search/synonyms/{synonym_id:int}", edit),
    Route("/admin/search/synonyms/{synonym_id:int}", change, methods=["POST"]),
    Route("/admin/search/synonyms/{synonym_id:int}/remove", remove, methods=["POST"]),
]
