"""Understands one message of an archive; a message that cannot be understood is a problem, never an end."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from forum.mail.archive.body import footless, own_words, page_of, tidied
from forum.mail.archive.dates import sent_at
from forum.mail.archive.headers import HEADER_LIMIT, Fields, clean_id, split_head
from forum.mail.archive.jsonlines import as_mail
from forum.mail.archive.masks import masked, masked_title
from forum.mail.archive.parts import Contents, contents
from forum.mail.archive.people import author, list_addresses
from forum.mail.archive.quotes import sections
from forum.mail.archive.titles import compared, normalised
from forum.mail.archive.types import Mail, Problem, RawMessage

UNREADABLE = "a message that cannot be read"
EMPTY = "an empty message"
NO_ID = "no Message-ID, one was made from the content"
LONG_HEADER = "a header longer than 32 KB"
CUT = "a message larger than 32 MB, cut"


def parse(raw: RawMessage, now: datetime | None = None) -> Mail | Problem:
    """The mail, with everything in it that had to be mended; or the one problem that made it unreadable."""
    try:
        return _parsed(raw, now or datetime.now(UTC))
    except Exception as error:  # one message in twenty years of mail must not lose the others
        return Problem(UNREADABLE, raw.file, raw.number, f"{type(error).__name__}: {error}"[:200])


def _parsed(raw: RawMessage, now: datetime) -> Mail | Problem:
    head, body = split_head(as_mail(raw.raw) if raw.kind == "json" else raw.raw)
    if not head.strip():
        return Problem(EMPTY, raw.file, raw.number, "there is no header")
    fields = Fields(head)
    found = contents(fields, body)
    subject = fields.text("Subject")
    lists = list_addresses(fields, subject)
    title, is_reply = normalised(subject, _list_names(raw, fields, lists))
    writer = author(fields, lists)
    moment, date_problems = sent_at(fields, raw.envelope, now)
    words = sections(masked(tidied(found.text)))
    references = tuple(fields.ids("References") or fields.ids("In-Reply-To")[:1])
    content = _content_hash(title, writer.key, moment, references, footless(words))
    own_id = _own_id(fields)
    return Mail(
        file=raw.file,
        number=raw.number,
        message_id=own_id or f"{content.hex()[:40]}@content.invalid",
        has_own_id=bool(own_id),
        references=tuple(each for each in dict.fromkeys(references) if each != own_id),
        title=masked_title(title),
        subject_key=compared(title),
        is_reply=is_reply,
        sent_at=moment,
        author=writer,
        list_addresses=lists,
        source=own_words(words),
        html=page_of(words, found.attachments),
        attachments=tuple(found.attachments),
        content_hash=content,
        problems=tuple(_problems(raw, fields, found, date_problems, has_id=bool(own_id))),
    )


def _own_id(fields: Fields) -> str:
    ids = fields.ids("Message-ID")
    return ids[0] if ids else clean_id(fields.first("Message-ID"))


def _list_names(raw: RawMessage, fields: Fields, lists: tuple[str, ...]) -> frozenset[str]:
    """What a list puts in brackets before its titles; archives are often named after it."""
    names = {address.partition("@")[0] for address in lists} | {raw.file.partition(".")[0].lower()}
    names.add(fields.text("X-Archive-List").lower())
    return frozenset(names - {""})


def _content_hash(
    title: str, author_key: str, moment: datetime | None, references: Iterable[str], words: list[str]
) -> bytes:
    """Equal for two copies of one mail, whatever the list put under it or the ways it came."""
    date = moment.isoformat() if moment else ""
    lines = [title, author_key, date, " ".join(references), *(line.rstrip() for line in words)]
    return hashlib.sha256("\n".join(lines).rstrip().encode("utf-8", "replace")).digest()


def _problems(
    raw: RawMessage, fields: Fields, found: Contents, dates: list[tuple[str, str]], *, has_id: bool
) -> list[Problem]:
    said = [*dates, *dict.fromkeys(found.problems)]
    if not has_id:
        said.append((NO_ID, masked_title(fields.text("Subject"))[:80]))
    if fields.is_too_long:
        said.append((LONG_HEADER, f"what stands behind the first {HEADER_LIMIT} bytes was left out"))
    if raw.is_cut:
        said.append((CUT, "its middle was left out"))
    return [Problem(kind, raw.file, raw.number, reason) for kind, reason in said]
