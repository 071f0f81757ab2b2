"""What is compared: each takes the documents of a collection in and answers a question with ids, best first."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from forum.kit.db import Database, copy, rows, run, value
from forum.kit.meili import Meili
from forum.members.types import Actor
from forum.search import indexing, meili_engine, meili_index, postgres_engine
from forum.search.found_types import Hit
from forum.search.kinds import KINDS, Kind
from forum.search.likeness import MOST_WORDS
from forum.search.synonyms import synonym_groups
from forum.search.types import Document, Sought, Word
from forum.search.words import words_of
from tests.bench.search.judged import KIND

MOST = 20  # as many as are asked for and judged
INDEX = "staffroom_bench"
BARE_SQL = """
    SELECT b.id
    FROM bare_document b
    CROSS JOIN (
        SELECT CAST(string_agg(quote_literal(l.lexeme), ' | ') AS tsquery) AS query
        FROM unnest(to_tsvector('english', :text)) l
    ) q
    WHERE b.words @@ q.query
    ORDER BY ts_rank(b.words, q.query) DESC, b.id
    LIMIT :most
"""

Asked = Callable[[str], Awaitable[list[int]]]


async def ours(db: Database, documents: Sequence[Document]) -> Asked:
    """Staffroom on PostgreSQL: stored and ranked by the code that serves people."""
    room = await value(db, "INSERT INTO category (slug, name, read_by) VALUES ('all', 'All', 'everyone') RETURNING id")
    with _as_kind([replace(document, category_id=room) for document in documents]):
        ids = [document.ref_id for document in documents]
        for start in range(0, len(ids), indexing.BATCH):
            await indexing.bring_up_to_date(db, KIND, ids[start : start + indexing.BATCH], is_sent=True)
    await run(db, "VACUUM ANALYZE search_document")

    async def asked(text: str) -> list[int]:
        (keys,) = await postgres_engine.ranked(db, [_sought(text)])
        return [key.ref_id for key in keys]

    return asked


async def ours_on_meili(meili: Meili, db: Database, documents: Sequence[Document]) -> Asked:
    """Staffroom on Meilisearch, in an index of its own, with our settings and synonyms."""
    await meili_index.prepare(meili, INDEX, await synonym_groups(db))
    await meili_index.finished(meili, await meili_index.put(meili, documents, index=INDEX))

    async def asked(text: str) -> list[int]:
        (keys,) = await meili_engine.ranked(meili, [_sought(text)], index=INDEX)
        return [key.ref_id for key in keys]

    return asked


async def bare(db: Database, documents: Sequence[Document]) -> Asked:
    """PostgreSQL as it comes: ts_rank of whatever holds one of the words."""
    await run(db, "CREATE TABLE bare_document (id bigint PRIMARY KEY, text text NOT NULL, words tsvector)")
    await copy(db, "bare_document", ("id", "text"), [(each.ref_id, f"{each.title} {each.body}") for each in documents])
    await run(db, "UPDATE bare_document SET words = to_tsvector('english', text)")

    async def asked(text: str) -> list[int]:
        return [row["id"] for row in await rows(db, BARE_SQL, text=text, most=MOST)]

    return asked


async def bm25(documents: Sequence[Document]) -> Asked:
    """BM25 by the package bm25s as it comes: Lucene's formula, k1 = 1.5, b = 0.75, English stems and stop words."""
    import bm25s
    from Stemmer import Stemmer

    def stems(texts: list[str]) -> Any:
        return bm25s.tokenize(texts, stopwords="en", stemmer=Stemmer("english"), show_progress=False)

    engine = bm25s.BM25()
    engine.index(stems([f"{each.title} {each.body}" for each in documents]), show_progress=False)

    async def asked(text: str) -> list[int]:
        places, scores = engine.retrieve(stems([text]), k=min(MOST, len(documents)), show_progress=False)
        return [documents[place].ref_id for place, score in zip(places[0], scores[0], strict=True) if score > 0]

    return asked


def _sought(text: str) -> Sought:
    """As what is like a question is looked for while somebody asks it."""
    words = tuple(Word(word) for word in words_of(text)[:MOST_WORDS])
    return Sought(words, None, (KIND,), needs_all=False, most=MOST)


@contextmanager
def _as_kind(documents: Sequence[Document]) -> Iterator[None]:
    """The documents as one more kind of what can be found, as any later room adds its own."""
    by_id = {document.ref_id: document for document in documents}

    async def found(db: Database, ids: Sequence[int]) -> list[Document]:
        return [by_id[ref_id] for ref_id in ids]

    async def shown(db: Database, actor: Actor, ids: Sequence[int]) -> dict[int, Hit]:
        return {}

    async def texts(db: Database, ids: Sequence[int]) -> dict[int, str]:
        return {}

    KINDS[KIND] = Kind("post", found, shown, texts)  # type: ignore[index]
    try:
        yield
    finally:
        del KINDS[KIND]  # type: ignore[attr-defined]
