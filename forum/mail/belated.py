"""What reaches members later than it was written: mentions that an edit brought in, and posts that came back or came to
where others hear of them. Nobody is told twice. Owns the table belated.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from forum.following.hearing import calls, heard
from forum.following.types import Heard
from forum.kit.db import Database, many, rows, run, value
from forum.kit.tools import Tools
from forum.mail import changing
from forum.mail.announcing import WAIT_MIN, message_id, queue
from forum.mail.digests.choosing import TOLD
from forum.mail.digests.concerned import concerned
from forum.mail.instant import AWAY
from forum.mail.reading import READ, doubt
from forum.notifications import commands as notifications
from forum.notifications.queries import told_before
from forum.notifications.types import Notice
from forum.threads.reading import HAS_READ
from forum.threads.showing import NEWS_DAYS

FRESH_DAYS = 3  # what is older is not mailed by itself any more
KEPT_DAYS = 100  # longer than two digests are apart


class Called(NamedTuple):
    """Whom an edit mentions, where, and how they wish to hear of mentions: "each", "digest" or "web".

    is_kept: their digest knows of it already.
    """

    member_id: int
    thread_id: int
    wish: str
    is_kept: bool


CALLED_SQL = f"""
    SELECT e.member_id, p.thread_id, coalesce(w.mentioned, 'each') AS wish,
           EXISTS (
               SELECT 1 FROM belated b
               WHERE b.member_id = e.member_id AND b.post_id = e.post_id AND b.back_at >= e.since
           ) AS is_kept
    FROM mention e
    JOIN post p ON p.id = e.post_id
    JOIN member m ON m.id = e.member_id AND m.handle = ANY(CAST(:handles AS text[]))
    LEFT JOIN mail_wish w ON w.member_id = e.member_id
    WHERE e.post_id = :post_id AND e.seen_at IS NULL AND e.since > now() - {NEWS_DAYS} * interval '1 day'
      AND coalesce(w.mentioned, 'each') <> 'none'
    ORDER BY e.member_id
"""
# A mail of the post says it that waits, or was made since; whoever has none is mailed, also when the post's own
# job told them on the site. Mail programs drop a second mail of one Message-ID.
QUEUE_MENTION_SQL = """
    INSERT INTO mail (member_id, kind, dedupe_key, post_id, reason, since, next_at, message_id)
    SELECT e.member_id, 'instant',
           CASE WHEN o.id IS NULL THEN 'instant:' ELSE 'mention:' END || e.post_id || ':' || e.member_id,
           e.post_id, 'mentioned', e.since, e.since + CAST(:wait AS integer) * interval '1 minute',
           CASE WHEN o.id IS NULL THEN :message_id ELSE :again_id END
    FROM mention e
    LEFT JOIN mail o ON o.dedupe_key = 'instant:' || e.post_id || ':' || e.member_id
    WHERE e.post_id = :post_id AND e.member_id = ANY(CAST(:member_ids AS bigint[]))
      AND NOT EXISTS (
          SELECT 1 FROM mail y
          WHERE y.post_id = e.post_id AND y.member_id = e.member_id AND y.kind = 'instant'
            AND (y.state = 'waiting' OR y.created_at >= e.since)
      )
    ORDER BY e.member_id
    ON CONFLICT (dedupe_key) DO NOTHING
"""
# Whether a member in a row `x` has been mailed another post of its thread since a post `p` stands there: one act brings
# one mail, and the rest of its posts are new on the site.
MAILED = """EXISTS (
    SELECT 1 FROM mail o
    JOIN post q ON q.id = o.post_id AND q.thread_id = p.thread_id AND q.id <> p.id
    WHERE o.member_id = x.member_id AND o.kind = 'instant' AND o.state <> 'unwanted' AND o.created_at >= :back_at
)"""
UNMAILED_SQL = f"""
    SELECT x.member_id
    FROM unnest(CAST(:member_ids AS bigint[])) x (member_id)
    JOIN post p ON p.id = :post_id
    WHERE NOT {MAILED}
"""
# Mails of a thread that were not sent, as their posts were away: held, so that two of one member do not go on at once.
HOLD_SQL = """
    SELECT x.id FROM mail x
    JOIN post q ON q.id = x.post_id
    JOIN post p ON p.id = :post_id AND p.thread_id = q.thread_id
    WHERE x.kind = 'instant' AND x.state = 'unwanted' AND x.outcome IN (:away, :read)
      AND x.member_id = ANY(CAST(:member_ids AS bigint[]))
    ORDER BY x.id
    FOR NO KEY UPDATE OF x
"""
# They go on to who has not read the post, or may have gone past it while it was away.
REVIVE_SQL = f"""
    UPDATE mail x
    SET state = 'waiting', attempts = 0, outcome = '', created_at = now(), next_at = now(), ended_at = NULL
    FROM post p
    WHERE p.id = :post_id AND x.post_id = p.id AND x.kind = 'instant' AND x.state = 'unwanted'
      AND x.outcome IN (:away, :read) AND x.member_id = ANY(CAST(:member_ids AS bigint[])) AND NOT {MAILED}
      AND (x.goes_if_read OR x.outcome = :away AND NOT {HAS_READ})
"""
AGE = "SELECT now() - p.created_at FROM post p WHERE p.id = :post_id"
# A post that comes back once more is one that was away all the time, unless a digest told it in between. The job of a
# return may run twice: the second time changes nothing.
KEEP_SQL = f"""
    INSERT INTO belated AS b (member_id, post_id, away_at, back_at)
    SELECT x.member_id, p.id, coalesce(CAST(:away_at AS timestamptz), p.created_at),
           coalesce(CAST(:back_at AS timestamptz), now())
    FROM unnest(CAST(:member_ids AS bigint[])) x (member_id)
    JOIN post p ON p.id = :post_id
    ORDER BY x.member_id
    ON CONFLICT (member_id, post_id) DO UPDATE
    SET away_at = CASE
            WHEN (SELECT {TOLD} FROM post p WHERE p.id = b.post_id) THEN excluded.away_at
            ELSE least(b.away_at, excluded.away_at)
        END,
        back_at = excluded.back_at, at = excluded.at
    WHERE b.back_at < excluded.back_at
"""


async def tell_called(tools: Tools, post_id: int) -> None:
    """An edit mentions members who were not: each hears of it as they wish of mentions, once."""
    db = tools.db
    handles = [handle for _, handle in await calls(db, [post_id])]
    late = await many(db, Called, CALLED_SQL, post_id=post_id, handles=handles)
    levels = {each.member_id: each.level for each in await heard(db, [post_id], [each.member_id for each in late])}
    notices = [Notice(each.member_id, "mentioned", each.thread_id) for each in late if each.member_id in levels]
    async with db.transaction():
        await notifications.notify(db, post_id, notices)
        mailed = [each for each in late if "web" not in (each.wish, levels.get(each.member_id, "web"))]
        await _keep(db, post_id, [each.member_id for each in mailed if not each.is_kept])
        await run(
            db,
            QUEUE_MENTION_SQL,
            post_id=post_id,
            member_ids=[each.member_id for each in mailed if each.wish == "each"],
            wait=WAIT_MIN,
            message_id=await message_id(tools, post_id),
            again_id=f"mention.{post_id}@{tools.settings.mailing_domain}",
        )


async def tell_shown(tools: Tools, post_id: int, away_at: str, back_at: str) -> None:
    """A post stands where it did not: whoever hears of it now, and was not told, is told, as long as it is news; and
    whoever comes to an event goes on to be mailed what has become of it, however long ago it was announced.

    away_at, back_at: from when to when it could not be seen, as ISO text; away_at is "" where it only came from another
    place, at back_at.
    """
    away, back = datetime.fromisoformat(away_at) if away_at else None, datetime.fromisoformat(back_at)
    async with tools.db.transaction():
        age: timedelta | None = await value(tools.db, AGE, post_id=post_id)
        if age is not None and age < timedelta(days=NEWS_DAYS):
            await _tell(tools, post_id, away, back, is_fresh=age < timedelta(days=FRESH_DAYS))
        await changing.send_on(tools.db, post_id)


async def _tell(tools: Tools, post_id: int, away_at: datetime | None, back_at: datetime, *, is_fresh: bool) -> None:
    db = tools.db
    found = await heard(db, [post_id])
    before = await told_before(db, post_id, [each.member_id for each in found])
    notices = [Notice(each.member_id, each.reason, each.target_id) for each in found if each.member_id not in before]
    new = await notifications.notify(db, post_id, notices)
    by_digest = {each.member_id for each in found if each.level == "digest"}
    await _keep(db, post_id, by_digest.intersection(new), back_at=back_at)
    if away_at:
        late = (by_digest & before).union(await concerned(db, post_id))
        await _keep(db, post_id, late, away_at=away_at, back_at=back_at)
    if is_fresh:
        eager = [each for each in found if each.level == "each"]
        if away_at:
            await _send_on(db, post_id, eager, away_at, back_at)
        await _mail(tools, post_id, [each for each in eager if each.member_id in new], back_at)


async def _send_on(db: Database, post_id: int, found: Sequence[Heard], away_at: datetime, back_at: datetime) -> None:
    whose = {"post_id": post_id, "member_ids": [each.member_id for each in found], "away": AWAY, "read": READ}
    await rows(db, HOLD_SQL, **whose)
    await doubt(db, post_id, away_at)
    await run(db, REVIVE_SQL, **whose, back_at=back_at)


async def _mail(tools: Tools, post_id: int, found: Sequence[Heard], back_at: datetime) -> None:
    """Within the transaction that told them on the site: their notifications of the thread are held, so that another
    job of the same act waits, and sees whom this one mails.
    """
    member_ids = [each.member_id for each in found]
    left = await rows(tools.db, UNMAILED_SQL, post_id=post_id, member_ids=member_ids, back_at=back_at)
    unmailed = {row["member_id"] for row in left}
    await queue(tools, post_id, [each for each in found if each.member_id in unmailed])


async def _keep(
    db: Database,
    post_id: int,
    member_ids: Collection[int],
    *,
    away_at: datetime | None = None,
    back_at: datetime | None = None,
) -> None:
    await run(db, KEEP_SQL, post_id=post_id, member_ids=sorted(member_ids), away_at=away_at, back_at=back_at)


async def forget_told(db: Database) -> None:
    """What every digest has gone by is forgotten."""
    await run(db, "DELETE FROM belated WHERE at < now() - CAST(:days AS integer) * interval '1 day'", days=KEPT_DAYS)
