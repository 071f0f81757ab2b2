"""Shapes of what was typed and of what was found, as pages show them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from forum.search.types import Word

MARK, UNMARK = "\x02", "\x03"  # around the words looked for, in titles and excerpts


class Filter(NamedTuple):
    """A filter as it was typed: category:help is ("category", "help")."""

    name: str
    value: str


@dataclass(frozen=True)
class Typed:
    """What somebody typed, taken apart. text: cut to what is looked at; problems: sentences about the rest."""

    text: str
    words: tuple[Word, ...] = ()
    filters: tuple[Filter, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hit:
    """One thing that was found. title, excerpt: text, the words looked for between MARK and UNMARK.

    kind: as in kinds.KINDS. about: what stands under its title, in pieces. stars: a product's score, 1.0 to 5.0.
    author_id: of a post, 0 where its author is not named.
    """

    kind: str
    path: str
    title: str
    excerpt: str = ""
    about: tuple[str, ...] = ()
    is_answered: bool = False
    category_slug: str = ""
    category_name: str = ""
    category_colour: str = ""
    at: datetime | None = None
    stars: float | None = None
    author_id: int = 0

    @property
    def title_pieces(self) -> list[tuple[str, bool]]:
        return pieces(self.title)

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        return pieces(self.excerpt)


@dataclass(frozen=True)
class Facet:
    """One way to narrow the found down. path: the search with it, or without it where it `is_on`."""

    label: str
    count: int
    path: str
    is_on: bool


@dataclass(frozen=True)
class Results:
    """A page of what was found.

    count: how many that the reader may read; with_all: of these, how many hold all the words, which come first.
    is_capped: there are more than are counted. chips: filters that are on,
    each as (what it says, the search without it). older, newer: the pages beside this one, "" where there is none.
    is_simpler: the engine did not answer and the database did.
    """

    typed: Typed
    hits: tuple[Hit, ...] = ()
    count: int = 0
    with_all: int = 0
    is_capped: bool = False
    problems: tuple[str, ...] = ()
    chips: tuple[tuple[str, str], ...] = ()
    kinds: tuple[Facet, ...] = ()
    categories: tuple[Facet, ...] = ()
    states: tuple[Facet, ...] = ()
    older: str = ""
    newer: str = ""
    is_simpler: bool = False

    @property
    def words(self) -> str:
        """The words without the filters: the title of a question about them."""
        return " ".join(word.text for word in self.typed.words if not word.is_left_out)


@dataclass(frozen=True)
class Section:
    """Hits of the overlay under one heading: "Threads", "Products", "People", "Topics"."""

    name: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class Instant:
    """What the overlay shows for what is typed so far."""

    typed: Typed
    sections: tuple[Section, ...] = field(default=())
    problems: tuple[str, ...] = ()
    is_simpler: bool = False


def pieces(marked: str) -> list[tuple[str, bool]]:
    """A marked text in pieces: text, and whether it is one of the words looked for."""
    head, *rest = marked.split(MARK)
    found = [(head, False)]
    for part in rest:
        word, _, text = part.partition(UNMARK)
        found += [(word, True), (text, False)]
    return [(text, is_word) for text, is_word in found if text]
