"""HTTP of the queue of mails: what waits, what failed and why, which addresses are left alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.charts import Chart, bar_chart
from forum.kit.days import of_its_year
from forum.kit.db import Database
from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, path_id, redirect, render, settings_of
from forum.kit.zones import zone_words
from forum.mail import queries, suppressing, tending
from forum.mail.queries import Domain, Failure, Suppression, Waiting
from forum.mail.testing import count_test
from forum.members.policy import require_admin
from forum.members.types import Actor

STATES = {
    "waiting": "waiting",
    "sending": "being sent",
    "sent": "sent in the last day",
    "unwanted": "no longer wanted",
    "failed": "failed in the last day",
}
REASONS = {
    "refused": "its mail server says nobody has it",
    "complained": "its owner complained",
    "asked": "its owner asked us to stop",
    "staff": "an administrator stopped it",
}


@dataclass(frozen=True)
class QueuePage:
    """The queue as it is. counts: by words for states; reasons: words for why an address is left alone."""

    actor: Actor
    counts: dict[str, int]
    next: Sequence[Waiting]
    domains: Sequence[Domain]
    failures: Sequence[Failure]
    suppressions: Sequence[Suppression]
    chart: Chart
    reasons: dict[str, str]
    problems: dict[str, str]
    address: str = ""


async def show(request: Request) -> Response:
    """The queue."""
    return await _show(request)


async def _show(request: Request, problems: dict[str, str] | None = None, address: str = "") -> Response:
    require_admin(request.state.actor)
    db = db_of(request)
    found = {each.state: each.count for each in await queries.counts(db)}
    page = QueuePage(
        actor=request.state.actor,
        counts={words: found.get(state, 0) for state, words in STATES.items()},
        next=await queries.next_to_leave(db),
        domains=await queries.oldest_by_domain(db),
        failures=await queries.failures(db),
        suppressions=await queries.suppressions(db),
        chart=await _chart(db, settings_of(request).time_zone),
        reasons=REASONS,
        problems=problems or {},
        address=address,
    )
    return render(request, "mail/queue.html", page, 422 if problems else 200)


async def _chart(db: Database, zone_name: str) -> Chart:
    """Days of the site's time zone, in which the times beside it are told."""
    days = await queries.days(db, datetime.now(ZoneInfo(zone_name)).date(), zone_name)
    points = [(of_its_year(each.day), float(each.sent)) for each in days]
    title = f"Emails sent each day ({zone_words(zone_name)})"
    return bar_chart("mails", title, points, lambda count: f"{count:,.0f}", unit="day")


async def resend(request: Request) -> Response:
    """Send a failed mail again."""
    require_admin(request.state.actor)
    await form_of(request)
    is_again = await tending.resend(db_of(request), request.state.actor, path_id(request, "queued_id"))
    return redirect("/admin/mail/queue?notice=mail-again" if is_again else "/admin/mail/queue")


async def resend_all(request: Request) -> Response:
    """Send all that failed lately again."""
    require_admin(request.state.actor)
    await form_of(request)
    if not await tending.resend_all(db_of(request), request.state.actor):
        raise Invalid(mail="No email that failed in the last week can be sent again.")
    return redirect("/admin/mail/queue?notice=mail-again")


async def queue_test(request: Request) -> Response:
    """Send a test mail by way of the queue."""
    actor, db = request.state.actor, db_of(request)
    require_admin(actor)
    await form_of(request)
    await count_test(db, actor)
    await tending.queue_test(db, actor)
    return redirect("/admin/mail/queue?notice=mail-queued")


async def suppress(request: Request) -> Response:
    """Mail nothing more to an address."""
    require_admin(request.state.actor)
    address = (await form_of(request, "address")).get("address", "")
    try:
        await suppressing.add(db_of(request), request.state.actor, address)
    except Invalid as problem:
        return await _show(request, problem.fields, address)
    return redirect("/admin/mail/queue?notice=mail-stopped")


async def let_in(request: Request) -> Response:
    """Mail to an address again."""
    require_admin(request.state.actor)
    address = (await form_of(request, "address")).get("address", "")
    try:
        await suppressing.let_in(db_of(request), request.state.actor, address)
    except Invalid as problem:
        return await _show(request, problem.fields, address)
    return redirect("/admin/mail/queue?notice=mail-let-in")


routes = [
    Route("/admin/mail/queue", show),
    Route("/admin/mail/queue/test", queue_test, methods=["POST"]),
    Route("/admin/mail/queue/again", resend_all, methods=["POST"]),
    Route("/admin/mail/queue/{queued_id:int}/again", resend, methods=["POST"]),
    Route("/admin/mail/suppressions", suppress, methods=["POST"]),
    Route("/admin/mail/suppressions/drop", let_in, methods=["POST"]),
]
