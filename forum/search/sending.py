"""Keeping the engine elsewhere as the documents are: what it has not been sent, a new index, one that was lost."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from forum.kit.db import Database, Row, held, rows, run, value
from forum.kit.meili import Meili
from forum.search import meili_index
from forum.search.kinds import KINDS
from forum.search.meili_engine import INDEX
from forum.search.meili_index import FRESH
from forum.search.synonyms import newest_groups
from forum.search.types import Document, Key

BATCH = 1000
PAUSE = 0.05  # seconds between two looks whether it is one's turn
UNSENT_SQL = """
    SELECT d.kind, d.ref_id, d.version FROM search_document d
    WHERE NOT d.is_sent
    ORDER BY d.kind, d.ref_id
    LIMIT :batch
"""
EVERY_SQL = """
    SELECT d.kind, d.ref_id, d.version FROM search_document d
    WHERE (d.kind, d.ref_id) > (:kind, :ref_id) AND NOT d.is_gone
    ORDER BY d.kind, d.ref_id
    LIMIT :batch
"""
# What has changed since it was read keeps waiting.
SENT_SQL = """
    UPDATE search_document d SET is_sent = true
    FROM unnest(CAST(:kinds AS text[]), CAST(:ref_ids AS bigint[]), CAST(:versions AS bigint[]))
         x (kind, ref_id, version)
    WHERE d.kind = x.kind AND d.ref_id = x.ref_id AND d.version = x.version AND NOT d.is_gone
"""
FORGET_SQL = """
    DELETE FROM search_document d
    USING unnest(CAST(:kinds AS text[]), CAST(:ref_ids AS bigint[])) x (kind, ref_id)
    WHERE d.kind = x.kind AND d.ref_id = x.ref_id AND d.is_gone
"""


@asynccontextmanager
async def turn(db: Database) -> AsyncIterator[None]:
    """One task at a time may send, so that nothing older follows something newer. Who waits holds no connection."""
    is_ours = False
    while not is_ours:
        async with held(db):
            is_ours = await value(db, "SELECT pg_try_advisory_lock(hashtext('search sending'))")
            if is_ours:
                try:
                    yield
                finally:
                    await value(db, "SELECT pg_advisory_unlock(hashtext('search sending'))")
        if not is_ours:
            await asyncio.sleep(PAUSE)


async def send_changes(db: Database, meili: Meili) -> None:
    """Send what has not been sent, a thousand documents at a time; where there is no index, all of it to a new one.

    Raises Down, Rejected or Failed; what was not sent is sent the next time.
    """
    async with turn(db):
        if not await meili_index.is_there(meili):
            await _build(db, meili, lambda count: None)
        while unsent := await rows(db, UNSENT_SQL, batch=BATCH):
            await _send(db, meili, unsent, index=INDEX)


async def build_anew(db: Database, meili: Meili, *, report: Callable[[int], None] = lambda count: None) -> None:
    """A new index with every document, which then takes the old one's place.

    What is written meanwhile waits and is sent to the new one. Raises Down, Rejected or Failed.
    """
    async with turn(db):
        await _build(db, meili, report)


async def _build(db: Database, meili: Meili, report: Callable[[int], None]) -> None:
    await meili_index.prepare(meili, FRESH, await newest_groups(db))
    kind, ref_id, count = "", 0, 0
    while page := await rows(db, EVERY_SQL, kind=kind, ref_id=ref_id, batch=BATCH):
        await _send(db, meili, page, index=FRESH)
        kind, ref_id, count = page[-1]["kind"], page[-1]["ref_id"], count + len(page)
        report(count)
    await meili_index.swap(meili)


async def _send(db: Database, meili: Meili, chosen: Sequence[Row], *, index: str) -> None:
    """Put the documents of the chosen rows into the index as they are now, and take away those that are gone."""
    documents: list[Document] = []
    for kind in dict.fromkeys(row["kind"] for row in chosen):
        documents += await KINDS[kind].documents(db, [row["ref_id"] for row in chosen if row["kind"] == kind])
    there = {document.key.name for document in documents}
    gone = [key for row in chosen if (key := Key(row["kind"], row["ref_id"])).name not in there]
    tasks = await meili_index.put(meili, documents, index=index)
    tasks += await meili_index.remove(meili, gone, index=index)
    await meili_index.finished(meili, tasks)
    columns = {"kinds": [row["kind"] for row in chosen], "ref_ids": [row["ref_id"] for row in chosen]}
    await run(db, SENT_SQL, **columns, versions=[row["version"] for row in chosen])
    await run(db, FORGET_SQL, **columns)
