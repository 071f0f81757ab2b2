"""Mails of the accounts room. Each loads fresh by id and may run twice."""

from forum.accounts.commands import PURPOSE
from forum.kit.db import value
from forum.kit.mailer import Mail
from forum.kit.tools import Tools
from forum.members import sign_in
from forum.members.addresses import own_addresses
from forum.members.mail_words import named
from forum.site.queries import site_name

LINK_HOURS = 1


async def mail_merge_link(tools: Tools, from_id: int, into_id: int) -> None:
    """Mail the link to the account that is to become part of another; nothing where there is none (id 0)."""
    asker = await value(tools.db, "SELECT m.name FROM member m WHERE m.id = :into_id", into_id=into_id)
    name = await site_name(tools.db, tools.settings)
    for own in await own_addresses(tools.db, from_id):
        token = await sign_in.issue_link(tools.db, PURPOSE, own.address, member_id=into_id, hours=LINK_HOURS)
        text = (
            f"{named(asker)} wants this account on {name} to become part of theirs: posts, addresses and all.\n\n"
            f"If that is you, open this where you are signed in:\n\n{tools.settings.site_url}/merge/{token}\n\n"
            "The link works once and for an hour. If it is not you, do nothing: nothing happens without it.\n"
        )
        await tools.mailer.send(Mail(own.address, f"Make two accounts on {name} one", text))


async def mail_merged(tools: Tools, from_id: int, into_id: int) -> None:
    """Tell every address of what is one account now."""
    name = await site_name(tools.db, tools.settings)
    for own in await own_addresses(tools.db, into_id):
        text = (
            f"Two accounts on {name} are one now. What both wrote stands under one name, and each of the addresses "
            f"signs in to it.\n\nIf you did not want this, write to the administrators:"
            f" {tools.settings.site_url}/help\n"
        )
        await tools.mailer.send(Mail(own.address, f"Your accounts on {name} are one", text))
