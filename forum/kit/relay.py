"""Hands mails to the relay of SMTP_URL, on a few connections that are kept, and says what came of each.

A relay that does not answer is left alone by a breaker; one that lets us wait holds one connection, not all mails.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from forum.kit.breaker import Breaker

COMMAND_S = 30.0
ANSWER_S = 45.0  # after the last word; less than the queue's lease
IDLE_S = 2.0  # after it a connection is asked whether it still stands
OLDEST_S, MOST_MAILS = 300.0, 100  # of one connection: relays end those that stay
MOST_IN_VAIN, BETWEEN_PROBES_S = 3, 60.0
TOO_MUCH = re.compile(r"\b4\.(?:7\.28|3\.2|2\.1|4\.5)\b|\brate\b|too (?:many|much|fast)", re.IGNORECASE)
ENHANCED = re.compile(r"\A([245]\.\d{1,3}\.\d{1,3})\b")
NOBODY = ("5.1.1", "5.1.2", "5.1.6", "5.1.10", "5.2.1")
DOTS = re.compile(rb"(?m)^\.")

Outcome: TypeAlias = Literal["taken", "later", "refused", "unknown", "dropped"]
# A whole mail, with CRLF line ends; or what is awaited when the relay is ready for it, and says how it reads then, None
# for nothing to send.
Words: TypeAlias = bytes | Callable[[], Awaitable[bytes | None]]


@dataclass(frozen=True)
class Answer:
    """What came of a mail. outcome: "taken"; "later", try again; "refused", for good; "unknown", the relay may have
    taken it and never said so; "dropped", by whoever has the words, just before they went.

    step: how far it got: "connect", "login", "sender", "recipient", "data". code, detail: as the relay said, 0 and ""
    when it said nothing: 550, "5.1.1". is_busy: the receiver wants fewer mails. text: a sentence of ours.
    """

    outcome: Outcome
    step: str = "data"
    code: int = 0
    detail: str = ""
    is_busy: bool = False
    text: str = ""

    @property
    def is_nobody(self) -> bool:
        """Whether nobody has the address, as its own mail server says."""
        return self.outcome == "refused" and self.step == "recipient" and self.detail in NOBODY


@dataclass
class _Kept:
    client: SMTP
    since: float
    used: float
    mails: int = 0


class _Step:
    """How far a mail has got, for whatever ends it."""

    name = "connect"


class Relay:
    """One mail server. Used by one event loop; `aclose` ends its connections."""

    def __init__(self, url: str, *, most: int = 4, clock: Callable[[], float] = time.monotonic) -> None:
        """url: as in SMTP_URL; smtp:// starts TLS when the server offers it. most: connections at once."""
        self._url, self._clock = urlsplit(url), clock
        self._places = asyncio.Semaphore(most)
        self._idle: list[_Kept] = []
        self._probes = 0
        self._breaker = Breaker(
            clock, most_failures=MOST_IN_VAIN, most_waited=ANSWER_S, between_probes=BETWEEN_PROBES_S
        )

    def room(self) -> int | None:
        """How many mails to try: None for any number; 0 while the relay is away, and 1 from time to time then."""
        if not self._breaker.is_open:
            return None
        self._probes = 1 if self._breaker.takes_probe() else 0
        return self._probes

    async def hand_over(self, sender: str, recipient: str, words: Words, *, insists: bool = False) -> Answer:
        """Hand one mail over. What ends before `words` are awaited has certainly not arrived.

        insists: try even while the relay is away. Never raises for what a relay does.
        """
        step, began = _Step(), self._clock()
        try:
            async with self._places:
                if not insists and self._is_left_alone():
                    return Answer("later", "connect", text=AWAY)
                is_sent = await self._deliver(sender, recipient, words, step)
        except SMTPResponseException as error:
            answer = _answer(step.name, error.code, error.message)
            self._note(step.name not in ("connect", "login"), began)
            return answer
        except (SMTPException, OSError, TimeoutError) as error:
            self._note(False, began)
            return _silence(step.name, error)
        self._note(True, began)
        return Answer("taken", code=250, text=TAKEN) if is_sent else Answer("dropped")

    async def aclose(self) -> None:
        """Say goodbye on all connections that are not in use."""
        while self._idle:
            await _end(self._idle.pop())

    def _is_left_alone(self) -> bool:
        if not self._breaker.is_open:
            return False
        self._probes -= 1
        return self._probes < 0

    def _note(self, is_there: bool, began: float) -> None:
        if is_there:
            self._breaker.succeeded()
        else:
            self._breaker.failed(self._clock() - began)

    async def _deliver(self, sender: str, recipient: str, words: Words, step: _Step) -> bool:
        async with self._connection(step) as client:
            step.name = "sender"
            await client.mail(sender)
            step.name = "recipient"
            await client.rcpt(recipient)
            step.name = "data"
            code, said = await client.execute_command(b"DATA")
            if code != 354:
                raise aiosmtplib.SMTPDataError(code, said)
            message = await said_now(words)
            if message is None:
                client.close()  # in the middle of DATA nothing else takes it back
                return False
            step.name = "words"
            await _say(client, message)
            return True

    @asynccontextmanager
    async def _connection(self, step: _Step) -> AsyncIterator[SMTP]:
        """One for one mail, alone; afterwards it is kept if it still stands."""
        kept = await self._standing() or await self._open(step)
        try:
            yield kept.client
        except SMTPResponseException:
            with suppress(SMTPException, OSError):
                await kept.client.rset()
            await self._keep(kept)
            raise
        except BaseException:
            kept.client.close()
            raise
        await self._keep(kept)

    async def _standing(self) -> _Kept | None:
        while self._idle:
            kept = self._idle.pop()
            if kept.client.is_connected and await self._still_stands(kept):
                return kept
            kept.client.close()
        return None

    async def _still_stands(self, kept: _Kept) -> bool:
        if self._clock() - kept.used < IDLE_S:
            return True
        try:
            await kept.client.noop(timeout=5)
        except (SMTPException, OSError):
            return False
        return True

    async def _open(self, step: _Step) -> _Kept:
        is_tls = self._url.scheme == "smtps"
        client = SMTP(
            hostname=self._url.hostname,
            port=self._url.port or (465 if is_tls else 25),
            use_tls=is_tls,
            timeout=COMMAND_S,
        )
        try:
            await client.connect()
            if self._url.username:
                step.name = "login"
                await client.login(unquote(self._url.username), unquote(self._url.password or ""))
        except BaseException:
            client.close()
            raise
        return _Kept(client, self._clock(), self._clock())

    async def _keep(self, kept: _Kept) -> None:
        kept.used, kept.mails = self._clock(), kept.mails + 1
        if not kept.client.is_connected:
            return
        if kept.mails >= MOST_MAILS or kept.used - kept.since >= OLDEST_S:
            await _end(kept)
        else:
            self._idle.append(kept)


async def said_now(words: Words) -> bytes | None:
    """The mail as it reads now; None: it is not to be sent."""
    return words if isinstance(words, bytes) else await words()


async def _say(client: SMTP, message: bytes) -> None:
    """The words of a mail, and the relay's answer to them."""
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("not connected")
    client.protocol.write(DOTS.sub(b"..", message) + (b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n"))
    code, said = await client.protocol.read_response(timeout=ANSWER_S)
    if code != 250:
        raise aiosmtplib.SMTPDataError(code, said)


async def _end(kept: _Kept) -> None:
    with suppress(SMTPException, OSError):
        await kept.client.quit(timeout=2)
    kept.client.close()


TAKEN = "The relay accepted it (250)."
AWAY = "The relay could not be reached."
REFUSED = {
    "connect": "The relay refused the connection",
    "login": "The relay refused the user name and password",
    "sender": "The relay refused the sender",
    "recipient": "The relay refused the address",
}


def _answer(step: str, code: int, said: str) -> Answer:
    """What the relay's code means. Of its words only the detailed code is kept: they may hold an address."""
    found = ENHANCED.match(said)
    detail = found[1] if found else ""
    is_ours = step in ("connect", "login", "sender")  # nothing is wrong with the mail then
    outcome: Outcome = "refused" if code >= 500 and not is_ours else "later"
    is_busy = 400 <= code < 500 and (code in (421, 452) or TOO_MUCH.search(said) is not None)
    number = f"{code} {detail}".strip()
    text = f"{REFUSED.get(step, 'The relay refused the email')} ({number})."
    return Answer(outcome, "data" if step == "words" else step, code, detail, is_busy, text)


def _silence(step: str, error: Exception) -> Answer:
    if step == "words":
        return Answer("unknown", text="The relay never said whether it accepted it.")
    if step == "connect" and not isinstance(error, TimeoutError | aiosmtplib.SMTPTimeoutError):
        return Answer("later", step, text="No relay answers where SMTP_URL points.")
    if isinstance(error, TimeoutError | aiosmtplib.SMTPTimeoutError):
        return Answer("later", step, text="The relay did not answer in time.")
    return Answer("later", step, text="The relay hung up.")
