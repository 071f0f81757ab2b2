"""Finds out what kind of archive a path is, and streams its messages whatever the kind."""

import bz2
import gzip
import lzma
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

from forum.mail.archive.jsonlines import begins_json_lines, read_json_lines
from forum.mail.archive.mbox import begins_mbox, read_mbox
from forum.mail.archive.notebook import begins_notebook, read_notebook
from forum.mail.archive.splitting import MAX_MESSAGE
from forum.mail.archive.types import Problem, RawMessage

HEAD = 64 << 10
NOT_MAIL = "a file that is no archive"
UNREADABLE = "a file that could not be read to its end"
FIRST_HEADER = re.compile(rb"[!-9;-~]+[ \t]*:")
KNOWN_HEADER = re.compile(
    rb"^(?:From|To|Subject|Date|Message-ID|Received|Return-Path|Delivered-To)[ \t]*:", re.M | re.I
)
PACKED: tuple[tuple[bytes, Callable[[BinaryIO], object]], ...] = (
    (b"\x1f\x8b", lambda stream: gzip.GzipFile(fileobj=stream)),
    (b"\xfd7zXZ\x00", lzma.LZMAFile),
    (b"BZh", bz2.BZ2File),
)

Reader = Callable[[BinaryIO, str], Iterator[RawMessage]]


def read_archives(paths: Sequence[Path]) -> Iterator[RawMessage | Problem]:
    """Every message of these files and folders, in order; a file that cannot be read is a problem, not an end."""
    for path in paths:
        for file in files_of(path):
            yield from _read_file(file)


def files_of(path: Path) -> Iterator[Path]:
    """The path itself, or the files of a folder (a maildir, months of mbox, single mails), sorted by name."""
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name != "tmp" or "cur" not in folders)
        yield from (Path(folder) / name for name in sorted(names) if not name.startswith("."))


def sniff(head: bytes) -> Reader | None:
    """The reader for a file that begins with these (unpacked) bytes; None when it holds no mail."""
    if begins_mbox(head):
        return read_mbox
    if begins_notebook(head):
        return read_notebook
    if begins_json_lines(head):
        return read_json_lines
    return _read_single if FIRST_HEADER.match(head) and KNOWN_HEADER.search(head) else None


def _read_file(file: Path) -> Iterator[RawMessage | Problem]:
    name, number = file.name, 0
    try:
        with ExitStack() as stack:
            stream, reader = _opened(file, stack)
            if reader is None:
                yield Problem(
                    NOT_MAIL, name, 0, "it begins neither like an mbox, an email, a notebook log nor JSON lines"
                )
                return
            for message in reader(stream, name):
                number = message.number
                yield message
    except (OSError, EOFError, lzma.LZMAError) as error:
        yield Problem(UNREADABLE, name, number, f"after message {number}: {error}")


def _opened(file: Path, stack: ExitStack) -> tuple[BinaryIO, Reader | None]:
    packed: BinaryIO = stack.enter_context(file.open("rb", buffering=1 << 20))
    stream = packed
    magic = packed.read(6)
    packed.seek(0)
    for beginning, unpack in PACKED:
        if magic.startswith(beginning):
            stream = cast(BinaryIO, unpack(packed))
    reader = sniff(stream.read(HEAD))
    stream.seek(0)
    return stream, reader


def _read_single(stream: BinaryIO, file: str) -> Iterator[RawMessage]:
    raw = stream.read(MAX_MESSAGE)
    yield RawMessage(file, 1, raw, is_cut=len(raw) == MAX_MESSAGE)
