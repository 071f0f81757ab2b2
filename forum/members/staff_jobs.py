"""Mails to a member about what staff did to their account, and the end of sanctions. Each may run twice."""

from forum.kit.db import first, value
from forum.kit.mailer import Mail
from forum.kit.tools import Tools
from forum.members import queries, sanctions
from forum.members.mail_words import named, until
from forum.members.types import ROLES, MailedSanction
from forum.site.queries import site_name

# For a query with a category `c` and a member `m` who gets a mail: whether it is one that they certainly know by name.
NAMED = """(
    c.read_by IN ('everyone', 'members') AND NOT c.is_hidden AND m.state = 'active'
    AND (m.role <> 'vendor' OR c.lets_vendors_in)
)"""


async def mail_silence(tools: Tools, silence_id: int) -> None:
    """Tell a member that they only read for a while, and why."""
    silence = await first(
        tools.db,
        MailedSanction,
        f"""
        SELECT s.member_id, s.reason, s.until,
               CASE WHEN {NAMED} THEN c.name WHEN c.id IS NOT NULL THEN 'one of the categories' END AS category_name
        FROM silence s
        JOIN member m ON m.id = s.member_id
        LEFT JOIN category c ON c.id = s.category_id
        WHERE s.id = :silence_id AND s.until > now()
        """,
        silence_id=silence_id,
    )
    if silence is None:
        return
    where = (
        f"in {named(silence.category_name)}"
        if silence.category_name
        else f"on {await site_name(tools.db, tools.settings)}"
    )
    end = until(silence.until, tools.settings.time_zone)
    text = f"You may read {where}, but not write, {end}.\n\nThe reason:\n{silence.reason}\n"
    await _mail(tools, silence.member_id, f"You may only read {where} for now", text)


async def mail_end_of_silence(tools: Tools, member_id: int, category_id: int) -> None:
    """Tell a member that they may write again before the time was over; category 0 is everywhere."""
    category = await value(
        tools.db,
        f"""
        SELECT CASE WHEN {NAMED} THEN c.name ELSE 'one of the categories' END
        FROM category c
        JOIN member m ON m.id = :member_id
        WHERE c.id = :category_id
        """,
        member_id=member_id,
        category_id=category_id,
    )
    where = f"in {named(category)}" if category else f"on {await site_name(tools.db, tools.settings)}"
    await _mail(tools, member_id, f"You may write {where} again", f"You may write {where} again, from now on.\n")


async def mail_suspension(tools: Tools, member_id: int) -> None:
    """Tell a member that they cannot sign in, and why."""
    suspension = await first(
        tools.db,
        MailedSanction,
        """
        SELECT m.id AS member_id, m.suspension_reason AS reason, m.suspended_until AS until
        FROM member m
        WHERE m.id = :member_id AND m.state = 'suspended'
        """,
        member_id=member_id,
    )
    if suspension is None:
        return
    name = await site_name(tools.db, tools.settings)
    end = until(suspension.until, tools.settings.time_zone)
    text = f"You cannot sign in to {name} {end}.\n\nThe reason:\n{suspension.reason}\n"
    await _mail(tools, member_id, f"Your account on {name} is suspended", text)


async def mail_end_of_suspension(tools: Tools, member_id: int) -> None:
    """Tell a member that they may sign in again."""
    name = await site_name(tools.db, tools.settings)
    if await _state(tools, member_id) == "active":
        text = f"You may sign in to {name} again:\n\n{tools.settings.site_url}/sign-in\n"
        await _mail(tools, member_id, f"Your account on {name} is open again", text)


async def mail_role(tools: Tools, member_id: int) -> None:
    """Tell a member which role they have now."""
    role = await value(
        tools.db, "SELECT m.role FROM member m WHERE m.id = :member_id AND m.state = 'active'", member_id=member_id
    )
    if role is not None:
        name = await site_name(tools.db, tools.settings)
        text = f"An administrator changed your role on {name}: you are {ROLES[role].lower()} now.\n"
        await _mail(tools, member_id, f"Your role on {name}", text)


async def lift_ended_sanctions(tools: Tools) -> None:
    """Every five minutes: end what is over."""
    await sanctions.lift_ended(tools.db)


async def _state(tools: Tools, member_id: int) -> str | None:
    state: str | None = await value(
        tools.db, "SELECT m.state FROM member m WHERE m.id = :member_id", member_id=member_id
    )
    return state


async def _mail(tools: Tools, member_id: int, subject: str, text: str) -> None:
    address = await queries.mail_address(tools.db, member_id)
    if address is not None:
        await tools.mailer.send(Mail(address, subject, text))
