"""Keeping the documents as the rows are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from forum.kit.db import Database, rows, run, value
from forum.search import ranking
from forum.search.kinds import KINDS
from forum.search.tags import any_of, is_head, quoted, tags_of
from forum.search.types import FOR_ALL, Document
from forum.search.words import joined, near, words_of

BATCH = 250  # rows at a time: the site answers between two batches, where it runs its jobs itself
# That there was no other engine to be told: one that comes later, or again, is told everything.
ALONE_SQL = "INSERT INTO search_alone (id) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM search_alone)"
# One at a time, so that an older state never follows a newer one.
WAIT = "SELECT pg_advisory_xact_lock(hashtext('search documents'))"
TURN = "SELECT pg_try_advisory_xact_lock(hashtext('search documents'))"

# What follows from a change of what is no document itself, or of more than one: further changes.
OF_THREADS = "SELECT 'post', p.id FROM post p WHERE p.thread_id = ANY(CAST(:ids AS bigint[]))"
OF_POSTS_THREADS = """
    SELECT DISTINCT 'post', p.id FROM post o JOIN post p ON p.thread_id = o.thread_id
    WHERE o.id = ANY(CAST(:ids AS bigint[]))
"""
OF_CATEGORIES = "SELECT 'thread', t.id FROM thread t WHERE t.category_id = ANY(CAST(:ids AS bigint[]))"
OF_VENDORS = "SELECT 'product', pr.id FROM product pr WHERE pr.vendor_id = ANY(CAST(:ids AS bigint[]))"
OF_KINDS = "SELECT 'product', pr.id FROM product pr WHERE pr.category_id = ANY(CAST(:ids AS bigint[]))"
OF_DISTRICTS = "SELECT 'member', m.id FROM member m WHERE m.district_id = ANY(CAST(:ids AS bigint[]))"
# Posts that name a product are about it, also those from before it was in the catalogue, and those that were about it
# under a name it has no more.
OF_NAMES = """
    SELECT 'product', x.id FROM unnest(CAST(:ids AS bigint[])) x (id)
    UNION
    SELECT 'post', d.ref_id
    FROM product_name pn
    JOIN search_document d ON d.kind = 'post' AND d.words @@ phraseto_tsquery('forum', pn.name)
    WHERE pn.product_id = ANY(CAST(:ids AS bigint[]))
    UNION
    SELECT 'post', d.ref_id
    FROM unnest(CAST(:ids AS bigint[])) x (id)
    JOIN search_document d ON d.kind = 'post' AND d.words @@ CAST(quote_literal('#p' || x.id) AS tsquery)
    UNION
    SELECT 'thread', pr.review_thread_id FROM product pr
    WHERE pr.id = ANY(CAST(:ids AS bigint[])) AND pr.review_thread_id IS NOT NULL
"""
FOLLOWING = {
    source: f"INSERT INTO search_change (source, ref_id) {CHANGES}"
    for source, CHANGES in (
        ("thread", OF_THREADS),
        ("thread of post", OF_POSTS_THREADS),
        ("category", OF_CATEGORIES),
        ("vendor", OF_VENDORS),
        ("product kind", OF_KINDS),
        ("product name", OF_NAMES),
        ("district", OF_DISTRICTS),
    )
}
OPEN_SQL = "SELECT c.id FROM category c WHERE c.read_by IN ('everyone', 'members') AND NOT c.is_hidden ORDER BY c.id"
RARE = 8  # documents; what more of them hold is a word of the trade
SOURCES = {kind.table: name for name, kind in KINDS.items()}

STORE_SQL = """
    INSERT INTO search_document AS d
        (kind, ref_id, group_id, words, length, prior, written_at, version, is_sent, is_gone)
    SELECT x.kind, x.ref_id, x.group_id,
           setweight(to_tsvector('forum', x.title), 'A') || to_tsvector('forum', x.body)
               || array_to_tsvector(string_to_array(x.tags, ' '))
               || array_to_tsvector(CASE WHEN x.is_head
                      THEN ARRAY(SELECT '=' || l.lexeme FROM unnest(to_tsvector('forum', x.title)) l) ELSE '{}' END),
           x.length, x.prior, x.written_at, x.version, CAST(:is_sent AS boolean), false
    FROM unnest(
        CAST(:kinds AS text[]), CAST(:ref_ids AS bigint[]), CAST(:group_ids AS bigint[]), CAST(:titles AS text[]),
        CAST(:bodies AS text[]), CAST(:tags AS text[]), CAST(:heads AS boolean[]), CAST(:lengths AS integer[]),
        CAST(:priors AS real[]), CAST(:times AS timestamptz[]), CAST(:versions AS bigint[])
    ) x (kind, ref_id, group_id, title, body, tags, is_head, length, prior, written_at, version)
    ON CONFLICT (kind, ref_id) DO UPDATE
    SET group_id = excluded.group_id, words = excluded.words, length = excluded.length, prior = excluded.prior,
        written_at = excluded.written_at, version = excluded.version, is_gone = false,
        is_sent = excluded.is_sent OR d.is_sent AND d.version = excluded.version AND NOT d.is_gone
    WHERE d.version <> excluded.version OR d.is_gone OR :anew
    RETURNING kind, ref_id, xmax = 0 AS is_new
"""


async def index_changes(db: Database, *, is_sent: bool, batch: int = BATCH) -> int | None:
    """Bring documents up to date with a batch of changes, oldest first.

    Returns how many: 0 when all is done, None when somebody else is at it. is_sent: whether nobody else is sent them.
    """
    if not await value(db, "SELECT EXISTS (SELECT 1 FROM search_change)"):
        return 0
    async with db.transaction():
        if not await value(db, TURN):
            return None
        if is_sent:
            await run(db, ALONE_SQL)
        changes = await rows(
            db,
            """
            DELETE FROM search_change
            WHERE id IN (SELECT x.id FROM search_change x ORDER BY x.id LIMIT :batch)
            RETURNING source, ref_id
            """,
            batch=batch,
        )
        by_source: dict[str, set[int]] = {}
        for change in changes:
            by_source.setdefault(change["source"], set()).add(change["ref_id"])
        for source, ids in by_source.items():
            await _follow(db, source, sorted(ids), is_sent=is_sent)
    return len(changes)


async def oldest_change(db: Database) -> tuple[int, str, int] | None:
    """Its id, its source and the id of the row, None when nothing waits."""
    found = await rows(db, "SELECT x.id, x.source, x.ref_id FROM search_change x ORDER BY x.id LIMIT 1")
    return (found[0]["id"], found[0]["source"], found[0]["ref_id"]) if found else None


async def put_aside(db: Database, change_id: int) -> None:
    """A change that cannot be followed: what waits behind it goes on."""
    await run(db, "DELETE FROM search_change WHERE id = :change_id", change_id=change_id)


async def _follow(db: Database, source: str, ids: Sequence[int], *, is_sent: bool) -> None:
    if source in FOLLOWING:
        await run(db, FOLLOWING[source], ids=ids)
    if source in SOURCES:
        await bring_up_to_date(db, SOURCES[source], ids, is_sent=is_sent)


async def bring_up_to_date(
    db: Database, kind: str, ids: Sequence[int], *, is_sent: bool, words: Counter[str] | None = None
) -> None:
    """Store the documents of rows as they are now, and take away those of rows that nobody may find any more.

    words: where the words of documents are counted that would otherwise be counted in the vocabulary; all are stored
    anew then, also those that have not changed.
    """
    documents = await KINDS[kind].documents(db, ids)
    stored = await _store(db, documents, is_sent=is_sent, anew=words is not None)
    there = {document.ref_id for document in documents}
    gone = await _take_away(db, kind, [ref_id for ref_id in ids if ref_id not in there], is_sent=is_sent)
    if words is not None:
        words.update(word for document in await _open(db, documents) for word in set(_all_words(document)))
        return
    await _count_months(db, [document for document in documents if stored.get(document.ref_id)], gone)
    changed = [document for document in documents if document.ref_id in stored]
    new = {ref_id for ref_id, is_new in stored.items() if is_new}
    await _learn(db, await _open(db, changed), new)


async def _store(db: Database, documents: Sequence[Document], *, is_sent: bool, anew: bool) -> dict[int, bool]:
    """Returns which were written, and whether they were not there before."""
    if not documents:
        return {}
    written = await rows(
        db,
        STORE_SQL,
        kinds=[document.kind for document in documents],
        ref_ids=[document.ref_id for document in documents],
        group_ids=[document.group for document in documents],
        titles=[" ".join(words_of(document.title)) for document in documents],
        bodies=[" ".join([*words_of(document.body), *joined(_text(document))]) for document in documents],
        tags=[" ".join(tags_of(document)) for document in documents],
        heads=[is_head(document) for document in documents],
        lengths=[length_of(document) for document in documents],
        priors=[prior_of(document) for document in documents],
        times=[document.at for document in documents],
        versions=[document.version for document in documents],
        is_sent=is_sent,
        anew=anew,
    )
    return {row["ref_id"]: row["is_new"] for row in written}


async def _take_away(db: Database, kind: str, ids: Sequence[int], *, is_sent: bool) -> Sequence[Mapping[str, object]]:
    """Where another engine must hear of it, an empty document stays until it has. Returns month and length of each."""
    if not ids:
        return []
    values = {"kind": kind, "ids": list(ids)}
    if is_sent:
        return await rows(
            db,
            """
            DELETE FROM search_document d
            WHERE d.kind = :kind AND d.ref_id = ANY(CAST(:ids AS bigint[]))
            RETURNING to_char(d.written_at AT TIME ZONE 'UTC', 'YYYYMM') AS month, d.length, d.is_gone
            """,
            **values,
        )
    return await rows(
        db,
        """
        UPDATE search_document d
        SET words = '', is_gone = true, is_sent = false, version = 0
        FROM search_document o
        WHERE d.kind = :kind AND d.ref_id = ANY(CAST(:ids AS bigint[]))
          AND o.kind = d.kind AND o.ref_id = d.ref_id AND NOT o.is_gone
        RETURNING to_char(o.written_at AT TIME ZONE 'UTC', 'YYYYMM') AS month, o.length, o.is_gone
        """,
        **values,
    )


async def _count_months(db: Database, new: Iterable[Document], gone: Sequence[Mapping[str, object]]) -> None:
    counts: Counter[str] = Counter()
    lengths: Counter[str] = Counter()
    for document in new:
        counts[f"{document.at:%Y%m}"] += 1
        lengths[f"{document.at:%Y%m}"] += length_of(document)
    for row in gone:
        if not row["is_gone"]:
            counts[str(row["month"])] -= 1
            lengths[str(row["month"])] -= int(str(row["length"]))
    if counts:
        await run(
            db,
            """
            INSERT INTO search_month AS m (month, documents, length)
            SELECT x.month, x.documents, x.length
            FROM unnest(CAST(:months AS text[]), CAST(:counts AS integer[]), CAST(:lengths AS bigint[]))
                 x (month, documents, length)
            ON CONFLICT (month) DO UPDATE
            SET documents = greatest(0, m.documents + excluded.documents),
                length = greatest(0, m.length + excluded.length)
            """,
            months=list(counts),
            counts=list(counts.values()),
            lengths=[lengths[month] for month in counts],
        )


async def _open(db: Database, documents: Sequence[Document]) -> list[Document]:
    """Those of the documents that all members may read, whose words may be in the vocabulary."""
    found = await rows(db, OPEN_SQL)
    open_ids = {0, *(row["id"] for row in found)}
    is_catalogue = {"product", "vendor", "person"}
    return [
        document
        for document in documents
        if document.category_id in open_ids and (FOR_ALL in document.audiences or document.kind in is_catalogue)
    ]


async def _learn(db: Database, documents: Sequence[Document], new: set[int]) -> None:
    """Words that are new come into the vocabulary; those of new documents are counted."""
    counts: Counter[str] = Counter()
    for document in documents:
        each = set(_all_words(document))
        counts.update(each if document.ref_id in new else dict.fromkeys(each - counts.keys(), 0))
    if not counts:
        return
    words = sorted(counts)
    known = await rows(
        db,
        """
        UPDATE search_word s SET documents = s.documents + x.documents
        FROM unnest(CAST(:words AS text[]), CAST(:counts AS integer[])) x (word, documents)
        WHERE s.word = x.word
        RETURNING s.word
        """,
        words=words,
        counts=[counts[word] for word in words],
    )
    unknown = counts.keys() - {row["word"] for row in known}
    await add_words(db, {word: max(1, counts[word]) for word in sorted(unknown)})


async def add_words(db: Database, counts: Mapping[str, int]) -> None:
    """Words that are not in the vocabulary yet, and in how many documents each is. Words like "the" stay out of it."""
    await run(
        db,
        """
        INSERT INTO search_word (word, lexeme, documents, near)
        SELECT x.word, l.lexeme, x.documents, string_to_array(x.near, ' ')
        FROM unnest(CAST(:words AS text[]), CAST(:counts AS integer[]), CAST(:near AS text[])) x (word, documents, near)
        CROSS JOIN LATERAL (SELECT v.lexeme FROM unnest(to_tsvector('forum', x.word)) v ORDER BY v.lexeme LIMIT 1) l
        WHERE length(l.lexeme) <= 40
        ON CONFLICT (word) DO NOTHING
        """,
        words=list(counts),
        counts=list(counts.values()),
        near=[" ".join(near(word)) for word in counts],
    )


def _all_words(document: Document) -> list[str]:
    text = _text(document)
    return [word for word in (*words_of(text), *joined(text)) if len(word) > 1]


def _text(document: Document) -> str:
    return f"{document.title} {document.body}"


def length_of(document: Document) -> int:
    """How many words the text has."""
    return document.body.count(" ") + 1 if document.body else 0


def prior_of(document: Document) -> float:
    """What counts beside the words: around 1."""
    helpful = min(ranking.HELPFUL_MOST, 1 + ranking.HELPFUL_EACH * document.helpful.bit_length())
    return ranking.ROLES[document.role] * (ranking.ANSWERED if document.is_answered else 1) * helpful


async def forget_words(db: Database) -> None:
    """Rare words that no document holds any more which all members may read leave the vocabulary."""
    found = await rows(db, OPEN_SQL)
    open_tags = any_of(quoted(f"#c{category_id}") for category_id in (0, *(row["id"] for row in found)))
    await run(
        db,
        """
        DELETE FROM search_word s
        WHERE s.documents <= :rare AND NOT EXISTS (
            SELECT 1 FROM search_document d
            WHERE d.words @@ CAST(quote_literal(s.lexeme) || ' & ' || :open AS tsquery) AND NOT d.is_gone
        )
        """,
        rare=RARE,
        open=open_tags,
    )
