"""HTTP of signing in and joining.

A link in a mail only shows a button: mail scanners open links, people press buttons.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.districts.queries import districts
from forum.districts.types import District
from forum.kit.errors import Invalid, NotFound
from forum.kit.http import db_of, form_of, own_path, plain, redirect, render, settings_of
from forum.members import cookies, joining, queries, sign_in
from forum.members.policy import may_ask_to_join, may_use_links
from forum.members.types import JOIN_FIELDS, JoinDraft


@dataclass(frozen=True)
class SignInPage:
    """The form that asks for a link; `can_mail` is False on a site that cannot send any.

    providers: key and name of those with whose accounts one may sign in as well.
    """

    address: str
    next_path: str
    can_mail: bool
    problems: dict[str, str]
    providers: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class SentPage:
    """Look into your mail: the same words for known and unknown addresses."""

    is_demo: bool


@dataclass(frozen=True)
class ConfirmPage:
    """The button behind a mailed link. `is_good` is False when the link was used or is over."""

    token: str
    is_good: bool


@dataclass(frozen=True)
class JoinPage:
    """Who are you? With a link: `district_name` is known. Without: the district is chosen, and a note may be left."""

    token: str
    district_name: str
    districts: Sequence[District]
    draft: JoinDraft
    problems: dict[str, str]


@dataclass(frozen=True)
class AskedPage:
    """Somebody asked to join."""

    site_name: str


async def form(request: Request) -> Response:
    """Ask for a link."""
    return _form(request, "", own_path(request.query_params.get("next", "/")), {})


async def request_link(request: Request) -> Response:
    """Mail a link, whoever asks."""
    fields = await form_of(request, "address", "next")
    address, next_path = fields.get("address", "").strip(), own_path(fields.get("next", "/"))
    try:
        await sign_in.request_link(db_of(request), address, next_path)
    except Invalid as problem:
        return _form(request, address, next_path, problem.fields, 422)
    return redirect("/sign-in/sent")


def _form(request: Request, address: str, next_path: str, problems: dict[str, str], status: int = 200) -> Response:
    settings, off = settings_of(request), request.state.site.methods_off
    providers = [each for each in settings.sign_in_buttons if each[0] not in off]
    page = SignInPage(address, next_path, settings.can_mail and bool(may_use_links(off)), problems, providers)
    return render(request, "members/sign_in.html", page, status)


async def sent(request: Request) -> Response:
    """The link is on its way."""
    return render(request, "members/sent.html", SentPage(settings_of(request).demo))


async def confirm(request: Request) -> Response:
    """Show the button; opening the page changes nothing."""
    token = request.path_params["token"]
    try:
        is_good = (await queries.mailed_link(db_of(request), token)).purpose == "sign-in"
    except NotFound:
        is_good = False
    return render(request, "members/confirm.html", ConfirmPage(token, is_good), 200 if is_good else 404)


async def use_link(request: Request) -> Response:
    """Sign in."""
    await form_of(request)
    token = request.path_params["token"]
    try:
        signed_in = await sign_in.use_link(db_of(request), token, *cookies.browser_of(request))
    except NotFound:
        return render(request, "members/confirm.html", ConfirmPage(token, is_good=False), 404)
    await cookies.leave_session(request)
    response = redirect(own_path(signed_in.next_path))
    cookies.set_session(response, signed_in.token, settings_of(request))
    return response


async def sign_out(request: Request) -> Response:
    """End this session."""
    await form_of(request)
    await cookies.leave_session(request)
    response = redirect("/?notice=signed-out")
    cookies.drop_session(response, settings_of(request))
    response.headers["clear-site-data"] = '"storage"'
    return response


async def join(request: Request) -> Response:
    """Ask to become a member."""
    may_ask_to_join(takes_requests=request.state.site.takes_requests).require()
    return await _join(request, "", _known(request))


async def ask_to_join(request: Request) -> Response:
    """Keep the request for the administrators."""
    draft = JoinDraft.from_form(await form_of(request, *JOIN_FIELDS))
    try:
        await joining.ask_to_join(db_of(request), draft)
    except Invalid as problem:
        return await _join(request, "", draft, problem.fields, 422)
    return render(request, "members/asked.html", AskedPage(request.state.site.name))


async def join_by_link(request: Request) -> Response:
    """Tell your name and you are in."""
    return await _join(request, request.path_params["token"], _known(request))


def _known(request: Request) -> JoinDraft:
    """What a provider said of whoever it sent here."""
    known = request.query_params
    return JoinDraft(plain(known.get("name", ""))[:120], "", address=plain(known.get("address", ""))[:254])


async def accept_link(request: Request) -> Response:
    """Become a member with a mailed link, and be signed in."""
    db, token = db_of(request), request.path_params["token"]
    draft = JoinDraft.from_form(await form_of(request, "name", "title", "terms"))
    try:
        member_id = await joining.accept_link(db, token, draft)
    except Invalid as problem:
        return await _join(request, token, draft, problem.fields, 422)
    device, place = cookies.browser_of(request)
    secret = await sign_in.start_session(db, member_id, device, place=place)
    await cookies.leave_session(request)
    response = redirect("/settings/following/start?notice=welcome")
    cookies.set_session(response, secret, settings_of(request))
    return response


async def _join(
    request: Request, token: str, draft: JoinDraft, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    district_name = ""
    if token:
        link = await queries.mailed_link(db_of(request), token)
        if link.purpose != "join":
            raise NotFound
        district_name = link.district_name or ""
    page = JoinPage(token, district_name, await districts(db_of(request)), draft, problems or {})
    return render(request, "members/join.html", page, status)


routes = [
    Route("/sign-in", form),
    Route("/sign-in", request_link, methods=["POST"]),
    Route("/sign-in/sent", sent),
    Route("/sign-in/{token}", confirm),
    Route("/sign-in/{token}", use_link, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/join", join),
    Route("/join", ask_to_join, methods=["POST"]),
    Route("/join/{token}", join_by_link),
    Route("/join/{token}", accept_link, methods=["POST"]),
]
