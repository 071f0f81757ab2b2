"""The vocabulary: which stems stand for a word that was typed, and how common they are.

It holds words of what all members may read and no others, so that correcting a typing error tells nobody of a word
they could not have read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log
from time import monotonic

from forum.kit.db import Database, Row, rows
from forum.search.ranking import (
    BEGUN,
    EXACT,
    KNOWN_SHARE,
    MISTYPED,
    MOST_BEGUN,
    MOST_MISTYPED,
    ONE_ERROR,
    SHORTEST_BEGUN,
    SYNONYM,
    TWO_ERRORS,
)
from forum.search.types import Word
from forum.search.words import edits, near, words_of

KEPT_SECONDS = 60
MOST_KEPT = 4096


@dataclass(frozen=True)
class Stem:
    """A stem that stands for what was typed. factor: how much it counts, 0 to 1; documents: about how many hold it."""

    lexeme: str
    factor: float
    documents: int


@dataclass(frozen=True)
class Term:
    """One word that was typed, with the stems that stand for it. phrases: several stems in a row that do so too."""

    stems: tuple[Stem, ...]
    phrases: tuple[tuple[Stem, ...], ...] = ()

    @property
    def all_stems(self) -> tuple[Stem, ...]:
        """Also those of phrases, each by itself."""
        return (*self.stems, *(stem for phrase in self.phrases for stem in phrase))

    @property
    def documents(self) -> int:
        """At most how many documents hold it, by what was counted."""
        return sum(stem.documents for stem in self.stems) or 1


@dataclass(frozen=True)
class Months:
    """How many documents each month has, the newest month first, and how long the average one is."""

    counts: tuple[tuple[str, int], ...]
    length: float

    @property
    def documents(self) -> int:
        return sum(count for _, count in self.counts)

    def rarity(self, documents: int) -> float:
        """How much a word counts that so many documents hold: BM25's idf, above 0."""
        every = max(self.documents, documents)
        return log(1 + (every - documents + 0.5) / (documents + 0.5))


EXACT_SQL = """
    SELECT l.lexeme, coalesce((SELECT sum(s.documents) FROM search_word s WHERE s.lexeme = l.lexeme), 0) AS documents
    FROM unnest(to_tsvector('forum', :word)) l
"""
BEGUN_SQL = """
    SELECT s.lexeme, sum(s.documents) AS documents
    FROM search_word s
    WHERE s.word LIKE :begins AND s.word <> :word
    GROUP BY s.lexeme
    ORDER BY sum(s.documents) DESC, s.lexeme
    LIMIT :most
"""
NEAR_SQL = """
    SELECT s.word, s.lexeme, s.documents
    FROM search_word s
    WHERE s.near && CAST(:near AS text[]) AND s.word <> :word AND s.documents > :known
    ORDER BY s.documents DESC, s.word
    LIMIT 60
"""

_stems: dict[tuple[str, bool, bool], tuple[float, tuple[Stem, ...]]] = {}
_months: list[tuple[float, Months]] = []


async def months(db: Database) -> Months:
    """What ranking counts with, as it was within the last minute."""
    if not (_months and monotonic() - _months[0][0] < KEPT_SECONDS):
        found = await rows(db, "SELECT m.month, m.documents, m.length FROM search_month m ORDER BY m.month DESC")
        documents = sum(row["documents"] for row in found)
        counts = tuple((row["month"], row["documents"]) for row in found)
        _months[:] = [(monotonic(), Months(counts, max(1.0, sum(row["length"] for row in found) / max(1, documents))))]
    return _months[0][1]


def forget_kept() -> None:
    """Ask anew from here on: after the index was built anew, and between tests."""
    _months.clear()
    _stems.clear()


async def terms(db: Database, sought: Sequence[Word], synonyms: Sequence[Sequence[str]] = ()) -> list[Term]:
    """What is to be looked for: one term for each word that is not left out, without words like "the".

    A word with signs in it, like E-rate, is several; those of a phrase are meant exactly. synonyms: groups of what
    means the same, each a word or several in a row.
    """
    typed, found = [], []
    for word in sought:
        if word.is_left_out:
            continue
        pieces = words_of(word.text)
        for place, piece in enumerate(pieces, 1):
            is_begun = word.is_begun and place == len(pieces)
            typed.append(piece)
            found.append(Term(await _stems_for(db, piece, is_begun=is_begun, is_exact=word.is_phrase)))
    for covered, other in others_for(typed, synonyms):
        lexemes = await _lexemes(db, other)
        for place in covered:
            found[place] = _with_other(found[place], lexemes)
    return [term for term in found if term.stems]


def others_for(typed: Sequence[str], synonyms: Sequence[Sequence[str]]) -> list[tuple[range, list[str]]]:
    """What else may be said for words typed in a row: the places of these words, and the other words."""
    groups = [[words_of(term) for term in group] for group in synonyms]
    return [
        (range(start, start + len(term)), other)
        for group in groups
        for term in group
        for start in range(len(typed) - len(term) + 1)
        if term and list(typed[start : start + len(term)]) == term
        for other in group
        if other and other != term
    ]


def _with_other(term: Term, lexemes: tuple[Stem, ...]) -> Term:
    """The term, which those stems in a row stand for as well."""
    if not term.stems or not lexemes:
        return term
    if len(lexemes) == 1:
        return replace(term, stems=(*term.stems, lexemes[0]))
    return replace(term, phrases=(*term.phrases, lexemes))


async def _lexemes(db: Database, words: Sequence[str]) -> tuple[Stem, ...]:
    exact = [await _stems_for(db, word, is_begun=False, is_exact=True) for word in words]
    return tuple(replace(stems[0], factor=SYNONYM) for stems in exact if stems)


async def _stems_for(db: Database, word: str, *, is_begun: bool, is_exact: bool) -> tuple[Stem, ...]:
    key = (word, is_begun, is_exact)
    kept_at, stems = _stems.get(key, (0.0, ()))
    if not kept_at or monotonic() - kept_at >= KEPT_SECONDS:
        stems = await _look_up(db, word, is_begun=is_begun, is_exact=is_exact)
        if len(_stems) >= MOST_KEPT:
            _stems.clear()
        _stems[key] = (monotonic(), stems)
    return stems


async def _look_up(db: Database, word: str, *, is_begun: bool, is_exact: bool) -> tuple[Stem, ...]:
    found = await rows(db, EXACT_SQL, word=word)
    stems = {row["lexeme"]: Stem(row["lexeme"], EXACT, row["documents"]) for row in found}
    if not stems or is_exact:
        return tuple(stems.values())
    if is_begun and len(word) >= SHORTEST_BEGUN:
        for row in await rows(db, BEGUN_SQL, word=word, begins=f"{word}%", most=MOST_BEGUN):
            stems.setdefault(row["lexeme"], Stem(row["lexeme"], BEGUN, row["documents"]))
    known = sum(stem.documents for stem in stems.values())
    for row in await _mistyped(db, word, known):
        stems.setdefault(row["lexeme"], Stem(row["lexeme"], MISTYPED, row["documents"]))
    return tuple(stems.values())


async def _mistyped(db: Database, word: str, known: int) -> list[Row]:
    """What `word`, which `known` documents hold, may have been typed for: the nearest words, the most common first."""
    if len(word) < ONE_ERROR - 1:
        return []
    found = await rows(db, NEAR_SQL, word=word, near=near(word), known=known * KNOWN_SHARE)
    away = [(edits(word, row["word"]), row) for row in found if len(row["word"]) >= ONE_ERROR]
    most = 2 if len(word) >= TWO_ERRORS else 1
    nearest = min((count for count, _ in away), default=3)
    return [row for count, row in away if count == nearest <= most][:MOST_MISTYPED]
