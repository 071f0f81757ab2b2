"""Pieces of sentences in mails."""

from datetime import datetime


def until(end: datetime | None) -> str:
    """When something ends, in words: "until 4 March 2027"; "until further notice" for no end."""
    return f"until {end.day} {end:%B %Y}" if end else "until further notice"
