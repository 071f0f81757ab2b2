"""Before posting, once: a page that may hold the answer, when watched words of the text lead to one."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from forum.categories.policy import may_start
from forum.categories.queries import rooms
from forum.kit.http import db_of, render
from forum.screening.queries import screening

SEEN = "seen_answer"


@dataclass(frozen=True)
class AdvicePage:
    """What to look at first, and everything typed, ready to be sent anyway. fields: (name, text)."""

    sentence: str
    path: str
    action: str
    fields: Sequence[tuple[str, str]]


async def advice(request: Request, category_id: int, action: str, fields: Sequence[tuple[str, str]]) -> Response | None:
    """The page to show instead of posting to `action`, or None when no watched word leads anywhere."""
    text = "\n".join(text for _, text in fields)
    found = await screening(db_of(request), request.state.actor, category_id, text)
    if found.answer is None or found.refusal:
        return None
    page = AdvicePage(found.answer.sentence, found.answer.path, action, fields)
    return render(request, "threads/advice.html", page)


async def advice_in(request: Request, slug: str, action: str, fields: Sequence[tuple[str, str]]) -> Response | None:
    """The same before a thread is started in the category of that slug; None also where they may not start one."""
    actor = request.state.actor
    room = next((each for each in await rooms(db_of(request), actor) if each.slug == slug), None)
    if room is None or not may_start(actor, room):
        return None
    return await advice(request, room.id, action, fields)
