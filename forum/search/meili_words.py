"""Words as Meilisearch reads them, and which of them are worth asking for."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from forum.search.ranking import LITTLE_WORDS, QUESTION_WORDS, SHORT
from forum.search.types import Word

NOT_IN_WORDS = re.compile(r'[\x00-\x20\x7f"\ud800-\udfff]+')  # what would end a phrase, or is no character
LONGEST = 200  # characters of one word or phrase: beyond a thousand tokens Meilisearch reads no further


def in_query_syntax(words: Iterable[Word]) -> str:
    """The words as Meilisearch reads them: phrases in quotes, what is left out behind a minus.

    What is left out comes first, as only ten words are heeded. The last word is taken for a beginning, unless a space
    follows.
    """
    words = list(words)
    left_out = [f'-"{text}"' for text in (_text(word.text) for word in words if word.is_left_out) if text]
    told = telling([word for word in words if not word.is_left_out])
    phrases = [f'"{text}"' for text in (_text(word.text) for word in told if word.is_phrase) if text]
    whole = [_without_minus(word.text) for word in told if not (word.is_phrase or word.is_begun)]
    begun = [_without_minus(word.text) for word in told if word.is_begun and not word.is_phrase]
    asked = " ".join(part for part in (*left_out, *phrases, *whole, *begun) if part)
    return asked if any(begun) else asked + " "


def telling(words: Sequence[Word]) -> list[Word]:
    """Those that say what is meant, phrases among them; all of them where none does."""
    silent = QUESTION_WORDS | LITTLE_WORDS if len(words) > SHORT else QUESTION_WORDS
    told = [word for word in words if word.is_phrase or word.text.lower() not in silent]
    return told or list(words)


def _text(text: str) -> str:
    """One line without quotes, also none that Meilisearch would make of other characters."""
    return NOT_IN_WORDS.sub(" ", unicodedata.normalize("NFKC", text[:LONGEST])).strip()


def _without_minus(text: str) -> str:
    """Its parts, none of which begins with a dash, which would leave it out."""
    parts = (part.lstrip("-‐‑‒–—―−") for part in _text(text).split())
    return " ".join(part for part in parts if part)
