"""Questions as hurried fingers type them: one slip in each word of more than four letters. The same in every run."""

import re
from random import Random
from string import ascii_lowercase

LONG = re.compile(r"[^\W\d_]{5,}")


def with_typos(text: str, seed: str) -> str:
    """`text` with a letter too much, too few, a wrong one, or two that changed places, in each of its longer words."""
    dice = Random(seed)
    return LONG.sub(lambda match: _slipped(match[0], dice), text)


def _slipped(word: str, dice: Random) -> str:
    typed = word
    while typed == word:
        at = dice.randrange(len(word))
        letter = dice.choice(ascii_lowercase)
        slips = {
            "too much": word[:at] + letter + word[at:],
            "too few": word[:at] + word[at + 1 :],
            "wrong": word[:at] + letter + word[at + 1 :],
            "changed places": word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
        }
        typed = slips[dice.choice(list(slips))]
    return typed
