"""Keeping the documents as the rows are."""

from collections.abc import Mapping, Sequence

from forum.kit.db import Database, rows, run, value
from forum.search import learning, ranking
from forum.search.kinds import KINDS
from forum.search.learning import CIRCLES_OF, Entry
from forum.search.tags import is_head, tags_of
from forum.search.types import Document
from forum.search.words import spelled

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
SOURCES = {kind.table: name for name, kind in KINDS.items()}

# Documents as rows of search_document, in the order of COLUMNS.
COLUMNS = "kind, ref_id, group_id, words, length, prior, written_at, version, is_sent"
DOCUMENTS_SQL = """
    SELECT x.kind, x.ref_id, x.group_id,
           setweight(to_tsvector('forum', x.title), 'A') || to_tsvector('forum', x.body)
               || array_to_tsvector(string_to_array(x.tags, ' '))
               || array_to_tsvector(CASE WHEN x.is_head
                      THEN ARRAY(SELECT '=' || l.lexeme FROM unnest(to_tsvector('forum', x.title)) l) ELSE '{}' END),
           x.length, x.prior, x.written_at, x.version, CAST(:is_sent AS boolean)
    FROM unnest(
        CAST(:kinds AS text[]), CAST(:ref_ids AS bigint[]), CAST(:group_ids AS bigint[]), CAST(:titles AS text[]),
        CAST(:bodies AS text[]), CAST(:tags AS text[]), CAST(:heads AS boolean[]), CAST(:lengths AS integer[]),
        CAST(:priors AS real[]), CAST(:times AS timestamptz[]), CAST(:versions AS bigint[])
    ) x (kind, ref_id, group_id, title, body, tags, is_head, length, prior, written_at, version)
"""
STORE_SQL = f"""
    INSERT INTO search_document AS d ({COLUMNS})
    {DOCUMENTS_SQL}
    ON CONFLICT (kind, ref_id) DO UPDATE
    SET group_id = excluded.group_id, words = excluded.words, length = excluded.length, prior = excluded.prior,
        written_at = excluded.written_at, version = excluded.version, is_gone = false, is_sent = excluded.is_sent
    WHERE d.version <> excluded.version OR d.is_gone
    RETURNING ref_id, xmax = 0 AS is_new
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


async def bring_up_to_date(db: Database, kind: str, ids: Sequence[int], *, is_sent: bool) -> None:
    """Store the documents of rows as they are now, and take away those of rows that nobody may find any more."""
    there = {entry.document.ref_id: entry for entry in await entries(db, kind, ids)}
    written = await rows(db, STORE_SQL, **columns(list(there.values()), is_sent=is_sent)) if there else []
    gone = await _take_away(db, kind, [ref_id for ref_id in ids if ref_id not in there], is_sent=is_sent)
    new = {row["ref_id"] for row in written if row["is_new"]}
    await learning.count_months(db, [there[ref_id] for ref_id in new], gone)
    await learning.learn(db, [there[row["ref_id"]] for row in written], new)


async def entries(db: Database, kind: str, ids: Sequence[int]) -> list[Entry]:
    """The documents of those of the rows that are there for anybody, with their words."""
    documents = await KINDS[kind].documents(db, ids)
    return [Entry(document, spelled(document.title, document.body)) for document in documents]


def columns(found: Sequence[Entry], *, is_sent: bool) -> dict[str, object]:
    """The values of DOCUMENTS_SQL."""
    documents = [entry.document for entry in found]
    return {
        "kinds": [document.kind for document in documents],
        "ref_ids": [document.ref_id for document in documents],
        "group_ids": [document.group for document in documents],
        "titles": [" ".join(entry.spelled.title) for entry in found],
        "bodies": [" ".join([*entry.spelled.body, *entry.spelled.joined]) for entry in found],
        "tags": [" ".join(tags_of(document)) for document in documents],
        "heads": [is_head(document) for document in documents],
        "lengths": [len(entry.spelled.body) for entry in found],
        "priors": [prior_of(document) for document in documents],
        "times": [document.at for document in documents],
        "versions": [document.version for document in documents],
        "is_sent": is_sent,
    }


async def _take_away(db: Database, kind: str, ids: Sequence[int], *, is_sent: bool) -> Sequence[Mapping[str, object]]:
    """Where another engine must hear of it, an empty document stays until it has. Returns how each was counted."""
    if not ids:
        return []
    values = {"kind": kind, "ids": list(ids), **await learning.circle_queries(db)}
    if is_sent:
        return await rows(
            db,
            f"""
            DELETE FROM search_document d
            WHERE d.kind = :kind AND d.ref_id = ANY(CAST(:ids AS bigint[]))
            RETURNING to_char(d.written_at AT TIME ZONE 'UTC', 'YYYYMM') AS month, d.length, {CIRCLES_OF}
            """,
            **values,
        )
    return await rows(
        db,
        f"""
        UPDATE search_document n
        SET words = '', is_gone = true, is_sent = false, version = 0
        FROM search_document d
        WHERE n.kind = :kind AND n.ref_id = ANY(CAST(:ids AS bigint[]))
          AND d.kind = n.kind AND d.ref_id = n.ref_id AND NOT d.is_gone
        RETURNING to_char(d.written_at AT TIME ZONE 'UTC', 'YYYYMM') AS month, d.length, {CIRCLES_OF}
        """,
        **values,
    )


def prior_of(document: Document) -> float:
    """What counts beside the words: around 1."""
    helpful = min(ranking.HELPFUL_MOST, 1 + ranking.HELPFUL_EACH * document.helpful.bit_length())
    return ranking.ROLES[document.role] * (ranking.ANSWERED if document.is_answered else 1) * helpful
