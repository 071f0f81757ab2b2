"""When a mail was sent, from whatever its headers still say."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate, parsedate_to_datetime

from forum.mail.archive.headers import Fields

OLDEST = datetime(1980, 1, 1, tzinfo=UTC)
FUTURE = timedelta(days=2)
LARGEST_ZONE = timedelta(hours=14)
NO_DATE = "a date that cannot be read"
NO_ZONE = "a date without a time zone, read as UTC"
BAD_ZONE = "a time zone that does not exist, read as UTC"
ISO = re.compile(r"\s*\d{4}-\d\d-\d\d")
ENVELOPE_DATE = re.compile(r"^.*?\s(?=(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b)")
PARENTHESES = re.compile(r"\([^()]*\)")


def sent_at(fields: Fields, envelope: str, now: datetime) -> tuple[datetime | None, list[tuple[str, str]]]:
    """The moment and the problems with it as (kind, reason).

    The Date header, else the other traces of the time: last Received, Resent-Date, the separator of the mbox.
    None when there is no trace: a neighbour's date is then the best guess.
    """
    written = fields.first("Date")
    moment, complaint = parsed(written, now)
    if moment:
        return moment, [(complaint, written[:80])] if complaint else []
    reason = f"Date: {written[:80]}" if written else "no Date"
    for trace in _traces(fields, envelope):
        moment, _ = parsed(trace, now)
        if moment:
            return moment, [(NO_DATE, f"{reason}; taken from: {trace[:80]}")]
    return None, [(NO_DATE, reason)]


def parsed(written: str, now: datetime) -> tuple[datetime | None, str]:
    """The moment a header names and the problem with it; None for nonsense, the distant past and the future."""
    try:
        moment, complaint = _iso(written) if ISO.match(written) else _rfc(PARENTHESES.sub(" ", written))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None, ""
    return (moment, complaint) if OLDEST <= moment <= now + FUTURE else (None, "")


def _rfc(written: str) -> tuple[datetime, str]:
    try:
        moment = parsedate_to_datetime(written)
    except (ValueError, OverflowError):  # a zone beyond a day
        parts = parsedate(written)
        if parts is None:
            raise
        return datetime(*parts[:6], tzinfo=UTC), BAD_ZONE
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC), "" if written.rstrip().endswith("-0000") else NO_ZONE
    if abs(moment.utcoffset() or timedelta()) > LARGEST_ZONE:
        return moment.replace(tzinfo=UTC), BAD_ZONE
    return moment.astimezone(UTC), ""


def _iso(written: str) -> tuple[datetime, str]:
    moment = datetime.fromisoformat(written.strip())
    return (moment.astimezone(UTC), "") if moment.tzinfo else (moment.replace(tzinfo=UTC), NO_ZONE)


def _traces(fields: Fields, envelope: str) -> Iterator[str]:
    yield from (received.rpartition(";")[2].strip() for received in fields.all("Received")[:1])
    yield from (fields.first(name) for name in ("Resent-Date", "Delivery-Date", "X-Original-Date"))
    yield ENVELOPE_DATE.sub("", envelope)
