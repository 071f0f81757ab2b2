"""Sends a test mail and says in one sentence what the relay said: a code, never an address or the relay's words."""

import asyncio

from forum.kit.relay import Answer
from forum.kit.tools import Tools
from forum.mail.queries import Recipient
from forum.mail.testing import test_mail
from forum.members.types import Actor

SECONDS = 20
WHAT_TO_DO = {
    "login": "Check SMTP_URL.",
    "sender": "Set FORUM_MAIL_FROM to an address it may send for.",
    "recipient": "Check that it may send to other domains.",
    "data": "Its log says why.",
}


async def send_test(tools: Tools, actor: Actor, address: str) -> tuple[bool, str]:
    """Whether the test mail was taken, and what there is to say about it. It is built and signed as any other."""
    if not tools.settings.can_mail or actor.id is None:
        return False, "No email can be sent yet: set SMTP_URL, as in smtp://user:password@host:587."
    message = await test_mail(tools, Recipient(actor.id, actor.name, address))
    try:
        answer = await asyncio.wait_for(tools.mailer.hand_over(address, message), SECONDS)
    except TimeoutError:
        return False, f"The relay did not answer within {SECONDS} seconds. Check host, port and firewall."
    if answer.outcome != "taken":
        return False, outcome(answer)
    if tools.settings.demo:
        return True, "Accepted: it is in the demo’s mailbox."
    return True, "The relay accepted it (250). If it does not arrive, check the relay's log and the spam folder."


def outcome(answer: Answer) -> str:
    """A sentence for what went wrong and what to do."""
    if answer.code:
        return f"{answer.text} {WHAT_TO_DO.get(answer.step, 'Check its log.')}"
    return f"{answer.text} Check host and port of SMTP_URL, the kind of TLS, and the firewall."
