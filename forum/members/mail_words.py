"""Pieces of sentences in mails."""

import re
from datetime import datetime

# What programs that show mails make links of: a sign of an address with something right behind it.
LINKING = re.compile(r"(?<=\S)([.:@\u3002\uff0e\uff61])(?=\S)")


def until(end: datetime | None) -> str:
    """When something ends, in words: "until 4 March 2027"; "until further notice" for no end."""
    return f"until {end.day} {end:%B %Y}" if end else "until further notice"


def named(name: str) -> str:
    """A name that somebody chose, with no link in it: "evil.example" → "evil. example", "J.R. Ray" → "J. R. Ray"."""
    return LINKING.sub(r"\1 ", name)
