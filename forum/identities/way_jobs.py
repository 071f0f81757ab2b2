"""Mails about ways into an account, and the nightly clearing. Each loads fresh by id and may run twice."""

from dataclasses import dataclass

from forum.identities import addresses, notices, oidc
from forum.identities.notices import HAPPENED
from forum.kit.db import first
from forum.kit.mailer import Mail
from forum.kit.tools import Tools
from forum.members import sign_in
from forum.members.addresses import PURPOSE
from forum.members.mail_words import named
from forum.site.queries import site_name

LINK_HOURS = 1


@dataclass(frozen=True)
class AskedAddress:
    """An address that a member wants to add."""

    member_id: int
    member_name: str
    address: str


@dataclass(frozen=True)
class Notice:
    """What one address is told."""

    address: str
    happened: str


async def mail_address_link(tools: Tools, request_id: int) -> None:
    """Mail the link that adds an address; only the member who asked can use it."""
    asked = await first(
        tools.db,
        AskedAddress,
        """
        SELECT q.member_id, m.name AS member_name, q.address
        FROM address_request q JOIN member m ON m.id = q.member_id
        WHERE q.id = :request_id AND m.state = 'active'
        """,
        request_id=request_id,
    )
    if asked is None:
        return
    token = await sign_in.issue_link(tools.db, PURPOSE, asked.address, member_id=asked.member_id, hours=LINK_HOURS)
    name = await site_name(tools.db, tools.settings)
    text = (
        f"{named(asked.member_name)} wants to add this address to their account on {name}.\n"
        f"If that is you, open this link where you are signed in:\n\n{tools.settings.site_url}/address/{token}\n\n"
        "The link works once and for one hour. If it is not you, nothing needs doing.\n"
    )
    await tools.mailer.send(Mail(asked.address, f"Is this address yours? {name}", text))


async def mail_notice(tools: Tools, notice_id: int) -> None:
    """Tell one address that a way into the account has changed."""
    notice = await first(
        tools.db,
        Notice,
        "SELECT n.address, n.happened FROM address_notice n WHERE n.id = :notice_id",
        notice_id=notice_id,
    )
    if notice is None:
        return
    name = await site_name(tools.db, tools.settings)
    site = tools.settings.site_url
    text = (
        f"{HAPPENED[notice.happened]}\n\nWhat leads into it now:\n\n{site}/settings/sign-in\n\n"
        "If that was not you, sign in, sign out everywhere else, and tell an administrator.\n"
    )
    await tools.mailer.send(Mail(notice.address, f"A change to your account on {name}", text))
    await notices.forget_notice(tools.db, notice_id)


async def clear_up_ways(tools: Tools) -> None:
    """Nightly: forget what is over."""
    await oidc.forget_attempts(tools.db)
    await addresses.forget_requests(tools.db)
    await notices.forget_old_notices(tools.db)
