"""Which engine answers: the one elsewhere while it does, else PostgreSQL. Both rank; neither says who may read what."""

from collections.abc import Sequence

from forum.kit.db import Database, rows
from forum.kit.meili import Down, Rejected
from forum.kit.tools import Tools
from forum.search import meili_engine, postgres_engine
from forum.search.types import Key, Sought

UNSENT_SQL = """
    SELECT d.ref_id FROM search_document d
    WHERE d.kind = 'person' AND d.ref_id = ANY(CAST(:ids AS bigint[])) AND NOT d.is_sent
    ORDER BY d.ref_id
"""


async def ranked(tools: Tools, sought: Sequence[Sought], *, is_silent: bool = False) -> tuple[list[list[Key]], bool]:
    """The keys of what fits each question, best first: fewer than its `most` are all there are.

    Also whether PostgreSQL stood in for an engine that is silent. is_silent: it was so just now, for the same page.
    """
    if tools.meili is None or is_silent:
        return await postgres_engine.ranked(tools.db, sought), is_silent
    try:
        keys = await meili_engine.ranked(tools.meili, sought)
    except (Down, Rejected):
        return await postgres_engine.ranked(tools.db, sought), True
    return await _without_unsent_people(tools.db, keys), False


async def _without_unsent_people(db: Database, lists: list[list[Key]]) -> list[list[Key]]:
    """The keys but those of members whom the engine knows as they were: see people.shown_people."""
    ids = sorted({key.ref_id for keys in lists for key in keys if key.kind == "person"})
    if not ids:
        return lists
    found = await rows(db, UNSENT_SQL, ids=ids)
    unsent = {row["ref_id"] for row in found}
    return [[key for key in keys if key.kind != "person" or key.ref_id not in unsent] for keys in lists]
