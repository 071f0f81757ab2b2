"""Say in the same transaction that something happened. wiring.REACTIONS says what follows."""

from forum.kit import queue
from forum.kit.db import Database

EVENT = "event"


async def emit(db: Database, event: str, **payload: int | str) -> None:
    """Record `event`; lost with the transaction if it rolls back. Payloads carry ids, not rows."""
    await queue.put(db, EVENT, {"event": event, "payload": payload})
