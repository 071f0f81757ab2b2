"""Mails for tests: rows of the queue, as whatever queues them makes them."""

from itertools import count

from forum.kit.db import rows, run, value

_n = count(1)


async def a_mail(db, member, *, kind="digest", post_id=None, since=None, until=None, next_at=None) -> int:
    """A waiting mail to a member; returns its id."""
    return await value(
        db,
        """
        INSERT INTO mail (member_id, kind, dedupe_key, post_id, since, until, next_at, message_id)
        VALUES (:member_id, :kind, :key, :post_id, :since, :until, coalesce(:next_at, now()), :message_id)
        RETURNING id
        """,
        member_id=member.id,
        kind=kind,
        key=f"{kind}:{next(_n)}",
        post_id=post_id,
        since=since,
        until=until,
        next_at=next_at,
        message_id=f"post.{post_id}@forum.example" if post_id else "",
    )


async def states(db) -> list[str]:
    """The state of each mail, in the order they were queued."""
    return [row["state"] for row in await rows(db, "SELECT m.state FROM mail m ORDER BY m.id")]


async def make_due(db) -> None:
    """As if the time had come for whatever waits, and gone for whatever is held."""
    await run(db, "UPDATE mail SET next_at = now() - interval '1 second' WHERE state = 'waiting'")
    await run(db, "UPDATE mail SET lease_until = now() - interval '1 second' WHERE state = 'sending'")
