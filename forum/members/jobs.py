"""Mails of the members room, and the nightly clearing. Each loads fresh by id and may run twice."""

from forum.districts.queries import kind_of_domain, open_district
from forum.kit import limits, mailer
from forum.kit.db import first, value
from forum.kit.mailer import Mail
from forum.kit.tools import Tools
from forum.members import inviting, joining, queries, returning, sanctions, sign_in
from forum.members.address import domain_of
from forum.members.mail_words import named
from forum.members.mail_words import until as _until
from forum.members.queries import OPEN_INVITATION
from forum.members.types import INVITATION_DAYS, Account, LinkRequest, MailedDecision, MailedInvitation
from forum.site.queries import setting, site_name

FIRST = "/sign-in?next=/settings/following/start"  # where a new member is asked what they want to hear of


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
    account = await queries.account(tools.db, asked.address)
    if account is not None:
        await _mail_member(tools, asked, account)
    elif invitation_id := await queries.open_invitation(tools.db, asked.address):
        await mail_invitation(tools, invitation_id)
    else:
        await _mail_how_to_join(tools, asked.address)


async def _mail_member(tools: Tools, asked: LinkRequest, account: Account) -> None:
    if account.state == "suspended":  # perhaps its time is over, and the schedule has not come by yet
        await sanctions.lift_ended(tools.db, member_id=account.id)
        account = await queries.account(tools.db, asked.address) or account
    if account.state == "suspended":
        await _mail_shut_out(tools, asked.address, account)
    elif account.state == "deactivated":
        await _mail_return(tools, asked)
    elif account.state != "deleted":
        await _mail_sign_in(tools, asked)


async def _mail_shut_out(tools: Tools, address: str, account: Account) -> None:
    name = await site_name(tools.db, tools.settings)
    until = _until(account.suspended_until, tools.settings.time_zone)
    text = f"Your account on {name} is suspended {until}, so you cannot sign in.\n"
    await tools.mailer.send(Mail(address, f"Your account on {name} is suspended", text))


async def _mail_return(tools: Tools, asked: LinkRequest) -> None:
    link = await _short_link(tools, returning.PURPOSE, asked.address, next_path=asked.next_path)
    name = await site_name(tools.db, tools.settings)
    text = f"You have deactivated your account on {name}. If you want it back, open it here:\n\n{link}"
    await tools.mailer.send(Mail(asked.address, f"Your account on {name}", text))


async def _mail_sign_in(tools: Tools, asked: LinkRequest) -> None:
    link = await _short_link(tools, "sign-in", asked.address, next_path=asked.next_path)
    name = await site_name(tools.db, tools.settings)
    text = f"Sign in to {name}:\n\n{link}\nIf you did not ask for it, nothing needs doing: nobody gets in without it.\n"
    await tools.mailer.send(Mail(asked.address, f"Your link to {name}", text))


async def _mail_how_to_join(tools: Tools, address: str) -> None:
    name = await site_name(tools.db, tools.settings)
    if await kind_of_domain(tools.db, domain_of(address)) == "blocked":
        text = f"No member of {name} has this address, and people of its email domain cannot join.\n"
        await tools.mailer.send(Mail(address, f"Joining {name}", text))
        return
    district = await open_district(tools.db, domain_of(address))
    if district is None and not (await setting(tools.db)).takes_requests:
        text = f"No member of {name} has this address, and people join by invitation just now.\n"
        await tools.mailer.send(Mail(address, f"Joining {name}", text))
        return
    if district is None:
        text = (
            f"Somebody, probably you, wanted to sign in to {name} with this address.\n"
            f"No member has it. To become one, tell us who you are:\n\n{tools.settings.site_url}/join\n"
        )
        await tools.mailer.send(Mail(address, f"Joining {name}", text))
        return
    link = await _short_link(tools, "join", address, district_id=district.id)
    text = f"People of {named(district.name)} may join {name}. Tell us your name and you are in:\n\n{link}"
    await tools.mailer.send(Mail(address, f"Join {name}", text))


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
    title = f"{named(invited.inviter_name)} invites you to {await site_name(tools.db, tools.settings)}"
    link = await _link(
        tools,
        "join",
        invited.address,
        hours=INVITATION_DAYS * 24,
        lasts=f"{INVITATION_DAYS} days",
        district_id=invited.district_id,
    )
    what = "technology staff of school districts ask and answer each other's questions"
    text = f"{title}, where {what}.\n\nJoin here:\n{link}"
    await tools.mailer.send(Mail(invited.address, title, text))


async def mail_receipt(tools: Tools, request_id: int) -> None:
    """Tell somebody who asks to join that an administrator will read it."""
    address = await value(
        tools.db,
        "SELECT q.address FROM join_request q WHERE q.id = :request_id AND q.decided_at IS NULL",
        request_id=request_id,
    )
    if address is not None:
        name = await site_name(tools.db, tools.settings)
        text = f"Somebody, probably you, asked to join {name} with this address. An administrator will read it soon.\n"
        await tools.mailer.send(Mail(address, f"You asked to join {name}", text))


async def mail_decision(tools: Tools, request_id: int) -> None:
    """Tell somebody who asked to join that they are in, or why not; without a reason they hear nothing."""
    decision = await first(
        tools.db,
        MailedDecision,
        """
        SELECT q.address, q.is_approved, q.reason FROM join_request q
        WHERE q.id = :request_id AND q.decided_at IS NOT NULL
        """,
        request_id=request_id,
    )
    if decision is None:
        return
    name = await site_name(tools.db, tools.settings)
    if decision.is_approved:
        text = f"You are now a member of {name}. Sign in with this address:\n\n{tools.settings.site_url}{FIRST}\n"
        await tools.mailer.send(Mail(decision.address, f"Welcome to {name}", text))
    elif decision.reason:
        text = f"You asked to join {name}, and an administrator declined:\n\n{decision.reason}\n"
        await tools.mailer.send(Mail(decision.address, f"Joining {name}", text))


async def send_invitations(tools: Tools, list_id: int = 0) -> None:
    """Send the next invitations of confirmed lists: each minute, and when a list is confirmed (any of them may go)."""
    await inviting.send_waiting(tools.db)


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
    await inviting.forget_lists(tools.db)
    await limits.forget_old(tools.db)
    await mailer.forget_old(tools.db)
