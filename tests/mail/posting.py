"""A small mail for each row of the queue, and a relay to send it to."""

from dataclasses import replace

from forum.kit.mailer import SmtpMailer
from forum.mail.types import NO_ADDRESS, Ready, Unwanted
from forum.members.queries import mail_address


async def render(tools, claimed):
    """One line to each member's address."""
    made = {}
    for mail in claimed:
        address = await mail_address(tools.db, mail.member_id)
        made[mail.id] = Ready(small(mail, address), address) if address else Unwanted(NO_ADDRESS)
    return made


def small(mail, address) -> bytes:
    return (
        f"From: forum@forum.example\r\nTo: {address}\r\nSubject: {mail.kind}\r\n"
        f"Message-ID: <{mail.message_id}>\r\n\r\nMail {mail.id}\r\n"
    ).encode()


RENDERERS = dict.fromkeys(("instant", "digest", "test"), render)


def through(tools, sink, **settings):
    """Tools whose mails go to a sink, as those of a process of its own."""
    chosen = sink.settings(**settings)
    return replace(tools, settings=chosen, mailer=SmtpMailer(chosen))
