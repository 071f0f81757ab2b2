"""HTTP of inviting many at once: a list is read and shown, then sent; what is open is mailed again or withdrawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, path_id, query_int, redirect, render
from forum.kit.sheets import decoded
from forum.members import inviting, queries, staff_queries
from forum.members.policy import require_admin
from forum.members.staff_types import ListedLine, ListSummary
from forum.members.types import Actor, Invitation


@dataclass(frozen=True)
class InvitationsPage:
    """The form for a list, and the newest open invitations."""

    actor: Actor
    invitations: Sequence[Invitation]
    text: str
    problems: Mapping[str, str]


@dataclass(frozen=True)
class ListPage:
    """A list that was read: how many of each kind, and the lines to look at; `older` leads on."""

    actor: Actor
    summary: ListSummary
    lines: Sequence[ListedLine]
    older: str


async def show(request: Request) -> Response:
    """Invite many."""
    return await _show(request, "", {}, 200)


async def lay_out(request: Request) -> Response:
    """Read a list, from a file or from the field, and show it before anything is sent."""
    require_admin(request.state.actor)  # before the form, which may be large here, is read
    form = await form_of(request, "list", files=("file",))
    text = form.get("list", "")
    try:
        text = decoded(form.files["file"]) if form.files.get("file") else text
        list_id = await inviting.lay_out(db_of(request), request.state.actor, text)
    except Invalid as problem:
        return await _show(request, form.get("list", ""), problem.fields, 422)
    return redirect(f"/admin/invitations/lists/{list_id}")


async def preview(request: Request) -> Response:
    """What would be sent, and which lines will not do."""
    actor, list_id = request.state.actor, path_id(request, "list_id")
    require_admin(actor)
    summary = await staff_queries.invitation_list(db_of(request), actor, list_id)
    lines = await staff_queries.lines_to_look_at(db_of(request), list_id, after=query_int(request, "after"))
    shown = lines[: staff_queries.LINES_A_PAGE]
    older = f"/admin/invitations/lists/{list_id}?after={shown[-1].line}" if len(lines) > len(shown) else ""
    return render(request, "members/invitation_list.html", ListPage(actor, summary, shown, older))


async def send(request: Request) -> Response:
    """Send the good lines."""
    require_admin(request.state.actor)
    await form_of(request)
    await inviting.confirm(db_of(request), request.state.actor, path_id(request, "list_id"))
    return redirect("/admin/invitations?notice=list-sent")


async def resend(request: Request) -> Response:
    """Mail an invitation once more."""
    require_admin(request.state.actor)
    await form_of(request)
    await inviting.resend(db_of(request), request.state.actor, path_id(request, "invitation_id"))
    return redirect("/admin/invitations?notice=invited")


async def withdraw(request: Request) -> Response:
    """Take one back."""
    require_admin(request.state.actor)
    await form_of(request)
    await inviting.withdraw(db_of(request), request.state.actor, path_id(request, "invitation_id"))
    return redirect("/admin/invitations?notice=uninvited")


async def _show(request: Request, text: str, problems: Mapping[str, str], status: int) -> Response:
    actor = request.state.actor
    require_admin(actor)
    page = InvitationsPage(actor, await queries.invitations(db_of(request)), text, problems)
    return render(request, "members/invitations.html", page, status)


routes = [
    Route("/admin/invitations", show),
    Route("/admin/invitations", lay_out, methods=["POST"]),
    Route("/admin/invitations/lists/{list_id:int}", preview),
    Route("/admin/invitations/lists/{list_id:int}/send", send, methods=["POST"]),
    Route("/admin/invitations/{invitation_id:int}/resend", resend, methods=["POST"]),
    Route("/admin/invitations/{invitation_id:int}/withdraw", withdraw, methods=["POST"]),
]
