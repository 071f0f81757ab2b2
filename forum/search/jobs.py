"""Jobs of the search room: documents follow what was written."""

from forum.kit.tools import Tools
from forum.search import indexing


async def index_changes(tools: Tools) -> None:
    """Everything that was written since: a trigger of each table that is searched puts this job."""
    while await indexing.index_changes(tools.db, is_sent=True):
        pass
