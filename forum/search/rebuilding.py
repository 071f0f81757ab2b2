"""Every document anew, the vocabulary counted anew, a new index in the engine; search goes on meanwhile."""

from collections import Counter
from collections.abc import Callable
from itertools import islice

from forum.kit.db import Database, rows, run, value
from forum.kit.tools import Tools
from forum.search import indexing, sending, vocabulary
from forum.search.kinds import KINDS, PAGE_SQL, STRAYS_SQL

BATCH = 1000
WORDS_AT_ONCE = 10_000
COUNT_MONTHS_SQL = """
    INSERT INTO search_month (month, documents, length)
    SELECT to_char(d.written_at AT TIME ZONE 'UTC', 'YYYYMM'), count(*), sum(d.length)
    FROM search_document d
    WHERE NOT d.is_gone
    GROUP BY 1
"""


async def reindex(tools: Tools, *, report: Callable[[str, int], None] = lambda step, count: None) -> int:
    """Go through every row there is. Returns how many documents there are.

    report: called with what is done and how many so far. Raises Down, Rejected or Failed when the engine fails; the
    documents are done then, and PostgreSQL answers from them.
    """
    words: Counter[str] = Counter()
    count = 0
    for kind in KINDS:
        after = 0
        while ids := [row["id"] for row in await rows(tools.db, PAGE_SQL[kind], after=after, batch=BATCH)]:
            await _in_turn(tools, kind, ids, words)
            after, count = ids[-1], count + len(ids)
            report("documents", count)
        while strays := await rows(tools.db, STRAYS_SQL[kind], kind=kind, batch=BATCH):
            await _in_turn(tools, kind, [row["ref_id"] for row in strays], words)
    await _count_anew(tools.db, words)
    vocabulary.forget_words(tools.db)
    if tools.meili is not None:
        await sending.build_anew(tools.db, tools.meili, report=lambda sent: report("sent", sent))
    there: int = await value(tools.db, "SELECT count(*) FROM search_document d WHERE NOT d.is_gone")
    return there


async def recount(db: Database) -> None:
    """How many documents each month has, counted anew."""
    async with db.transaction():
        await run(db, indexing.WAIT)
        await run(db, "DELETE FROM search_month")
        await run(db, COUNT_MONTHS_SQL)


async def _in_turn(tools: Tools, kind: str, ids: list[int], words: Counter[str]) -> None:
    async with tools.db.transaction():
        await run(tools.db, indexing.WAIT)
        await indexing.bring_up_to_date(tools.db, kind, ids, is_sent=tools.meili is None, words=words)


async def _count_anew(db: Database, words: Counter[str]) -> None:
    """The vocabulary and the months in place of those before, in one moment."""
    async with db.transaction():
        await run(db, indexing.WAIT)
        await run(db, "DELETE FROM search_word")
        left = iter(words.items())
        while counts := dict(islice(left, WORDS_AT_ONCE)):
            await indexing.add_words(db, counts)
        await recount(db)
