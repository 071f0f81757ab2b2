"""Takes the MIME parts of a message apart: its words, its attachments, and nothing deeper than 20 levels."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.errors import MessageError
from email.message import Message

from forum.mail.archive.charsets import clean_line, decode
from forum.mail.archive.flowed import unflowed
from forum.mail.archive.headers import Fields, readable, split_head
from forum.mail.archive.htmltext import text_of
from forum.mail.archive.types import Attachment

MAX_DEPTH = 20
MAX_PARTS = 100
TOO_DEEP = "parts nested too deeply"
TOO_MANY = "too many parts"
BAD_PARTS = "parts that cannot be told apart"
BAD_CHARSET = "a wrong or unknown charset"
HIDDEN = frozenset(
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-encrypted",
    }
)
WORDS = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text"})
PLACEHOLDER = re.compile(
    r"\W*(?:this (?:message|e-?mail) (?:is|was sent) in html"
    r"|(?:please )?view (?:this )?(?:message|e-?mail)? ?(?:in|as) html"
    r"|your (?:mail|e-?mail) (?:client|reader|program) does not support html|html (?:message|e-?mail|part) follows)",
    re.I,
)
# An archive kept the parts of a message but not the header that announced them.
LOST_BOUNDARY = re.compile(
    rb"^--([\w'()+,./:=?-]{10,70})\r?\n(?i:Content-(?:Type|Disposition|Transfer-Encoding)):", re.M
)
NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


@dataclass(slots=True)
class Contents:
    """What was found in a message: words of its text parts in order, attachments, problems as (kind, reason)."""

    words: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    part_count: int = 0
    wants_words: bool = True

    @property
    def text(self) -> str:
        """All words, a blank line between parts."""
        return "\n\n".join(each.strip("\n") for each in self.words if each.strip())


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its fields, its body still encoded, its type in lower case."""

    fields: Fields
    body: bytes
    type: str
    parameters: Message

    @property
    def disposition(self) -> str:
        return self.fields.first("Content-Disposition").partition(";")[0].strip().lower()

    @property
    def name(self) -> str:
        """The file name it came with, or ""."""
        try:
            disposition = self.fields.structured("Content-Disposition")
            disposition["Content-Type"] = self.fields.first("Content-Type")
            return clean_line(readable(disposition.get_filename() or ""))[:200]
        except (MessageError, LookupError, ValueError, TypeError):
            return ""

    def parameter(self, name: str) -> str:
        """A parameter of its Content-Type."""
        try:
            value = self.parameters.get_param(name, "")
            return str(value[2] if isinstance(value, tuple) else value or "").strip()
        except (MessageError, LookupError, ValueError, TypeError):
            return ""


def contents(fields: Fields, body: bytes) -> Contents:
    """The words and attachments of a message."""
    found = Contents()
    part = _part(fields, body, "text/plain")
    if "Content-Type" not in fields and (lost := LOST_BOUNDARY.search(body[:4000])):
        part = replace(part, type="multipart/mixed")
        part.parameters["Content-Type"] = f'multipart/mixed; boundary="{lost[1].decode("ascii")}"'
    _collect(part, found, depth=0)
    return found


def _part(fields: Fields, body: bytes, default: str) -> Part:
    parameters = fields.structured("Content-Type")
    kind = parameters.get_content_type() if "Content-Type" in fields else default
    if "Content-Type" in fields and fields.first("Content-Type").strip().lower().startswith("text;"):
        kind = "text/plain"
    return Part(fields, body, kind, parameters)


def _collect(part: Part, found: Contents, depth: int) -> None:
    found.part_count += 1
    if not part.type.startswith("multipart/"):
        _collect_leaf(part, found)
    elif depth >= MAX_DEPTH:
        found.problems.append((TOO_DEEP, f"more than {MAX_DEPTH} levels; the deepest are left out"))
    else:
        _collect_many(part, found, depth)


def _collect_many(part: Part, found: Contents, depth: int) -> None:
    boundary = part.parameter("boundary").encode("utf-8", "replace")
    parts = list(_split(part, boundary)) if boundary else []
    if not parts:
        found.problems.append((BAD_PARTS, f"{part.type} without its boundary; shown whole"))
        found.words.append(_text(part, found))
    elif found.part_count + len(parts) > MAX_PARTS:
        found.problems.append((TOO_MANY, f"more than {MAX_PARTS} parts; the rest is left out"))
    elif part.type == "multipart/alternative":
        _collect_best(parts, found, depth)
    else:
        for each in parts:
            _collect(each, found, depth + 1)


def _collect_best(parts: list[Part], found: Contents, depth: int) -> None:
    """Of several versions the plainest that says something: plain text, unless it only points to the HTML."""
    words: list[str] = []
    plainest_first = parts[::-1]
    plainest_first.sort(key=lambda each: each.type != "text/plain")
    for part in plainest_first:
        choice = Contents(part_count=found.part_count, wants_words=found.wants_words and not words)
        _collect(part, choice, depth + 1)
        found.part_count = choice.part_count
        found.problems += choice.problems
        found.attachments += choice.attachments
        if _says_something(choice):
            words = choice.words
    found.words += words


def _says_something(choice: Contents) -> bool:
    text = choice.text.strip()
    return bool(text) and not (len(text) < 400 and PLACEHOLDER.match(text))


def _collect_leaf(part: Part, found: Contents) -> None:
    if part.type in HIDDEN:
        return
    name = part.name
    is_attached = part.disposition == "attachment" or (name and any(words.strip() for words in found.words))
    if part.type in WORDS and not is_attached:
        if found.wants_words:
            found.words.append(_text(part, found))
    elif part.body.strip() or name:
        found.attachments.append(Attachment(name or _invented_name(part), part.type[:100], _size(part)))


def _text(part: Part, found: Contents) -> str:
    text, complaint = decode(_decoded(part), part.parameter("charset"))
    if complaint:
        found.problems.append((BAD_CHARSET, complaint))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if part.type in ("text/html", "text/enriched", "text/richtext"):
        return text_of(text)
    if part.parameter("format").lower() == "flowed":
        return unflowed(text, joins_words=part.parameter("delsp").lower() == "yes")
    return text


def _decoded(part: Part) -> bytes:
    encoding = part.fields.first("Content-Transfer-Encoding").strip().lower()
    if encoding.startswith("quoted-printable"):
        return quopri.decodestring(part.body)
    if encoding.startswith("base64"):
        packed = NOT_BASE64.sub(b"", part.body)
        try:
            return base64.b64decode(packed[: len(packed) - (len(packed) % 4 == 1)] + b"==")
        except (binascii.Error, ValueError):
            return part.body
    return part.body


def _size(part: Part) -> int:
    is_packed = part.fields.first("Content-Transfer-Encoding").strip().lower().startswith("base64")
    return len(part.body) * 3 // 4 if is_packed else len(part.body)


def _invented_name(part: Part) -> str:
    if part.type == "message/rfc822":
        subject = Fields(split_head(part.body)[0]).text("Subject")
        return f"{subject[:100] or 'forwarded message'}.eml"
    return {"text/calendar": "invitation.ics", "application/pkcs7-mime": "encrypted message"}.get(part.type, "unnamed")


def _split(whole: Part, boundary: bytes) -> Iterator[Part]:
    """The parts between the lines of a boundary; a missing last line is forgiven."""
    default = "message/rfc822" if whole.type == "multipart/digest" else "text/plain"
    body = b"\n" + whole.body
    needle = b"\n--" + boundary
    start = -1
    at = body.find(needle)
    while at >= 0:
        end = body.find(b"\n", at + 1)
        end = len(body) if end < 0 else end
        tail = body[at + len(needle) : end].strip()
        if tail in (b"", b"--"):
            if start >= 0:
                yield _part_of(body[start:at], default)
            start = end + 1
            if tail:
                return
        at = body.find(needle, at + len(needle))
    if start >= 0:
        yield _part_of(body[start:], default)


def _part_of(content: bytes, default: str) -> Part:
    head, body = split_head(content)
    if head and b":" not in head:  # no header at all, the text begins at once
        head, body = b"", content
    return _part(Fields(head), body, default)
