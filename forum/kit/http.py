"""The few HTTP pieces every views.py uses: the database, the form, a page, a fragment, a redirect."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment
from markupsafe import Markup
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from forum.kit import limits
from forum.kit.addresses import block_of, client_address
from forum.kit.db import Database
from forum.kit.errors import NotFound
from forum.kit.forms import TOKEN, Form
from forum.kit.limits import Limit
from forum.kit.settings import Settings
from forum.kit.tokens import form_token, new_token
from forum.kit.tools import Tools

YEAR_S = 366 * 86_400
MAX_FIELDS = 100
MAX_FILES = 4
MAX_FIELD_BYTES = 256 * 1024
BIGGEST_ID = 2**63 - 1

Frame = Callable[[Request], object]

# Where a form's token goes: kept pieces of pages hold the place, `fragment` puts the reader's own token there.
_PLACE = new_token()
FORM_TOKEN = Markup(f'<input type="hidden" name="{TOKEN}" value="{_PLACE}">')  # noqa: S704 - both parts are ours


class Page(Protocol):
    """A dataclass named in its template's first line."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


def tools_of(request: Request) -> Tools:
    """What jobs may reach, views may too."""
    tools: Tools = request.app.state.tools
    return tools


def db_of(request: Request) -> Database:
    """The running site's database."""
    return tools_of(request).db


def settings_of(request: Request) -> Settings:
    """The running site's settings."""
    return tools_of(request).settings


def render(request: Request, template: str, page: Page, status: int = 200) -> Response:
    """`template` inside the site's frame: it reads `page`, and its layout reads `chrome`."""
    frame: Frame = request.app.state.frame
    return fragment(request, template, page, status, chrome=frame(request))


def fragment(request: Request, template: str, page: Page, status: int = 200, **more: object) -> Response:
    """`template` alone, for a script that puts it into a page."""
    environment: Environment = request.app.state.templates
    html = environment.get_template(template).render(page=page, **more)
    html = html.replace(_PLACE, form_token(getattr(request.state, "session_token", "")))
    return HTMLResponse(html, status_code=status, headers={"vary": "accept, cookie"})


def ics_file(text: str, name: str, *, is_kept: bool = False) -> Response:
    """A calendar, to be read where it is, or with `is_kept` to be kept as a file of that name."""
    how = "attachment" if is_kept else "inline"
    headers = {"content-disposition": f'{how}; filename="{name}"'}
    return Response(text, media_type="text/calendar", headers=headers)


def redirect(path: str) -> Response:
    """See `path` next: the answer to every form that was accepted."""
    return RedirectResponse(path, status_code=303)


def redirect_noting(path: str, notice: str, undo: int | str = "", at: str = "") -> Response:
    """As `redirect`, with a notice of chrome.NOTICES and the button that undoes it.

    undo: the log's entry, or what `undoing.undo_of` says; at: the place of that page where one goes on after it.
    """
    said = {"notice": notice, **({"undo": undo} if undo else {}), **({"at": at} if undo and at else {})}
    return redirect(_asking(path, said))


def redirect_onward(request: Request, path: str) -> Response:
    """As `redirect`, from a lasting address: what was to be said at that one is said at `path`."""
    asked = request.query_params
    return redirect(_asking(path, {name: asked[name] for name in ("notice", "undo", "at") if name in asked}))


def _asking(path: str, said: Mapping[str, int | str]) -> str:
    """`path` with these in its query, before its anchor."""
    address, mark, anchor = path.partition("#")
    joint = ("&" if "?" in address else "?") if said else ""
    return f"{address}{joint}{urlencode(said, safe='/')}{mark}{anchor}"


def choice(request: Request, name: str) -> str:
    """What this browser's reader chose, "" when nothing; see `keep_choice`."""
    return request.cookies.get(_cookie(request, name), "")


def keep_choice(request: Request, response: Response, name: str, value: str) -> None:
    """Remember in a cookie, for a year, how this browser's reader wants things; no secret, but no script's business."""
    is_secure = settings_of(request).is_https
    response.set_cookie(
        _cookie(request, name), value, max_age=YEAR_S, path="/", secure=is_secure, httponly=True, samesite="lax"
    )


def drop_choice(request: Request, response: Response, name: str) -> None:
    """Forget it."""
    is_secure = settings_of(request).is_https
    response.delete_cookie(_cookie(request, name), path="/", secure=is_secure, httponly=True, samesite="lax")


def _cookie(request: Request, name: str) -> str:
    return settings_of(request).cookie_name(name)


async def form_of(request: Request, *names: str, many: Sequence[str] = (), files: Sequence[str] = ()) -> Form:
    """The sent form, read strictly: line ends are \n.

    names: the fields it may hold once; many: those it may hold many times; files: those that are files.
    Raises Invalid for any other, and 413 for a file that was not asked for.
    """
    form = await sent_form(request)
    form.only(names, many)
    if not set(form.files) <= set(files):
        raise HTTPException(413)
    return form


async def sent_form(request: Request) -> Form:
    """The sent form as it came, whatever it holds; empty when what was sent is no form."""
    known: Form | None = getattr(request.state, "sent", None)
    if known is not None:
        return known
    try:
        sent = await request.form(max_fields=MAX_FIELDS, max_files=MAX_FILES, max_part_size=MAX_FIELD_BYTES)
    except UnicodeError as error:  # an encoding of the sender's choice
        raise HTTPException(400) from error
    except HTTPException as error:  # the form's own limits: too many fields, or one that is too long
        raise HTTPException(413 if error.status_code == 400 else error.status_code) from error
    fields, files = [], {}
    for name, text in sent.multi_items():
        if isinstance(text, UploadFile):
            await text.seek(0)
            files[plain(name)] = await text.read()
        else:
            fields.append((plain(name), plain(text)))
    await sent.close()
    form = Form(fields, files)
    request.state.sent = form  # so that the page of any refusal can give it back
    return form


def plain(text: str) -> str:
    """`text` with \n line ends, and with � and ? for NUL and halves of characters, which PostgreSQL does not store."""
    whole = text.encode("utf-8", "replace").decode()
    return whole.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd")


def client_block(request: Request) -> str:
    """The block of addresses a request comes from: "192.0.2.0/24", "2001:db8::/64", "" when nobody knows."""
    peer = request.client.host if request.client else ""
    return block_of(client_address(peer, request.headers, settings_of(request).proxies))


async def pace(request: Request, limit: Limit) -> None:
    """Count one more of what `limit` says: for a member by their account, for a guest by their block of addresses.

    Not in demo mode, where anybody may be anybody. Raises TooMany.
    """
    if settings_of(request).demo:
        return
    actor_id: int | None = request.state.actor.id
    if actor_id is None:
        await limits.take_of_block(db_of(request), limit, client_block(request))
    else:
        await limits.take(db_of(request), limit, actor_id)


def path_id(request: Request, name: str) -> int:
    """The whole number in the path. Raises NotFound when it is larger than any id can be."""
    number: int = request.path_params[name]
    if not 0 < number <= BIGGEST_ID:
        raise NotFound
    return number


def query_int(request: Request, name: str, default: int = 0) -> int:
    """A whole number under 10^9 from the query string; `default` when it is missing or anything else."""
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return default
    return int(text)


def own_path(path: str, default: str = "/") -> str:
    """`path` if it leads to a page of this site, else `default`: for `next` fields."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if is_ours and len(path) <= 500 else default


def own_place(page: str, place: str) -> str:
    """`place` if it is one of `page`, which is a path of ours, behind ? or #; else `page`: for `next` fields."""
    return own_path(place, page) if place.startswith((f"{page}?", f"{page}#")) else page


def came_from(request: Request, default: str = "/") -> str:
    """The page of ours whose form this is, by the browser's word; `default` when it does not say."""
    try:
        told = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # what a client calls an address
        return default
    is_ours = told.netloc == request.headers.get("host")
    return own_path(told._replace(scheme="", netloc="").geturl(), default) if is_ours else default


def wants_fragment(request: Request) -> bool:
    """Whether a script of ours asks for a piece of the page."""
    return "fragment" in request.headers.get("accept", "")
