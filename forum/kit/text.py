"""What people type: spaces of every kind made plain, invisible text and control characters found."""

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

FILLERS = "\u115f\u1160\u3164\uffa0"


def one_line(text: str) -> str:
    """`text` with every run of white space, also pasted no-break spaces and line ends, as one space; none around it."""
    return " ".join(text.split())


def has_words(text: str) -> bool:
    """Whether something can be seen: a letter, digit, mark of punctuation or symbol; fillers look like nothing."""
    return any(unicodedata.category(character)[0] in "LNPS" and character not in FILLERS for character in text)


def has_controls(text: str) -> bool:
    """Whether a control character is in `text`; soft hyphens and joiners of emoji are none."""
    return any(unicodedata.category(character) == "Cc" for character in text)


def plain_letters(text: str) -> str:
    """`text` in small letters without accents; what has no such letters is gone: "Zoë 学" → "zoe "."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def slug(text: str, *, most: int, otherwise: str) -> str:
    """The part of a path that reads like `text`: letters, digits and hyphens, at most `most`; else `otherwise`."""
    return re.sub(r"[^a-z0-9]+", "-", plain_letters(text))[:most].strip("-") or otherwise


def with_query(path: str, query: Mapping[str, str]) -> str:
    """`path` with those words of `query` that are not empty."""
    asked = urlencode({name: text for name, text in query.items() if text})
    return f"{path}?{asked}" if asked else path


def is_web_address(text: str) -> bool:
    """Whether `text` is a whole http or https address in plain characters, with a host and without a password."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    return is_whole and text.isprintable() and " " not in text
