"""Pieces of sentences in mails."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from forum.kit.days import dated

# What programs that show mails make links of: a sign of an address with something right behind it.
LINKING = re.compile(r"(?<=\S)([.:@\u3002\uff0e\uff61])(?=\S)")


def until(end: datetime | None, zone_name: str) -> str:
    """When something ends, by the day there: "until March 4, 2027"; "until further notice" for no end."""
    return f"until {dated(end.astimezone(ZoneInfo(zone_name)))}" if end else "until further notice"


def named(name: str) -> str:
    """A name that somebody chose, with no link in it: "evil.example" → "evil. example", "J.R. Ray" → "J. R. Ray"."""
    return LINKING.sub(r"\1 ", name)
