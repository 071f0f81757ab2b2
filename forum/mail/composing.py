"""Builds the bytes of a mail: once what all who get it share, then each reader's own copy, signed if there is a key.

Sources: RFC 5322 and 2045 to 2047 (form), 2369 and 2919 (lists), 8058 (one click), 3834 (machines), 5064 (Archived-At).
"""

import binascii
import re
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache

from markupsafe import escape

from forum.kit.dkim import signatures, signers_for
from forum.kit.text import one_line
from forum.kit.tools import Tools
from forum.mail import addresses
from forum.mail.addresses import Click
from forum.mail.types import House, Letter, Reader
from forum.mail.wording import PLACES, in_columns
from forum.members.mail_words import named
from forum.site.queries import site_name

TAKES_REPLIES = False  # nothing receives mail yet: an answer would be lost
MOST_PARENTS = 20
FEEDBACK_SENDER = "staffroom"  # 5 to 15 letters, the same in all mails
LONGEST_LINE = 76
LINES_KEPT, LONGEST_KEPT = 16_384, 600  # characters: some 20 MB of plain letters, 110 at worst
MESSAGE_ID = re.compile(r"[^\s<>()\"@\x00-\x1f\x7f-\uffff]+@[^\s<>()\"@\x00-\x1f\x7f-\uffff]+")
AGAIN = re.compile(r"\A\s*(?:(?:re|aw|sv|vs|antw|fwd?)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
HTML_PLACES = tuple(PLACES.items())


async def house(tools: Tools) -> House:
    """What all mails of the site share now."""
    settings = tools.settings
    return House(
        name=await site_name(tools.db, settings),
        sender=settings.sender,
        domain=settings.mailing_domain,
        url=settings.site_url,
        secret=await addresses.secret(tools),
        takes_replies=TAKES_REPLIES,
        signers=signers_for(settings.sender_domain, settings.dkim_keys),
    )


class Draft:
    """One letter, ready to be made out to any number of readers."""

    def __init__(self, house: House, letter: Letter) -> None:
        self._house, self._letter = house, letter
        self._boundary = f"=_{secrets.token_hex(12)}"  # "=_" never stands in quoted-printable
        self._above = "".join(_lines(_sender_lines(house, letter))).encode()
        self._below = "".join(_lines(_list_lines(house, letter, self._boundary))).encode()

    def to(self, reader: Reader, now: datetime) -> bytes:
        """The whole mail for one reader, with CRLF line ends. now: when it is made, for its date and its links."""
        links = self._links(reader, int(now.timestamp()))
        own = "".join(_lines(self._own_lines(reader, links["stop_url"], now))).encode()
        headers = self._above + own + self._below
        body = self._body(reader, links)
        return signatures(self._house.signers, headers, body) + headers + b"\r\n" + body

    def _links(self, reader: Reader, made_at: int) -> dict[str, str]:
        asked = {
            "stop_url": ("stop", reader.stop_kind, reader.stop_id),
            "weekly_url": ("weekly", reader.stop_kind, reader.stop_id),
            "pause_url": ("pause", "all", 0),
            "all_url": ("stop", "all", 0),
        }
        clicks = {name: Click(reader.member_id, *rest, made_at) for name, rest in asked.items()}
        return {
            name: self._house.url + addresses.click_path(self._house.secret, click) for name, click in clicks.items()
        }

    def _own_lines(self, reader: Reader, stop_url: str, now: datetime) -> Iterator[tuple[str, str]]:
        house = self._house
        yield "To", reader.address
        if reader.answers_to and house.takes_replies:
            answers = addresses.reply_address(house.secret, house.domain, reader.answers_to, reader.member_id)
            yield "Reply-To", answers
        yield "Date", format_datetime(now)
        yield "List-Unsubscribe", f"<{stop_url}>"
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"

    def _body(self, reader: Reader, links: dict[str, str]) -> bytes:
        told = {"why": reader.why, "stop_words": reader.stop_words, **links}
        text, html = self._letter.text, self._letter.html
        for name, place in HTML_PLACES:
            words = one_line(told[name])
            text = text.replace(place, in_columns(words))
            html = html.replace(place, str(escape(words)))
        edge = b"--" + self._boundary.encode()
        return b"".join(
            (edge, PLAIN, _encoded(text), b"\r\n", edge, RICH, _encoded(html), b"\r\n", edge, b"--\r\n"),
        )


PLAIN, RICH = (
    f"\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
    for kind in ("plain", "html")
)


def message_id_of(post_id: int, original: str | None, domain: str) -> str:
    """The Message-ID of a post's mails, the same for all: the one it came with by mail, else one of ours."""
    return original if original and MESSAGE_ID.fullmatch(original) else f"post.{post_id}@{domain}"


def references(ids: Sequence[str]) -> list[str]:
    """At most MOST_PARENTS of a conversation's Message-IDs: the first one, and the last; none that is not one."""
    known = [each for each in ids if MESSAGE_ID.fullmatch(each)]
    return known if len(known) <= MOST_PARENTS else [known[0], *known[1 - MOST_PARENTS :]]


def _sender_lines(house: House, letter: Letter) -> Iterator[tuple[str, str]]:
    """Who it is from and what it is about. Never the author's own address: DMARC would have it refused."""
    name = f"{named(_plain(letter.author))} via {house.name}" if letter.author else house.name
    yield "From", f"{_phrase(name)} <{house.sender}>"
    again = "Re: " if letter.parents else ""
    title = AGAIN.sub("", _plain(letter.subject), count=1)
    yield "Subject", _encoded_words(f"{again}[{_plain(house.name)}] {title}")


def _list_lines(house: House, letter: Letter, boundary: str) -> Iterator[tuple[str, str]]:
    parents = references(letter.parents)
    yield "Message-ID", f"<{letter.message_id}>"
    if parents:
        yield "In-Reply-To", f"<{parents[-1]}>"
    # A relay may give it another Message-ID; then answers still find it by this one.
    yield "References", " ".join(f"<{each}>" for each in parents or [letter.message_id])
    slug = letter.list_slug or letter.kind
    name = f"{house.name} / {letter.list_name}" if letter.list_name else house.name
    yield "List-Id", f"{_phrase(name)} <{slug}.{house.domain}>"
    if letter.list_slug:
        yield "List-Archive", f"<{house.url}/c/{letter.list_slug}>"
        yield "List-Post", "NO"  # nothing that is mailed to a category is received
    if letter.page_path:
        yield "Archived-At", f"<{house.url}{letter.page_path}>"
    yield "List-Help", f"<{house.url}/help>"
    yield "Precedence", "list"
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "All"
    yield "Feedback-ID", f"{letter.kind}:{slug}:forum:{FEEDBACK_SENDER}"
    yield "MIME-Version", "1.0"
    yield "Content-Type", f'multipart/alternative; boundary="{boundary}"'


def _lines(fields: Iterator[tuple[str, str]]) -> Iterator[str]:
    for name, text in fields:
        if "\r" in text or "\n" in text:
            raise ValueError(f"a line end in {name}")
        yield f"{name}: {_folded(name, text)}\r\n"


def _folded(name: str, text: str) -> str:
    """`text` over as many lines as it takes; only spaces may become line ends."""
    if len(name) + 2 + len(text) <= LONGEST_LINE:
        return text
    lines, line = [], " " * (len(name) + 1)
    for word in text.split(" "):
        if len(line) + 1 + len(word) > LONGEST_LINE and line.strip():
            lines.append(line)
            line = ""
        line = f"{line} {word}"
    return "\r\n".join([*lines, line]).lstrip(" ")


def _plain(text: str) -> str:
    return one_line(CONTROLS.sub(" ", text))


def _phrase(name: str) -> str:
    """A name before an address: quoted, or as encoded words where it is more than plain letters."""
    plain = _plain(name)
    if plain.isascii() and "=?" not in plain:
        return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return _encoded_words(plain)


def _encoded_words(text: str) -> str:
    """As RFC 2047 says; plain letters stay as they are, unless they look like an encoded word."""
    if text.isascii() and "=?" not in text:
        return text
    return Header(text, "utf-8", maxlinelen=LONGEST_LINE - 1).encode(linesep="")


def _encoded(text: str) -> bytes:
    """Quoted-printable, with CRLF line ends; most lines stand in many mails."""
    lines = text.split("\n")
    return b"\r\n".join(_kept_line(line) if len(line) <= LONGEST_KEPT else _encoded_line(line) for line in lines)


def _encoded_line(line: str) -> bytes:
    encoded = binascii.b2a_qp(line.encode("utf-8", "replace"), istext=True)
    return encoded.replace(b"=\n", b"=\r\n")  # where a long line is broken


_kept_line = lru_cache(LINES_KEPT)(_encoded_line)
