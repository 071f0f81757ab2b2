"""The queue: what waits is taken, decided once, undone, or put away because it was solved elsewhere."""

from collections.abc import Mapping, Sequence

from forum.kit.db import Database, rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.policy import require_staff
from forum.members.types import Actor
from forum.moderation import flags, policy, queries
from forum.moderation.types import Decision, Item, Kind, Ruling

NO_REASON = "Choose a reason or write one: its author reads it."
Kinds = Mapping[str, Kind]


async def claim(db: Database, actor: Actor, item_id: int) -> None:
    """Take an item for fifteen minutes, or take it for as long again. Raises NotFound, Forbidden."""
    require_staff(actor)
    async with db.transaction():
        policy.may_decide(actor, await _held(db, actor, item_id)).require()
        await run(
            db,
            "UPDATE queue_item SET claimed_by = :actor_id, claimed_at = now() WHERE id = :item_id",
            actor_id=actor.id,
            item_id=item_id,
        )


async def unclaim(db: Database, actor: Actor, item_id: int) -> None:
    """Leave an item to others again. Raises NotFound."""
    require_staff(actor)
    await queries.item(db, actor, item_id)
    await run(
        db,
        """
        UPDATE queue_item SET claimed_by = NULL, claimed_at = NULL
        WHERE id = :item_id AND claimed_by = :actor_id AND decided_at IS NULL
        """,
        actor_id=actor.id,
        item_id=item_id,
    )


async def decide(db: Database, actor: Actor, kinds: Kinds, item_id: int, deed: str, ruling: Ruling) -> Decision:
    """Decide an item, once, whoever asks at the same moment.

    deed: "approve" or "reject". Raises NotFound, Forbidden when others were faster or have taken it, Invalid.
    """
    require_staff(actor)
    async with db.transaction():
        await _hold_first(db, kinds, item_id)
        item = await _held(db, actor, item_id)
        policy.may_decide(actor, item).require()
        chosen = kinds[item.kind].deeds.get(deed) if item.kind in kinds else None
        if chosen is None:
            raise Invalid(deed="Choose one of the buttons.")
        if chosen.needs_reason and not ruling.letter:
            raise Invalid(reason_id=NO_REASON)
        decision = await chosen.do(db, actor, item.subject_id, ruling)
        await run(
            db,
            """
            UPDATE queue_item
            SET decided_by = :actor_id, decided_at = now(), verdict = :verdict, entry_id = :entry_id, letter = :letter
            WHERE id = :item_id
            """,
            actor_id=actor.id,
            verdict=decision.verdict,
            entry_id=decision.entry_id,
            letter=decision.letter,
            item_id=item_id,
        )
    return decision


async def decide_all(
    db: Database, actor: Actor, kinds: Kinds, item_ids: Sequence[int], deed: str, ruling: Ruling
) -> tuple[int, int]:
    """Decide each by itself; what others decided or took meanwhile is left. Returns how many were decided, and left.

    Raises Invalid when the deed wants a reason.
    """
    require_staff(actor)
    done = 0
    for item_id in item_ids:
        try:
            await decide(db, actor, kinds, item_id, deed, ruling)
            done += 1
        except Invalid as problem:
            if "reason_id" in problem.fields:
                raise
        except (NotFound, Forbidden):
            continue
    return done, len(item_ids) - done


async def _hold_first(db: Database, kinds: Kinds, item_id: int) -> None:
    """Hold what goes before the item, so that nobody waits in a circle, as with a merge of accounts."""
    kind = kinds.get(await value(db, "SELECT i.kind FROM queue_item i WHERE i.id = :item_id", item_id=item_id))
    if kind and kind.hold:
        await kind.hold(db)


async def _held(db: Database, actor: Actor, item_id: int) -> Item:
    await run(db, "SELECT i.id FROM queue_item i WHERE i.id = :item_id FOR NO KEY UPDATE", item_id=item_id)
    return await queries.item(db, actor, item_id)


async def reopen(db: Database, entry_id: int) -> None:
    """The decision with that entry was undone: it waits again, and its letter is not mailed. For the room's undo."""
    for row in await rows(
        db,
        """
        SELECT i.id, i.kind, i.subject_id, i.decided_at FROM queue_item i
        WHERE i.entry_id = :entry_id AND i.decided_at IS NOT NULL
        ORDER BY i.id
        FOR NO KEY UPDATE
        """,
        entry_id=entry_id,
    ):
        await put_away(db, row["kind"], row["subject_id"])  # it came once more meanwhile: one is enough
        await run(
            db,
            """
            UPDATE queue_item
            SET decided_by = NULL, decided_at = NULL, verdict = '', letter = '', claimed_by = NULL, claimed_at = NULL
            WHERE id = :item_id
            """,
            item_id=row["id"],
        )
        if row["kind"] == "flag":
            await flags.wait_again(db, row["subject_id"], row["decided_at"])


async def tidy(db: Database, kinds: Sequence[Kind]) -> None:
    """Put away what was solved elsewhere, and follow what moved to another category."""
    for kind in kinds:
        open_items = await rows(
            db,
            """
            SELECT i.subject_id FROM queue_item i
            WHERE i.kind = :kind AND i.decided_at IS NULL
            ORDER BY i.id
            LIMIT 5000
            """,
            kind=kind.name,
        )
        ids = [row["subject_id"] for row in open_items]
        places = await kind.places(db, ids)
        await run(
            db,
            """
            UPDATE queue_item i
            SET category_id = CASE WHEN w.id IS NULL THEN i.category_id ELSE w.category_id END,
                decided_at = CASE WHEN w.id IS NULL THEN now() END,
                verdict = CASE WHEN w.id IS NULL THEN 'solved elsewhere' ELSE '' END
            FROM unnest(CAST(:ids AS bigint[])) s (id)
            LEFT JOIN unnest(CAST(:there AS bigint[]), CAST(:categories AS bigint[])) w (id, category_id) ON w.id = s.id
            WHERE i.kind = :kind AND i.subject_id = s.id AND i.decided_at IS NULL
                  AND (w.id IS NULL OR w.category_id IS DISTINCT FROM i.category_id)
            """,
            kind=kind.name,
            ids=ids,
            there=list(places),
            categories=list(places.values()),
        )


async def put(db: Database, kind: str, subject_id: int, *, category_id: int | None, author_id: int | None) -> None:
    """Something waits for moderators of a category, or with None for administrators; twice is once."""
    await run(
        db,
        """
        INSERT INTO queue_item (kind, subject_id, category_id, author_id)
        VALUES (:kind, :subject_id, :category_id, :author_id)
        ON CONFLICT (kind, subject_id) WHERE decided_at IS NULL DO NOTHING
        """,
        kind=kind,
        subject_id=subject_id,
        category_id=category_id,
        author_id=author_id,
    )


async def put_away(db: Database, kind: str, subject_id: int) -> None:
    """What waited was solved elsewhere."""
    await run(
        db,
        """
        UPDATE queue_item SET decided_at = now(), verdict = 'solved elsewhere'
        WHERE kind = :kind AND subject_id = :subject_id AND decided_at IS NULL
        """,
        kind=kind,
        subject_id=subject_id,
    )
