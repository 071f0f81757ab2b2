"""Cuts mail addresses down to what their owner is called: in texts, titles and names of people."""

import re

URL_OR_ADDRESS = re.compile(
    r"(https?://[^\s<>\"]+)"
    r"|(?<![\w.+%-])([\w.+%-]{1,64})@[a-zA-Z0-9][a-zA-Z0-9-]{0,62}(?:\.[a-zA-Z0-9-]{1,63}){1,8}"
    r"|<([\w.+%-]{1,64}) at [\w.-]{3,100}>"
)
SPELLED_IN_BRACKETS = re.compile(r"(?<=[\[(])([\w.+%-]{1,64}) at [\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?=[\]):])")
SPELLED = re.compile(r"(?<![\w.+%-])([\w.+%-]{1,64}) at [\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
DISGUISED = re.compile(r"(?:^|\s)\S*@(?!…).*")


def masked(text: str) -> str:
    """The text with every mail address cut down to `name@…`; links stay whole."""
    if "@" not in text and " at " not in text:
        return text
    lines = text.split("\n")
    return "\n".join(
        URL_OR_ADDRESS.sub(_mask, line) if "@" in line or (" at " in line and "<" in line) else line for line in lines
    )


def masked_title(title: str) -> str:
    """As `masked`, also where brackets hold an address in words: "[ann at pine.example: Carts]"."""
    return SPELLED_IN_BRACKETS.sub(r"\1@…", masked(title))


def masked_name(name: str) -> str:
    """As `masked`, also addresses in words; what follows an @ that is part of no address goes, it is one disguised."""
    return DISGUISED.sub("", SPELLED.sub(r"\1@…", masked(name))).strip()


def _mask(found: re.Match[str]) -> str:
    if found[3]:
        return f"<{found[3]}@…>"
    return found[1] or f"{found[2]}@…"
