"""Queues a mail of a post to each of many, in one statement, to leave when there was time to mend the post.

A post that came by mail is not mended: its mails leave at once.
"""

from collections.abc import Sequence

from forum.following.types import Heard
from forum.kit.db import run, value
from forum.kit.tools import Tools
from forum.mail.composing import message_id_of

WAIT_MIN = 10
QUEUE_SQL = """
    INSERT INTO mail (member_id, kind, dedupe_key, post_id, reason, next_at, message_id)
    SELECT x.member_id, 'instant', 'instant:' || CAST(:post_id AS bigint) || ':' || x.member_id, :post_id, x.reason,
           p.created_at + CASE
               WHEN EXISTS (SELECT 1 FROM mail_message o WHERE o.post_id = p.id) THEN interval '0'
               ELSE CAST(:wait AS integer) * interval '1 minute'
           END, :message_id
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


async def queue(tools: Tools, post_id: int, told: Sequence[Heard]) -> None:
    """A mail of a post for each of these; twice is once."""
    await run(
        tools.db,
        QUEUE_SQL,
        post_id=post_id,
        member_ids=[each.member_id for each in told],
        reasons=[each.reason for each in told],
        wait=WAIT_MIN,
        message_id=await message_id(tools, post_id),
    )
