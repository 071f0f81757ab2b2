"""Counts how often something was done in a window of time, in PostgreSQL. Owns the table limit_count.

Who counts decides whom a limit can hurt: what is counted by account or session only stops its owner, so nobody can
aim it at somebody else. By block of addresses (kit/http.client_block) the most is high, as a district shares one.
"""

import hashlib
import time
from typing import NamedTuple

from forum.kit.db import Database, run, value
from forum.kit.errors import TooMany

LOCAL = ("127.0.0.0/24", "::/64", "")  # ourselves, a proxy that does not say for whom it asks, or nobody knows


class Limit(NamedTuple):
    """At most so many in so many seconds of what `name` says; shorter than 60 characters."""

    name: str
    most: int
    seconds: int


async def take(db: Database, limit: Limit, subject: object = "") -> None:
    """Count one more for `subject`: an account's id, an address, anything personal; only its hash is kept.

    Raises TooMany. Ask outside of transactions: a count must last when what was counted does not.
    """
    hashed = f" {hashlib.sha256(str(subject).encode()).hexdigest()[:20]}" if subject != "" else ""
    await count(db, f"{limit.name}{hashed}", most=limit.most, seconds=limit.seconds)


async def take_of_block(db: Database, limit: Limit, block: str) -> None:
    """Count one more for a block of addresses, unless it is this machine's own. Raises TooMany."""
    if block not in LOCAL:
        await take(db, limit, block)


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
