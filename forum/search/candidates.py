"""Which documents are looked at before they are ranked: tsqueries for the index, over ever more time.

Of common words the newest documents are looked at, of titles all. Each lexeme that a tsquery may choose from costs time
for every document in question, so the index is asked for what leaves few: words, filters, a kind of which there are
few; and what nearly all documents hold is asked of those that were found, beside the index.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import prod

from forum.search.ranking import LEAST_RANKED, MOST_MONTHS, MOST_RANKED, RARE_IN_ALL, WIDER
from forum.search.tags import HEAD, all_of, any_of, kinds_of, limits_of, quoted, rights_of, stem_in_title, whole_title
from forum.search.types import Sought
from forum.search.vocabulary import Months, Term

NUMEROUS = "post"  # the kind of which there are many
TOGETHER = 2  # words stand together so many times as often as chance has it
TITLES_HOLD = 8  # of so many documents with a word about one has it in a title of its own
ANYTHING = f"!{quoted('#')}"  # a tsquery that every document answers


@dataclass(frozen=True)
class Look:
    """Tsqueries: documents that one of `among` finds in the index are ranked if `beside` finds them too."""

    among: tuple[str, ...]
    beside: str


@dataclass(frozen=True)
class Looking:
    """How the documents for one question are looked for. exact: parts of a tsquery for phrases and what is left out."""

    sought: Sought
    exact: tuple[str, ...]
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
        parts = [*limits_of(self.sought), *self.exact]
        parts += [] if self.is_of_many else [kinds_of(self.sought)]
        return parts + (rights_of(self.sought) if self.is_for_few else [])

    @property
    def beside(self) -> str:
        """What each document is asked that the index found."""
        parts = [kinds_of(self.sought)] if self.is_of_many else []
        return all_of([*parts, *([] if self.is_for_few else rights_of(self.sought))]) or ANYTHING

    def ways(self, found: Sequence[Term]) -> Iterator[Look]:
        """What to look for first, and with which to go on where that brings too little."""
        if not self.sought.needs_all:
            yield Look(tuple(self._with_rare_words(found)), self.beside)
            return
        title = quoted(whole_title(" ".join(word.text for word in self.sought.words)))
        for candidates in self._with_all_words(found):
            yield Look((*candidates, all_of([title, *self.limits])), self.beside)

    def newest(self) -> Iterator[Look]:
        """Where no words were given: of threads their beginnings, unless a reply may be what is meant."""
        wanted = self.sought.limits
        is_of_replies = wanted.author_ids or wanted.product_ids or "review" in wanted.kinds
        heads = [] if is_of_replies else [quoted(HEAD)]
        much = 4 * self.sought.most
        while True:
            time = self._newest(self.calendar.documents, much)
            among = all_of([*heads, *time, *self.limits]) or ANYTHING
            yield Look((among,), self.beside)
            if not time:
                return
            much *= WIDER

    def _with_all_words(self, found: Sequence[Term]) -> Iterator[list[str]]:
        """Tsqueries for documents with all words, over ever more time: in any place, and in titles."""
        words, titles = [in_text(term) for term in found], [_in_title(term) for term in found]
        together = self._together(found)
        wanted = min(MOST_RANKED, max(LEAST_RANKED, 4 * self.sought.most))
        while True:
            time = self._newest(together, wanted)
            of_titles = self._newest(together // TITLES_HOLD, wanted)
            yield [all_of([*words, *time, *self.limits]), all_of([*titles, *of_titles, *self.limits])]
            if not time and not of_titles:
                return
            wanted *= WIDER

    def _with_rare_words(self, found: Sequence[Term]) -> Iterator[str]:
        """Tsqueries for documents with some of the words: the rarest ones, as long as these are not in too many."""
        left = RARE_IN_ALL
        for term in sorted(found, key=self.calendar.expected):
            time = self._newest(self.calendar.expected(term), max(left, LEAST_RANKED))
            yield all_of([in_text(term), *time, *self.limits])
            left -= term.documents
            if left <= 0:
                return

    def _together(self, found: Sequence[Term]) -> int:
        """About how many documents hold all the words."""
        each = [self.calendar.expected(term) for term in found]
        every = max(self.calendar.documents, *each)
        by_chance = every * prod(count / every for count in each)
        return min(*each, int(TOGETHER * by_chance) + 1) if len(each) > 1 else each[0]

    def _newest(self, documents: int, wanted: int) -> list[str]:
        """A part of a tsquery for the newest time that holds about `wanted` of so many documents; [] for all time."""
        if documents <= wanted or not self.is_of_many:
            return []
        newest = self.calendar.newest(wanted * self.calendar.documents // documents)
        return [any_of(quoted(tag) for tag in spans(newest))] if newest else []


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
    return any_of(quoted(stem_in_title(stem.lexeme)) for stem in term.all_stems)
