"""Less mail of all that a member follows, at once: for links in mails, where nobody picks things one by one."""

from forum.following import policy
from forum.following.cadence import OWN_CADENCE
from forum.following.wishes import wishes
from forum.kit.db import Database, run, value
from forum.members.types import Actor

# What comes more often than once a week, or, with_each, message by message.
MORE = "member_id = :actor_id AND (level = 'digest' AND every_days < 7 OR :with_each AND level = 'each')"
# Threads followed only since a mention.
SINCE_A_MENTION = "f.kind = 'thread' AND f.reason = 'mentioned' AND f.level = ANY(CAST(:levels AS text[]))"


async def hears_more(db: Database, actor: Actor, *, with_each: bool = True) -> bool:
    """Whether `weekly_instead` would change anything."""
    wished = await wishes(db, actor.id or 0)
    if with_each and "each" in (wished.asking, wished.replying, wished.mentioned):
        return True
    more = f"SELECT EXISTS (SELECT 1 FROM follow WHERE {MORE})"
    found: bool = await value(db, more, actor_id=actor.id, with_each=with_each)
    return found


async def hears_digests(db: Database, actor: Actor, *, with_threads: bool = True) -> bool:
    """Whether any digest comes, as far as `actor` chose. with_threads: also of threads that they will yet join in."""
    wished = await wishes(db, actor.id or 0)
    if wished.mentioned == "digest" or (with_threads and "digest" in (wished.asking, wished.replying)):
        return True
    sql = "SELECT EXISTS (SELECT 1 FROM follow WHERE member_id = :actor_id AND level = 'digest')"
    found: bool = await value(db, sql, actor_id=actor.id)
    return found


async def hears_mentions(db: Database, actor: Actor, *levels: str) -> bool:
    """Whether mentions, or threads followed only since one of them, are heard at one of these levels."""
    wished = await wishes(db, actor.id or 0)
    sql = f"SELECT EXISTS (SELECT 1 FROM follow f WHERE f.member_id = :actor_id AND {SINCE_A_MENTION})"
    return wished.mentioned in levels or bool(await value(db, sql, actor_id=actor.id, levels=list(levels)))


async def weekly_instead(db: Database, actor: Actor, *, with_each: bool = True) -> None:
    """Digests come once a week, and, `with_each`, so does what came message by message. Raises Forbidden."""
    policy.may_wish(actor).require()
    async with db.transaction():
        await run(
            db,
            f"UPDATE follow SET level = 'digest', every_days = 7, changed_at = now() WHERE {MORE}",
            actor_id=actor.id,
            with_each=with_each,
        )
        if with_each:
            await run(db, WISH_SQL, actor_id=actor.id)


# Whoever says nothing about threads they join in hears each message: that becomes a digest too.
WISH_SQL = """
    INSERT INTO mail_wish (member_id, asking, replying, mentioned) VALUES (:actor_id, 'digest', 'digest', 'digest')
    ON CONFLICT (member_id) DO UPDATE
    SET asking = CASE mail_wish.asking WHEN 'each' THEN 'digest' ELSE mail_wish.asking END,
        replying = CASE mail_wish.replying WHEN 'each' THEN 'digest' ELSE mail_wish.replying END,
        mentioned = CASE mail_wish.mentioned WHEN 'each' THEN 'digest' ELSE mail_wish.mentioned END,
        changed_at = now()
"""


async def no_digests(db: Database, actor: Actor) -> None:
    """What comes in digests now is found on the web only, until `actor` follows by digest again. Raises Forbidden."""
    policy.may_wish(actor).require()
    async with db.transaction():
        await run(
            db,
            """
            UPDATE follow SET level = 'web', every_days = NULL, changed_at = now()
            WHERE member_id = :actor_id AND level = 'digest'
            """,
            actor_id=actor.id,
        )
        await run(db, WEB_SQL, actor_id=actor.id)


WEB_SQL = """
    UPDATE mail_wish
    SET asking = CASE asking WHEN 'digest' THEN 'web' ELSE asking END,
        replying = CASE replying WHEN 'digest' THEN 'web' ELSE replying END,
        mentioned = CASE mentioned WHEN 'digest' THEN 'web' ELSE mentioned END,
        changed_at = now()
    WHERE member_id = :actor_id AND 'digest' IN (asking, replying, mentioned)
"""


async def mentions_at(db: Database, actor: Actor, level: str) -> None:
    """Mentions that are mailed are heard at that level, "digest" or "web", and so are threads followed only since one
    of them. Raises Forbidden.
    """
    policy.may_wish(actor).require()
    async with db.transaction():
        await run(
            db,
            """
            INSERT INTO mail_wish (member_id, mentioned) VALUES (:actor_id, :level)
            ON CONFLICT (member_id) DO UPDATE SET mentioned = excluded.mentioned, changed_at = now()
            WHERE mail_wish.mentioned IN ('each', 'digest')
            """,
            actor_id=actor.id,
            level=level,
        )
        await run(
            db,
            f"""
            UPDATE follow f
            SET level = :level, every_days = CASE :level WHEN 'digest' THEN {OWN_CADENCE} END, changed_at = now()
            FROM member r
            WHERE r.id = :actor_id AND f.member_id = r.id AND {SINCE_A_MENTION}
            """,
            actor_id=actor.id,
            level=level,
            levels=["each", "digest"],
        )
