"""Shapes of the screening room."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from forum.kit.errors import Invalid
from forum.kit.text import has_controls, one_line
from forum.screening.matching import tokens

ACTS = ("block", "hold", "link")
MAX_WORDS, MAX_SENTENCE, MAX_PATH = 120, 300, 300
MAX_IN_A_ROW = 5
OWN_PATH = re.compile(r"/(?:[^\s/\\][^\s\\]*)?")


@dataclass(frozen=True)
class WatchedWord:
    """Words to look for, and what follows: a post is stopped with `sentence`, held, or led to `path`."""

    id: int
    category_id: int | None
    words: str
    act: str
    sentence: str
    path: str


@dataclass(frozen=True)
class ListedWord:
    """A watched word as those see it who may change it."""

    id: int
    words: str
    act: str
    sentence: str
    path: str
    category_name: str | None
    author_name: str | None
    created_at: datetime


@dataclass(frozen=True)
class Screening:
    """What watched words say about a text: the sentence that stops it, whether it is held, an answer to look at."""

    refusal: str = ""
    is_held: bool = False
    answer: "WatchedWord | None" = None


@dataclass(frozen=True)
class WordDraft:
    """A watched word as typed; `category` is a slug, or "" for the whole site."""

    words: str
    act: str
    sentence: str
    path: str
    category: str

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "WordDraft":
        names = ("words", "act", "sentence", "path", "category")
        return cls(*(one_line(form.get(name, "")) for name in names))

    @property
    def compared(self) -> str:
        """The words as they are looked for."""
        return " ".join(tokens(self.words))

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = {}
        is_short = len(self.words) <= MAX_WORDS and not has_controls(self.words)
        if not is_short or not 0 < len(tokens(self.words)) <= MAX_IN_A_ROW or len(self.compared) > MAX_WORDS:
            problems["words"] = f"One to {MAX_IN_A_ROW} words in a row, at most {MAX_WORDS} characters together."
        if self.act not in ACTS:
            problems["act"] = "Choose what happens to a post with these words."
        if len(self.sentence) > MAX_SENTENCE or has_controls(self.sentence):
            problems["sentence"] = f"At most {MAX_SENTENCE} characters on one line."
        elif not self.sentence and self.act in ("block", "link"):
            problems["sentence"] = "Write what its author is told."
        if self.act == "link" and not (len(self.path) <= MAX_PATH and OWN_PATH.fullmatch(self.path)):
            problems["path"] = "A page of this forum, from the first slash on: /t/12."
        if problems:
            raise Invalid(**problems)
