"""Jobs about words that mean the same."""

from forum.kit.tools import Tools
from forum.search import meili_index
from forum.search.synonyms import newest_groups


async def send_synonyms(tools: Tools) -> None:
    """Tell the engine, where there is one with an index; one that is built anew is told with its other settings."""
    if tools.meili is not None and await meili_index.is_there(tools.meili):
        await meili_index.set_synonyms(tools.meili, await newest_groups(tools.db))
