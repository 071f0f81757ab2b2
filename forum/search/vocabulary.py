"""The vocabulary: which stems stand for a word that was typed, and how common they are.

For each circle of readers it knows words of what all of them may read and no others, so that correcting a typing error
tells nobody of a word they could not have read.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import log
from typing import NamedTuple

from forum.kit.db import Database, Row, rows
from forum.kit.recent import Recent
from forum.search.ranking import (
    BEGUN,
    EXACT,
    KNOWN_SHARE,
    MISTYPED,
    MOST_BEGUN,
    MOST_MISTYPED,
    MOST_STEMS,
    MOST_WORDS,
    ONE_ERROR,
    SHORTEST_BEGUN,
    SYNONYM,
    TWO_ERRORS,
)
from forum.search.types import CIRCLES, Word
from forum.search.words import edits, joined, near, words_of

KEPT_SECONDS = 60
UNKNOWN_SHARE = 100


class Asked(NamedTuple):
    """A plain word that was typed. is_begun: it may go on; is_exact: it is meant just so."""

    word: str
    is_begun: bool = False
    is_exact: bool = False


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
        """At most how many documents hold it, by what was counted: 0 for a word that the vocabulary does not know."""
        phrases = (min(stem.documents for stem in phrase) for phrase in self.phrases)
        return sum(stem.documents for stem in self.stems) + sum(phrases)


@dataclass(frozen=True)
class Months:
    """How many documents each month has, the newest month first, and how long the average one is."""

    counts: tuple[tuple[str, int], ...]
    length: float

    @cached_property
    def documents(self) -> int:
        return sum(count for _, count in self.counts)

    def newest(self, documents: int) -> list[str]:
        """The newest months that hold so many documents, the newest first; none where all months are needed."""
        taken: list[str] = []
        for month, count in self.counts:
            if documents <= 0:
                return taken
            taken.append(month)
            documents -= count
        return []

    def expected(self, term: Term) -> int:
        """In about how many documents a term is. One that the vocabulary does not know may be of hidden ones: some."""
        return term.documents or self.documents // UNKNOWN_SHARE + 1

    def rarity(self, documents: int) -> float:
        """How much a word counts that so many documents hold: BM25's idf, above 0."""
        every = max(self.documents, documents)
        return log(1 + (every - documents + 0.5) / (documents + 0.5))


EXACT_SQL = {
    CIRCLE: f"""
    SELECT w.word, l.lexeme, coalesce((SELECT sum(s.{CIRCLE}) FROM search_word s WHERE s.lexeme = l.lexeme), 0)
               AS documents
    FROM unnest(CAST(:words AS text[])) w (word)
    CROSS JOIN LATERAL unnest(to_tsvector('forum', w.word)) l
    ORDER BY w.word, l.lexeme
"""
    for CIRCLE in CIRCLES
}
BEGUN_SQL = {
    CIRCLE: f"""
    SELECT s.lexeme, sum(s.{CIRCLE}) AS documents
    FROM search_word s
    WHERE s.word LIKE :begins AND s.word <> :word AND s.{CIRCLE} > 0
    GROUP BY s.lexeme
    ORDER BY documents DESC, s.lexeme
    LIMIT :most
"""
    for CIRCLE in CIRCLES
}
NEAR_SQL = {
    CIRCLE: f"""
    SELECT w.word AS typed, n.word, n.lexeme, n.documents
    FROM unnest(CAST(:words AS text[]), CAST(:near AS text[]), CAST(:known AS bigint[])) w (word, near, known)
    CROSS JOIN LATERAL (
        SELECT s.word, s.lexeme, s.{CIRCLE} AS documents
        FROM search_word s
        WHERE s.near && string_to_array(w.near, ' ') AND s.word <> w.word AND s.{CIRCLE} > w.known
        ORDER BY s.{CIRCLE} DESC, s.word
        LIMIT 60
    ) n
    ORDER BY w.word, n.documents DESC, n.word
"""
    for CIRCLE in CIRCLES
}

MONTHS_SQL = """
    SELECT m.month, m.documents, m.length FROM search_month m WHERE m.circle = :circle ORDER BY m.month DESC
"""

_stems: Recent[tuple[str, Asked], tuple[Stem, ...]] = Recent(KEPT_SECONDS)
_months: Recent[str, Months] = Recent(KEPT_SECONDS)


async def months(db: Database, circle: str) -> Months:
    """What ranking counts with, as it was within the last minute."""
    kept = _months.get(db, circle)
    if kept is None:
        found = await rows(db, MONTHS_SQL, circle=circle)
        counts = tuple((row["month"], row["documents"]) for row in found)
        length = sum(row["length"] for row in found) / max(1, sum(count for _, count in counts))
        kept = _months.keep(db, circle, Months(counts, max(1.0, length)))
    return kept


def forget_words(db: Database) -> None:
    """Ask anew from here on: the vocabulary was counted anew."""
    _months.forget(db)
    _stems.forget(db)


async def terms(
    db: Database, circle: str, sought: Sequence[Word], synonyms: Sequence[Sequence[str]] = ()
) -> list[Term]:
    """What is to be looked for: one term for each word that is not left out, without words like "the".

    A word with signs in it, like E-rate, is several; those of a phrase are meant exactly. synonyms: groups of what
    means the same, each a word or several in a row.
    """
    asked = [each for word in sought if not word.is_left_out for each in _asked(word)][:MOST_WORDS]
    others = others_for([each.word for each in asked], [*synonyms, *_unhyphenated(sought)])
    meant = [Asked(word, is_exact=True) for _, other in others for word in other]
    stems = await _stems_of(db, circle, dict.fromkeys([*asked, *meant]))
    found = [Term(stems[each]) for each in asked]
    for covered, other in others:
        exact = (stems[Asked(word, is_exact=True)] for word in other)
        lexemes = tuple(replace(each[0], factor=SYNONYM) for each in exact if each)
        for place in covered:
            found[place] = _with_other(found[place], lexemes)
    there = [term for term in found if term.stems]
    return [_shortened(term, max(1, MOST_STEMS // len(there))) for term in there]


def _shortened(term: Term, most: int) -> Term:
    """The term with so many stems, those that count most."""
    stems = sorted(term.stems, key=lambda stem: -stem.factor)[:most]
    return Term(tuple(stems), term.phrases[: max(0, most - len(stems))])


def _unhyphenated(sought: Sequence[Word]) -> list[tuple[str, str]]:
    """Words with a hyphen mean the same without it."""
    return [(word.text, written) for word in sought if not word.is_left_out for written in joined(word.text)]


def _asked(word: Word) -> list[Asked]:
    pieces = words_of(word.text)
    last = len(pieces) - 1
    return [Asked(piece, word.is_begun and place == last, word.is_phrase) for place, piece in enumerate(pieces)]


def others_for(typed: Sequence[str], synonyms: Iterable[Sequence[str]]) -> list[tuple[range, list[str]]]:
    """What else may be said for words typed in a row: the places of these words, and the other words."""
    groups = [[_words_of_term(term) for term in group] for group in synonyms]
    return [
        (range(start, start + len(term)), other)
        for group in groups
        for term in group
        if term and term[0] in typed
        for start in range(len(typed) - len(term) + 1)
        if list(typed[start : start + len(term)]) == term
        for other in group
        if other and other != term
    ]


@lru_cache(maxsize=2048)
def _words_of_term(term: str) -> list[str]:
    return words_of(term)


def _with_other(term: Term, lexemes: tuple[Stem, ...]) -> Term:
    """The term, which those stems in a row stand for as well."""
    if not lexemes or (not term.stems and len(lexemes) > 1):
        return term
    if len(lexemes) == 1:
        return replace(term, stems=(*term.stems, lexemes[0]))
    return replace(term, phrases=(*term.phrases, lexemes))


async def _stems_of(db: Database, circle: str, asked: Collection[Asked]) -> dict[Asked, tuple[Stem, ...]]:
    """What stands for each word that was asked for, as it was within the last minute."""
    kept = {each: stems for each in asked if (stems := _stems.get(db, (circle, each))) is not None}
    new = [each for each in asked if each not in kept]
    if not new:
        return kept
    return kept | {
        each: _stems.keep(db, (circle, each), stems) for each, stems in (await _look_up(db, circle, new)).items()
    }


async def _look_up(db: Database, circle: str, asked: Sequence[Asked]) -> dict[Asked, tuple[Stem, ...]]:
    exact = await rows(db, EXACT_SQL[circle], words=sorted({each.word for each in asked}))
    stems = {
        each: {row["lexeme"]: Stem(row["lexeme"], EXACT, row["documents"]) for row in exact if row["word"] == each.word}
        for each in asked
    }
    open_ones = [each for each in asked if stems[each] and not each.is_exact]
    for each in open_ones:
        if each.is_begun and len(each.word) >= SHORTEST_BEGUN:
            for row in await rows(db, BEGUN_SQL[circle], word=each.word, begins=f"{each.word}%", most=MOST_BEGUN):
                stems[each].setdefault(row["lexeme"], Stem(row["lexeme"], BEGUN, row["documents"]))
    known = {each.word: sum(stem.documents for stem in stems[each].values()) for each in open_ones}
    meant = await _mistyped(db, circle, known)
    for each in open_ones:
        for row in meant.get(each.word, ()):
            stems[each].setdefault(row["lexeme"], Stem(row["lexeme"], MISTYPED, row["documents"]))
    return {each: tuple(found.values()) for each, found in stems.items()}


async def _mistyped(db: Database, circle: str, known: Mapping[str, int]) -> dict[str, list[Row]]:
    """What each word, of which so many documents are known, may have been typed for: the nearest, most common first."""
    words = [word for word in known if len(word) >= ONE_ERROR - 1 and near(word)]
    if not words:
        return {}
    found = await rows(
        db,
        NEAR_SQL[circle],
        words=words,
        near=[" ".join(near(word)) for word in words],
        known=[known[word] * KNOWN_SHARE for word in words],
    )
    return {word: _nearest(word, [row for row in found if row["typed"] == word]) for word in words}


def _nearest(word: str, found: Sequence[Row]) -> list[Row]:
    away = [(edits(word, row["word"]), row) for row in found if len(row["word"]) >= ONE_ERROR]
    most = 2 if len(word) >= TWO_ERRORS else 1
    nearest = min((count for count, _ in away), default=3)
    return [row for count, row in away if count == nearest <= most][:MOST_MISTYPED]
