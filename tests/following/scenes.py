"""Follows for tests: name only what the test is about."""

from forum.following.hearing import heard
from forum.kit.db import run, value
from tests.factories import post_id

EVERYTHING = ("everything", 0)


async def follows(db, member, kind, target_id, level="each", *, every_days=None, reason="chosen") -> None:
    if level == "digest":
        every_days = every_days or 1
    await run(
        db,
        """
        INSERT INTO follow (member_id, kind, target_id, level, every_days, reason)
        VALUES (:member_id, :kind, :target_id, :level, :every_days, :reason)
        """,
        member_id=member.id,
        kind=kind,
        target_id=target_id,
        level=level,
        every_days=every_days,
        reason=reason,
    )


async def follows_topics(db, member, count) -> None:
    """As many topics, of the ids from 1 on, whether they are there or not."""
    await run(
        db,
        """
        INSERT INTO follow (member_id, kind, target_id, level)
        SELECT :member_id, 'topic', n, 'web' FROM generate_series(1, CAST(:count AS integer)) n
        """,
        member_id=member.id,
        count=count,
    )


async def wishes(db, member, **fields) -> None:
    await run(db, "INSERT INTO mail_wish (member_id) VALUES (:id) ON CONFLICT DO NOTHING", id=member.id)
    for name, wish in fields.items():
        await run(db, f"UPDATE mail_wish SET {name} = :wish WHERE member_id = :id", wish=wish, id=member.id)


async def id_of(db, table, slug) -> int:
    return await value(db, f"SELECT x.id FROM {table} x WHERE x.slug = :slug", slug=slug)


async def hears(db, member, post) -> tuple[str, int, str] | None:
    """How, how often and why the member hears of a post; None: not at all."""
    found = [each for each in await heard(db, [post]) if each.member_id == member.id]
    assert len(found) <= 1
    return (found[0].level, found[0].every_days, found[0].reason) if found else None


async def opening(db, thread) -> int:
    return await post_id(db, thread, 1)
