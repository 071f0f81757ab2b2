"""Jobs of the search room: documents follow what was written, and the engine elsewhere follows the documents."""

import asyncio

import structlog

from forum.kit.meili import Down, Rejected
from forum.kit.tools import Tools
from forum.search import indexing, sending
from forum.search.meili_index import Failed
from forum.search.rebuilding import recount

PAUSE = 0.05  # seconds until somebody else, who is at it, is asked again
log = structlog.get_logger()


async def index_changes(tools: Tools) -> None:
    """Everything that was written since: a trigger of each table that is searched puts this job.

    Also each minute: what was left over for whatever reason is made up for, and a lost index is built anew.
    """
    while (count := await indexing.index_changes(tools.db, is_sent=tools.meili is None)) != 0:
        if count is None:
            await asyncio.sleep(PAUSE)
    if tools.meili is not None:
        await _send(tools)


async def count_months(tools: Tools) -> None:
    """Nightly: what ranking counts with, which drifts a little as documents come back."""
    await recount(tools.db)


async def _send(tools: Tools) -> None:
    """What the engine does not take now it gets within the minute; PostgreSQL answers with it already."""
    if tools.meili is None:
        return
    try:
        await sending.send_changes(tools.db, tools.meili)
    except (Down, Rejected, Failed, TimeoutError) as error:
        log.warning("search engine not told", error=type(error).__name__)
