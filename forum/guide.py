"""The few pages that explain: help, accessibility, keyboard."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import NotFound
from forum.kit.http import render

PAGES = {"": "help/index.html", "accessibility": "help/accessibility.html", "keyboard": "help/keyboard.html"}


@dataclass(frozen=True)
class HelpPage:
    """What a page that explains needs to know."""

    site_name: str


async def show(request: Request) -> Response:
    """One of the pages."""
    template = PAGES.get(request.path_params.get("name", ""))
    if template is None:
        raise NotFound
    return render(request, template, HelpPage(request.state.site.name))


routes = [Route("/help", show), Route("/help/{name}", show)]
