"""Reads archives of one JSON object a line, and writes such an object as the mail it was."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from forum.mail.archive.splitting import MAX_MESSAGE
from forum.mail.archive.types import RawMessage

AUTHOR_KEY = "X-Archive-Author-Key"
HEADERS = {
    "Message-ID": "message_id",
    "Date": "date",
    "Subject": "subject",
    "References": "references",
    "In-Reply-To": "in_reply_to",
    "X-Archive-List": "list",
    AUTHOR_KEY: "from_email_hash",
}


def begins_json_lines(head: bytes) -> bool:
    """Whether a file that begins with these bytes holds mails as JSON lines."""
    line = head.lstrip().partition(b"\n")[0]
    return line.startswith(b"{") and b'"subject"' in line and b'"body"' in line


def read_json_lines(stream: BinaryIO, file: str) -> Iterator[RawMessage]:
    """One message a line; empty lines count, so that numbers are line numbers."""
    number = 0
    while line := stream.readline(MAX_MESSAGE):
        number += 1
        if line.strip():
            yield RawMessage(file, number, line, kind="json", is_cut=len(line) == MAX_MESSAGE)


def as_mail(line: bytes) -> bytes:
    """The object as an RFC 822 message in UTF-8. Raises ValueError when it is not such an object."""
    fields = json.loads(line)
    if not isinstance(fields, dict) or not isinstance(fields.get("body"), str):
        raise ValueError("the line holds no object with a body")  # noqa: TRY004  the file is wrong, not the program
    headers = [f"{name}: {_one_line(fields[key])}" for name, key in HEADERS.items() if fields.get(key)]
    headers.append(f"From: {_sender(fields)}")
    headers.append("Content-Type: text/plain; charset=utf-8")
    body: str = fields["body"]
    return ("\n".join(headers) + "\n\n" + body).encode("utf-8", "replace")


def _sender(fields: dict[str, Any]) -> str:
    name = _one_line(fields.get("from_name") or "").replace('"', "'").replace("\\", "")
    address = _one_line(fields.get("from_email") or fields.get("from") or "").strip("<>")
    return f'"{name}" <{address}>'


def _one_line(value: object) -> str:
    values = value if isinstance(value, list) else [value]
    return " ".join(" ".join(str(each).split()) for each in values)
