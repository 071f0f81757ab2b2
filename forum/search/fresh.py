"""Words of posts that the index does not have yet, for rooms that cannot wait for it."""

from collections.abc import Sequence

from forum.kit.db import Database, rows
from forum.search import indexing
from forum.search.indexing import DOCUMENTS_SQL

MISSING_SQL = """
    SELECT x.id FROM unnest(CAST(:ids AS bigint[])) x (id)
    WHERE NOT EXISTS (SELECT 1 FROM search_document d WHERE d.kind = 'post' AND d.ref_id = x.id AND NOT d.is_gone)
"""
WORDS_SQL = f"""
    SELECT q.ref_id, CAST(q.words AS text) AS words
    FROM ({DOCUMENTS_SQL}) q (kind, ref_id, group_id, words, length, prior, written_at, version, is_sent)
"""


async def words_of_new_posts(db: Database, post_ids: Sequence[int]) -> dict[int, str]:
    """By id, the tsvectors as text of those of the posts that are there and not indexed yet.

    They are what search_document will hold, with the lexemes that stand for categories, topics and products.
    """
    missing = [row["id"] for row in await rows(db, MISSING_SQL, ids=list(post_ids))]
    entries = await indexing.entries(db, "post", missing) if missing else []
    if not entries:
        return {}
    found = await rows(db, WORDS_SQL, **indexing.columns(entries, is_sent=True))
    return {row["ref_id"]: row["words"] for row in found}
