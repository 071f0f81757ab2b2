"""Turns what people write (Markdown) into the HTML that is stored and shown."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from html import escape
from itertools import count
from secrets import token_hex

from linkify_it import LinkifyIt  # type: ignore[import-untyped]
from linkify_it.main import Match  # type: ignore[import-untyped]
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from forum.kit.errors import Invalid, TooMany
from forum.kit.highlight import highlight
from forum.kit.markdown_tree import mentions, tidy
from forum.kit.mentions import mention_rule
from forum.kit.sandbox import Busy, Sandbox, TooSlow
from forum.kit.sanitize import sanitize

MAX_HTML_CHARS = 500_000  # 1 KB of table can ask for 65,000 cells
SMALL_CHARS = 2_000
BUSY_SECONDS = 10
SMALL_CELLS = 2_000
DEEP_QUOTE = re.compile(r"(?:> ?){9}")
MAX_NESTING = 30  # twice as many make some posts five times as slow; deeper text is dropped
TANGLED = "This text is too tangled to render: shorten it, or use fewer brackets, quotes, lists and table cells."

# Where a link or a picture, or an address that links have by a name, may lead to a page of this site.
LOCAL = re.compile(r"(\][(:][\s>]*<?)(?=/(?!/))")
MARK = f"/{token_hex(8)}"  # so that nobody writes it into a post
MARKED = re.compile(rf"{MARK}-(\d+)/")

SAFE_LINK = re.compile(r"(?:https?://|mailto:|[/#])", re.IGNORECASE)
CHECKBOX = '<input type="checkbox" aria-label="Done" disabled=""{}> '


@dataclass(frozen=True)
class Rendered:
    """A post ready to store.

    html: sanitised. mentions: handles in lower case, in order, once each, without those inside quotes (who was
    quoted has been told already).
    """

    html: str
    mentions: tuple[str, ...]


async def render_safely(source: str) -> Rendered:
    """As `render`, but never more than 2 s of CPU and never long in the event loop: anything large goes to a child
    process. Raises Invalid for the field `body` when that is not enough, TooMany when all children are busy."""
    if _is_small(source):
        return render(source)
    try:
        fields = json.loads(await _SANDBOX.run(source))
    except TooSlow:
        raise Invalid(body=TANGLED) from None
    except Busy:
        raise TooMany(BUSY_SECONDS) from None
    if len(fields["html"]) > MAX_HTML_CHARS:
        raise Invalid(body=TANGLED)
    return Rendered(fields["html"], tuple(fields["mentions"]))


def close() -> None:
    """Ends the child processes."""
    for each in (_SANDBOX, _LINKING):
        each.close()


def render(source: str) -> Rendered:
    """The same source always gives the same result. No limit of time: see `render_safely`."""
    source = source.encode(errors="replace").decode()  # half a surrogate pair cannot be stored
    parser = _parser_for(source)
    env: EnvType = {}
    tokens = tidy(parser.parse(source, env))
    html = parser.renderer.render(tokens, parser.options, env)
    return Rendered(sanitize(html), mentions(tokens))


def render_json(source: str) -> str:
    """`render` for the child process: the fields of Rendered as JSON."""
    return json.dumps(asdict(render(source)))


@lru_cache(maxsize=64)  # a post is mailed to many, some at a time
def with_whole_links(source: str, site_url: str) -> str:
    """`source` for who reads it elsewhere: its links to pages of this site begin with `site_url`. Nothing else changes.

    Each place that looks like one is marked, and those are links whose marks are still there once it is parsed: all
    others stand in code, or in what is no link after all.
    """
    numbers = count()
    marked = LOCAL.sub(lambda place: f"{place[1]}{MARK}-{next(numbers)}", source)
    if marked == source:
        return source
    links = {int(found[1]) for address in _addresses(marked) if (found := MARKED.match(address))}
    numbers = count()
    return LOCAL.sub(lambda place: place[1] + (site_url if next(numbers) in links else ""), source)


async def with_whole_links_safely(source: str, site_url: str) -> str:
    """As `with_whole_links`, within the limits of `render_safely`; where these are not enough, `source` as it is."""
    if _is_small(source) or not LOCAL.search(source):
        return with_whole_links(source, site_url)
    try:
        return await _LINKING.run(json.dumps([source, site_url]))
    except (TooSlow, Busy):
        return source


def with_whole_links_json(asked: str) -> str:
    """`with_whole_links` for the child process, which remembers as well: `asked` is what that takes, as JSON."""
    return with_whole_links(*json.loads(asked))


def _addresses(source: str) -> Iterator[str]:
    """Where its links and pictures lead, and what it names to lead there."""
    env: EnvType = {}
    for token in _parser_for(source).parse(source, env):
        for child in token.children or ():
            yield str(child.attrs.get("href") or child.attrs.get("src") or "")
    for named in (*env.get("references", {}).values(), *env.get("duplicate_refs", ())):
        yield named["href"]


def _is_small(source: str) -> bool:
    """Surely rendered in a few milliseconds. Code is not: some of it is slow to colour."""
    return (
        len(source) <= SMALL_CHARS
        and source.count("|") * source.count("\n") <= SMALL_CELLS
        and "```" not in source
        and "~~~" not in source
        and not DEEP_QUOTE.search(source)
    )


def _parser_for(source: str) -> MarkdownIt:
    return _LINKIFYING if _may_hold_links(source) else _PLAIN


def _may_hold_links(source: str) -> bool:
    """Looking for bare links doubles the time, so only where there can be one."""
    lowered = source.lower()
    return "http" in lowered or "www." in lowered or "@" in source


class _Links(LinkifyIt):  # type: ignore[misc]
    """Finds bare links: http, https, www. and mail addresses; not "setup.py" (.py is a country)."""

    def __init__(self) -> None:
        super().__init__(options={"fuzzy_ip": False})
        self.add("//", None).add("ftp:", None)  # also quadratic on "://://"

    def match(self, text: str) -> list[Match] | None:
        return [found for found in super().match(text) or [] if found.schema or found.raw.lower().startswith("www.")]


class _Renderer(RendererHTML):
    """HTML as the keyboard and the screen reader need it."""

    def list_item_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        html = self.renderToken(tokens, idx, options, env)
        checked = tokens[idx].meta.get("checked")
        return html if checked is None else html + CHECKBOX.format(' checked=""' if checked else "")

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        language = (tokens[idx].info.split() or [""])[0].lower()
        return f'<pre tabindex="0"><code>{highlight(tokens[idx].content, language)}</code></pre>\n'

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<pre tabindex="0"><code>{escape(tokens[idx].content)}</code></pre>\n'

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        # A group, not a region: regions are landmarks and need a name of their own each.
        return '<div class="table-scroll" role="group" aria-label="Table" tabindex="0"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>\n"


class _Parser(MarkdownIt):
    """Markdown as the forum speaks it: GitHub's tables, task lists and strikethrough, and @mentions; no HTML."""

    def __init__(self, *, linkify: bool) -> None:
        options = {"html": False, "breaks": True, "linkify": linkify, "tasklists": True, "maxNesting": MAX_NESTING}
        super().__init__("js-default", options, renderer_cls=_Renderer)
        self.linkify = _Links()
        self.inline.ruler.after("escape", "mention", mention_rule)

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return SAFE_LINK.match(url) is not None

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the library's name
        return super().normalizeLink(f"https://{url}" if url.lower().startswith("www.") else url)


_PLAIN = _Parser(linkify=False)
_LINKIFYING = _Parser(linkify=True)
_SANDBOX = Sandbox("forum.kit.markdown:render_json")
_LINKING = Sandbox("forum.kit.markdown:with_whole_links_json", size=1)
