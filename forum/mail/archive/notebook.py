"""Reads LISTSERV notebook logs: messages below lines of 73 equals signs."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from forum.mail.archive.splitting import Candidate, pieces
from forum.mail.archive.types import RawMessage

RULE = b"=" * 73
HEADER_BLOCK = re.compile(rb"[!-9;-~]+[ \t]*:[^\n]*\n(?:(?![\r\n])[^\n]*\n)*")
DATE = re.compile(rb"^Date[ \t]*:", re.M | re.I)
FROM = re.compile(rb"^From[ \t]*:", re.M | re.I)


def begins_notebook(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a notebook log."""
    line, _, rest = head.lstrip(b"\r\n").partition(b"\n")
    return line.rstrip() == RULE and _is_header(rest)


def read_notebook(stream: BinaryIO, file: str) -> Iterator[RawMessage]:
    """The messages of a notebook log."""
    for number, piece in enumerate(pieces(stream, RULE, is_separator), start=1):
        yield RawMessage(file, number, piece.content, is_cut=piece.is_cut)


def is_separator(candidate: Candidate) -> bool:
    """Exactly 73 equals signs above a header that names author and date: a row of them in a mail is none."""
    return candidate.line.rstrip() == RULE and _is_header(candidate.rest())


def _is_header(rest: bytes) -> bool:
    block = HEADER_BLOCK.match(rest)
    return block is not None and DATE.search(block[0]) is not None and FROM.search(block[0]) is not None
