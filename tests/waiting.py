"""Two at the same moment, one of them stopped in the middle: whoever comes next is waited for until it waits."""

import asyncio

from forum.kit.db import value

PATIENCE_S = 30  # on a busy machine; what comes at all comes in milliseconds

WAITING = """
    SELECT count(*) FROM pg_stat_activity a WHERE a.datname = current_database() AND a.wait_event_type = 'Lock'
"""


async def waiting(db, count) -> None:
    """So many wait for others. Within a transaction: as a task of its own."""
    async with asyncio.timeout(PATIENCE_S):
        while await value(db, WAITING) < count:
            await asyncio.sleep(0.01)
