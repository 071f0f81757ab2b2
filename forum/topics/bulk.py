"""Topics of many threads at once. Who may do so is asked elsewhere."""

from collections.abc import Iterable

from forum.kit.db import Database, copy


async def insert_thread_topics(db: Database, pairs: Iterable[tuple[int, int]]) -> None:
    """Give new threads their topics: pairs of a thread's id and a topic's."""
    await copy(db, "thread_topic", ("thread_id", "topic_id"), pairs)
