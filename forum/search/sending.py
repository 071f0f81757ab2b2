"""Keeping the engine elsewhere as the documents are: what it has not been sent, a new index, one that was lost."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from weakref import WeakSet

import structlog

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
WAITS_SQL = "SELECT EXISTS (SELECT 1 FROM search_document d WHERE NOT d.is_sent)"
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
_built: WeakSet[Meili] = WeakSet()
log = structlog.get_logger()
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
async def turn(db: Database) -> AsyncIterator[bool]:
    """Whether this task may send; one at a time does, so that nothing older follows something newer."""
    async with held(db):
        is_ours: bool = await value(db, "SELECT pg_try_advisory_lock(hashtext('search sending'))")
        try:
            yield is_ours
        finally:
            if is_ours:
                await value(db, "SELECT pg_advisory_unlock(hashtext('search sending'))")


async def send_changes(db: Database, meili: Meili) -> None:
    """Send what has not been sent, a thousand documents at a time; where there is no index, all of it to a new one.

    Who is at it already looks again when it is done. Raises Down, Rejected or Failed; what was not sent is sent the
    next time.
    """
    while await value(db, WAITS_SQL) or await _is_needed(db, meili):
        async with turn(db) as is_ours:
            if not is_ours:
                return
            if await _is_needed(db, meili):
                await _build(db, meili, lambda count: None)
            while unsent := await rows(db, UNSENT_SQL, batch=BATCH):
                gone = await _put(db, meili, unsent, index=INDEX)
                await run(db, SENT_SQL, **_columns(unsent), versions=[row["version"] for row in unsent])
                await run(db, FORGET_SQL, **_columns(gone))


async def build_anew(db: Database, meili: Meili, *, report: Callable[[int], None] = lambda count: None) -> None:
    """A new index with every document, which then takes the old one's place.

    What is written meanwhile waits and is sent to the new one. Raises Down, Rejected or Failed.
    """
    while True:
        async with turn(db) as is_ours:
            if is_ours:
                await _build(db, meili, report)
                return
        await asyncio.sleep(PAUSE)


async def _is_needed(db: Database, meili: Meili) -> bool:
    """Whether an index must be built: there is none, documents were kept without it, or it is of another version.

    That it is unlike what we want still after this process has built it is the server's way: it is said once.
    """
    unlike = await meili_index.unlike(meili)
    if unlike is None or await value(db, "SELECT EXISTS (SELECT 1 FROM search_alone)"):
        return True
    return bool(unlike) and meili not in _built


async def _build(db: Database, meili: Meili, report: Callable[[int], None]) -> None:
    """What is sent to the new index is not marked: should it come to nothing, the old one is told of it as before."""
    await meili_index.prepare(meili, FRESH, await newest_groups(db))
    kind, ref_id, count = "", 0, 0
    while page := await rows(db, EVERY_SQL, kind=kind, ref_id=ref_id, batch=BATCH):
        await _put(db, meili, page, index=FRESH)
        kind, ref_id, count = page[-1]["kind"], page[-1]["ref_id"], count + len(page)
        report(count)
    await meili_index.swap(meili)
    await run(db, "DELETE FROM search_alone")
    _built.add(meili)
    if unlike := await meili_index.unlike(meili):
        log.error("search index has other settings than it was given", settings=unlike)


async def _put(db: Database, meili: Meili, chosen: Sequence[Row], *, index: str) -> list[Key]:
    """Put the documents of the chosen rows into the index as they are now; returns those that are gone from it."""
    documents: list[Document] = []
    for kind in dict.fromkeys(row["kind"] for row in chosen):
        documents += await KINDS[kind].documents(db, [row["ref_id"] for row in chosen if row["kind"] == kind])
    there = {document.key.name for document in documents}
    gone = [key for row in chosen if (key := Key(row["kind"], row["ref_id"])).name not in there]
    tasks = await meili_index.put(meili, documents, index=index)
    tasks += await meili_index.remove(meili, gone, index=index)
    await meili_index.finished(meili, tasks)
    return gone


def _columns(chosen: Sequence[Row] | Sequence[Key]) -> dict[str, list[str] | list[int]]:
    keys = [(row.kind, row.ref_id) if isinstance(row, Key) else (row["kind"], row["ref_id"]) for row in chosen]
    return {"kinds": [kind for kind, _ in keys], "ref_ids": [ref_id for _, ref_id in keys]}
