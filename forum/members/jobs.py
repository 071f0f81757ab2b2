"""Mails of the members room, and the nightly clearing. Each loads fresh by id and may run twice."""

from forum.districts.queries import district_of_domain
from forum.kit import limits
from forum.kit.db import value
from forum.kit.mailer import Mail
from forum.kit.tools import Tools
from forum.members import queries, sign_in
from forum.members.address import domain_of
from forum.members.queries import OPEN_INVITATION
from forum.members.types import INVITATION_DAYS


async def mail_sign_in_link(tools: Tools, request_id: int) -> None:
    """Answer a request for a link: to a member, to the invited, to somebody of an approved domain, to a stranger."""
    row = await value(
        tools.db,
        "SELECT jsonb_build_array(q.address, q.next_path) FROM sign_in_request q WHERE q.id = :request_id",
        request_id=request_id,
    )
    if row is None:
        return
    address, next_path = row
    if await queries.member_of_address(tools.db, address) is not None:
        await _mail_sign_in(tools, address, next_path)
    elif invitation_id := await queries.open_invitation(tools.db, address):
        await mail_invitation(tools, invitation_id)
    elif await queries.member_with_address(tools.db, address) is None:
        await _mail_how_to_join(tools, address)


async def _mail_sign_in(tools: Tools, address: str, next_path: str) -> None:
    token = await sign_in.issue_link(tools.db, "sign-in", address, next_path=next_path, hours=sign_in.LINK_MINUTES / 60)
    site = tools.settings
    text = (
        f"Sign in to {site.site_name}:\n\n{site.site_url}/sign-in/{token}\n\n"
        f"The link works once and for {sign_in.LINK_MINUTES} minutes.\n"
        "If you did not ask for it, nothing needs doing: nobody gets in without it.\n"
    )
    await tools.mailer.send(Mail(to=address, subject=f"Your link to {site.site_name}", text=text))


async def _mail_how_to_join(tools: Tools, address: str) -> None:
    site = tools.settings
    district = await district_of_domain(tools.db, domain_of(address))
    if district is None:
        text = (
            f"Somebody, probably you, wanted to sign in to {site.site_name} with this address.\n"
            f"No member has it. To become one, tell us who you are:\n\n{site.site_url}/join\n"
        )
        await tools.mailer.send(Mail(to=address, subject=f"Joining {site.site_name}", text=text))
        return
    token = await sign_in.issue_link(
        tools.db, "join", address, district_id=district.id, hours=sign_in.LINK_MINUTES / 60
    )
    text = (
        f"People of {district.name} may join {site.site_name}. Tell us your name and you are in:\n\n"
        f"{site.site_url}/join/{token}\n\nThe link works once and for {sign_in.LINK_MINUTES} minutes.\n"
    )
    await tools.mailer.send(Mail(to=address, subject=f"Join {site.site_name}", text=text))


async def mail_invitation(tools: Tools, invitation_id: int) -> None:
    """Mail the link of an open invitation."""
    row = await value(
        tools.db,
        f"""
        SELECT jsonb_build_array(i.address, i.district_id, m.name)
        FROM invitation i JOIN member m ON m.id = i.invited_by
        WHERE i.id = :invitation_id AND {OPEN_INVITATION}
        """,
        invitation_id=invitation_id,
    )
    if row is None:
        return
    address, district_id, inviter = row
    site = tools.settings
    token = await sign_in.issue_link(tools.db, "join", address, district_id=district_id, hours=INVITATION_DAYS * 24)
    text = (
        f"{inviter} invites you to {site.site_name}, where the technology people of school districts "
        f"ask each other and answer.\n\nJoin here:\n{site.site_url}/join/{token}\n\n"
        f"The link works once and for {INVITATION_DAYS} days.\n"
    )
    await tools.mailer.send(Mail(to=address, subject=f"{inviter} invites you to {site.site_name}", text=text))


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
    await tools.mailer.send(Mail(to=address, subject=f"Welcome to {site.site_name}", text=text))


async def clear_up(tools: Tools) -> None:
    """Nightly: forget what is over."""
    await sign_in.forget_expired(tools.db)
    await limits.forget_old(tools.db)
