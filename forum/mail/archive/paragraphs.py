"""Writes lines of plain text as paragraphs: wrapped prose flows again, code and tables stay as typed."""

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import groupby, pairwise

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
HARD_BREAK = "\x1f"  # ends an address like any blank, and no text holds it any more
CLOSING = {")": "(", "]": "[", "}": "{"}


def paragraphs(lines: Sequence[str]) -> str:
    """The lines as `<p>` and `<pre>`."""
    return "".join(
        _typed(block) if as_typed else _paragraph(_flowing(block)) for block, as_typed in _blocks(lines, _is_as_typed)
    )


def plain_paragraphs(lines: Sequence[str]) -> str:
    """The lines as `<p>` and `<pre>`, every line left a line: for quotes that few unfold, at a third of the work."""
    return "".join(
        _typed(block) if as_typed else _paragraph(HARD_BREAK.join(line.strip() for line in block))
        for block, as_typed in _blocks(lines, _is_indented)
    )


def one_paragraph(lines: Sequence[str]) -> str:
    """The lines as a single `<p>`, every line left a line."""
    return _paragraph(HARD_BREAK.join(line.strip() for line in lines if line.strip()))


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


def _blocks(lines: Sequence[str], is_typed: Callable[[list[str]], bool]) -> Iterator[tuple[list[str], bool]]:
    """Runs between blank lines and whether they stay as typed; such runs that follow each other stay one block."""
    runs = [list(run) for is_blank, run in groupby(lines, key=lambda line: not line.strip()) if not is_blank]
    for is_code, group in groupby(runs, key=is_typed):
        if is_code:
            yield [line for index, run in enumerate(group) for line in (["", *run] if index else run)], True
        else:
            yield from ((run, False) for run in group)


def _typed(lines: list[str]) -> str:
    return f"<pre>{linked(chr(10).join(_dedented(lines)))}</pre>"


def _paragraph(text: str) -> str:
    return f"<p>{linked(text).replace(HARD_BREAK, '<br>')}</p>"


def _flowing(lines: list[str]) -> str:
    """The lines, those joined again that were broken only because the next word did not fit."""
    width = max(len(line) for line in lines)
    if not NARROWEST <= width <= WIDEST:
        return HARD_BREAK.join(line.strip() for line in lines)
    parts = [lines[0].strip()]
    for line, following in pairwise(lines):
        parts += ["\n" if _did_not_fit(line, following, width) else HARD_BREAK, following.strip()]
    return "".join(parts)


def _did_not_fit(line: str, following: str, width: int) -> bool:
    first_word = following.split(maxsplit=1)[0]
    return len(line) + 1 + len(first_word) > width - 4 and len(line) >= NARROWEST - 10 and not ITEM.match(following)


def _is_as_typed(lines: list[str]) -> bool:
    """Whether a block looks like code, output, a table or a drawing: then its blanks and lines carry meaning."""
    marks = sum(1 for line in lines if _looks_typed(line[:200]))
    return marks * 2 >= len(lines) + (len(lines) == 1)


def _is_indented(lines: list[str]) -> bool:
    return any(line.startswith(("  ", "\t")) for line in lines)


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
