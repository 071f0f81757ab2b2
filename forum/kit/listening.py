"""Hears what PostgreSQL is told by NOTIFY, on a connection of its own."""

import asyncio
from collections.abc import Callable

import asyncpg
import structlog

from forum.kit.db import Database
from forum.kit.log import outline
from forum.kit.safe_transactions import DOWN

log = structlog.get_logger()

SECONDS_TO_CONNECT = 5.0
SECONDS_BETWEEN = 1.0


async def listen(db: Database, channel: str, heard: Callable[[str], None]) -> None:
    """Call `heard` with the payload of each notification, until cancelled.

    With "" whenever the connection is new: before that some may have been missed.
    """
    while True:
        try:
            await _listen(str(db.url), channel, heard)
        except (*DOWN, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("listens again", channel=channel, error=outline(error))
        await asyncio.sleep(SECONDS_BETWEEN)


async def _listen(url: str, channel: str, heard: Callable[[str], None]) -> None:
    connection = await asyncpg.connect(url, timeout=SECONDS_TO_CONNECT)
    ended = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: ended.set())
        await connection.add_listener(channel, lambda _connection, _pid, _channel, payload: heard(payload))
        heard("")
        await ended.wait()
    finally:
        connection.terminate()
