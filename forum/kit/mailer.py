"""Hands mails to the outside: by SMTP, or onto the screen in demo mode. Owns the table screen_mail."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import formatdate, make_msgid
from typing import Protocol

from forum.kit.db import Database, many, one, run
from forum.kit.dkim import signatures, signers_for
from forum.kit.relay import TAKEN, Answer, Relay, Words, said_now
from forum.kit.settings import Settings
from forum.kit.throttle import Throttle

SenderName = Callable[[], Awaitable[str]]
SEVEN_BITS = SMTP.clone(cte_type="7bit")  # what a relay recodes has lost its signature
LONGEST_BODY = 1_000_000


class NotTaken(Exception):
    """The relay did not take a mail. answer: what it said."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.text)
        self.answer = answer


@dataclass(frozen=True)
class Mail:
    """One plain-text mail to one person."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Anything that delivers mails: simple ones by `send`, which raises to be tried again, and whole ones."""

    async def send(self, mail: Mail) -> None:
        """Deliver `mail`, or raise."""

    async def hand_over(self, recipient: str, words: Words) -> Answer:
        """Deliver a whole mail, and say what came of it."""

    def room(self) -> int | None:
        """How many whole mails to try just now; None for any number."""

    def wait(self, domain: str) -> float:
        """How many seconds to wait before the next one to that domain; 0 when it may go, which is then counted."""

    def pause(self, domain: str) -> float:
        """The same, and nothing is counted."""

    async def aclose(self) -> None:
        """End what is kept open."""


class SmtpMailer:
    """Delivers through the relay of SMTP_URL; smtp:// starts TLS when the relay offers it."""

    def __init__(self, settings: Settings, sender_name: SenderName | None = None) -> None:
        self._settings, self._sender_name = settings, sender_name
        self._relay = Relay(settings.smtp_url, most=settings.smtp_connections)
        self._throttle = Throttle(settings.mails_a_minute)
        self._signers = signers_for(settings.sender_domain, settings.dkim_keys)

    async def send(self, mail: Mail) -> None:
        """Raises NotTaken when the relay will not have it. The relay is asked even when it was away just now."""
        name = await self._sender_name() if self._sender_name else self._settings.site_name
        raw = self._message(mail, name).as_bytes()
        headers, _, body = raw.partition(b"\r\n\r\n")
        raw = signatures(self._signers, headers + b"\r\n", body) + raw
        # The recipient is said here, because a header may be read as other addresses than it was written.
        answer = await self._relay.hand_over(self._settings.sender, mail.to, raw, insists=True)
        if answer.outcome != "taken":
            raise NotTaken(answer)

    async def hand_over(self, recipient: str, words: Words) -> Answer:
        """Deliver a whole mail; a receiving domain that is busy is left alone for a while."""
        answer = await self._relay.hand_over(self._settings.sender, recipient, words)
        domain = recipient.rpartition("@")[2]
        if answer.is_busy:
            self._throttle.slow_down(domain)
        elif answer.outcome == "taken":
            self._throttle.took(domain)
        return answer

    def room(self) -> int | None:
        return self._relay.room()

    def wait(self, domain: str) -> float:
        return self._throttle.wait(domain)

    def pause(self, domain: str) -> float:
        return self._throttle.pause(domain)

    async def aclose(self) -> None:
        await self._relay.aclose()

    def _message(self, mail: Mail, sender_name: str) -> EmailMessage:
        message = EmailMessage(policy=SEVEN_BITS)
        message["From"] = Address(sender_name, addr_spec=self._settings.sender)
        message["To"] = Address(addr_spec=mail.to)
        message["Subject"] = mail.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._settings.mailing_domain)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message


class ScreenMailer:
    """Keeps every mail for the page /dev/mail: nothing leaves the machine."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def send(self, mail: Mail) -> None:
        """Store `mail`."""
        await self._keep(mail.to, mail.subject, mail.text, "")

    async def hand_over(self, recipient: str, words: Words) -> Answer:
        """Store both parts of a whole mail."""
        message = await said_now(words)
        if message is None:
            return Answer("dropped")
        read = message_from_bytes(message, policy=default)
        text, html = (_part(read, kind) for kind in ("plain", "html"))
        await self._keep(recipient, str(read["subject"]), text, html)
        return Answer("taken", code=250, text=TAKEN)

    def room(self) -> int | None:
        return None

    def wait(self, domain: str) -> float:
        return 0.0

    def pause(self, domain: str) -> float:
        return 0.0

    async def aclose(self) -> None:
        pass

    async def _keep(self, recipient: str, subject: str, text: str, html: str) -> None:
        await run(
            self._db,
            """
            INSERT INTO screen_mail (recipient, subject, body, html) VALUES (:recipient, :subject, :text, :html)
            """,
            recipient=recipient,
            subject=subject,
            text=text,
            html=html,
        )


class NoMailer:
    """A site without mail and without demo mode: sending fails, and the job keeps saying so."""

    async def send(self, mail: Mail) -> None:
        """Always raises RuntimeError."""
        raise RuntimeError("no email can be sent: set SMTP_URL")

    async def hand_over(self, recipient: str, words: Words) -> Answer:
        return Answer("later", "connect", text="No email can be sent: set SMTP_URL.")

    def room(self) -> int | None:
        return 0

    def wait(self, domain: str) -> float:
        return 0.0

    def pause(self, domain: str) -> float:
        return 0.0

    async def aclose(self) -> None:
        pass


def _part(read: EmailMessage, kind: str) -> str:
    found = read.get_body((kind,))
    return found.get_content().replace("\r\n", "\n")[:LONGEST_BODY] if found else ""


def mailer_for(settings: Settings, db: Database, sender_name: SenderName | None = None) -> Mailer:
    """The mailer these settings ask for; demo mode always mails onto the screen.

    sender_name: asked for each mail; FORUM_SITE_NAME without it.
    """
    if settings.demo:
        return ScreenMailer(db)
    return SmtpMailer(settings, sender_name) if settings.smtp_url else NoMailer()


@dataclass(frozen=True)
class ScreenMail:
    """A mail in the on-screen mailbox."""

    id: int
    recipient: str
    subject: str
    body: str
    html: str
    created_at: datetime


async def screen_mails(db: Database, *, limit: int = 100) -> Sequence[ScreenMail]:
    """The newest mails of the on-screen mailbox, newest first."""
    return await many(
        db,
        ScreenMail,
        "SELECT id, recipient, subject, body, html, created_at FROM screen_mail ORDER BY id DESC LIMIT :limit",
        limit=limit,
    )


async def screen_mail(db: Database, mail_id: int) -> ScreenMail:
    """One mail of the on-screen mailbox. Raises NotFound."""
    return await one(
        db,
        ScreenMail,
        "SELECT id, recipient, subject, body, html, created_at FROM screen_mail WHERE id = :mail_id",
        mail_id=mail_id,
    )


async def forget_old(db: Database) -> None:
    """Drop mails that have lain in the on-screen mailbox for 30 days."""
    await run(db, "DELETE FROM screen_mail WHERE created_at < now() - interval '30 days'")
