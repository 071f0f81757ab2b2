"""Hands one mail to the outside: by SMTP, or onto the screen in demo mode. Owns the table screen_mail."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from forum.kit.db import Database, many, one, run
from forum.kit.settings import Settings

SMTP_TIMEOUT_S = 30
SenderName = Callable[[], Awaitable[str]]


@dataclass(frozen=True)
class Mail:
    """One plain-text mail to one person."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Anything that delivers a Mail or raises, so that its job is tried again."""

    async def send(self, mail: Mail) -> None:
        """Deliver `mail`, or raise."""


class SmtpMailer:
    """Delivers through the relay of SMTP_URL; smtp:// starts TLS when the relay offers it."""

    def __init__(self, settings: Settings, sender_name: SenderName | None = None) -> None:
        self._settings, self._sender_name = settings, sender_name

    async def send(self, mail: Mail) -> None:
        """One connection a mail. Raises aiosmtplib.SMTPException or OSError when the relay will not take it."""
        relay = urlsplit(self._settings.smtp_url)
        is_tls = relay.scheme == "smtps"
        await aiosmtplib.send(
            self._message(mail, await self._sender_name() if self._sender_name else self._settings.site_name),
            sender=self._settings.sender,
            recipients=[mail.to],  # said here, because a header may be read as other addresses than it was written
            hostname=relay.hostname,
            port=relay.port or (465 if is_tls else 25),
            username=unquote(relay.username) if relay.username else None,
            password=unquote(relay.password) if relay.password else None,
            use_tls=is_tls,
            timeout=SMTP_TIMEOUT_S,
        )

    def _message(self, mail: Mail, sender_name: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = Address(sender_name, addr_spec=self._settings.sender)
        message["To"] = Address(addr_spec=mail.to)
        message["Subject"] = mail.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._settings.site_host)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message


class ScreenMailer:
    """Keeps every mail for the page /dev/mail: nothing leaves the machine."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def send(self, mail: Mail) -> None:
        """Store `mail`."""
        await run(
            self._db,
            "INSERT INTO screen_mail (recipient, subject, body) VALUES (:to, :subject, :text)",
            to=mail.to,
            subject=mail.subject,
            text=mail.text,
        )


class NoMailer:
    """A site without mail and without demo mode: sending fails, and the job keeps saying so."""

    async def send(self, mail: Mail) -> None:
        """Always raises RuntimeError."""
        raise RuntimeError("no mail can be sent: set SMTP_URL")


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
    created_at: datetime


async def screen_mails(db: Database, *, limit: int = 100) -> Sequence[ScreenMail]:
    """The newest mails of the on-screen mailbox, newest first."""
    return await many(
        db,
        ScreenMail,
        "SELECT id, recipient, subject, body, created_at FROM screen_mail ORDER BY id DESC LIMIT :limit",
        limit=limit,
    )


async def screen_mail(db: Database, mail_id: int) -> ScreenMail:
    """One mail of the on-screen mailbox. Raises NotFound."""
    return await one(
        db,
        ScreenMail,
        "SELECT id, recipient, subject, body, created_at FROM screen_mail WHERE id = :mail_id",
        mail_id=mail_id,
    )


async def forget_old(db: Database) -> None:
    """Drop mails that have lain in the on-screen mailbox for 30 days."""
    await run(db, "DELETE FROM screen_mail WHERE created_at < now() - interval '30 days'")
