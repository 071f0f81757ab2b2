"""HTTP of one's own digest: as it would be now, and as a mail to try."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, redirect, render, tools_of
from forum.mail.digests.previewing import preview, send_preview
from forum.mail.digests.types import DigestPage
from forum.members.policy import may_have_settings

HOME = "/settings/digest"


@dataclass(frozen=True)
class DigestPreviewPage:
    """A digest as it would be, None for nothing; and why it was not sent."""

    digest: DigestPage | None
    problems: dict[str, str]


async def show(request: Request) -> Response:
    """My digest as it would be now."""
    return await _show(request)


async def _show(request: Request, problems: dict[str, str] | None = None) -> Response:
    actor = request.state.actor
    may_have_settings(actor).require()
    page = DigestPreviewPage(await preview(tools_of(request), actor.id), problems or {})
    return render(request, "mail/digest.html", page, 422 if problems else 200)


async def send(request: Request) -> Response:
    """Send it to me."""
    actor = request.state.actor
    may_have_settings(actor).require()
    await form_of(request)
    try:
        await send_preview(db_of(request), actor)
    except Invalid as problem:
        return await _show(request, problem.fields)
    return redirect(f"{HOME}?notice=digest-sent")


routes = [Route(HOME, show), Route(HOME, send, methods=["POST"])]
