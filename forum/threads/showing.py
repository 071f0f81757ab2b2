"""Says of posts that they stand where they did not: brought back, or in another thread or category."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

from forum.kit import outbox
from forum.kit.db import Database, Row, rows

NEWS_DAYS = 30  # what is older is no news to anybody
MOST_POSTS = 100  # of one act: the newest, after what announces an event to come, whose changes may wait to be mailed
SHOWN = f"""
    SELECT p.id, p.created_at, now() AS at
    FROM post p
    LEFT JOIN event e ON e.post_id = p.id AND e.starts_at > now()
    WHERE p.deleted_at IS NULL
      AND (e.post_id IS NOT NULL OR p.created_at > now() - {NEWS_DAYS} * interval '1 day')
"""
NEWEST = f"ORDER BY e.post_id IS NULL, p.created_at DESC, p.id DESC LIMIT {MOST_POSTS}"
POSTS_SQL = f"{SHOWN} AND p.id = ANY(CAST(:ids AS bigint[])) {NEWEST}"
THREAD_SQL = f"{SHOWN} AND p.thread_id = :thread_id {NEWEST}"


async def say_posts(db: Database, post_ids: Sequence[int], away_at: datetime | None = None) -> None:
    """Within the transaction that did it. away_at: since when they were not to be seen, None when they always were."""
    await _say(db, await rows(db, POSTS_SQL, ids=list(post_ids)), away_at)


async def say_thread(db: Database, thread_id: int, away_at: datetime | None = None) -> None:
    """The same of all posts of a thread."""
    await _say(db, await rows(db, THREAD_SQL, thread_id=thread_id), away_at)


async def _say(db: Database, shown: Sequence[Row], away_at: datetime | None) -> None:
    away = away_at.isoformat() if away_at else ""
    for post in sorted(shown, key=itemgetter("created_at", "id")):  # as they are read
        await outbox.emit(db, "post.shown", post_id=post["id"], away_at=away, back_at=post["at"].isoformat())
