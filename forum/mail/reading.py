"""Mails of posts that their members read here meanwhile: not sent, unless somebody wants all of them."""

from collections.abc import Sequence
from datetime import datetime

from forum.kit.db import Database, rows, run
from forum.threads.reading import HAS_READ

READ = "It was read on the site before its email was due."
READ_SQL = f"""
    SELECT x.id
    FROM mail x
    JOIN post p ON p.id = x.post_id
    LEFT JOIN mail_wish w ON w.member_id = x.member_id
    WHERE x.id = ANY(CAST(:mail_ids AS bigint[])) AND NOT x.goes_if_read AND NOT coalesce(w.mails_read, false)
      AND {HAS_READ}
    ORDER BY x.id
"""
# A mark that moved while the post was away may have passed it unseen, and whose mail came up since may not have had it
# for that.
DOUBT_SQL = f"""
    UPDATE mail x
    SET goes_if_read = true
    FROM post p
    WHERE p.id = :post_id AND x.post_id = p.id AND x.kind = 'instant' AND NOT x.goes_if_read
      AND (x.state = 'waiting' OR x.state = 'unwanted' AND (x.outcome <> '{READ}' OR x.ended_at >= :away_at))
      AND EXISTS (
          SELECT 1 FROM read_mark k
          WHERE k.member_id = x.member_id AND k.thread_id = p.thread_id AND k.number >= p.number
            AND k.read_at >= :away_at
      )
"""


async def read_already(db: Database, mail_ids: Sequence[int]) -> set[int]:
    """Which of these mails their members need no more, by what they have read and wish now."""
    return {row["id"] for row in await rows(db, READ_SQL, mail_ids=list(mail_ids))}


async def doubt(db: Database, post_id: int, away_at: datetime) -> None:
    """A post is back that was away since then: whoever may have gone past it meanwhile is mailed it all the same."""
    await run(db, DOUBT_SQL, post_id=post_id, away_at=away_at)
