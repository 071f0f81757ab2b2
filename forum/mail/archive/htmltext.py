"""Turns the HTML part of a mail into plain text: one pass, linear, nothing of the HTML survives."""

import re
from html import unescape

MAX_HTML = 256 << 10
MAX_QUOTE_DEPTH = 20
NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]*)")
HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.I)
BLANK = re.compile(r"[ \t\r\n\f\u00a0]+")
SKIPPED = frozenset({"script", "style", "head", "title", "template", "svg", "math", "xml", "object"})
SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "blockquote", "dl"})
LINES = frozenset(
    {"div", "tr", "section", "article", "header", "footer", "address", "dt", "dd", "form", "hr", "center", "li"}
)
BLOCKS = SPACED | LINES


def text_of(html: str) -> str:
    """The words of a page, links with their addresses behind them, quotes marked with ">"."""
    writer = _Writer()
    html = html[:MAX_HTML]
    at = 0
    while at < len(html):
        opening = html.find("<", at)
        if opening < 0:
            writer.words(html[at:])
            break
        writer.words(html[at:opening])
        at = _after_tag(html, opening, writer)
    return writer.text()


def _after_tag(html: str, opening: int, writer: "_Writer") -> int:
    """Handles what begins at "<" and says where to read on."""
    if html.startswith("<!--", opening):
        return _behind(html, "-->", opening + 4)
    name = NAME.match(html, opening + 1)
    if name is None and html[opening + 1 : opening + 2] not in ("!", "?"):
        writer.bracket()
        return opening + 1
    end = _behind(html, ">", opening)
    if name is None:
        return end
    tag = name[1].lower()
    is_closing = html[opening + 1] == "/"
    if tag in SKIPPED and not is_closing:
        closing = re.compile(f"</{tag}", re.I).search(html, end)
        return _behind(html, ">", closing.end()) if closing else len(html)
    writer.close(tag) if is_closing else writer.open(tag, html[name.end() : end])
    return end


def _behind(text: str, mark: str, start: int) -> int:
    found = text.find(mark, start)
    return len(text) if found < 0 else found + len(mark)


class _Writer:
    """Writes text line by line: knows the quote depth, whether blanks count, and the link it is in."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = 0
        self._pre = 0
        self._links: list[tuple[str, int]] = []

    def words(self, text: str) -> None:
        if not text:
            return
        text = unescape(text)
        if self._pre:
            first, *others = text.replace("\r\n", "\n").split("\n")
            self._line.append(first)
            for other in others:
                self.end_line()
                self._line.append(other)
            return
        text = BLANK.sub(" ", text)
        self._line.append(text.lstrip() if not self._line or self._line[-1].endswith(" ") else text)

    def bracket(self) -> None:
        """A "<" that begins no tag."""
        self._line.append("<")

    def open(self, tag: str, attributes: str) -> None:
        if tag == "br":
            self.end_line()
        elif tag == "a":
            self._links = [*self._links[-1:], (_address(attributes), len(self._line))]
        elif tag in ("td", "th") and self._line:
            self._line.append("  ")
        if tag in BLOCKS:
            self._finish_line()
            self._space(tag)
        if tag == "li":
            self._line.append("- ")
        elif tag == "hr":
            self._line.append("-" * 20)
            self.end_line()
        elif tag == "blockquote":
            self._quotes += 1
        elif tag == "pre":
            self._pre += 1

    def close(self, tag: str) -> None:
        if tag == "a" and self._links:
            address, start = self._links.pop()
            if address and address not in "".join(self._line[start:]):
                self._line.append(f" <{address}>")
        if tag in BLOCKS:
            self._finish_line()
        if tag == "blockquote":
            self._quotes = max(self._quotes - 1, 0)
        elif tag == "pre":
            self._pre = max(self._pre - 1, 0)
        self._space(tag)

    def end_line(self) -> None:
        words = "".join(self._line).rstrip()
        self._line = []
        self._links = [(address, 0) for address, _ in self._links]
        quotes = "> " * min(self._quotes, MAX_QUOTE_DEPTH)
        self._lines.append((quotes + words).rstrip())

    def text(self) -> str:
        self.end_line()
        return "\n".join(self._lines).strip("\n")

    def _finish_line(self) -> None:
        if "".join(self._line).strip():
            self.end_line()
        else:
            self._line = []

    def _space(self, tag: str) -> None:
        if tag in SPACED and self._lines and self._lines[-1].strip("> "):
            self.end_line()


def _address(attributes: str) -> str:
    found = HREF.search(attributes)
    address = unescape(next((each for each in found.groups() if each), "") if found else "").strip()
    return (
        address if address.startswith(("http://", "https://")) and len(address) <= 2000 and " " not in address else ""
    )
