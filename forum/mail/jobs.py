"""What the mail room does at night."""

from forum.kit.db import run
from forum.kit.tools import Tools
from forum.mail.belated import forget_told

KEPT_DAYS = 180  # longer than the rarest digest is apart, so that none is made twice


async def forget_old(tools: Tools) -> None:
    """Mails that ended half a year ago go, and what all digests have told; what is waiting stays."""
    await run(
        tools.db,
        "DELETE FROM mail WHERE ended_at < now() - CAST(:days AS integer) * interval '1 day'",
        days=KEPT_DAYS,
    )
    await forget_told(tools.db)
