"""HTTP of bringing in many contracts: a list is read and shown, then stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, path_id, redirect, render
from forum.kit.sheets import decoded
from forum.renewals import bringing, policy, queries
from forum.renewals.contract_lists import ListedContract
from forum.renewals.types import VISIBILITIES, KeptList


@dataclass(frozen=True)
class ImportPage:
    """The form for a list."""

    text: str
    visibilities: Mapping[str, str]
    problems: Mapping[str, str]


@dataclass(frozen=True)
class ListPage:
    """A list that was read: what would be stored, and what not and why; once it is stored, how much that was."""

    kept: KeptList
    good: Sequence[ListedContract]
    left_out: Sequence[ListedContract]


async def show(request: Request) -> Response:
    """Bring many in."""
    return await _show(request, "", {}, 200)


async def lay_out(request: Request) -> Response:
    """Read a list, from a file or from the field, and show it before anything is stored."""
    form = await form_of(request, "list", files=("file",))
    text = form.get("list", "")
    try:
        text = decoded(form.files["file"]) if form.files.get("file") else text
        list_id = await bringing.lay_out(db_of(request), request.state.actor, text)
    except Invalid as problem:
        return await _show(request, form.get("list", ""), problem.fields, 422)
    return redirect(f"/renewals/import/{list_id}")


async def preview(request: Request) -> Response:
    """What would be stored, and which lines will not do."""
    db = db_of(request)
    kept = await queries.contract_list(db, request.state.actor, path_id(request, "contract_list_id"))
    lines = [] if kept.is_confirmed else await bringing.lines(db, kept)
    good = [each for each in lines if each.status == "new"]
    page = ListPage(kept, good, [each for each in lines if each.status != "new"])
    return render(request, "renewals/list.html", page)


async def store(request: Request) -> Response:
    """Store the good lines."""
    await form_of(request)
    await bringing.store(db_of(request), request.state.actor, path_id(request, "contract_list_id"))
    return redirect("/renewals?notice=contracts-stored")


async def _show(request: Request, text: str, problems: Mapping[str, str], status: int) -> Response:
    actor = request.state.actor
    office = await queries.office(db_of(request), actor)
    policy.may_keep_contracts(actor, office.district_id).require()
    return render(request, "renewals/import.html", ImportPage(text, VISIBILITIES, problems), status)


routes = [
    Route("/renewals/import", show),
    Route("/renewals/import", lay_out, methods=["POST"]),
    Route("/renewals/import/{contract_list_id:int}", preview),
    Route("/renewals/import/{contract_list_id:int}/store", store, methods=["POST"]),
]
