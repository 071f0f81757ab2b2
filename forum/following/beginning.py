"""The first step of a new member: what they want to hear of, and nothing without their word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forum.categories.policy import READER
from forum.following import policy, targets
from forum.following.types import PICK
from forum.following.wishes import consent
from forum.kit.db import Database, rows, run
from forum.kit.errors import Invalid
from forum.kit.forms import Form
from forum.members.types import Actor
from forum.products.policy import SEEN
from forum.topics.queries import topics

TOPICS_OFFERED, PRODUCTS_OFFERED = 8, 50
CADENCES = {1: "Daily digest, on weekdays", 7: "Weekly digest"}
TICK = "Check at least one thing, or choose “Not now”."

# What the reader's district runs now.
RUN_HERE = f"""
    SELECT pr.id, pr.name
    FROM product_use u
    JOIN product pr ON pr.id = u.product_id
    {READER}
    WHERE u.district_id = r.district_id AND u.left_year IS NULL AND r.role <> 'vendor' AND {SEEN}
    ORDER BY lower(pr.name), pr.id
    LIMIT :most
"""


@dataclass(frozen=True)
class Offer:
    """What a newcomer may begin with: topics by what is written of most, and what their district runs."""

    topics: Sequence[str]
    products: Sequence[str]


@dataclass(frozen=True)
class Beginning:
    """What a newcomer chose. every_days: how often the digest of it comes, 1 or 7."""

    topics: tuple[str, ...] = ()
    runs: bool = False
    everything: bool = False
    every_days: int = 7

    @classmethod
    def from_form(cls, form: Form) -> "Beginning":
        """Raises Invalid."""
        every_days = int(form.one_of("every_days", [str(days) for days in CADENCES]))
        return cls(form.many("topic"), form.flag("runs"), form.flag("everything"), every_days)


async def offer(db: Database, actor: Actor) -> Offer:
    """What `actor` may begin with."""
    found = await rows(db, RUN_HERE, actor_id=actor.id, most=PRODUCTS_OFFERED)
    used = await topics(db, actor)
    return Offer([each.slug for each in used[:TOPICS_OFFERED]], [row["name"] for row in found])


async def begin(db: Database, actor: Actor, chosen: Beginning) -> None:
    """Follow it in a digest; what is followed already stays as it is. Raises Forbidden, Invalid."""
    policy.may_wish(actor).require()
    if chosen.every_days not in CADENCES or len(chosen.topics) > TOPICS_OFFERED:
        raise Invalid(topic=PICK)
    async with db.transaction():
        ids = await _ids(db, actor, chosen)
        if not any(ids.values()):
            raise Invalid(ticked=TICK)
        for kind, target_ids in ids.items():
            await run(
                db,
                """
                INSERT INTO follow (member_id, kind, target_id, level, every_days, reason)
                SELECT :actor_id, :kind, x.id, 'digest', :every_days, 'preset'
                FROM unnest(CAST(:ids AS bigint[])) x (id)
                ON CONFLICT DO NOTHING
                """,
                actor_id=actor.id,
                kind=kind,
                ids=list(target_ids),
                every_days=chosen.every_days,
            )
        await consent(db, actor)


async def _ids(db: Database, actor: Actor, chosen: Beginning) -> Mapping[str, Sequence[int]]:
    named = await rows(
        db,
        "SELECT o.id FROM topic o WHERE o.slug = ANY(CAST(:slugs AS text[])) ORDER BY o.id",
        slugs=list(chosen.topics),
    )
    seen = await targets.names(db, actor, "topic", [row["id"] for row in named])
    products = await rows(db, RUN_HERE, actor_id=actor.id, most=PRODUCTS_OFFERED) if chosen.runs else ()
    return {
        "topic": list(seen),
        "product": [row["id"] for row in products],
        "everything": [0] if chosen.everything else [],
    }
