"""Writes calendars as RFC 5545 has them: text in, text out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

PRODID = "-//Staffroom//EN"
FOLD_OCTETS = 75  # RFC 5545, 3.1: lines are at most 75 octets long, without their end
ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})  # 3.3.11
# A calendar has at least one component (3.6): this one stands where there is no event.
NO_EVENT = (
    "BEGIN:VTIMEZONE",
    "TZID:UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
    "END:VTIMEZONE",
)


@dataclass(frozen=True)
class Entry:
    """Something on one whole day; or from one moment to another, where times are given.

    uid: the same as long as it is the same thing; changed: when it was so last.
    """

    uid: str
    day: date
    summary: str
    description: str
    url: str
    changed: datetime
    sequence: int
    times: tuple[datetime, datetime] | None = None
    place: str = ""
    is_cancelled: bool = False


def calendar(name: str, entries: Sequence[Entry]) -> str:
    """The whole calendar. PRODID and VERSION must be there (3.6); the name is for programs that know RFC 7986."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODID}",
        "CALSCALE:GREGORIAN",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        *(line for entry in entries for line in _event(entry)),
        *(() if entries else NO_EVENT),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _event(entry: Entry) -> Iterator[str]:
    """UID, DTSTAMP and DTSTART must be there (3.6.1)."""
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(entry.uid)}"
    yield f"DTSTAMP:{_moment(entry.changed)}"
    yield from _when(entry)
    yield f"SEQUENCE:{entry.sequence}"
    yield f"SUMMARY:{escaped(entry.summary)}"
    yield f"DESCRIPTION:{escaped(entry.description)}"
    yield f"URL:{entry.url}"
    if entry.place:
        yield f"LOCATION:{escaped(entry.place)}"
    if entry.is_cancelled:
        yield "STATUS:CANCELLED"
    yield "END:VEVENT"


def _when(entry: Entry) -> Iterator[str]:
    """A day without an end lasts one day, and nobody is busy by it."""
    if entry.times is None:
        yield f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}"
        yield "TRANSP:TRANSPARENT"
    else:
        starts_at, ends_at = entry.times
        yield f"DTSTART:{_moment(starts_at)}"
        yield f"DTEND:{_moment(ends_at)}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """`text` as a value of the type TEXT (3.3.11), without the control characters it may not hold."""
    plain = "".join(character for character in text if character == "\n" or not _is_control(character))
    return plain.translate(ESCAPED)


def _is_control(character: str) -> bool:
    return character < " " or character == "\x7f"


def folded(line: str) -> str:
    """`line` in pieces of at most 75 octets, each but the first behind a space; no character is cut (3.1)."""
    pieces, size = [""], 0
    for character in line:
        octets = len(character.encode())
        if size + octets > FOLD_OCTETS:
            pieces.append(" ")
            size = 1
        pieces[-1] += character
        size += octets
    return "\r\n".join(pieces)
