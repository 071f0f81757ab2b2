"""The pieces of what somebody typed: which part is a word, a phrase, a filter, or none that there is. Pure."""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from forum.categories.types import KINDS
from forum.search.days import first_day
from forum.search.found_types import Filter
from forum.search.types import Word

STATES = ("answered", "unanswered")
KIND_WORDS = ("thread", *KINDS, "product", "vendor", "topic", "person")
TAKES = {
    "is": "It takes answered or unanswered.",
    "kind": f"It takes {', '.join(KIND_WORDS[:-1])} or {KIND_WORDS[-1]}.",
    "after": "It takes a year, month or day, as in 2025, 2025-03 or 2025-03-01, or how long ago, as in 30d, 6m or 2y.",
}
# Each filter there is, with a value as an example.
NAMES = {
    "category": "help",
    "topic": "network",
    "by": "maya",
    "is": "answered",
    "kind": "question",
    "after": "2025",
    "product": "filter",
}
LONGEST_VALUE, SHOWN = 100, 40
LEADS = {"topic": "#", "by": "@"}  # as elsewhere people write them

QUOTES = str.maketrans("“”„‟", '""""')  # phones write these
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Signs without a width, such as those that turn the direction of writing; two that words and emoji need may stay.
UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
FINDABLE = re.compile(r"\w|[^\x00-\x7f\u200c\u200d]")
TOKEN = re.compile(
    r"""
    (?P<minus>-(?=[^\s-]))?
    (?: (?P<name>[A-Za-z]+):(?P<value>"[^"]*"?|[^\s"]*)
      | "(?P<phrase>[^"]*)(?P<end>"?)
      | (?P<word>[^\s"]+) )
    """,
    re.X,
)
NO_FILTER = re.compile(r"[/\\]|.*:")  # behind its first colon, an address, a path or a chain of colons goes on so


class Piece(NamedTuple):
    """What was typed from `start` to `end`, and what it stands for; unknown: the name of a filter there is not."""

    start: int
    end: int
    words: tuple[Word, ...] = ()
    filter: Filter | None = None
    problem: str = ""
    unknown: str = ""


def seen(text: str) -> str:
    """`text` as people see it: without controls and signs that have no width."""
    return UNSEEN.sub("", CONTROLS.sub(" ", text))


def as_text(filtered: Filter) -> str:
    """A filter as one types it: category:help, category:"Help desk"."""
    name, value = filtered
    return f'{name}:"{value}"' if re.search(r"\s", value) else f"{name}:{value}"


def value_of(name: str, given: str) -> str:
    """The value of a filter as it is compared: @Maya → Maya, "Help  desk" → Help desk, Answered → answered."""
    value = " ".join(seen(given).translate(QUOTES).replace('"', " ").split()).lstrip(LEADS.get(name, " "))
    return (value.lower() if name in TAKES else value)[:LONGEST_VALUE].strip()


def named(said: Filter, before: str = "") -> str:
    """The filter in a sentence, shortened."""
    text = before + as_text(said)
    return f"“{text[:SHOWN]}{'…' if len(text) > SHOWN else ''}”"


def pieces(text: str, *, is_begun: bool = False) -> Iterator[Piece]:
    """All of `text`, in order. is_begun: its last word or value may go on, and a quote may still be closed."""
    for token in TOKEN.finditer(text.translate(QUOTES)):
        begun = is_begun and token.end() == len(text)
        if token["name"] is not None:
            yield _filter(token, is_begun=begun)
        elif token["phrase"] is not None:
            yield Piece(*token.span(), _phrase(token, is_begun=begun and not token["end"]))
        else:
            yield Piece(*token.span(), _word(token, token["word"], is_begun=begun))


def _filter(token: re.Match[str], *, is_begun: bool) -> Piece:
    name = token["name"].lower()
    said = Filter(name, value_of(name, token["value"]))
    place, words = token.span(), _word(token, said.value, is_begun=is_begun)
    if name not in NAMES:
        return _unknown(token, words, is_begun=is_begun)
    if token["minus"]:
        return Piece(*place, words, problem=f"A filter takes no minus, as in {named(said, '-')}.")
    if not said.value:
        problem = f"Nothing stands behind “{name}:”. Write it without a space, as in {name}:{NAMES[name]}."
        return Piece(*place) if is_begun else Piece(*place, _word(token, token["name"]), problem=problem)
    if is_right(said):
        return Piece(*place, filter=said)
    return Piece(*place, () if is_begun else words, problem=f"{named(said)} means nothing here. {TAKES[name]}")


def _unknown(token: re.Match[str], words: tuple[Word, ...], *, is_begun: bool) -> Piece:
    """What has a colon and is no filter: named, unless it is an address, a path, or nothing stands behind it."""
    if NO_FILTER.match(token["value"]) or token["name"].lower() == "mailto":
        whole = token[0].removeprefix("-") if token["minus"] else token[0]
        return Piece(*token.span(), _word(token, whole, is_begun=is_begun))
    name = token["name"][:SHOWN] if token["value"] else ""
    return Piece(*token.span(), (*_word(token, token["name"]), *words), unknown=name)


def is_right(said: Filter) -> bool:
    """Whether its filter takes the value; those of categories, topics, people and products are not known here."""
    if said.name == "after":
        return first_day(said.value, date(2000, 1, 1)) is not None
    return said.value in {"is": STATES, "kind": KIND_WORDS}.get(said.name, (said.value,))


def _word(token: re.Match[str], text: str, *, is_begun: bool = False) -> tuple[Word, ...]:
    text = " ".join(text.replace('"', " ").split())
    if not FINDABLE.search(text):
        return ()
    return (Word(text, is_phrase=" " in text, is_left_out=bool(token["minus"]), is_begun=is_begun),)


def _phrase(token: re.Match[str], *, is_begun: bool) -> tuple[Word, ...]:
    words = [word for word in token["phrase"].split() if FINDABLE.search(word)]
    if is_begun and not token["minus"]:
        return tuple(Word(word, is_begun=place == len(words)) for place, word in enumerate(words, 1))
    return (Word(" ".join(words), is_phrase=True, is_left_out=bool(token["minus"])),) if words else ()
