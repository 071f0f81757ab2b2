"""What the following room holds of one member: what they follow, and how they want to hear of it."""

from collections.abc import Mapping

from forum.following import targets
from forum.following.things import KINDS
from forum.kit.db import Database, rows, run
from forum.kit.holdings import Holding, Rows
from forum.members.types import Actor

# A search that both keep is one then, and theirs goes.
CARRIED = (
    """
    INSERT INTO follow (member_id, kind, target_id, level, every_days, reason, changed_at)
    SELECT :into_id, f.kind, coalesce(o.id, f.target_id), f.level, f.every_days, f.reason, f.changed_at
    FROM follow f
    LEFT JOIN saved_search s ON f.kind = 'search' AND s.id = f.target_id
    LEFT JOIN saved_search o ON o.member_id = :into_id AND lower(o.query) = lower(s.query)
    WHERE f.member_id = :from_id AND NOT (f.kind = 'person' AND f.target_id = :into_id)
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO follow (member_id, kind, target_id, level, every_days, reason, changed_at)
    SELECT f.member_id, f.kind, :into_id, f.level, f.every_days, f.reason, f.changed_at
    FROM follow f
    WHERE f.kind = 'person' AND f.target_id = :from_id AND f.member_id <> :into_id
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO follow_search (saved_id, member_id, sought, needs, after_on)
    SELECT o.id, :into_id, x.sought, x.needs, x.after_on
    FROM follow_search x
    JOIN saved_search s ON s.id = x.saved_id
    JOIN saved_search o ON o.member_id = :into_id AND lower(o.query) = lower(s.query)
    WHERE x.member_id = :from_id
    ON CONFLICT DO NOTHING
    """,
    "UPDATE follow_search SET member_id = :into_id WHERE member_id = :from_id",
    """
    INSERT INTO mail_wish (member_id, asking, replying, mentioned, days, hour, time_zone, blocks, keeps_quiet,
                           paused_until, stops_all, mails_read, consented_at, changed_at)
    SELECT :into_id, w.asking, w.replying, w.mentioned, w.days, w.hour, w.time_zone, w.blocks, w.keeps_quiet,
           w.paused_until, w.stops_all, w.mails_read, w.consented_at, w.changed_at
    FROM mail_wish w WHERE w.member_id = :from_id
    ON CONFLICT DO NOTHING
    """,
)
FORGOTTEN = (
    "DELETE FROM follow WHERE member_id = :member_id OR kind = 'person' AND target_id = :member_id",
    "DELETE FROM follow_search WHERE member_id = :member_id",
    "DELETE FROM mail_wish WHERE member_id = :member_id",
)


async def export(db: Database, actor: Actor) -> Mapping[str, Rows]:
    """What they follow, by the names they may still see, and their wishes."""
    found = await rows(
        db,
        """
        SELECT f.kind, f.target_id, f.level, f.every_days, f.reason, f.changed_at FROM follow f
        WHERE f.member_id = :actor_id
        ORDER BY f.kind, f.target_id
        """,
        actor_id=actor.id,
    )
    known = {
        kind: await targets.names(db, actor, kind, [row["target_id"] for row in found if row["kind"] == kind])
        for kind in KINDS
    }
    wished = await rows(
        db,
        """
        SELECT w.asking, w.replying, w.mentioned, w.days, w.hour, w.time_zone, w.blocks, w.keeps_quiet, w.paused_until,
               w.stops_all, w.mails_read, w.consented_at
        FROM mail_wish w WHERE w.member_id = :actor_id
        """,
        actor_id=actor.id,
    )
    named = [(row, known[row["kind"]].get(row["target_id"])) for row in found]
    return {"followed": [{"name": told[0], **row} for row, told in named if told], "wishes": wished}


async def hand_over(db: Database, from_id: int, into_id: int) -> None:
    """What both follow is followed as the one that stays chose; who followed the one person follows the other."""
    for statement in CARRIED:
        await run(db, statement, from_id=from_id, into_id=into_id)
    await forget(db, from_id, removes=False)


async def forget(db: Database, member_id: int, removes: bool) -> None:
    """Nobody else reads it: it goes, and nobody follows them any more."""
    for statement in FORGOTTEN:
        await run(db, statement, member_id=member_id)


HOLDING = Holding("following", export, hand_over, forget)
