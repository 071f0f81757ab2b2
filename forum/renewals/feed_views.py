"""HTTP of a member's private calendar: its page, and the calendar itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit import ics
from forum.kit.http import db_of, form_of, ics_file, redirect, render, settings_of
from forum.kit.settings import Settings
from forum.renewals import feeding, policy, queries
from forum.renewals.types import Contract


@dataclass(frozen=True)
class FeedPage:
    """Whether there is an address and since when; `address` is shown once, when it was just made."""

    made_at: datetime | None
    address: str


async def show(request: Request) -> Response:
    """My calendar."""
    return await _show(request, "")


async def make(request: Request) -> Response:
    """Make an address, and show it once."""
    await form_of(request)
    token = await feeding.make_feed(db_of(request), request.state.actor)
    return await _show(request, f"{settings_of(request).site_url}/renewals/calendar/{token}.ics")


async def stop(request: Request) -> Response:
    """Have none any more."""
    await form_of(request)
    policy.may_see_renewals(request.state.actor).require()
    await feeding.stop_feed(db_of(request), request.state.actor)
    return redirect("/renewals/feed?notice=feed-stopped")


async def calendar(request: Request) -> Response:
    """The contracts of the district of whoever made the address, as they may read them now."""
    db, settings = db_of(request), settings_of(request)
    reader = await feeding.reader_of(db, request.path_params["token"])
    office = await queries.office(db, reader)
    entries = [entry for each in await queries.contracts(db, reader) for entry in _entries(settings, each)]
    text = ics.calendar(f"Renewals, {office.district_name or request.state.site.name}", entries)
    return ics_file(text, "renewals.ics")


def _entries(settings: Settings, contract: Contract) -> Iterator[ics.Entry]:
    """Neither price nor note: calendars are kept by others."""
    words = f"{contract.product_name} ends on {contract.end_words}. Notice is in time until {contract.notice_words}."
    for what, day, summary in (
        ("notice", contract.notice_on, f"Last day for notice: {contract.product_name}"),
        ("end", contract.ends_on, f"Contract ends: {contract.product_name}"),
    ):
        yield ics.Entry(
            uid=f"contract-{contract.id}-{what}@{settings.site_host}",
            day=day,
            summary=summary,
            description=words,
            url=f"{settings.site_url}{contract.path}/edit",
            changed=contract.changed_at,
            sequence=contract.version - 1,
        )


async def _show(request: Request, address: str) -> Response:
    actor = request.state.actor
    policy.may_see_renewals(actor).require()
    page = FeedPage(await queries.feed_made_at(db_of(request), actor), address)
    return render(request, "renewals/feed.html", page)


routes = [
    Route("/renewals/feed", show),
    Route("/renewals/feed", make, methods=["POST"]),
    Route("/renewals/feed/stop", stop, methods=["POST"]),
    Route("/renewals/calendar/{token}.ics", calendar),
]
