"""HTTP of a newcomer's first step: what do you want to hear of?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.following import beginning, policy
from forum.following.beginning import CADENCES, Beginning, Offer
from forum.following.wishes import wishes
from forum.kit.clocks import clock
from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, redirect, render
from forum.threads.lists import Selection, threads
from forum.threads.types import ThreadRow

PATH = "/settings/following/start"
SAMPLE = 3


@dataclass(frozen=True)
class StartPage:
    """What is offered, what of it is ticked, and a sample of a digest made of threads the reader may read.

    hour: when their digests come.
    """

    offer: Offer
    chosen: Beginning
    cadences: Mapping[int, str]
    sample: Sequence[ThreadRow]
    hour: str
    problems: Mapping[str, str] = field(default_factory=dict)


async def show(request: Request) -> Response:
    """What there is to begin with."""
    policy.may_wish(request.state.actor).require()
    return await _page(request, Beginning(), {})


async def begin(request: Request) -> Response:
    """Follow what was ticked."""
    form = await form_of(request, "runs", "everything", "every_days", many=("topic",))
    policy.may_wish(request.state.actor).require()
    chosen = Beginning()
    try:
        chosen = Beginning.from_form(form)
        await beginning.begin(db_of(request), request.state.actor, chosen)
    except Invalid as problem:
        return await _page(request, chosen, problem.fields, 422)
    return redirect("/?notice=started")


async def _page(request: Request, chosen: Beginning, problems: Mapping[str, str], status: int = 200) -> Response:
    db, actor = db_of(request), request.state.actor
    sample = await threads(db, actor, Selection())
    hour = clock(time((await wishes(db, actor.id)).hour))
    page = StartPage(await beginning.offer(db, actor), chosen, CADENCES, sample[:SAMPLE], hour, problems)
    return render(request, "following/start.html", page, status)


routes = [Route(PATH, show), Route(PATH, begin, methods=["POST"])]
