"""Followed searches, understood anew: what their words and names stand for changes with the forum."""

from contextlib import suppress

from forum.following.commands import watch_search
from forum.kit.db import Database, rows
from forum.kit.errors import NotFound
from forum.members import queries as members

BATCH = 200


async def renew(db: Database) -> None:
    """Every followed search of active members, by what they may know now."""
    after_id = 0
    while found := await rows(
        db,
        """
        SELECT f.target_id AS saved_id, f.member_id
        FROM follow f
        JOIN saved_search s ON s.id = f.target_id AND s.member_id = f.member_id
        JOIN member m ON m.id = f.member_id AND m.state = 'active'
        WHERE f.kind = 'search' AND f.target_id > :after_id
        ORDER BY f.target_id
        LIMIT :batch
        """,
        after_id=after_id,
        batch=BATCH,
    ):
        for each in found:
            with suppress(NotFound):  # who has left since
                actor = await members.actor(db, each["member_id"])
                async with db.transaction():
                    await watch_search(db, actor, each["saved_id"])
        after_id = found[-1]["saved_id"]
