"""Reads rendered HTML with the standard library's own parser and lists what must not be in it."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

TAGS = frozenset(
    "a blockquote br code div em h3 h4 h5 h6 hr input li ol p pre s span strong table tbody td th thead tr ul".split()  # noqa: SIM905
)
ATTRIBUTES = frozenset(
    {"aria-label", "checked", "class", "disabled", "href", "rel", "role", "start", "tabindex", "type"}
)
SCHEMES = frozenset({"", "http", "https", "mailto"})
REL = "nofollow ugc noopener"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in TAGS:
            self.problems.append(f"tag {tag}")
        self.problems += [f"{tag} {name}" for name in values if name not in ATTRIBUTES]
        if tag == "a" and values.get("rel") != REL:
            self.problems.append(f"rel {values.get('rel')}")
        if tag == "input" and (values.get("type") != "checkbox" or "disabled" not in values):
            self.problems.append("an input that takes something")
        if (scheme := _scheme(values.get("href") or "")) not in SCHEMES:
            self.problems.append(f"scheme {scheme}")

    def handle_comment(self, data: str) -> None:
        self.problems.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.problems.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.problems.append("processing instruction")

    def unknown_decl(self, data: str) -> None:
        self.problems.append("unknown declaration")


def _scheme(href: str) -> str:
    """As a browser sees it: control characters and blanks at the ends, tabs and line breaks anywhere, do not count."""
    seen = "".join(char for char in href if char not in "\t\r\n").strip("".join(map(chr, range(33))))
    try:
        return urlsplit(seen).scheme
    except ValueError:
        return ""


def problems(html: str) -> list[str]:
    """What a post may not contain, as found in `html`; [] for safe HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.problems
