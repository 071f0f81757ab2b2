"""HTTP of one's own district's contracts, month by month too, and of those that other districts let one see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.days import month_and_year, of_its_year
from forum.kit.errors import Invalid, Stale, Verdict
from forum.kit.http import db_of, form_of, path_id, redirect, render, settings_of
from forum.renewals import commands, policy, queries
from forum.renewals.days import month_of, months_from
from forum.renewals.types import (
    FIELDS,
    MAX_NOTE,
    VISIBILITIES,
    Contract,
    ContractDraft,
    Office,
    OthersContract,
    whole,
)

CHANGED = "Somebody else changed this contract since you opened it. Compare, and save again to replace their change."


@dataclass(frozen=True)
class OursPage:
    """The contracts of one's own district: those that run, by the day for notice, and those that have ended."""

    office: Office
    today: date
    running: Sequence[Contract]
    ended: Sequence[Contract]
    may_keep: Verdict


@dataclass(frozen=True)
class Event:
    """What falls on a day: that notice is due, or that a contract ends."""

    day: date
    what: str
    contract: Contract

    @property
    def day_words(self) -> str:
        return of_its_year(self.day)


@dataclass(frozen=True)
class Month:
    """A month, and what falls into it."""

    first: date
    events: Sequence[Event]

    @property
    def name(self) -> str:
        return month_and_year(self.first)


@dataclass(frozen=True)
class MonthsPage:
    """The coming months of one's own district."""

    office: Office
    months: Sequence[Month]


@dataclass(frozen=True)
class OthersPage:
    """What other districts let one see; `later` is the link to the next page or ""."""

    contracts: Sequence[OthersContract]
    today: date
    later: str


@dataclass(frozen=True)
class ContractFormPage:
    """The form of a contract; without `contract` it is one to be added."""

    contract: Contract | None
    version: int
    draft: ContractDraft
    visibilities: Mapping[str, str]
    most_note: int
    problems: Mapping[str, str]

    @property
    def path(self) -> str:
        return f"{self.contract.path}/edit" if self.contract else "/renewals/new"


@dataclass(frozen=True)
class RemovePage:
    """Whether it is meant."""

    contract: Contract


async def ours(request: Request) -> Response:
    """My district's contracts."""
    db, actor = db_of(request), request.state.actor
    policy.may_see_renewals(actor).require()
    office = await queries.office(db, actor)
    found, today = await queries.contracts(db, actor), _today(request, office)
    page = OursPage(
        office,
        today,
        [each for each in found if not each.is_over(today)],
        [each for each in reversed(found) if each.is_over(today)],
        policy.may_keep_contracts(actor, office.district_id),
    )
    return render(request, "renewals/ours.html", page)


async def months(request: Request) -> Response:
    """What is due in each of the coming months."""
    db, actor = db_of(request), request.state.actor
    policy.may_see_renewals(actor).require()
    office = await queries.office(db, actor)
    events = [event for each in await queries.contracts(db, actor) for event in _events(each)]
    events.sort(key=lambda event: (event.day, event.contract.id))
    coming = [
        Month(first, [event for event in events if month_of(event.day) == first])
        for first in months_from(_today(request, office))
    ]
    return render(request, "renewals/months.html", MonthsPage(office, coming))


async def others(request: Request) -> Response:
    """What other districts renew."""
    db, actor = db_of(request), request.state.actor
    policy.may_see_renewals(actor).require()
    today = _today(request, await queries.office(db, actor))
    after = _place(request.query_params.get("after", ""))
    found = await queries.others_contracts(db, actor, today, after=after)
    shown = found[: queries.OTHERS_A_PAGE]
    later = f"/renewals/others?after={shown[-1].place}" if len(found) > len(shown) else ""
    return render(request, "renewals/others.html", OthersPage(shown, today, later))


async def new(request: Request) -> Response:
    """The form for one more."""
    await _require_keeper(request)
    return await _form(request, None, ContractDraft("", ""))


async def create(request: Request) -> Response:
    """Add it."""
    await _require_keeper(request)
    draft = ContractDraft.from_form(await form_of(request, *FIELDS))
    try:
        await commands.add(db_of(request), request.state.actor, draft)
    except Invalid as problem:
        return await _form(request, None, draft, problems=problem.fields, status=422)
    return redirect("/renewals?notice=contract-added")


async def edit(request: Request) -> Response:
    """The form of one that is there."""
    contract = await _contract(request)
    return await _form(request, contract, contract.draft, version=contract.version)


async def save(request: Request) -> Response:
    """Change it."""
    contract = await _contract(request)
    form = await form_of(request, *FIELDS, "version")
    draft, version = ContractDraft.from_form(form), form.whole("version") or 0
    try:
        await commands.edit(db_of(request), request.state.actor, contract.id, draft, version=version)
    except Invalid as problem:
        return await _form(request, contract, draft, version=version, problems=problem.fields, status=422)
    except Stale:
        newest = await _contract(request)
        return await _form(request, newest, draft, version=newest.version, problems={"form": CHANGED}, status=409)
    return redirect("/renewals?notice=saved")


async def ask_to_remove(request: Request) -> Response:
    """Ask whether it is meant."""
    return render(request, "renewals/remove.html", RemovePage(await _contract(request)))


async def remove(request: Request) -> Response:
    """Keep it no more."""
    await form_of(request)
    await commands.remove(db_of(request), request.state.actor, path_id(request, "contract_id"))
    return redirect("/renewals?notice=contract-removed")


async def _require_keeper(request: Request) -> None:
    office = await queries.office(db_of(request), request.state.actor)
    policy.may_keep_contracts(request.state.actor, office.district_id).require()


async def _contract(request: Request) -> Contract:
    return await queries.contract(db_of(request), request.state.actor, path_id(request, "contract_id"))


def _today(request: Request, office: Office) -> date:
    return office.today(settings_of(request).time_zone)


def _events(contract: Contract) -> list[Event]:
    return [Event(contract.notice_on, "Last day for notice", contract), Event(contract.ends_on, "Ends", contract)]


def _place(text: str) -> tuple[date, int]:
    """The day and id in "2027-04-01.12"; before everything for anything else."""
    day, _, number = text.partition(".")
    try:
        return date.fromisoformat(day), whole(number) or 0
    except ValueError:
        return date.min, 0


async def _form(
    request: Request,
    contract: Contract | None,
    draft: ContractDraft,
    *,
    version: int = 0,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    page = ContractFormPage(contract, version, draft, VISIBILITIES, MAX_NOTE, problems or {})
    return render(request, "renewals/form.html", page, status)


routes = [
    Route("/renewals", ours),
    Route("/renewals/months", months),
    Route("/renewals/others", others),
    Route("/renewals/new", new),
    Route("/renewals/new", create, methods=["POST"]),
    Route("/renewals/{contract_id:int}/edit", edit),
    Route("/renewals/{contract_id:int}/edit", save, methods=["POST"]),
    Route("/renewals/{contract_id:int}/remove", ask_to_remove),
    Route("/renewals/{contract_id:int}/remove", remove, methods=["POST"]),
]
