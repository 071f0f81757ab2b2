"""Writes a mail's text as HTML that is safe and reads well: everything escaped, quotes folded, addresses masked."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from forum.mail.archive.paragraphs import one_paragraph, paragraphs, plain_paragraphs
from forum.mail.archive.quotes import QUOTED, Section, folds
from forum.mail.archive.types import Attachment

MAX_TEXT = 100_000
MAX_QUOTE_DEPTH = 6
LEFT_OUT = "\n\n[The mail goes on; its end is kept with the original.]"  # part of content_hash
NO_WORDS = '<p class="signature">This email has no text.</p>'
MARKS = re.compile(r"(?:\s{0,3}>)+ ?")
SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----\n"
SIGNATURE = "-----BEGIN PGP SIGNATURE-----\n"
SIGNATURE_END = "-----END PGP SIGNATURE-----"
BLANK_LINES = re.compile(r"\n{4,}")
UNITS = ("bytes", "KB", "MB", "GB")


def tidied(text: str) -> str:
    """The text without trailing blanks, piles of empty lines and the armour of an inline PGP signature."""
    text = _without_armour(text.replace("\f", "\n"))
    lines = (line if line == "-- " else line.rstrip() for line in text.split("\n"))
    text = BLANK_LINES.sub("\n\n\n", "\n".join(lines)).strip("\n")
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + LEFT_OUT


def footless(parts: Iterable[Section]) -> list[str]:
    """The lines without what the list wrote under them: the same mail comes with many footers."""
    return [line for part in parts if part.kind != "footer" for line in (*part.attribution, *part.lines)]


def own_words(parts: Sequence[Section]) -> str:
    """The text to search: what the mail itself says, short quotes included; all of it when it says nothing."""
    shown = [
        part for at, part in enumerate(parts) if part.kind == "words" or (part.kind == "quote" and not folds(parts, at))
    ]
    return "\n".join(line for part in shown or parts for line in (*part.attribution, *part.lines)).strip("\n")


def page_of(parts: Sequence[Section], attachments: Sequence[Attachment]) -> str:
    """The HTML of a mail: the sections of its text, addresses masked, and the names of what was attached."""
    html = "".join(_section(parts, at) for at in range(len(parts))) or NO_WORDS
    return html + attached(attachments)


def attached(attachments: Sequence[Attachment]) -> str:
    """The list of attachments, "" when there are none."""
    if not attachments:
        return ""
    items = "".join(f"<li>{escape(each.name)} ({escape(each.type)}, {size(each.size)})</li>" for each in attachments)
    return f'<ul class="attachments">{items}</ul>'


def size(count: int) -> str:
    """Bytes as people say them: 532 bytes, 12 KB, 1.4 MB."""
    amount, unit = float(count), 0
    while amount >= 1000 and unit < len(UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.1f} {UNITS[unit]}" if unit > 1 else f"{amount:.0f} {UNITS[unit]}"


def _section(parts: Sequence[Section], at: int) -> str:
    part = parts[at]
    if part.kind == "words":
        return paragraphs(part.lines)
    if part.kind == "signature":
        return f'<div class="signature">{one_paragraph(part.lines)}</div>'
    if part.kind == "footer":
        footer = one_paragraph(part.lines)
        return f'<details class="list-footer"><summary>List footer</summary>{footer}</details>'
    if folds(parts, at):
        quote = "".join(_quote(part, plain_paragraphs))
        return f'<details class="quoted"><summary>Quoted text</summary>{quote}</details>'
    return "".join(_quote(part, paragraphs))


def _quote(part: Section, write: Callable[[Sequence[str]], str]) -> Iterator[str]:
    """Nested blockquotes, the announcing line first."""
    yield "<blockquote>"
    yield write(part.attribution)
    levels = _levels(part.lines) if part.kind == "quote" else [(1, list(part.lines))]
    depth = 1
    for level, lines in levels:
        wanted = min(max(level, 1), MAX_QUOTE_DEPTH)
        yield "<blockquote>" * (wanted - depth) + "</blockquote>" * (depth - wanted)
        yield write(lines)
        depth = wanted
    yield "</blockquote>" * depth


def _levels(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines of one quote depth, the marks taken off; blank lines belong to the run they are in."""
    level = 1
    marked: list[tuple[int, str]] = []
    for line in lines:
        if QUOTED.match(line):
            marks = MARKS.match(line)
            end = marks.end() if marks else 0
            level = line[:end].count(">")
            marked.append((level, line[end:]))
        else:
            marked.append((level, line))
    for depth, run in groupby(marked, key=lambda each: min(each[0], MAX_QUOTE_DEPTH)):
        yield depth, [line for _, line in run]


def _without_armour(text: str) -> str:
    start = text.find(SIGNED)
    if start < 0:
        return text
    words = text.find("\n\n", start)
    seal = text.find(SIGNATURE, start)
    end = text.find(SIGNATURE_END, seal)
    if not start <= words < seal < end:
        return text
    return text[:start] + text[words + 2 : seal].replace("\n- -", "\n-") + text[end + len(SIGNATURE_END) :].lstrip("\n")
