"""Cuts a stream into messages at separator lines, holding never more than one message in memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

CHUNK = 1 << 20
MAX_MESSAGE = 32 << 20
LOOKAHEAD = 16 << 10
MAX_SEPARATOR_LINE = 500


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that may be a separator. rest() is the beginning of what follows it."""

    line: bytes
    follows_blank: bool
    rest: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Piece:
    """What stood between two separators, and the separator line above it."""

    separator: bytes
    content: bytes
    follows_blank: bool
    is_cut: bool


class Window:
    """The part of a stream that is being looked at: grows at its end, forgets what was taken."""

    def __init__(self, stream: BinaryIO, mark: bytes) -> None:
        self._stream = stream
        self._needle = b"\n" + mark
        self._bytes = bytearray(b"\n")  # so that a separator on the first line follows a line's end like any other
        self._start = 0
        self._search = 0
        self._ended = False
        self.is_cut = False

    def next_candidate(self) -> Candidate | None:
        """The next line that begins with the mark, or None at the stream's end."""
        while True:
            at = self._bytes.find(self._needle, self._search)
            if self._ended or (at >= 0 and len(self._bytes) - at >= LOOKAHEAD):
                break
            self._search = at if at >= 0 else max(self._search, len(self._bytes) - len(self._needle))
            self._grow()
        if at < 0:
            return None
        self._search = at + 1
        return self._candidate(at + 1)

    def take_until(self, candidate: Candidate) -> bytes:
        """The content that ends where this candidate (the last one given) begins; the next starts behind its line."""
        content = bytes(self._bytes[self._start : self._search])
        self._start = self._search + len(candidate.line)
        self._search = self._start - 1
        self.is_cut = False
        return content

    def take_rest(self) -> bytes:
        """Everything behind the last separator."""
        return bytes(self._bytes[self._start :])

    def _candidate(self, at: int) -> Candidate:
        end = self._bytes.find(b"\n", at, at + MAX_SEPARATOR_LINE) + 1 or min(len(self._bytes), at + MAX_SEPARATOR_LINE)
        before = bytes(self._bytes[max(at - 3, 0) : at])
        return Candidate(
            line=bytes(self._bytes[at:end]),
            follows_blank=before == b"\n" or before.endswith((b"\n\n", b"\n\r\n")),
            rest=lambda: bytes(self._bytes[end : end + LOOKAHEAD]),
        )

    def _grow(self) -> None:
        forgotten = max(self._start - 3, 0)  # the blank line before stays in sight
        del self._bytes[:forgotten]
        self._start -= forgotten
        self._search -= forgotten
        chunk = self._stream.read(CHUNK)
        self._ended = not chunk
        self._bytes += chunk
        if len(self._bytes) > MAX_MESSAGE + 2 * CHUNK:
            del self._bytes[MAX_MESSAGE:-CHUNK]
            self._search = min(self._search, MAX_MESSAGE)
            self.is_cut = True


def pieces(stream: BinaryIO, mark: bytes, is_separator: Callable[[Candidate], bool]) -> Iterator[Piece]:
    """The messages of a stream: each begins behind a line with `mark` that is a separator indeed."""
    window = Window(stream, mark)
    above: Candidate | None = None
    while candidate := window.next_candidate():
        if not is_separator(candidate):
            continue
        is_cut = window.is_cut
        content = window.take_until(candidate)
        if above:
            yield Piece(above.line, content, above.follows_blank, is_cut)
        above = candidate
    if above:
        yield Piece(above.line, window.take_rest(), above.follows_blank, window.is_cut)
