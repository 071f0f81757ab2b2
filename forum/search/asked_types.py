"""Shapes of what members look for and keep, and of words that mean the same."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from forum.kit.errors import Invalid
from forum.kit.text import has_controls, has_words, one_line, with_query

MOST_TERMS, MAX_TERM = 12, 60
TERM = re.compile(r"[^\W_](?:[\w .:/&+'#-]*[\w+#])?")
MAX_QUERY, MAX_NAME, MOST_SAVED = 500, 80, 50


@dataclass(frozen=True)
class Asked:
    """Words that were looked for, and in how many of those times nothing was found; nothing says by whom."""

    words: str
    asked: int
    unfound: int

    @property
    def add_path(self) -> str:
        """The form for synonyms, with these words in it."""
        return with_query("/admin/search", {"terms": self.words}) + "#terms"


@dataclass(frozen=True)
class Synonyms:
    """A group of terms that mean the same. line: the terms with ", " between them; changer_name: None if unknown."""

    id: int
    line: str
    version: int
    changer_name: str | None
    changed_at: datetime

    @property
    def path(self) -> str:
        return f"/admin/search/synonyms/{self.id}"


@dataclass(frozen=True)
class SynonymsDraft:
    """Terms that are to mean the same, in small letters and each once."""

    terms: tuple[str, ...]

    @classmethod
    def from_line(cls, line: str) -> "SynonymsDraft":
        """What was typed with commas between: "SIS,  Student information system" → ("sis", "student information …")."""
        terms = (one_line(part).lower() for part in unicodedata.normalize("NFKC", line).split(","))
        return cls(tuple(dict.fromkeys(term for term in terms if term)))

    @property
    def line(self) -> str:
        return ", ".join(self.terms)

    def check(self) -> None:
        """Raises Invalid with a sentence for `terms` when they will not do."""
        if len(self.terms) < 2:
            raise Invalid(terms="Write at least two words or phrases that mean the same, with commas between them.")
        if len(self.terms) > MOST_TERMS:
            raise Invalid(terms=f"At most {MOST_TERMS} words or phrases; these are {len(self.terms)}.")
        for term in self.terms:
            if len(term) > MAX_TERM:
                raise Invalid(terms=f"“{term[:40]}…” is too long: each has at most {MAX_TERM} characters.")
            if not TERM.fullmatch(term):
                raise Invalid(terms=f"“{term}” will not do: letters, digits, spaces and - ' . : / & + # are fine.")


@dataclass(frozen=True)
class SavedSearch:
    """A search that its owner keeps, as they typed it; name: "" while it has none.

    level: how they follow what is new in it, "none" for not at all. every_days: of a digest, else 0.
    """

    id: int
    name: str
    query: str
    created_at: datetime
    level: str = "none"
    every_days: int = 0

    @property
    def path(self) -> str:
        return with_query("/search", {"q": self.query})

    @property
    def title(self) -> str:
        return self.name or self.query


@dataclass(frozen=True)
class SearchDraft:
    """A search to keep: the words with their filters, as they were typed."""

    query: str

    @classmethod
    def from_text(cls, text: str) -> "SearchDraft":
        return cls(one_line(text))

    def check(self) -> None:
        """Raises Invalid with a sentence for `query` when it will not do."""
        if not has_words(self.query):
            raise Invalid(query="Write what to look for.")
        if len(self.query) > MAX_QUERY:
            raise Invalid(query=f"At most {MAX_QUERY} characters; this has {len(self.query)}.")
        if has_controls(self.query):
            raise Invalid(query="There is a character in it that nobody sees. Type it anew.")


def checked_name(text: str) -> str:
    """A name for a saved search, "" for none. Raises Invalid for `name`."""
    name = one_line(text)
    if len(name) > MAX_NAME or has_controls(name):
        raise Invalid(name=f"At most {MAX_NAME} characters on one line.")
    return name
