"""Finds watched words in a text in one pass: time grows with the text alone, and nobody's pattern is run.

Words are compared as people read them: without case, width, ligatures and characters nobody sees.
"""

import re
from collections.abc import Iterable
from typing import Generic, TypeVar
from unicodedata import normalize

Meaning = TypeVar("Meaning")

WORD = re.compile(r"[^\W_]+")
UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]+")
SLICE = 200  # to put marks in order takes the square of a run's length
WIDEST = 2 * SLICE  # one character may stand for eighteen: no word is that long


def tokens(text: str) -> list[str]:
    """The words of `text` in order, each as it is compared: "Straße" → "strasse"."""
    if text.isascii():
        return WORD.findall(text.lower())
    return [word for piece in UNSEEN.sub("", text).split() for word in WORD.findall(_folded(piece))]


def _folded(piece: str) -> str:
    slices = (piece[at : at + SLICE] for at in range(0, len(piece), SLICE))
    return "".join(normalize("NFKC", normalize("NFKC", each)[:WIDEST].casefold()) for each in slices)


class Matcher(Generic[Meaning]):
    """Words and words in a row, each with its meaning, as a tree of words."""

    def __init__(self, phrases: Iterable[tuple[str, Meaning]]) -> None:
        self._root: _Node[Meaning] = _Node()
        for phrase, meaning in phrases:
            if words := tokens(phrase):
                node = self._root
                for word in words:
                    node = node.next.setdefault(word, _Node())
                node.meanings.append(meaning)

    def found(self, text: str) -> list[Meaning]:
        """The meaning of each phrase in `text`, once each, in the order of their first places."""
        words, seen = tokens(text), dict[int, Meaning]()
        for at, word in enumerate(words):
            node = self._root.next.get(word)
            ahead = at + 1
            while node is not None:
                for meaning in node.meanings:
                    seen[id(meaning)] = meaning
                node = node.next.get(words[ahead]) if ahead < len(words) else None
                ahead += 1
        return list(seen.values())


class _Node(Generic[Meaning]):
    """Where one has got to in the tree, and what ends here."""

    def __init__(self) -> None:
        self.next: dict[str, _Node[Meaning]] = {}
        self.meanings: list[Meaning] = []
