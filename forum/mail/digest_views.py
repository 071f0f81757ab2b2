"""HTTP of one's own digest: as it would be now, and as a mail to try."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.days import written
from forum.kit.errors import Invalid, TooMany
from forum.kit.http import db_of, form_of, redirect, render, tools_of
from forum.mail.digests.previewing import NO_BLOCKS, preview, send_preview, unsure_day, why_none
from forum.mail.digests.types import DigestPage
from forum.mail.suppressing import unreached
from forum.members.policy import may_have_settings
from forum.members.queries import zone

HOME = "/settings/digest"


@dataclass(frozen=True)
class DigestPreviewPage:
    """A digest as it would be, None for nothing. unreached: why no mail reaches its reader at all, why_none: why none
    comes, "" where they do; leaves_all_out: that is because its reader wants nothing in it; unsent: why it was not sent
    just now; unsure: the day of one that may not have come, "" for none.
    """

    digest: DigestPage | None
    unreached: str
    why_none: str
    leaves_all_out: bool
    unsent: str
    unsure: str


async def show(request: Request) -> Response:
    """My digest as it would be now."""
    return await _show(request)


async def _show(request: Request, unsent: str = "", status: int = 200) -> Response:
    actor = request.state.actor
    may_have_settings(actor).require()
    tools = tools_of(request)
    own_zone = await zone(tools.db, actor.id, tools.settings.time_zone)
    unsure = await unsure_day(tools.db, actor.id, own_zone)
    why = await unreached(tools.db, actor)
    why_nothing = await why_none(tools.db, actor.id, own_zone)
    page = DigestPreviewPage(
        digest=await preview(tools, actor.id, own_zone),
        unreached="" if why == unsent else why,
        why_none=why_nothing,
        leaves_all_out=why_nothing == NO_BLOCKS,
        unsent=unsent,
        unsure=written(unsure) if unsure else "",
    )
    return render(request, "mail/digest.html", page, status)


async def send(request: Request) -> Response:
    """Send it to me."""
    actor = request.state.actor
    may_have_settings(actor).require()
    await form_of(request)
    try:
        await send_preview(db_of(request), actor)
    except Invalid as problem:
        return await _show(request, " ".join(problem.fields.values()), 422)
    except TooMany as limit:
        response = await _show(request, limit.words, 429)
        response.headers["retry-after"] = str(limit.seconds)
        return response
    return redirect(f"{HOME}?notice=digest-sent")


routes = [Route(HOME, show), Route(HOME, send, methods=["POST"])]
