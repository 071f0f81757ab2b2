"""Words as the vocabulary knows them: small letters without accents, and how near two of them are. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

SHORTEST, LONGEST = 2, 40
LONGEST_NEAR = 20
WORD = re.compile(r"[^\W_]+")
FOREIGN = re.compile(r"[^\x00-\x7f]+")
HYPHENATED = re.compile(r"(?<![^\W_])[^\W_]++(?:[-&][^\W_]++)++")  # possessive: linear in the text


def plain(text: str) -> str:
    """`text` in small letters without accents: "Résumé" → "resume"."""
    if text.isascii():  # most are, and indexing does little else
        return text.lower()
    return FOREIGN.sub(_without_accents, unicodedata.normalize("NFKD", text.casefold()))


def _without_accents(letters: re.Match[str]) -> str:
    return "".join(letter for letter in letters[0] if not unicodedata.combining(letter))


def words_of(text: str) -> list[str]:
    """The words of `text` in their order, plain; what is too long to be a word is cut."""
    return [word[:LONGEST] for word in WORD.findall(plain(text))]


def joined(text: str) -> list[str]:
    """Each word of `text` with a hyphen as it is written without: "E-rate, AT&T" → ["erate", "att"]."""
    written = plain(text)
    if "-" not in written and "&" not in written:
        return []
    found = dict.fromkeys(word.replace("-", "").replace("&", "") for word in HYPHENATED.findall(written))
    return [word for word in found if len(word) <= LONGEST]


@dataclass(frozen=True)
class Spelled:
    """A document taken apart once: the words of its title, those of its text, and words with hyphens without them."""

    title: list[str]
    body: list[str]
    joined: list[str]

    @property
    def words(self) -> set[str]:
        """Each word of two letters and more."""
        return {word for word in (*self.title, *self.body, *self.joined) if len(word) >= SHORTEST}


def spelled(title: str, body: str) -> Spelled:
    """A title and a text as the index has them."""
    return Spelled(words_of(title), words_of(body), joined(f"{title} {body}"))


def near(word: str) -> list[str]:
    """The word and the word without one of its letters, for each letter; [] for words that are not corrected.

    Two words that are one edit apart share one of these, and so do many that are two apart. Source: W. Garbe,
    Symmetric Delete spelling correction (2012).
    """
    if not 3 <= len(word) <= LONGEST_NEAR or any(letter.isdigit() for letter in word):
        return []
    return sorted({word, *_without_one(word)})


def _without_one(word: str) -> Iterator[str]:
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def edits(one: str, other: str) -> int:
    """How many letters must be added, taken away, changed or swapped with their neighbour: 0, 1 or 2, or 3 for more.

    Source: F. Damerau, CACM 7 (1964), p. 171; each letter is touched once.
    """
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, counterpart in enumerate(other, 1):
            least = min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != counterpart))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == counterpart:
                least = min(least, before[column - 2] + 1)
            line.append(least)
        before, above = above, line
    return min(above[-1], 3)
