"""Tiny mails and archives for tests; the people are invented."""

import json
from datetime import datetime, timedelta

FIRST_DAY = datetime(2016, 3, 7, 9, 0, 0)


def day(number: int) -> str:
    """A Date header that many days after the first."""
    return (FIRST_DAY + timedelta(days=number)).strftime("%a, %d %b %Y %H:%M:%S +0000")


def letter(
    name="a",
    *,
    subject="Chromebook carts",
    sender="Ann Lee <ann@pine.example>",
    sent=0,
    body="Which carts do you use?",
    refs=(),
    reply_to_id=None,
    extra="",
    has_id=True,
) -> bytes:
    """One mail; `name` becomes its id, `refs` are such names, `sent` counts days."""
    headers = [f"From: {sender}", f"Date: {sent if isinstance(sent, str) else day(sent)}", f"Subject: {subject}"]
    if has_id:
        headers.append(f"Message-ID: <{name}@pine.example>")
    if refs:
        headers.append("References: " + " ".join(f"<{each}@pine.example>" for each in refs))
    if reply_to_id:
        headers.append(f"In-Reply-To: <{reply_to_id}@pine.example>")
    return ("\n".join(headers) + f"\n{extra}\n{body}\n").encode()


def mbox(*letters: bytes) -> bytes:
    """The mails as an mbox."""
    return b"\n".join(b"From ann@pine.example Mon Mar  7 09:00:00 2016\n" + each for each in letters)


def notebook(*letters: bytes) -> bytes:
    """The mails as a LISTSERV notebook log."""
    return b"".join(b"=" * 73 + b"\n" + each for each in letters)


def json_lines(*bodies: str) -> bytes:
    """Mails as JSON lines, addresses hashed."""
    lines = [
        {
            "message_id": f"<{number}@pine.example>",
            "from_name": "Ann Lee",
            "from_email_hash": "7a54",
            "date": f"2016-03-{number + 1:02} 09:00:00+00:00",
            "subject": "Carts",
            "in_reply_to": None,
            "body": body,
        }
        for number, body in enumerate(bodies)
    ]
    return b"\n".join(json.dumps(line).encode() for line in lines) + b"\n"
