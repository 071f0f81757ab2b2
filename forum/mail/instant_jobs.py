"""Queues a mail to each who wants every message, in one statement, to leave when there was time to mend the post."""

from forum.following.hearing import heard
from forum.kit.db import run, value
from forum.kit.tools import Tools
from forum.mail.composing import message_id_of

WAIT_MIN = 10
QUEUE_SQL = """
    INSERT INTO mail (member_id, kind, dedupe_key, post_id, reason, next_at, message_id)
    SELECT x.member_id, 'instant', 'instant:' || CAST(:post_id AS bigint) || ':' || x.member_id, :post_id, x.reason,
           p.created_at + CAST(:wait AS integer) * interval '1 minute', :message_id
    FROM unnest(CAST(:member_ids AS bigint[]), CAST(:reasons AS text[])) x (member_id, reason)
    JOIN post p ON p.id = :post_id
    ORDER BY x.member_id
    ON CONFLICT (dedupe_key) DO NOTHING
"""


async def message_id(tools: Tools, post_id: int) -> str:
    """As `message_id_of`."""
    original = await value(
        tools.db, "SELECT m.message_id FROM mail_message m WHERE m.post_id = :post_id ORDER BY m.id", post_id=post_id
    )
    return message_id_of(post_id, original, tools.settings.mailing_domain)


async def queue_instant(tools: Tools, post_id: int) -> None:
    """After a post was added: a mail for each member who hears of it by every message; twice is once."""
    told = [each for each in await heard(tools.db, [post_id]) if each.level == "each"]
    await run(
        tools.db,
        QUEUE_SQL,
        post_id=post_id,
        member_ids=[each.member_id for each in told],
        reasons=[each.reason for each in told],
        wait=WAIT_MIN,
        message_id=await message_id(tools, post_id),
    )
