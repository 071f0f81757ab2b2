"""Writes lines of plain text as paragraphs: wrapped prose flows again, code and tables stay as typed."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

NARROWEST, WIDEST = 50, 100
ITEM = re.compile(r"\s{0,8}(?:[-*•+o·]|\d{1,3}[.)]|[a-zA-Z][.)]|\(\w{1,3}\))\s+\S")
TABULAR = re.compile(r"\S(?: {3,}|\t+)\S")
INDENTED = re.compile(r"(?: {2,}|\t)\S")
CODE = re.compile(
    r"(?:[$#%] \S|>>> |\.\.\. |@@ -|[+-]{3} [ab]?/|diff --git |#include\b|</?\w+[^>]*>$|\[[A-Z]+\] |File \"|Traceback "
    r"|(?:def|class|import|from|return|if|for|while|else|elif|try|except|with|print|raise|sudo|cd|git|pip)\b[^.?!]*[:({=;/])"
)
SYMBOLS = re.compile(r"[{};]\s*$|^[}\])]+[,;]?$|[=<>!|&+]=|->|::|\w\(\)|\\$|[|+_/\\*#=-]{4,}")
URL = re.compile(r"https?://[^\s<>\"]{1,2000}")
TRAILING = ".,;:!?'*_>…"
CLOSING = {")": "(", "]": "[", "}": "{"}


def paragraphs(lines: Sequence[str], *, keep_lines: bool = False) -> str:
    """The lines as `<p>` and `<pre>`; keep_lines: every line stays a line of its own."""
    if keep_lines:
        return f"<p>{'<br>'.join(linked(line.strip()) for line in lines if line.strip())}</p>"
    return "".join(_block(block, as_typed=as_typed) for block, as_typed in _blocks(lines))


def linked(text: str) -> str:
    """The text escaped, its http and https addresses as links nobody gains rank by."""
    if "://" not in text:
        return escape(text, quote=False)
    out, at = [], 0
    for found in URL.finditer(text):
        address = _without_punctuation(found[0])
        out.append(escape(text[at : found.start()], quote=False))
        if len(address) > len("https://"):
            out.append(f'<a href="{escape(address)}" rel="nofollow ugc noopener">{escape(address, quote=False)}</a>')
        else:
            out.append(escape(address, quote=False))
        at = found.start() + len(address)
    out.append(escape(text[at:], quote=False))
    return "".join(out)


def _blocks(lines: Sequence[str]) -> Iterator[tuple[list[str], bool]]:
    """Runs between blank lines and whether they stay as typed; such runs that follow each other stay one block."""
    runs = [list(run) for is_blank, run in groupby(lines, key=lambda line: not line.strip()) if not is_blank]
    for is_code, group in groupby(runs, key=_is_as_typed):
        if is_code:
            yield [line for index, run in enumerate(group) for line in (["", *run] if index else run)], True
        else:
            yield from ((run, False) for run in group)


def _block(lines: list[str], *, as_typed: bool) -> str:
    if as_typed:
        return f"<pre>{linked(chr(10).join(_dedented(lines)))}</pre>"
    return f"<p>{''.join(_flowing(lines))}</p>"


def _flowing(lines: list[str]) -> Iterator[str]:
    """The lines, those joined again that were broken only because the next word did not fit."""
    width = max(len(line) for line in lines)
    is_wrapped = NARROWEST <= width <= WIDEST
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        yield linked(line.strip())
        if following is not None:
            yield "\n" if is_wrapped and _did_not_fit(line, following, width) else "<br>"


def _did_not_fit(line: str, following: str, width: int) -> bool:
    first_word = following.split(maxsplit=1)[0]
    return len(line) + 1 + len(first_word) > width - 4 and len(line) >= NARROWEST - 10 and not ITEM.match(following)


def _is_as_typed(lines: Sequence[str]) -> bool:
    """Whether a block looks like code, output, a table or a drawing: then its blanks and lines carry meaning."""
    marks = sum(1 for line in lines if _looks_typed(line[:200]))
    return marks * 2 >= len(lines) + (len(lines) == 1)


def _looks_typed(line: str) -> bool:
    if ITEM.match(line) and not SYMBOLS.search(line):
        return False
    return bool(INDENTED.match(line) or CODE.match(line) or TABULAR.search(line) or SYMBOLS.search(line))


def _dedented(lines: list[str]) -> list[str]:
    """Without the indentation that every line has."""
    indents = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    return [line[min(indents, default=0) :] for line in lines]


def _without_punctuation(address: str) -> str:
    """The address without the full stop or bracket that belongs to the sentence around it."""
    while address and (address[-1] in TRAILING or address[-1] in CLOSING):
        opening = CLOSING.get(address[-1])
        if opening and address.count(opening) >= address.count(address[-1]):
            break
        address = address[:-1]
    return address
