"""Sentences that posts are made of: out of real mail archives, else invented with words as common as words are."""

import lzma
import re
from itertools import accumulate
from pathlib import Path
from random import Random

from tests.real_data import DATA

ARCHIVES = ("usrp-users-2019-2021.mbox.xz", "twisted-web.mbox.xz", "open-iscsi.mbox.xz")
ENDS = re.compile(r"(?<=[.!?])\s+|\n\n")
NO_SENTENCE = re.compile(r"[<>=@{}/\\|]")
SHORTEST, LONGEST, FEWEST_WORDS = 30, 250, 6
WORDS, SENTENCES = 30_000, 20_000
SYLLABLES = (
    "ba",
    "cor",
    "del",
    "fi",
    "gran",
    "hol",
    "im",
    "jas",
    "ken",
    "lo",
    "mer",
    "nit",
    "os",
    "pra",
    "quil",
    "sto",
)


def sentences(*, are_invented: bool) -> list[str]:
    """Some ten thousand of them, the same in every run."""
    there = [] if are_invented else [DATA / "archives" / name for name in ARCHIVES]
    found = {
        sentence
        for path in there
        if path.exists()
        for piece in ENDS.split(_read(path))
        if _is_sentence(sentence := " ".join(piece.split()))
    }
    return sorted(found) or _invented(Random(3))


def _read(path: Path) -> str:
    with lzma.open(path, "rt", errors="replace") as archive:
        return archive.read()


def _is_sentence(text: str) -> bool:
    return SHORTEST < len(text) < LONGEST and text.count(" ") >= FEWEST_WORDS - 1 and not NO_SENTENCE.search(text)


def _invented(dice: Random) -> list[str]:
    """The word at place n is 1/n as common as the first. Source: G. K. Zipf, Human Behavior (1949)."""
    words = list(dict.fromkeys("".join(dice.choices(SYLLABLES, k=dice.randint(2, 5))) for _ in range(2 * WORDS)))[
        :WORDS
    ]
    weights = list(accumulate(1 / place for place in range(1, len(words) + 1)))
    return [
        " ".join(dice.choices(words, cum_weights=weights, k=dice.randint(FEWEST_WORDS, 25))) + "."
        for _ in range(SENTENCES)
    ]
