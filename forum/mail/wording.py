"""Words of mails: templates become a plain text in 72 columns and HTML that mail programs show, both with slots.

A slot is a place in a body for what differs from reader to reader; composing fills it, so that what is the same for all
is made once. Each template has two files: templates/letters/NAME.txt and NAME.html.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from forum.kit.http import Page
from forum.kit.site import TEMPLATES
from forum.kit.tokens import new_token
from forum.mail.types import House

COLUMNS = 72
# What each reader's copy holds of their own: why they get it, and their one-click links.
SLOTS = ("why", "stop_words", "stop_url", "weekly_url", "pause_url", "all_url")
_SECRET = new_token().replace("-", "0").replace("_", "0")  # so that nobody writes a slot into a post


def a_place(name: str) -> str:
    """Where something is filled in, as nobody can write it."""
    return f"{{{{{name}{_SECRET}}}}}"


PLACES = {name: a_place(name) for name in SLOTS}

LOCAL = re.compile(r'\b(href|src)="/(?!/)')
FENCE = re.compile(r"\s*(```|~~~)")
LEAD = re.compile(r"((?:> ?)*)((?:\s*(?:[-*+]|\d+[.)]) +)?)(.*)", re.S)


@dataclass(frozen=True)
class Words:
    """The two bodies of a mail, with slots; line ends are \\n."""

    text: str
    html: str


def rendered(house: House, template: str, page: Page) -> Words:
    """What templates/letters/`template`.txt and .html make of `page`; they read `page`, `house` and `slots` only."""
    text, html = (_environment().get_template(f"letters/{template}.{kind}") for kind in ("txt", "html"))
    return Words(
        _tidy(text.render(page=page, house=house, slots=PLACES)), html.render(page=page, house=house, slots=PLACES)
    )


def piece(template: str, page: Page) -> str:
    """What templates/letters/`template` makes of `page`, which is all it reads: a part that stands in many mails."""
    return _environment().get_template(f"letters/{template}").render(page=page)


def without_links(text: str, *, why: str, stop_words: str) -> str:
    """A plain text to look at, where each one-click link is only named."""
    told = {"why": why, "stop_words": stop_words}
    for name, place in PLACES.items():
        text = text.replace(place, told.get(name, "(a link of the reader's own)"))
    return text


def in_columns(text: str, width: int = COLUMNS) -> str:
    """`text` with no line over `width` characters, but for addresses and code, which stay whole.

    Quotes keep their marks and points their indents, as people write them in mails and in Markdown.
    """
    lines: list[str] = []
    is_code = False
    for line in text.split("\n"):
        is_fence = FENCE.match(line) is not None
        is_code ^= is_fence
        is_kept = is_code or is_fence or line.startswith(("    ", "\t")) or len(line) <= width
        lines += [line.rstrip()] if is_kept else _wrapped(line, width)
    return "\n".join(lines)


def absolute(house: House, html: str) -> str:
    """The HTML of a post with its links to this site made whole, as mails have no address of their own."""
    return LOCAL.sub(rf'\1="{house.url}/', html)


def _wrapped(line: str, width: int) -> Iterator[str]:
    match = LEAD.fullmatch(line)
    quote, point, words = match.groups() if match else ("", "", line)
    yield from textwrap.wrap(
        words,
        max(width, len(quote + point) + 20),
        initial_indent=quote + point,
        subsequent_indent=quote + " " * len(point),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [line]


def _tidy(text: str) -> str:
    """At most one empty line in a row, none at the ends."""
    text = text.replace("\r\n", "\n")
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip("\n") + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(columns=in_columns)
    return environment
