"""What one click in a mail changed of how its member hears of things, and taking back just that."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from forum.following import policy
from forum.following.choices import DEFAULTS, EVENTS
from forum.following.types import Level
from forum.following.wishes import wishes
from forum.kit.db import Database, rows, run, value
from forum.kit.errors import NOTHING_LEFT, Invalid
from forum.members.queries import hold
from forum.members.types import Actor

# The wishes that a click changes, with their types.
WISHED = {"asking": "text", "replying": "text", "mentioned": "text", "paused_until": "date", "stops_all": "boolean"}


class How(NamedTuple):
    """How something is followed; all empty where it has no row."""

    level: str = ""
    every_days: int = 0
    reason: str = ""


class Change(NamedTuple):
    """Of one thing. before: its reason is "" where that stayed what it was."""

    kind: str
    target_id: int
    before: How
    after: How


@dataclass(frozen=True)
class Softened:
    """What a click changed. moment: when, in microseconds since 1970, as the rows that it changed say.

    wished: by name, a wish before and after it, as text.
    """

    member_id: int
    moment: int
    follows: Sequence[Change]
    wished: Mapping[str, Sequence[str | None]]

    def __len__(self) -> int:
        """How many things and wishes: nothing for a click that changed nothing."""
        return len(self.follows) + len(self.wished)

    def told(self) -> list[str]:
        """It in lines, with the words of the settings."""
        levels = [Level(each.after.level, each.after.every_days).words for each in self.follows]
        counted = {words: levels.count(words) for words in dict.fromkeys(levels)}
        things = [f"{_things(count)} you follow: {words}" for words, count in counted.items()]
        wished = {name: self.wished[name][1] or "" for name in EVENTS if name in self.wished}
        return things + [f"{EVENTS[name]}: {DEFAULTS[level]}" for name, level in wished.items()]

    def packed(self) -> str:
        """All of it as text."""
        return json.dumps([self.member_id, self.moment, self.follows, self.wished], separators=(",", ":"))

    @classmethod
    def unpacked(cls, text: str) -> "Softened":
        """What `packed` made the text of."""
        member_id, moment, follows, wished = json.loads(text)
        changes = [Change(kind, target_id, How(*was), How(*now)) for kind, target_id, was, now in follows]
        return cls(member_id, moment, changes, wished)


def _things(count: int) -> str:
    return "One thing" if count == 1 else f"{count:,} things"


async def softened(db: Database, actor: Actor, deed: Callable[[], Awaitable[None]]) -> Softened:
    """Do it, and say what it changed."""
    async with db.transaction():
        await hold(db, actor.id)
        before, wished_before = await _follows(db, actor), await _wished(db, actor)
        await deed()
        after, wished = await _follows(db, actor), await _wished(db, actor)
        moment = await value(db, "SELECT CAST(extract(epoch FROM now()) * 1000000 AS bigint)")
    changed = {name: [wished_before[name], wished[name]] for name in WISHED if wished_before[name] != wished[name]}
    return Softened(actor.id or 0, moment, _changes(before, after), changed)


def _changes(before: Mapping[tuple[str, int], How], after: Mapping[tuple[str, int], How]) -> list[Change]:
    changes = []
    for (kind, target_id), now in after.items():
        was = before.get((kind, target_id), How())
        if was[:2] != now[:2]:
            kept = was._replace(reason="") if was.reason == now.reason else was
            changes.append(Change(kind, target_id, kept, now))
    return changes


async def _follows(db: Database, actor: Actor) -> dict[tuple[str, int], How]:
    found = await rows(
        db,
        """
        SELECT f.kind, f.target_id, f.level, coalesce(f.every_days, 0) AS every_days, f.reason
        FROM follow f
        WHERE f.member_id = :actor_id
        ORDER BY f.kind, f.target_id
        """,
        actor_id=actor.id,
    )
    return {(row["kind"], row["target_id"]): How(row["level"], row["every_days"], row["reason"]) for row in found}


async def _wished(db: Database, actor: Actor) -> dict[str, str | None]:
    now = await wishes(db, actor.id or 0)
    return {name: None if (wish := getattr(now, name)) is None else f"{wish}" for name in WISHED}


async def take_back(db: Database, actor: Actor, deed: Softened) -> bool:
    """All is as before that click of `actor`, but for what was changed since. Returns whether there is none of that.

    Raises Forbidden, Invalid where nothing is left of it.
    """
    policy.may_wish(actor).require()
    async with db.transaction():
        await hold(db, actor.id)
        count = await _follow_again(db, actor, deed)
        for name, (before, after) in deed.wished.items():
            count += await run(db, WISHED_AGAIN[name], actor_id=actor.id, before=before, after=after)
        if not count:
            raise Invalid(undo=NOTHING_LEFT)
    return count == len(deed)


async def _follow_again(db: Database, actor: Actor, deed: Softened) -> int:
    values = {
        "actor_id": actor.id,
        "moment": deed.moment,
        "kinds": [each.kind for each in deed.follows],
        "target_ids": [each.target_id for each in deed.follows],
    }
    count = await run(
        db,
        AGAIN,
        **values,
        levels=[each.before.level for each in deed.follows],
        days=[each.before.every_days for each in deed.follows],
        reasons=[each.before.reason for each in deed.follows],
    )
    is_new = [not each.before.level for each in deed.follows]
    return count + (await run(db, NOT_AGAIN, **values, is_new=is_new) if any(is_new) else 0)


# Rows that are just as the click left them; somebody may have replied in a thread since, which gives it another reason.
LEFT = """
    f.member_id = :actor_id AND f.kind = b.kind AND f.target_id = b.target_id
    AND f.changed_at = timestamptz 'epoch' + CAST(:moment AS bigint) * interval '1 microsecond'
"""
AGAIN = f"""
    UPDATE follow f
    SET level = b.level, every_days = nullif(b.every_days, 0), reason = coalesce(nullif(b.reason, ''), f.reason),
        changed_at = now()
    FROM unnest(CAST(:kinds AS text[]), CAST(:target_ids AS bigint[]), CAST(:levels AS text[]),
                CAST(:days AS smallint[]), CAST(:reasons AS text[])) b (kind, target_id, level, every_days, reason)
    WHERE {LEFT} AND b.level <> ''
"""
NOT_AGAIN = f"""
    DELETE FROM follow f
    USING unnest(CAST(:kinds AS text[]), CAST(:target_ids AS bigint[]), CAST(:is_new AS boolean[]))
          b (kind, target_id, is_new)
    WHERE {LEFT} AND b.is_new
"""
WISHED_AGAIN = {
    NAME: f"""
    UPDATE mail_wish SET {NAME} = CAST(CAST(:before AS text) AS {TYPE}), changed_at = now()
    WHERE member_id = :actor_id AND {NAME} IS NOT DISTINCT FROM CAST(CAST(:after AS text) AS {TYPE})
    """
    for NAME, TYPE in WISHED.items()
}
