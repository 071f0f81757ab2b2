"""HTTP of the accounts room: my data, closing, deleting and joining accounts."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.accounts import commands, export
from forum.accounts.types import CHOICES, DeletionDraft, Holdings, MergeDraft, Side
from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, redirect, render, settings_of
from forum.members import cookies, returning
from forum.members.policy import may_have_settings, require_admin, require_recent
from forum.members.types import Actor


@dataclass(frozen=True)
class AccountPage:
    """What can be done with the whole account."""

    actor: Actor
    choices: Mapping[str, str]
    draft: DeletionDraft
    address: str
    problems: dict[str, str]


@dataclass(frozen=True)
class JoinPage:
    """The button behind a mailed link: `source` becomes part of the reader's account."""

    token: str
    source: Side
    actor: Actor


@dataclass(frozen=True)
class MergePage:
    """Make two accounts one, as an administrator."""

    actor: Actor
    draft: MergeDraft
    problems: dict[str, str]


async def account(request: Request) -> Response:
    """What I can do with my account."""
    return _account(request)


async def take_along(request: Request) -> Response:
    """Everything the forum holds of me, as a file."""
    actor = await _own(request)
    packed = await export.export(db_of(request), actor, _holdings(request))
    name = f"{actor.handle}.zip"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(packed, media_type="application/zip", headers=headers)


async def deactivate(request: Request) -> Response:
    """Close my account until I come back."""
    actor = await _own(request)
    try:
        await returning.deactivate(db_of(request), actor)
    except Invalid as problem:
        return _account(request, problems=problem.fields, status=422)
    return _signed_out(request)


async def delete(request: Request) -> Response:
    """Delete my account."""
    draft = DeletionDraft.from_form(await form_of(request, "choice", "handle"))
    actor = _recent(request)
    try:
        await commands.delete(db_of(request), actor, draft, _holdings(request))
    except Invalid as problem:
        return _account(request, draft, problems=problem.fields, status=422)
    return _signed_out(request)


async def ask_to_merge(request: Request) -> Response:
    """Have a link mailed to my other account."""
    address = (await form_of(request, "address")).get("address", "").strip()
    actor = _recent(request)
    try:
        await commands.ask_to_merge(db_of(request), actor, address)
    except Invalid as problem:
        return _account(request, address=address, problems=problem.fields, status=422)
    return redirect("/settings/account?notice=merge-asked")


async def show_link(request: Request) -> Response:
    """Show what would become one; opening the page changes nothing."""
    actor, token = request.state.actor, request.path_params["token"]
    may_have_settings(actor).require()
    source = await commands.source_of_link(db_of(request), actor, token)
    return render(request, "accounts/join.html", JoinPage(token, source, actor))


async def use_link(request: Request) -> Response:
    """Make the two one."""
    await form_of(request)
    actor = _recent(request)
    await commands.merge_by_link(db_of(request), actor, request.path_params["token"], _holdings(request))
    return redirect("/settings/account?notice=accounts-merged")


async def merge_form(request: Request) -> Response:
    """Which two?"""
    require_admin(request.state.actor)
    asked = request.query_params
    return _merge_page(request, MergeDraft(asked.get("from", ""), asked.get("into", ""), ""))


async def merge(request: Request) -> Response:
    """Make the two one."""
    actor = request.state.actor
    require_admin(actor)
    draft = MergeDraft.from_form(await form_of(request, "from_handle", "into_handle", "reason"))
    try:
        await commands.merge(db_of(request), actor, draft, _holdings(request))
    except Invalid as problem:
        return _merge_page(request, draft, problem.fields, 422)
    return redirect(f"/people/{draft.into_handle}?notice=accounts-merged")


def _holdings(request: Request) -> Holdings:
    holdings: Holdings = request.app.state.holdings
    return holdings


def _recent(request: Request) -> Actor:
    actor: Actor = request.state.actor
    may_have_settings(actor).require()
    require_recent(actor)
    return actor


async def _own(request: Request) -> Actor:
    """The actor of a form without fields."""
    await form_of(request)
    return _recent(request)


def _signed_out(request: Request) -> Response:
    response = redirect("/?notice=account-closed")
    cookies.drop_session(response, settings_of(request))
    response.headers["clear-site-data"] = '"storage"'
    return response


def _account(
    request: Request,
    draft: DeletionDraft | None = None,
    *,
    address: str = "",
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    actor = request.state.actor
    may_have_settings(actor).require()
    page = AccountPage(actor, CHOICES, draft or DeletionDraft("anonymise", ""), address, problems or {})
    return render(request, "accounts/account.html", page, status)


def _merge_page(
    request: Request, draft: MergeDraft, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    return render(request, "accounts/merge.html", MergePage(request.state.actor, draft, problems or {}), status)


routes = [
    Route("/settings/account", account),
    Route("/settings/account/export", take_along, methods=["POST"]),
    Route("/settings/account/deactivate", deactivate, methods=["POST"]),
    Route("/settings/account/delete", delete, methods=["POST"]),
    Route("/settings/account/merge", ask_to_merge, methods=["POST"]),
    Route("/merge/{token}", show_link),
    Route("/merge/{token}", use_link, methods=["POST"]),
    Route("/admin/accounts/merge", merge_form),
    Route("/admin/accounts/merge", merge, methods=["POST"]),
]
