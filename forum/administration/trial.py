"""Sends a test mail and says in one sentence what the relay said: a code, never an address or the relay's words."""

import asyncio

import aiosmtplib

from forum.kit.mailer import Mail
from forum.kit.tools import Tools
from forum.site.queries import site_name

SECONDS = 20


async def send_test(tools: Tools, address: str) -> tuple[bool, str]:
    """Whether the test mail was taken, and what there is to say about it."""
    if not tools.settings.can_mail:
        return False, "No mail can be sent: set SMTP_URL, as in smtp://user:password@host:587."
    name = await site_name(tools.db, tools.settings)
    text = f"This is a test mail of {name}. It came through: mails of the site reach you.\n"
    try:
        await asyncio.wait_for(tools.mailer.send(Mail(address, f"Test mail of {name}", text)), SECONDS)
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        return False, outcome(error)
    if tools.settings.demo:
        return True, "Taken: it lies in the mailbox of the demo."
    return True, "The relay took it (250). If it does not arrive, look at the relay's own log and the spam folder."


def outcome(error: Exception) -> str:
    """A sentence for what went wrong and what to do."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused(recipients=[refused, *_]):
            return f"The relay refused your address ({refused.code}). Check that it may send to other domains."
        case aiosmtplib.SMTPAuthenticationError():
            return f"The relay did not take the user and password ({error.code}). Check SMTP_URL."
        case aiosmtplib.SMTPSenderRefused():
            return f"The relay refused the sender ({error.code}). Set FORUM_MAIL_FROM to an address it may send for."
        case aiosmtplib.SMTPResponseException():
            return f"The relay refused the mail ({error.code}). Its own log says why."
        case TimeoutError() | aiosmtplib.SMTPTimeoutError():
            return f"The relay did not answer within {SECONDS} seconds. Check host, port and firewall."
        case aiosmtplib.SMTPServerDisconnected():
            return "The relay ended the conversation. Check that SMTP_URL names the right port and kind of TLS."
        case _:
            return "No relay answers where SMTP_URL points. Check its host and port."
