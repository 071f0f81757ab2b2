"""HTTP of coming back to an account one has closed: a question first, then the link to sign in."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import NotFound
from forum.kit.http import db_of, form_of, redirect, render
from forum.members import queries, returning


@dataclass(frozen=True)
class ReturnPage:
    """Whether one wants one's account back; `is_good` is False when the link was used or is over."""

    token: str
    is_good: bool


async def ask(request: Request) -> Response:
    """Show the question; opening the page changes nothing."""
    token = request.path_params["token"]
    try:
        is_good = (await queries.mailed_link(db_of(request), token)).purpose == returning.PURPOSE
    except NotFound:
        is_good = False
    return _page(request, token, is_good=is_good)


async def come_back(request: Request) -> Response:
    """Open the account again, and go on to sign in."""
    await form_of(request)
    token = request.path_params["token"]
    try:
        return redirect(f"/sign-in/{await returning.come_back(db_of(request), token)}")
    except NotFound:
        return _page(request, token, is_good=False)


def _page(request: Request, token: str, *, is_good: bool) -> Response:
    page = ReturnPage(token, is_good)
    return render(request, "members/return.html", page, 200 if is_good else 404)


routes = [
    Route("/return/{token}", ask),
    Route("/return/{token}", come_back, methods=["POST"]),
]
