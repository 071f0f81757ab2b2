"""Which engine answers: the one elsewhere while it does, else PostgreSQL. Both rank; neither says who may read what."""

from collections.abc import Sequence

from forum.kit.meili import Down, Rejected
from forum.kit.tools import Tools
from forum.search import meili_engine, postgres_engine
from forum.search.types import Key, Sought


async def ranked(tools: Tools, sought: Sequence[Sought], *, is_silent: bool = False) -> tuple[list[list[Key]], bool]:
    """The keys of what fits each question, best first: fewer than its `most` are all there are.

    Also whether PostgreSQL stood in for an engine that is silent. is_silent: it was so just now, for the same page.
    """
    if tools.meili is None or is_silent:
        return await postgres_engine.ranked(tools.db, sought), is_silent
    try:
        return await meili_engine.ranked(tools.meili, sought), False
    except (Down, Rejected):
        return await postgres_engine.ranked(tools.db, sought), True
