"""HTTP of watched words: the list with its form, and taking one away."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.categories import queries as categories
from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, path_id, redirect, render
from forum.members.policy import require_staff
from forum.members.types import Actor
from forum.screening import commands, queries
from forum.screening.types import ListedWord, WordDraft

ACT_NAMES = (
    ("hold", "Hold the post for a moderator"),
    ("block", "Refuse the post with a sentence"),
    ("link", "Show a page before posting"),
)


@dataclass(frozen=True)
class WordsPage:
    """The words this reader may change. places: (slug, name) where they may watch one, "" for the whole site."""

    actor: Actor
    words: Sequence[ListedWord]
    draft: WordDraft
    acts: Sequence[tuple[str, str]]
    act_names: dict[str, str]
    places: Sequence[tuple[str, str]]
    problems: dict[str, str]


async def show(request: Request) -> Response:
    """All watched words, and the form for one more."""
    require_staff(request.state.actor)
    return await _show(request, WordDraft("", "hold", "", "", ""))


async def watch(request: Request) -> Response:
    """Watch words from now on."""
    require_staff(request.state.actor)
    form = await form_of(request, "words", "act", "sentence", "path", "category")
    draft = WordDraft.from_form(form)
    try:
        await commands.watch(db_of(request), request.state.actor, draft)
    except Invalid as problem:
        return await _show(request, draft, problem.fields, 422)
    return redirect("/moderation/words?notice=saved")


async def unwatch(request: Request) -> Response:
    """Watch these words no more."""
    require_staff(request.state.actor)
    await form_of(request)
    await commands.unwatch(db_of(request), request.state.actor, path_id(request, "word_id"))
    return redirect("/moderation/words?notice=saved")


async def _show(
    request: Request, draft: WordDraft, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    db, actor = db_of(request), request.state.actor
    own = [(room.slug, room.name) for room in await categories.rooms(db, actor) if actor.moderates_in(room.id)]
    page = WordsPage(
        actor=actor,
        words=await queries.listed_words(db, actor),
        draft=draft,
        acts=ACT_NAMES,
        act_names=dict(ACT_NAMES),
        places=[("", "The whole site"), *own] if actor.is_admin else own,
        problems=problems or {},
    )
    return render(request, "screening/words.html", page, status)


routes = [
    Route("/moderation/words", show),
    Route("/moderation/words", watch, methods=["POST"]),
    Route("/moderation/words/{word_id:int}/drop", unwatch, methods=["POST"]),
]
