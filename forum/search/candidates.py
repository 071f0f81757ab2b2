"""Which documents are looked at before they are ranked: tsqueries for the index, over ever more time.

Of common words the newest documents are looked at, of titles all. Each lexeme that a tsquery may choose from costs time
for every document in question, so the index is asked for what leaves few: words, filters, a kind of which there are
few; and what nearly all documents hold is asked of those that were found, beside the index.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import prod

from forum.search.ranking import LEAST_RANKED, MOST_MONTHS, MOST_RANKED, RARE_IN_ALL, WIDER
from forum.search.tags import (
    HEAD,
    all_of,
    any_of,
    kinds_of,
    limits_of,
    one_of,
    quoted,
    rights_of,
    stem_in_title,
    whole_title,
)
from forum.search.types import Sought
from forum.search.vocabulary import Months, Term

NUMEROUS = "post"  # the kind of which there are many
MUCH_OF_ALL = 2  # times as many: for less than that all time is as fast
TOGETHER = 2  # words stand together so many times as often as chance has it
FILTERS_LEAVE = 8  # of so many documents about one answers a filter
TITLES_HOLD = 8  # of so many documents with a word about one has it in a title of its own; of all words, of each word
ANYTHING = f"!{quoted('#')}"  # a tsquery that every document answers


@dataclass(frozen=True)
class Look:
    """Tsqueries: documents that one of `among` finds in the index are ranked if `beside` finds them too.

    most: so many of each of them, the newest.
    """

    among: tuple[str, ...]
    beside: str
    most: int = MOST_RANKED


@dataclass(frozen=True)
class Looking:
    """How the documents for one question are looked for.

    phrases, left_out: parts of a tsquery. calendar: of the reader's circle; everything: of the largest.
    """

    sought: Sought
    phrases: Sequence[str]
    left_out: Sequence[str]
    calendar: Months
    everything: Months

    @property
    def is_of_many(self) -> bool:
        return NUMEROUS in self.sought.kinds

    @property
    def is_for_few(self) -> bool:
        """Whether the reader may read so little that the index is asked for it."""
        return 2 * self.calendar.documents < self.everything.documents

    @property
    def limits(self) -> list[str]:
        """What each tsquery for the index holds beside words."""
        parts = [*limits_of(self.sought), *self.phrases]
        parts += [] if self.is_of_many else [kinds_of(self.sought)]
        return parts + (rights_of(self.sought) if self.is_for_few else [])

    @property
    def beside(self) -> str:
        """What each document is asked that the index found."""
        parts = [kinds_of(self.sought)] if self.is_of_many else []
        return all_of([*parts, *self.left_out, *([] if self.is_for_few else rights_of(self.sought))]) or ANYTHING

    def ways(self, found: Sequence[Term]) -> Iterator[Look]:
        """What to look for first, and with which to go on where that brings too little."""
        if not self.sought.needs_all:
            yield Look(tuple(self._with_rare_words(found)), self.beside)
            return
        title = quoted(whole_title(" ".join(word.text for word in self.sought.words)))
        for most, candidates in self._with_all_words(found):
            yield Look((*candidates, all_of([title, *self.limits])), self.beside, most)

    def newest(self) -> Iterator[Look]:
        """Where no words were given: of threads their beginnings, unless a reply may be what is meant."""
        heads = [] if self.sought.limits.may_mean_replies else [quoted(HEAD)]
        much = 4 * self.sought.most
        while True:
            time, is_all = self._newest(self.calendar.documents, much)
            among = all_of([*heads, *time, *self.limits]) or ANYTHING
            yield Look((among,), self.beside)
            if is_all:
                return
            much *= WIDER

    def _with_all_words(self, found: Sequence[Term]) -> Iterator[tuple[int, list[str]]]:
        """Tsqueries for so many documents with all words, over ever more time: in any place, and in titles."""
        words, titles = [in_text(term) for term in found], [_in_title(term) for term in found]
        together = self._together(found)
        wanted = min(MOST_RANKED, max(LEAST_RANKED, 4 * self.sought.most))
        while True:
            time, is_all = self._newest(together, wanted)
            of_titles, are_all_titles = self._newest(together // TITLES_HOLD ** len(found), wanted)
            queries = [all_of([*words, *time, *self.limits]), all_of([*titles, *of_titles, *self.limits])]
            yield min(MOST_RANKED, wanted), queries
            if is_all and are_all_titles:
                return
            wanted *= WIDER

    def _with_rare_words(self, found: Sequence[Term]) -> Iterator[str]:
        """Tsqueries for documents with some of the words: the rarest ones, as long as these are not in too many."""
        left = RARE_IN_ALL
        for term in sorted(found, key=self.calendar.expected):
            time, _ = self._newest(self.calendar.expected(term), max(left, LEAST_RANKED))
            yield all_of([in_text(term), *time, *self.limits])
            left -= term.documents
            if left <= 0:
                return

    def _together(self, found: Sequence[Term]) -> int:
        """About how many documents hold all the words."""
        each = [self.calendar.expected(term) for term in found]
        every = max(self.calendar.documents, *each)
        by_chance = every * prod(count / every for count in each)
        together = min(*each, int(TOGETHER * by_chance) + 1) if len(each) > 1 else each[0]
        return int(together // FILTERS_LEAVE ** len(limits_of(self.sought)))

    def _newest(self, documents: int, wanted: int) -> tuple[list[str], bool]:
        """A part of a tsquery for the newest time that holds about `wanted` of so many documents; [] for all time.

        Also whether there is no more time to look through.
        """
        is_much = documents > MUCH_OF_ALL * wanted and self.is_of_many
        newest = self.calendar.newest(wanted * self.calendar.documents // documents) if is_much else []
        after = self.sought.limits.after
        if after and (not newest or newest[-1] <= f"{after:%Y%m}"):
            return [one_of(spans(months_since(after)))], True
        return ([one_of(spans(newest))] if newest else []), not newest


def months_since(day: date) -> list[str]:
    """Every month from that of `day` to this one, as 202611, the newest first."""
    today = datetime.now(UTC).date()
    numbers = range(12 * today.year + today.month - 1, 12 * day.year + day.month - 2, -1)
    return [f"{number // 12:04}{number % 12 + 1:02}" for number in numbers]


def spans(months: Sequence[str]) -> list[str]:
    """The tags of these months, the newest first and none left out; of whole years, where they are many.

    The running month is always among them, whatever was counted last.
    """
    running = f"{datetime.now(UTC):%Y%m}"
    if len(months) > MOST_MONTHS:
        return sorted({f"#y{month[:4]}" for month in (running, *months)}, reverse=True)
    return [f"#m{month}" for month in dict.fromkeys((running, *months))]


def in_text(term: Term) -> str:
    """A part of a tsquery: the word in any of the ways it is said."""
    phrases = ("(" + " <-> ".join(quoted(stem.lexeme) for stem in phrase) + ")" for phrase in term.phrases)
    return any_of([*(quoted(stem.lexeme) for stem in term.stems), *phrases])


def _in_title(term: Term) -> str:
    return one_of(stem_in_title(stem.lexeme) for stem in term.all_stems)
