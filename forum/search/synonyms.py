"""Words that mean the same: the groups that search reads, and how administrators tend them."""

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.kit import outbox
from forum.kit.db import Database, first, many, one, rows, run, value
from forum.kit.errors import Invalid, Stale
from forum.kit.recent import Recent
from forum.members.types import Actor
from forum.search import policy
from forum.search.asked_types import Synonyms, SynonymsDraft

KEPT_S = 10.0
MOST = 500  # groups: as many as a query is compared with while somebody types
HOLD = "SELECT pg_advisory_xact_lock(hashtext('search_synonym'))"
SYNONYMS_SQL = """
    SELECT y.id, y.terms AS line, y.version, m.name AS changer_name, y.changed_at
    FROM search_synonym y
    LEFT JOIN member m ON m.id = y.changed_by
"""

Groups = list[tuple[str, ...]]
# Every search asks for them, and they change once a month.
_kept: Recent[str, Groups] = Recent(KEPT_S)


async def synonym_groups(db: Database) -> Groups:
    """The terms of each group, in small letters; as they were at most KEPT_S seconds ago."""
    kept = _kept.get(db, "")
    return _kept.keep(db, "", await newest_groups(db)) if kept is None else kept


async def newest_groups(db: Database) -> Groups:
    """As `synonym_groups`, as they are now."""
    found = await rows(db, "SELECT y.terms FROM search_synonym y ORDER BY y.id LIMIT 500")
    return [tuple(row["terms"].split(", ")) for row in found]


async def all_synonyms(db: Database) -> list[Synonyms]:
    """Every group with who changed it last, by its first term."""
    return await many(db, Synonyms, f"{SYNONYMS_SQL} ORDER BY y.terms, y.id LIMIT 500")


async def synonyms(db: Database, synonym_id: int) -> Synonyms:
    """One group. Raises NotFound."""
    return await one(db, Synonyms, f"{SYNONYMS_SQL} WHERE y.id = :synonym_id", synonym_id=synonym_id)


async def add(db: Database, actor: Actor, draft: SynonymsDraft) -> int:
    """These terms mean the same from now on; the same group twice is once.

    Returns its id. Raises Forbidden, Invalid.
    """
    policy.may_tend_search(actor).require()
    draft.check()
    async with db.transaction():
        await run(db, HOLD)
        same: int | None = await value(db, "SELECT y.id FROM search_synonym y WHERE y.terms = :line", line=draft.line)
        if same is not None:
            return same
        await _refuse_doubles(db, draft, besides=0)
        synonym_id: int | None = await value(
            db,
            """
            INSERT INTO search_synonym (terms, changed_by)
            SELECT :line, :actor_id WHERE (SELECT count(*) FROM search_synonym y) < :most
            RETURNING id
            """,
            line=draft.line,
            actor_id=actor.id,
            most=MOST,
        )
        if synonym_id is None:
            raise Invalid(terms=f"There are {MOST} groups already. Remove one first.")
        await _say(db, actor, "synonyms.added", synonym_id, {"terms": len(draft.terms)})
    _kept.forget(db)
    return synonym_id


async def change(db: Database, actor: Actor, synonym_id: int, draft: SynonymsDraft, *, version: int) -> None:
    """Change the terms of a group. version: the one the draft was made from.

    Raises Forbidden, Invalid, NotFound; Stale when somebody was faster.
    """
    policy.may_tend_search(actor).require()
    draft.check()
    async with db.transaction():
        await run(db, HOLD)
        before = await synonyms(db, synonym_id)
        if before.line == draft.line:
            return
        if before.version != version:
            raise Stale
        await _refuse_doubles(db, draft, besides=synonym_id)
        await run(
            db,
            """
            UPDATE search_synonym
            SET terms = :line, version = version + 1, changed_by = :actor_id, changed_at = now()
            WHERE id = :synonym_id
            """,
            line=draft.line,
            actor_id=actor.id,
            synonym_id=synonym_id,
        )
        await _say(db, actor, "synonyms.changed", synonym_id, {"terms": len(draft.terms)})
    _kept.forget(db)


async def remove(db: Database, actor: Actor, synonym_id: int) -> None:
    """The terms of a group mean the same no more; twice is once. Raises Forbidden."""
    policy.may_tend_search(actor).require()
    async with db.transaction():
        await run(db, HOLD)
        if await run(db, "DELETE FROM search_synonym WHERE id = :synonym_id", synonym_id=synonym_id):
            await _say(db, actor, "synonyms.removed", synonym_id, {})
    _kept.forget(db)


async def _refuse_doubles(db: Database, draft: SynonymsDraft, *, besides: int) -> None:
    """Raises Invalid when a term stands in another group: two groups with one term would be one."""
    other = await first(
        db,
        Synonyms,
        f"""
        {SYNONYMS_SQL}
        WHERE y.id <> :besides AND string_to_array(y.terms, ', ') && CAST(:terms AS text[])
        ORDER BY y.id
        LIMIT 1
        """,
        besides=besides,
        terms=list(draft.terms),
    )
    if other is not None:
        double = next(term for term in draft.terms if term in other.line.split(", "))
        raise Invalid(terms=f"“{double}” stands in another group: {other.line}. Change that one instead.")


async def _say(db: Database, actor: Actor, act: str, synonym_id: int, after: dict[str, int]) -> None:
    await audit.record(db, actor.id, Act(act, "search_synonym", synonym_id, after=after))
    await outbox.emit(db, "synonyms.changed")
