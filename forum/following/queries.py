"""Reads of the following room: what somebody follows, and how."""

from collections.abc import Sequence
from dataclasses import replace

from forum.following import targets
from forum.following.things import KINDS
from forum.following.types import Followed, Level, Target
from forum.kit.db import Database, many, rows
from forum.members.types import Actor

THREADS_A_PAGE = 50
MOST_FOLLOWED = 1000  # chosen by one member; threads they write in come by themselves
WIDE_A_PAGE = 100
WIDEST_FIRST = tuple(reversed(KINDS))

FOLLOWED = """
    SELECT f.kind, f.target_id, f.level, coalesce(f.every_days, 0) AS every_days, f.reason, f.changed_at
    FROM follow f
    WHERE f.member_id = :actor_id AND f.level <> 'none'
"""


async def level_of(db: Database, actor: Actor, target: Target) -> Level:
    """How `actor` follows it; "none" for not at all."""
    found = await rows(
        db,
        f"{FOLLOWED} AND f.kind = :kind AND f.target_id = :target_id",
        actor_id=actor.id,
        kind=target.kind,
        target_id=target.id,
    )
    return Level(found[0]["level"], found[0]["every_days"]) if found else Level("none")


async def followed(db: Database, actor: Actor, *, after: Target | None = None) -> list[Followed]:
    """What `actor` follows but threads, the widest kind first, then the newest: a page after that, and one more."""
    found = await many(
        db,
        Followed,
        f"""
        SELECT n.kind, n.target_id, n.level, n.every_days, n.reason, n.changed_at, '' AS name, '' AS path
        FROM ({FOLLOWED} AND f.kind <> 'thread') n
        WHERE CAST(:after_place AS integer) = 0
           OR (array_position(CAST(:kinds AS text[]), n.kind), -n.target_id) > (:after_place, :after_key)
        ORDER BY array_position(CAST(:kinds AS text[]), n.kind), n.target_id DESC
        LIMIT :most
        """,
        actor_id=actor.id,
        kinds=list(WIDEST_FIRST),
        after_place=WIDEST_FIRST.index(after.kind) + 1 if after else 0,
        after_key=-after.id if after else 0,
        most=WIDE_A_PAGE + 1,
    )
    return await _named(db, actor, found)


async def followed_threads(db: Database, actor: Actor, *, before_id: int = 0) -> list[Followed]:
    """Threads that `actor` follows or muted, with ids under `before_id`, the newest first: a page and one more."""
    found = await many(
        db,
        Followed,
        f"""
        SELECT n.kind, n.target_id, n.level, n.every_days, n.reason, n.changed_at, '' AS name, '' AS path
        FROM ({FOLLOWED} AND f.kind = 'thread') n
        WHERE CAST(:before_id AS bigint) = 0 OR n.target_id < :before_id
        ORDER BY n.target_id DESC
        LIMIT :most
        """,
        actor_id=actor.id,
        before_id=before_id,
        most=THREADS_A_PAGE + 1,
    )
    return await _named(db, actor, found)


async def _named(db: Database, actor: Actor, found: Sequence[Followed]) -> list[Followed]:
    """With names, where `actor` may still see what they follow: one question for each kind there is."""
    known = {
        (kind, target_id): told
        for kind in dict.fromkeys(each.kind for each in found)
        for target_id, told in (
            await targets.names(db, actor, kind, [each.target_id for each in found if each.kind == kind])
        ).items()
    }
    return [_with_name(each, known.get((each.kind, each.target_id))) for each in found]


def _with_name(each: Followed, told: tuple[str, str] | None) -> Followed:
    return replace(each, name=told[0], path=told[1]) if told else each
