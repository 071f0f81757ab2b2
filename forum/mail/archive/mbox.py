"""Reads mbox files: a message begins at a real "From " line, never at a sentence that starts with From."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from forum.mail.archive.splitting import Candidate, pieces
from forum.mail.archive.types import RawMessage

DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
DATED = re.compile(
    rb"From (?:[^\r\n]{0,300}?\s)?" + DAY + rb",?\s+(?:\d{1,2}\s+)?" + MONTH + rb"\s[\w :+()-]{6,60}\r?\n"
)
HEADER = re.compile(rb"(?:>?From [^\r\n]*\r?\n)?[!-9;-~]+[ \t]*:")
HEADER_BLOCK = re.compile(rb"(?:(?![\r\n])[^\n]*\n)*")
NAMES = (re.compile(rb"^%s[ \t]*:" % name, re.M | re.I) for name in (rb"From", rb"Date", rb"Message-ID"))
IDENTIFYING = tuple(NAMES)
QUOTED_FROM = re.compile(rb"^>(>*From )", re.M)


def begins_mbox(head: bytes) -> bool:
    """Whether a file that begins with these bytes is an mbox."""
    line, _, rest = head.lstrip(b"\r\n").partition(b"\n")
    return line.startswith(b"From ") and HEADER.match(rest) is not None


def read_mbox(stream: BinaryIO, file: str) -> Iterator[RawMessage]:
    """The messages of an mbox, the quoting of public-inbox's mboxrd undone."""
    for number, piece in enumerate(pieces(stream, b"From ", is_separator), start=1):
        raw = piece.content
        if piece.separator.startswith(b"From mboxrd@z "):
            raw = QUOTED_FROM.sub(rb"\1", raw)
        envelope = piece.separator[5:].decode("latin-1").strip()
        yield RawMessage(file, number, raw, envelope=envelope, follows_blank=piece.follows_blank, is_cut=piece.is_cut)


def is_separator(candidate: Candidate) -> bool:
    """A date in the line and a header below. Without a blank line above, the header must name author, date and id.

    Pipermail leaves the blank line out after a scrubbed attachment: whole messages hide behind the one before.
    """
    is_dated = DATED.match(candidate.line) is not None
    if not is_dated and candidate.line.strip() != b"From":
        return False
    rest = candidate.rest()
    if not HEADER.match(rest):
        return False
    block = HEADER_BLOCK.match(rest)
    return candidate.follows_blank or (block is not None and all(name.search(block[0]) for name in IDENTIFYING))
