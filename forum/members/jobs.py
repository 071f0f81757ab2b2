"""Mails of the members room, and the nightly clearing. Each loads fresh by id and may run twice."""

from forum.districts.queries import district_of_domain
from forum.kit import limits, mailer
from forum.kit.db import first, value
from forum.kit.mailer import Mail
from forum.kit.tools import Tools
from forum.members import joining, queries, sign_in
from forum.members.address import domain_of
from forum.members.queries import OPEN_INVITATION
from forum.members.types import INVITATION_DAYS, LinkRequest, MailedInvitation


async def mail_sign_in_link(tools: Tools, request_id: int) -> None:
    """Answer a request for a link: to a member, to the invited, to somebody of an approved domain, to a stranger."""
    asked = await first(
        tools.db,
        LinkRequest,
        "SELECT q.address, q.next_path FROM sign_in_request q WHERE q.id = :request_id",
        request_id=request_id,
    )
    if asked is None:
        return
    if await queries.member_of_address(tools.db, asked.address) is not None:
        await _mail_sign_in(tools, asked)
    elif invitation_id := await queries.open_invitation(tools.db, asked.address):
        await mail_invitation(tools, invitation_id)
    elif await queries.member_with_address(tools.db, asked.address) is None:
        await _mail_how_to_join(tools, asked.address)


async def _mail_sign_in(tools: Tools, asked: LinkRequest) -> None:
    link = await _short_link(tools, "sign-in", asked.address, next_path=asked.next_path)
    name = tools.settings.site_name
    text = f"Sign in to {name}:\n\n{link}\nIf you did not ask for it, nothing needs doing: nobody gets in without it.\n"
    await tools.mailer.send(Mail(asked.address, f"Your link to {name}", text))


async def _mail_how_to_join(tools: Tools, address: str) -> None:
    site = tools.settings
    district = await district_of_domain(tools.db, domain_of(address))
    if district is None:
        text = (
            f"Somebody, probably you, wanted to sign in to {site.site_name} with this address.\n"
            f"No member has it. To become one, tell us who you are:\n\n{site.site_url}/join\n"
        )
        await tools.mailer.send(Mail(address, f"Joining {site.site_name}", text))
        return
    link = await _short_link(tools, "join", address, district_id=district.id)
    text = f"People of {district.name} may join {site.site_name}. Tell us your name and you are in:\n\n{link}"
    await tools.mailer.send(Mail(address, f"Join {site.site_name}", text))


async def mail_invitation(tools: Tools, invitation_id: int) -> None:
    """Mail the link of an open invitation."""
    invited = await first(
        tools.db,
        MailedInvitation,
        f"""
        SELECT i.address, i.district_id, m.name AS inviter_name
        FROM invitation i JOIN member m ON m.id = i.invited_by
        WHERE i.id = :invitation_id AND {OPEN_INVITATION}
        """,
        invitation_id=invitation_id,
    )
    if invited is None:
        return
    title = f"{invited.inviter_name} invites you to {tools.settings.site_name}"
    link = await _link(
        tools,
        "join",
        invited.address,
        hours=INVITATION_DAYS * 24,
        lasts=f"{INVITATION_DAYS} days",
        district_id=invited.district_id,
    )
    text = f"{title}, where the technology people of school districts ask each other and answer.\n\nJoin here:\n{link}"
    await tools.mailer.send(Mail(invited.address, title, text))


async def mail_welcome(tools: Tools, request_id: int) -> None:
    """Tell somebody who asked to join that the answer is yes."""
    address = await value(
        tools.db,
        "SELECT q.address FROM join_request q WHERE q.id = :request_id AND q.is_approved",
        request_id=request_id,
    )
    if address is None:
        return
    site = tools.settings
    text = f"You are now a member of {site.site_name}. Sign in with this address:\n\n{site.site_url}/sign-in\n"
    await tools.mailer.send(Mail(address, f"Welcome to {site.site_name}", text))


async def _short_link(
    tools: Tools, purpose: str, address: str, *, next_path: str = "/", district_id: int | None = None
) -> str:
    return await _link(
        tools,
        purpose,
        address,
        hours=sign_in.LINK_MINUTES / 60,
        lasts=f"{sign_in.LINK_MINUTES} minutes",
        next_path=next_path,
        district_id=district_id,
    )


async def _link(
    tools: Tools,
    purpose: str,
    address: str,
    *,
    hours: float,
    lasts: str,
    next_path: str = "/",
    district_id: int | None = None,
) -> str:
    """The lines of a mail with a new link: its purpose is also its path."""
    token = await sign_in.issue_link(
        tools.db, purpose, address, next_path=next_path, district_id=district_id, hours=hours
    )
    return f"{tools.settings.site_url}/{purpose}/{token}\n\nThe link works once and for {lasts}.\n"


async def clear_up(tools: Tools) -> None:
    """Nightly: forget what is over."""
    await sign_in.forget_expired(tools.db)
    await joining.forget_decided(tools.db)
    await limits.forget_old(tools.db)
    await mailer.forget_old(tools.db)
