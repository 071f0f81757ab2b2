"""HTTP of a member's ways to sign in: mail addresses and accounts elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.identities import addresses, key_queries, linking
from forum.identities.policy import may_have_keys, require_for_keys
from forum.identities.types import Identity
from forum.kit.errors import Invalid, NotFound, Unconfirmed
from forum.kit.http import db_of, form_of, path_id, redirect, render, settings_of
from forum.members.addresses import PURPOSE, OwnAddress, own_addresses
from forum.members.mailed_links import own_address
from forum.members.types import Actor

HERE = "/settings/sign-in"


@dataclass(frozen=True)
class WaysPage:
    """My addresses and accounts elsewhere. may_change: I have shown just now that it is me."""

    addresses: Sequence[OwnAddress]
    identities: Sequence[Identity]
    providers: Sequence[tuple[str, str]]
    may_change: bool
    address: str
    problems: dict[str, str]


@dataclass(frozen=True)
class AddressPage:
    """The button behind a link that adds an address; `address` is "" when the link does not work."""

    token: str
    address: str
    problem: str = ""


async def ways(request: Request) -> Response:
    """How I sign in."""
    return await _ways(request)


async def change(request: Request) -> Response:
    """Show first that it is me, then change how I sign in."""
    actor = request.state.actor
    require_for_keys(actor, await key_queries.keys(db_of(request), actor))
    return redirect(HERE)


async def ask(request: Request) -> Response:
    """Add an address: its link is mailed."""
    address = (await form_of(request, "address")).get("address", "").strip()
    try:
        await addresses.ask(db_of(request), request.state.actor, address)
    except Invalid as problem:
        return await _ways(request, address, problem.fields, 422)
    return redirect(f"{HERE}?notice=address-asked")


async def remove(request: Request) -> Response:
    """Remove an address."""
    address = (await form_of(request, "address")).get("address", "")
    await addresses.remove(db_of(request), request.state.actor, address)
    return redirect(f"{HERE}?notice=address-removed")


async def choose(request: Request) -> Response:
    """Have mail go to another address."""
    address = (await form_of(request, "address")).get("address", "")
    await addresses.choose(db_of(request), request.state.actor, address)
    return redirect(f"{HERE}?notice=address-chosen")


async def unlink(request: Request) -> Response:
    """Unlink an account elsewhere."""
    await form_of(request)
    await linking.unlink(db_of(request), request.state.actor, path_id(request, "identity_id"))
    return redirect(f"{HERE}?notice=unlinked")


async def show_link(request: Request) -> Response:
    """The button behind a mailed link; opening the page changes nothing."""
    actor, token = request.state.actor, request.path_params["token"]
    may_have_keys(actor).require()
    try:
        address = await own_address(db_of(request), token, PURPOSE, actor.id)
    except NotFound:
        return _no_link(request, token)
    return render(request, "identities/address.html", AddressPage(token, address))


async def use_link(request: Request) -> Response:
    """The address is mine."""
    await form_of(request)
    token = request.path_params["token"]
    try:
        await addresses.confirm(db_of(request), request.state.actor, token)
    except NotFound:
        return _no_link(request, token)
    except Invalid as problem:
        return render(request, "identities/address.html", AddressPage(token, "", problem.fields["address"]), 422)
    return redirect(f"{HERE}?notice=address-added")


def _no_link(request: Request, token: str) -> Response:
    return render(request, "identities/address.html", AddressPage(token, ""), 404)


async def _ways(
    request: Request, address: str = "", problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    db, actor, off = db_of(request), request.state.actor, request.state.site.methods_off
    may_have_keys(actor).require()
    page = WaysPage(
        addresses=await own_addresses(db, actor.id),
        identities=await linking.identities(db, actor),
        providers=[each for each in settings_of(request).sign_in_buttons if each[0] not in off],
        may_change=await _may_change(request, actor),
        address=address,
        problems=problems or {},
    )
    return render(request, "identities/ways.html", page, status)


async def _may_change(request: Request, actor: Actor) -> bool:
    try:
        require_for_keys(actor, await key_queries.keys(db_of(request), actor))
    except Unconfirmed:
        return False
    return True


routes = [
    Route(HERE, ways),
    Route(f"{HERE}/change", change),
    Route(f"{HERE}/addresses", ask, methods=["POST"]),
    Route(f"{HERE}/addresses/remove", remove, methods=["POST"]),
    Route(f"{HERE}/addresses/choose", choose, methods=["POST"]),
    Route(f"{HERE}/identities/{{identity_id:int}}/unlink", unlink, methods=["POST"]),
    Route("/address/{token}", show_link),
    Route("/address/{token}", use_link, methods=["POST"]),
]
