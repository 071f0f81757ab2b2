"""Counts how often something was done in a window of time, in PostgreSQL. Owns the table limit_count."""

import time

from forum.kit.db import Database, run, value
from forum.kit.errors import TooMany


async def count(db: Database, key: str, *, most: int, seconds: int) -> None:
    """Count one more of `key`. Raises TooMany when this window of `seconds` already had `most`.

    Keys name what is counted and for whom ("sign-in address 3f2a…"), hashed where it is personal.
    """
    hits = await value(
        db,
        """
        INSERT INTO limit_count (key, starts_at, hits)
        VALUES (:key, to_timestamp(floor(extract(epoch FROM now()) / :seconds) * :seconds), 1)
        ON CONFLICT (key, starts_at) DO UPDATE SET hits = limit_count.hits + 1
        RETURNING hits
        """,
        key=key,
        seconds=float(seconds),
    )
    if hits > most:
        raise TooMany(max(1, seconds - int(time.time()) % seconds))


async def forget_old(db: Database) -> None:
    """Drop counts of windows that are over for a day."""
    await run(db, "DELETE FROM limit_count WHERE starts_at < now() - interval '1 day'")
