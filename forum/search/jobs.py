"""Jobs of the search room: documents follow what was written, and the engine elsewhere follows the documents."""

import structlog

from forum.kit.db import Database
from forum.kit.errors import Crossed, Unavailable
from forum.kit.log import outline
from forum.kit.meili import Down, Meili, Rejected
from forum.kit.tools import Tools
from forum.search import indexing, learning, sending
from forum.search.meili_index import Failed
from forum.search.rebuilding import recount

PASSING = (Crossed, Unavailable)  # no document is to blame for it
log = structlog.get_logger()


async def index_changes(tools: Tools) -> None:
    """Everything that was written since: a trigger of each table that is searched puts this job.

    Who is at it already looks again after each batch, so there is nothing to wait for. Also each minute: what was left
    over for whatever reason is made up for, and a lost index is built anew.
    """
    while await _index(tools):
        pass
    if tools.meili is not None:
        await _send(tools.db, tools.meili)


async def _index(tools: Tools) -> int | None:
    """One batch; where that fails, its oldest change alone, which is put aside when it is to blame. Raises PASSING."""
    is_sent = tools.meili is None
    try:
        return await indexing.index_changes(tools.db, is_sent=is_sent)
    except PASSING:
        raise
    except Exception:
        oldest = await indexing.oldest_change(tools.db)
        if oldest is None:
            return 0
        change_id, source, ref_id = oldest
        try:
            return await indexing.index_changes(tools.db, is_sent=is_sent, batch=1)
        except PASSING:
            raise
        except Exception as error:
            log.error("search document not made", source=source, ref_id=ref_id, error=outline(error))  # noqa: TRY400
            await indexing.put_aside(tools.db, change_id)
            return 1


async def tidy_words(tools: Tools) -> None:
    """Nightly: what ranking counts with is counted anew, and words of what nobody reads any more are forgotten."""
    await recount(tools.db)
    await learning.forget_words(tools.db)


async def _send(db: Database, meili: Meili) -> None:
    """What the engine does not take now it gets within the minute; PostgreSQL answers with it already."""
    try:
        await sending.send_changes(db, meili)
    except (Down, Rejected, Failed, TimeoutError) as error:
        log.warning("search engine not told", error=type(error).__name__)
