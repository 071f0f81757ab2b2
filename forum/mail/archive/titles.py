"""What a mail is about: its subject without "Re:" and without the list's name in brackets."""

import re

from forum.mail.archive.charsets import clean_line

MAX_TITLE = 200
NO_TITLE = "(no subject)"
ANSWER = re.compile(
    r"(?:re|aw|sv|vs|antw|antwort|odp|ynt|rif|res|ref|回复|答复|回覆)(?:\s?\[\d+\]|\^\d+|\(\d+\))?\s?[::]\s*", re.I
)
FORWARD = re.compile(r"(?:fw|fwd|wg|tr|rv|enc|doorst|vl|转发)\s?[::]\s*", re.I)
BRACKET = re.compile(r"\[([^\[\]]{1,60})\]\s*")
MAX_PREFIXES = 20


def normalised(subject: str, list_names: frozenset[str]) -> tuple[str, bool]:
    """The title, and whether the subject said that it answers another; list_names in lower case."""
    title, is_reply = clean_line(subject), False
    for _ in range(MAX_PREFIXES):
        if answer := ANSWER.match(title):
            title, is_reply = title[answer.end() :], True
        elif forward := FORWARD.match(title):
            title = title[forward.end() :]
        elif not (bracket := BRACKET.match(title)):
            break
        elif bracket[1].strip().lower() in list_names:
            title = title[bracket.end() :]
        elif answer := ANSWER.match(title, bracket.end()):
            title, is_reply = bracket[0] + title[answer.end() :], True
        else:
            break
    return shortened(title) or NO_TITLE, is_reply


def compared(title: str) -> str:
    """The title as it is compared with others; "" when there is none."""
    return "" if title == NO_TITLE else " ".join(title.casefold().split())


def shortened(title: str) -> str:
    """At most 200 characters, cut between words."""
    if len(title) <= MAX_TITLE:
        return title.strip()
    return title[: MAX_TITLE - 1].rsplit(" ", 1)[0][: MAX_TITLE - 1].rstrip() + "…"


def bracketed(title: str) -> str:
    """The first bracketed word of a title in lower case: the list's name, if most titles of a list begin with it."""
    bracket = BRACKET.match(title)
    return bracket[1].strip().lower() if bracket else ""
