"""Which engine answers: the one elsewhere while it does, else PostgreSQL. Both rank; neither says who may read what."""

from collections.abc import Sequence

from forum.kit.meili import Down, Rejected
from forum.kit.tools import Tools
from forum.search import meili_engine, postgres_engine
from forum.search.types import Key, Sought


async def ranked(tools: Tools, sought: Sequence[Sought]) -> tuple[list[list[Key]], bool]:
    """The keys of what fits each question, best first; and whether PostgreSQL stood in for an engine that is silent."""
    if tools.meili is None:
        return await postgres_engine.ranked(tools.db, sought), False
    try:
        return await meili_engine.ranked(tools.meili, sought), False
    except (Down, Rejected):
        return await postgres_engine.ranked(tools.db, sought), True
