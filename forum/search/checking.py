"""Whether documents are as the rows are, and the engine as the documents, both ways: for `forum doctor`."""

from dataclasses import dataclass, replace

from forum.kit.db import Database, rows, value
from forum.kit.meili import Down, Meili, Rejected
from forum.search import meili_index
from forum.search.kinds import KINDS, PAGE_SQL, STRAYS_SQL
from forum.search.meili_documents import key_named, version_named

BATCH, MOST_STRAYS = 1000, 100_000
MISSING_SQL = """
    SELECT count(*) FROM unnest(CAST(:ref_ids AS bigint[]), CAST(:versions AS bigint[])) x (ref_id, version)
    WHERE NOT EXISTS (
        SELECT 1 FROM search_document d
        WHERE d.kind = :kind AND d.ref_id = x.ref_id AND d.version = x.version AND NOT d.is_gone
    )
"""
HIDDEN_SQL = """
    SELECT count(*) FROM search_document d
    WHERE d.kind = :kind AND d.ref_id = ANY(CAST(:ids AS bigint[])) AND NOT d.is_gone
      AND d.ref_id <> ALL(CAST(:there AS bigint[]))
"""
SENT_SQL = "SELECT count(*) FROM search_document d WHERE NOT d.is_gone AND d.is_sent"
UNSENT_SQL = "SELECT count(*) FROM search_document d WHERE NOT d.is_sent"
# Of the names that an engine has: those it should have, and those that it will be told of.
KNOWN_SQL = """
    SELECT count(*) FILTER (WHERE d.is_sent AND NOT d.is_gone AND d.version = x.version) AS same,
           count(*) FILTER (WHERE d.is_sent AND NOT d.is_gone OR NOT d.is_sent) AS known
    FROM unnest(CAST(:kinds AS text[]), CAST(:ref_ids AS bigint[]), CAST(:versions AS bigint[]))
         x (kind, ref_id, version)
    JOIN search_document d ON d.kind = x.kind AND d.ref_id = x.ref_id
"""


@dataclass(frozen=True)
class Comparison:
    """How far the index is from what it should be. waiting: changes that no job has gone through yet.

    missing: rows without a document, or with an old one; stray: documents without a row. unsent: documents that the
    engine has not been told of. lacking and surplus: documents that the engine lacks or has in another version, and
    those that only it has. is_silent: the engine does not answer; is_lost: it has no such index.
    """

    documents: int
    waiting: int
    missing: int
    stray: int
    unsent: int = 0
    lacking: int = 0
    surplus: int = 0
    has_engine: bool = False
    is_silent: bool = False
    is_lost: bool = False

    @property
    def is_good(self) -> bool:
        wrong = 0 if self.waiting else self.missing + self.stray  # the worker comes to these
        return not (wrong or self.lacking or self.surplus or self.is_silent or self.is_lost)


async def compare(db: Database, meili: Meili | None) -> Comparison:
    """Everything is looked at: about a second for each ten thousand posts."""
    missing, stray = 0, 0
    for kind in KINDS:
        after = 0
        while ids := [row["id"] for row in await rows(db, PAGE_SQL[kind], after=after, batch=BATCH)]:
            documents = await KINDS[kind].documents(db, ids)
            missing += await value(
                db,
                MISSING_SQL,
                kind=kind,
                ref_ids=[document.ref_id for document in documents],
                versions=[document.version for document in documents],
            )
            stray += await value(db, HIDDEN_SQL, kind=kind, ids=ids, there=[document.ref_id for document in documents])
            after = ids[-1]
        stray += len(await rows(db, STRAYS_SQL[kind], kind=kind, batch=MOST_STRAYS))
    count = await value(db, "SELECT count(*) FROM search_document d WHERE NOT d.is_gone")
    waiting = await value(db, "SELECT count(*) FROM search_change")
    found = Comparison(documents=count, waiting=waiting, missing=missing, stray=stray)
    return await _with_engine(db, meili, found) if meili is not None else found


async def _with_engine(db: Database, meili: Meili, found: Comparison) -> Comparison:
    """Page by page, as an engine may have a million names."""
    found = replace(found, has_engine=True, unsent=await value(db, UNSENT_SQL))
    same, surplus = 0, 0
    try:
        if not await meili_index.is_there(meili):
            return replace(found, is_lost=True)
        async for page in meili_index.names(meili):
            keys = [key_named(name) for name in page]
            (row,) = await rows(
                db,
                KNOWN_SQL,
                kinds=[key.kind for key in keys],
                ref_ids=[key.ref_id for key in keys],
                versions=[version_named(version) for version in page.values()],
            )
            same, surplus = same + row["same"], surplus + len(page) - row["known"]
    except (Down, Rejected):
        return replace(found, is_silent=True)
    return replace(found, lacking=await value(db, SENT_SQL) - same, surplus=surplus)
