"""Mails about keys and confirmations, and the nightly clearing. Each loads fresh by id and may run twice."""

from dataclasses import dataclass

from forum.identities import passkeys
from forum.kit.db import first
from forum.kit.mailer import Mail
from forum.kit.tools import Tools
from forum.members import queries, sign_in
from forum.site.queries import site_name

CHANGES = {
    "passkey-added": "A passkey was added to your account.",
    "passkey-removed": "A passkey was removed from your account.",
    "codes-on": "Codes of an authenticator app were turned on for your account.",
    "codes-off": "Codes of an authenticator app were turned off for your account.",
    "recovery-codes": "Your recovery codes were replaced by new ones.",
    "recovery-code-used": "One of your recovery codes was used.",
    "reset": "An administrator has removed your passkeys, codes and recovery codes, and signed you out everywhere.",
}


@dataclass(frozen=True)
class _Asker:
    member_id: int


async def mail_confirmation_link(tools: Tools, session_id: int, next_path: str) -> None:
    """Mail the link that a session has asked for, while that session is there."""
    asker = await first(
        tools.db,
        _Asker,
        """
        SELECT s.member_id
        FROM session s JOIN member m ON m.id = s.member_id
        WHERE s.id = :session_id AND s.expires_at > now() AND m.state = 'active'
        """,
        session_id=session_id,
    )
    address = await queries.mail_address(tools.db, asker.member_id) if asker else None
    if not address:
        return
    token = await sign_in.issue_link(
        tools.db, "confirm", address, next_path=next_path, session_id=session_id, hours=sign_in.LINK_MINUTES / 60
    )
    name = await site_name(tools.db, tools.settings)
    text = (
        f"Somebody, probably you, is about to change something on {name} that only you may.\n"
        f"Open this in the browser where you began:\n\n{tools.settings.site_url}/confirm/link/{token}\n\n"
        f"The link works once and for {sign_in.LINK_MINUTES} minutes. Was it not you? "
        f"Then sign out everywhere:\n{tools.settings.site_url}/settings/security\n"
    )
    await tools.mailer.send(Mail(address, f"Show {name} that it is you", text))


async def mail_key_change(tools: Tools, member_id: int, change: str) -> None:
    """Tell a member what happened to their keys: it may not have been them."""
    address = await queries.mail_address(tools.db, member_id)
    if not address:
        return
    name = await site_name(tools.db, tools.settings)
    text = (
        f"{CHANGES[change]}\n\nIf that was you, nothing needs doing. If not, sign out everywhere and look at your keys:"
        f"\n\n{tools.settings.site_url}/settings/security\n"
    )
    await tools.mailer.send(Mail(address, f"Your account on {name}: {CHANGES[change][:-1].lower()}"[:120], text))


async def clear_up(tools: Tools) -> None:
    """Nightly: forget what is over."""
    await passkeys.forget_old(tools.db)
