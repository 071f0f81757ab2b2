"""Every document anew, every word counted anew, a new index in the engine; search goes on with the old ones."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import islice

from forum.kit.db import Database, held, rows, run, run_long, value
from forum.kit.tools import Tools
from forum.search import indexing, learning, sending, vocabulary
from forum.search.indexing import COLUMNS, DOCUMENTS_SQL
from forum.search.kinds import KINDS, PAGE_SQL

BATCH = 1000
WORDS_AT_ONCE = 10_000
BEGIN_SQL = """
    DROP TABLE IF EXISTS search_document_fresh;
    CREATE TABLE search_document_fresh (LIKE search_document INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
"""
FILL_SQL = f"INSERT INTO search_document_fresh ({COLUMNS}) {DOCUMENTS_SQL}"
# Indexes are made at the end: that takes a tenth of what keeping them from row to row does.
INDEX_SQL = """
    SET LOCAL maintenance_work_mem = '256MB';
    ALTER TABLE search_document_fresh ADD CONSTRAINT search_document_fresh_pkey PRIMARY KEY (kind, ref_id);
    CREATE INDEX search_document_fresh_words ON search_document_fresh USING gin (words);
    CREATE INDEX search_document_fresh_unsent ON search_document_fresh (kind, ref_id) WHERE NOT is_sent;
    ANALYZE search_document_fresh
"""
SWAP_SQL = """
    DROP TABLE search_document;
    ALTER TABLE search_document_fresh RENAME TO search_document;
    ALTER INDEX search_document_fresh_pkey RENAME TO search_document_pkey;
    ALTER INDEX search_document_fresh_words RENAME TO search_document_words;
    ALTER INDEX search_document_fresh_unsent RENAME TO search_document_unsent
"""


async def reindex(tools: Tools, *, report: Callable[[str, int], None] = lambda step, count: None) -> int:
    """Make a document of every row there is. Returns how many there are.

    What is written meanwhile waits, and is found when it is done. report: called with what is done and how many so far.
    Raises Down, Rejected or Failed when the engine fails; PostgreSQL answers from the new documents then, and the
    engine gets a new index as soon as it answers.
    """
    db = tools.db
    async with _turn(db):
        words = await _fill(db, report)
        async with db.transaction():
            await run_long(db, INDEX_SQL)
        async with db.transaction():
            await run_long(db, SWAP_SQL)
            await run(db, indexing.ALONE_SQL)  # until the engine has them
            await _count_anew(db, words)
    vocabulary.forget_words(db)
    while await indexing.index_changes(db, is_sent=tools.meili is None):
        pass  # what was written meanwhile
    if tools.meili is not None:
        await sending.build_anew(db, tools.meili, report=lambda sent: report("sent", sent))
    there: int = await value(db, "SELECT count(*) FROM search_document")
    return there


async def recount(db: Database) -> None:
    """How many documents each month has, counted anew."""
    async with db.transaction():
        await run(db, indexing.WAIT)
        await learning.count_months_anew(db)


@asynccontextmanager
async def _turn(db: Database) -> AsyncIterator[None]:
    """Documents are left alone by everybody else: what is written waits as a change."""
    async with held(db):
        await run_long(db, "SELECT pg_advisory_lock(hashtext('search documents'))")
        try:
            yield
        finally:
            await value(db, "SELECT pg_advisory_unlock(hashtext('search documents'))")


async def _fill(db: Database, report: Callable[[str, int], None]) -> learning.Words:
    """Every document into the fresh table; returns in how many of them each word is."""
    words = learning.no_words()
    count = 0
    await run_long(db, BEGIN_SQL)
    for kind in KINDS:
        after = 0
        while ids := [row["id"] for row in await rows(db, PAGE_SQL[kind], after=after, batch=BATCH)]:
            found = await indexing.entries(db, kind, ids)
            await run(db, FILL_SQL, **indexing.columns(found, is_sent=True))
            await learning.count_words(db, found, words)
            after, count = ids[-1], count + len(ids)
            report("documents", count)
    return words


async def _count_anew(db: Database, words: learning.Words) -> None:
    await run(db, "DELETE FROM search_word")
    left = iter({word for counts in words.values() for word in counts})
    while some := list(islice(left, WORDS_AT_ONCE)):
        await learning.add_words(db, some, words)
    await learning.count_months_anew(db)
