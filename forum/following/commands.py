"""Following and no longer following: the one only what is seen, the other whatever became of it."""

from forum.following import policy, targets
from forum.following.queries import MOST_FOLLOWED
from forum.following.types import Level, Target
from forum.kit.db import Database, run, value
from forum.kit.errors import Invalid
from forum.members.types import Actor
from forum.search.watching import watch

OWN = "member_id = :actor_id AND kind = :kind AND target_id = :target_id"
HEARD = "level <> 'none'"  # threads that somebody left keep a row


async def follow(db: Database, actor: Actor, target: Target, level: str, every_days: int = 0) -> None:
    """Hear of what is new in it at that level: each, digest, web or muted. every_days: of a digest, 1 to 90.

    Raises Forbidden, NotFound where `actor` may not see it, Invalid.
    """
    policy.may_follow(actor, target.kind).require()
    Level(level, every_days).check(target.kind)
    async with db.transaction():
        await run(db, "SELECT m.id FROM member m WHERE m.id = :actor_id FOR NO KEY UPDATE", actor_id=actor.id)
        await targets.named(db, actor, target)
        await _require_room(db, actor, target)
        await run(
            db,
            """
            INSERT INTO follow (member_id, kind, target_id, level, every_days)
            VALUES (:actor_id, :kind, :target_id, :level, :every_days)
            ON CONFLICT (member_id, kind, target_id) DO UPDATE
            SET level = excluded.level, every_days = excluded.every_days, changed_at = now()
            """,
            actor_id=actor.id,
            kind=target.kind,
            target_id=target.id,
            level=level,
            every_days=every_days or None,
        )
        if target.kind == "search":
            await watch_search(db, actor, target.id)


async def unfollow(db: Database, actor: Actor, target: Target) -> None:
    """Hear of it no more; twice is once. A thread stays unfollowed, also when `actor` replies in it later."""
    async with db.transaction():
        sql = f"DELETE FROM follow WHERE {OWN}"
        if target.kind == "thread":
            sql = STAY_OUT if target.id in await targets.names(db, actor, "thread", [target.id]) else STOP
        await run(db, sql, actor_id=actor.id, kind=target.kind, target_id=target.id)
        if target.kind == "search":
            await run(
                db,
                "DELETE FROM follow_search WHERE saved_id = :target_id AND member_id = :actor_id",
                target_id=target.id,
                actor_id=actor.id,
            )


STOP = f"UPDATE follow SET level = 'none', every_days = NULL, changed_at = now() WHERE {OWN}"
# Also where it was not followed: whoever says so before they reply is heard.
STAY_OUT = """
    INSERT INTO follow (member_id, kind, target_id, level)
    SELECT r.id, :kind, :target_id, 'none' FROM member r WHERE r.id = :actor_id
    ON CONFLICT (member_id, kind, target_id) DO UPDATE SET level = 'none', every_days = NULL, changed_at = now()
"""


async def watch_search(db: Database, actor: Actor, saved_id: int) -> None:
    """Keep what documents must answer to be found by a saved search of `actor`, as its words are understood now."""
    text = await value(
        db,
        "SELECT s.query FROM saved_search s WHERE s.id = :saved_id AND s.member_id = :actor_id FOR KEY SHARE",
        saved_id=saved_id,
        actor_id=actor.id,
    )
    found = await watch(db, actor, text) if text is not None else None
    if found is None:
        await run(db, "DELETE FROM follow_search WHERE saved_id = :saved_id", saved_id=saved_id)
        return
    await run(
        db,
        """
        INSERT INTO follow_search (saved_id, member_id, sought, needs, after_on)
        VALUES (:saved_id, :actor_id, CAST(CAST(:sought AS text) AS tsquery), :needs, :after)
        ON CONFLICT (saved_id) DO UPDATE
        SET member_id = excluded.member_id, sought = excluded.sought, needs = excluded.needs,
            after_on = excluded.after_on, made_at = now()
        """,
        saved_id=saved_id,
        actor_id=actor.id,
        sought=found.sought,
        needs=list(found.needs),
        after=found.after,
    )


async def _require_room(db: Database, actor: Actor, target: Target) -> None:
    """Raises Invalid for one thing too many."""
    others = f"SELECT count(*) FROM follow WHERE member_id = :actor_id AND reason IN ('chosen', 'preset') AND {HEARD}"
    is_there = f"SELECT EXISTS (SELECT 1 FROM follow WHERE {OWN} AND {HEARD})"
    if await value(db, others, actor_id=actor.id) < MOST_FOLLOWED:
        return
    if not await value(db, is_there, actor_id=actor.id, kind=target.kind, target_id=target.id):
        raise Invalid(level=f"You follow {MOST_FOLLOWED:,} things already. Stop following one first.")
