"""What people type: spaces of every kind made plain, invisible text and control characters found."""

import unicodedata

FILLERS = "\u115f\u1160\u3164\uffa0"


def one_line(text: str) -> str:
    """`text` with every run of white space, also pasted no-break spaces and line ends, as one space; none around it."""
    return " ".join(text.split())


def has_words(text: str) -> bool:
    """Whether something can be seen: a letter, digit, mark of punctuation or symbol; fillers look like nothing."""
    return any(unicodedata.category(character)[0] in "LNPS" and character not in FILLERS for character in text)


def has_controls(text: str) -> bool:
    """Whether a control character is in `text`; soft hyphens and joiners of emoji are none."""
    return any(unicodedata.category(character) == "Cc" for character in text)
