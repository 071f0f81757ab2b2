"""Reads header blocks: fields, encoded words, ids, addresses; linear in their length, nothing nested."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from email.message import Message
from itertools import groupby

from forum.mail.archive.charsets import clean_line, decode

HEADER_LIMIT = 32 << 10
FIELD_LIMIT = 4 << 10
MAX_REFERENCES = 50
MAX_ADDRESSES = 50
MAX_ID = 250
FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", re.M)
FOLD = re.compile(rb"\r?\n[ \t]+")
WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
ID = re.compile(r"<([^<>]+)>")
QUOTED_OR_COMMA = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|\([^()]*\)|,')
ANGLE = re.compile(r"^(.*?)<([^<>]*)>")
COMMENT = re.compile(r"^([^\s()]+(?:\s+at\s+[^\s()]+)?)\s*\((.*)\)\s*$")
AT = re.compile(r"^([^\s@<>]+)\s+at\s+([^\s@<>]+)$")
ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[a-z0-9_](?:[a-z0-9_.-]{0,250}[a-z0-9])?")


class Fields:
    """The fields of one header block, by name, as they were written."""

    def __init__(self, block: bytes) -> None:
        self.is_too_long = len(block) > HEADER_LIMIT
        self._values: dict[bytes, list[bytes]] = {}
        for name, value in FIELD.findall(block[:HEADER_LIMIT]):
            self._values.setdefault(name.lower(), []).append(value)

    def __contains__(self, name: str) -> bool:
        return name.lower().encode() in self._values

    def all(self, name: str) -> list[str]:
        """Every field of this name, raw 8-bit text decoded, encoded words not yet."""
        values = self._values.get(name.lower().encode(), ())
        return [decode(FOLD.sub(b" ", value).strip(), None)[0] for value in values]

    def first(self, name: str) -> str:
        """The first field of this name that says something, or ""."""
        return next((value[:FIELD_LIMIT] for value in self.all(name) if value), "")

    def text(self, name: str) -> str:
        """The first field of this name as people read it."""
        return clean_line(readable(self.first(name)))

    def ids(self, name: str) -> list[str]:
        """The message ids in the fields of this name: the first and the last of very many."""
        found = [each for value in self.all(name) for each in ids_in(value)]
        return found if len(found) <= MAX_REFERENCES else [found[0], *found[-MAX_REFERENCES + 1 :]]

    def people(self, name: str) -> list[tuple[str, str]]:
        """The names and addresses in the fields of this name; either may be empty."""
        return [person(each) for value in self.all(name) for each in _each_person(value[:FIELD_LIMIT])][:MAX_ADDRESSES]

    def structured(self, name: str) -> Message:
        """A message of this one field, for the standard library to take its parameters apart."""
        message = Message()
        if value := self.first(name):
            message[name] = value.replace("\n", " ").replace("\r", " ")
        return message


def split_head(raw: bytes) -> tuple[bytes, bytes]:
    """A message's header block and its body."""
    if raw[:1] in (b"\n", b"\r"):
        return b"", raw.lstrip(b"\r\n")
    unix, dos = raw.find(b"\n\n"), raw.find(b"\n\r\n", 0, HEADER_LIMIT)
    if 0 <= dos < unix or unix < 0 <= dos:
        return raw[: dos + 1], raw[dos + 3 :]
    return (raw, b"") if unix < 0 else (raw[: unix + 1], raw[unix + 2 :])


def readable(value: str) -> str:
    """Encoded words (RFC 2047) decoded; neighbours together, as some mailers split inside a character."""
    if "=?" not in value:
        return value
    out: list[str] = []
    pending: list[tuple[str, bytes]] = []
    at = 0
    for word in WORD.finditer(value):
        between = value[at : word.start()]
        if between.strip() or not pending:
            out += [_joined(pending), between]
            pending = []
        pending.append((word[1].split("*")[0], _unpacked(word[2], word[3])))
        at = word.end()
    return "".join([*out, _joined(pending), value[at:]])


def ids_in(value: str) -> list[str]:
    """The message ids of a field, without brackets and inner blanks."""
    return [cleaned for each in ID.findall(value) if (cleaned := clean_id(each))]


def clean_id(value: str) -> str:
    """An id without blanks and brackets, cut when it is longer than any honest one."""
    return "".join(clean_line(value).split()).strip("<>")[:MAX_ID]


def person(value: str) -> tuple[str, str]:
    """Name and address of `Ann Lee <ann@x.org>`, `ann@x.org (Ann Lee)` or `ann at x.org (Ann Lee)`."""
    value = value.strip()
    if angled := ANGLE.match(value):
        name, address = angled[1], angled[2]
    elif commented := COMMENT.match(value):
        name, address = commented[2], commented[1]
    else:
        name, address = ("", value) if "@" in value or AT.match(value) else (value, "")
    return clean_line(readable(_unquoted(name.strip()))), as_address(address)


def as_address(value: str) -> str:
    """The address in lower case, " at " undone; "" when it is none."""
    address = AT.sub(r"\1@\2", " ".join(value.split())).lower().removeprefix("mailto:")
    return address if len(address) <= 254 and ADDRESS.fullmatch(address) else ""


def _each_person(value: str) -> Iterator[str]:
    start = 0
    for mark in QUOTED_OR_COMMA.finditer(value):
        if mark[0] == ",":
            yield value[start : mark.start()]
            start = mark.end()
    yield value[start:]


def _unquoted(name: str) -> str:
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1]
    return name.replace('\\"', '"').replace("\\\\", "\\")


def _unpacked(encoding: str, content: str) -> bytes:
    packed = content.encode("ascii", "replace")
    if encoding in "qQ":
        return quopri.decodestring(packed.replace(b"_", b" "), header=True)
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4)) or packed
    except (binascii.Error, ValueError):
        return packed


def _joined(words: list[tuple[str, bytes]]) -> str:
    runs = groupby(words, key=lambda word: word[0].lower())
    return "".join(decode(b"".join(content for _, content in run), charset)[0] for charset, run in runs)
