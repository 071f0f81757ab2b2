"""Colours code at write time: a few classes on spans, their colours in static/css/code.css."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from itertools import groupby

from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, Token, _TokenType

MAX_CHARS = 10_000

# Only lexers that stay fast on nonsense: those for C#, Java and .reg files take a second for 3 KB of it.
LANGUAGES = frozenset(
    {"apache", "apacheconf", "bash", "bat", "batch", "cfg", "cmd", "conf", "console", "css", "diff", "docker"}
    | {"dockerfile", "html", "http", "ini", "javascript", "js", "json", "nginx", "patch", "php", "posh", "powershell"}
    | {"ps1", "pwsh", "py", "python", "sh", "shell", "sql", "toml", "udiff", "xml", "yaml", "yml"}
)

ALIASES = {"cmd": "bat", "conf": "ini", "patch": "diff"}

CLASSES = {
    Keyword: "k",
    Name.Builtin: "n",
    Name.Class: "n",
    Name.Function: "n",
    Name.Tag: "n",
    Name.Attribute: "a",
    Name.Decorator: "a",
    Name.Variable: "a",
    String: "s",
    Number: "m",
    Operator: "o",
    Comment: "c",
    Generic.Heading: "c",
    Generic.Subheading: "c",
    Generic.Inserted: "gi",
    Generic.Deleted: "gd",
}


def highlight(code: str, language: str) -> str:
    """HTML of `code` with coloured spans; plain escaped text for a language we do not know and for long code."""
    if language not in LANGUAGES or len(code) > MAX_CHARS:
        return escape(code)
    lexer = get_lexer_by_name(ALIASES.get(language, language), stripnl=False, ensurenl=False)
    tokens = list(lexer.get_tokens(code))
    kept_all = "".join(value for _, value in tokens) == code  # a few lexers lose what they do not understand
    return "".join(_spans(tokens)) if kept_all else escape(code)


def _spans(tokens: Iterable[tuple[_TokenType, str]]) -> Iterator[str]:
    for css_class, run in groupby(tokens, key=lambda token: _class_of(token[0])):
        text = escape("".join(value for _, value in run))
        yield f'<span class="{css_class}">{text}</span>' if css_class else text


@lru_cache(maxsize=256)
def _class_of(kind: _TokenType) -> str:
    """The class of the nearest kind above that has one; "" for ordinary text."""
    while kind not in CLASSES and kind is not Token:
        kind = kind.parent or Token
    return CLASSES.get(kind, "")
