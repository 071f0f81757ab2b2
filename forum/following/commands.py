"""Following and no longer following: the one only what is seen, the other whatever became of it; and undoing either.

A saved search goes together with how it is followed, and comes back with it.
"""

from forum.following import policy, targets
from forum.following.queries import MOST_FOLLOWED
from forum.following.types import Deed, Level, RemovedSearch, Target
from forum.kit.db import Database, rows, run, value
from forum.kit.errors import NOTHING_LEFT, Invalid
from forum.members.queries import hold
from forum.members.types import Actor
from forum.search import saving
from forum.search.watching import watch

OWN = "member_id = :actor_id AND kind = :kind AND target_id = :target_id"
HEARD = "level <> 'none'"  # threads that somebody left keep a row


async def follow(db: Database, actor: Actor, target: Target, level: str, every_days: int = 0) -> Deed:
    """Hear of what is new in it at that level: each, digest, web or muted. every_days: of a digest, 1 to 90.

    Raises Forbidden, NotFound where `actor` may not see it, Invalid.
    """
    policy.may_follow(actor, target.kind).require()
    wanted = Level(level, every_days)
    wanted.check(target.kind)
    async with db.transaction():
        before, reason = await _held(db, actor, target)
        await targets.named(db, actor, target)
        await _require_room(db, actor, target)
        await _keep(db, actor, target, wanted, "chosen")
    return Deed(target, before, reason, wanted)


async def unfollow(db: Database, actor: Actor, target: Target) -> Deed:
    """Hear of it no more; twice is once. A thread stays unfollowed, also when `actor` replies in it later."""
    async with db.transaction():
        before, reason = await _held(db, actor, target)
        if target.kind == "thread":
            sql = STAY_OUT if target.id in await targets.names(db, actor, "thread", [target.id]) else STOP
            await run(db, sql, actor_id=actor.id, kind=target.kind, target_id=target.id)
        else:
            await _drop(db, actor, target)
    return Deed(target, before, reason, Level("none"))


async def undo(db: Database, actor: Actor, deed: Deed) -> None:
    """It is followed again as it was before that deed of `actor`, also what they do not see any more; twice is once.

    Raises Forbidden, NotFound where it is gone for good, Invalid where it is not any more as the deed left it.
    """
    policy.may_wish(actor).require()
    async with db.transaction():
        now, _ = await _held(db, actor, deed.target)
        await targets.require_there(db, actor, deed.target)
        if now != deed.after:
            raise Invalid(undo=NOTHING_LEFT)
        if deed.reason:
            if deed.before.name != "none":
                await _require_room(db, actor, deed.target)
            await _keep(db, actor, deed.target, deed.before, deed.reason)
        else:
            await _drop(db, actor, deed.target)


async def remove_search(db: Database, actor: Actor, saved_id: int) -> RemovedSearch | None:
    """Keep a saved search no more, nor follow it; twice is once. None where `actor` keeps no such search."""
    target = Target("search", saved_id)
    async with db.transaction():
        level, reason = await _held(db, actor, target)
        saved = await saving.remove(db, actor, saved_id)
        if saved is None:
            return None
        await _drop(db, actor, target)
    return RemovedSearch(saved, level, reason)


async def bring_back_search(db: Database, actor: Actor, removed: RemovedSearch) -> None:
    """It is kept and followed as it was before `actor` removed it; twice is once.

    Raises Forbidden, also for one search too many, and Invalid where it is kept already.
    """
    target = Target("search", removed.saved.id)
    async with db.transaction():
        await saving.bring_back(db, actor, removed.saved)
        if removed.reason:
            await _require_room(db, actor, target)
            await _keep(db, actor, target, removed.level, removed.reason)


async def _held(db: Database, actor: Actor, target: Target) -> tuple[Level, str]:
    """How `actor` follows it and by what reason, "" for no row; nobody changes it until the transaction ends."""
    await hold(db, actor.id)
    sql = f"SELECT level, coalesce(every_days, 0) AS every_days, reason FROM follow WHERE {OWN}"
    found = await rows(db, sql, actor_id=actor.id, kind=target.kind, target_id=target.id)
    return (Level(found[0]["level"], found[0]["every_days"]), found[0]["reason"]) if found else (Level("none"), "")


async def _keep(db: Database, actor: Actor, target: Target, level: Level, reason: str) -> None:
    await run(
        db,
        """
        INSERT INTO follow (member_id, kind, target_id, level, every_days, reason)
        VALUES (:actor_id, :kind, :target_id, :level, :every_days, :reason)
        ON CONFLICT (member_id, kind, target_id) DO UPDATE
        SET level = excluded.level, every_days = excluded.every_days, reason = excluded.reason, changed_at = now()
        """,
        actor_id=actor.id,
        kind=target.kind,
        target_id=target.id,
        level=level.name,
        every_days=level.every_days or None,
        reason=reason,
    )
    if target.kind == "search":
        await watch_search(db, actor, target.id)


async def _drop(db: Database, actor: Actor, target: Target) -> None:
    await run(db, f"DELETE FROM follow WHERE {OWN}", actor_id=actor.id, kind=target.kind, target_id=target.id)
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
