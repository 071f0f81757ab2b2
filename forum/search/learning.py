"""What ranking counts with: how many documents hold a word, how many each month has, how long they are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from forum.kit.db import Database, rows, run
from forum.search.tags import any_of, quoted
from forum.search.types import FOR_ALL, Document
from forum.search.words import Spelled, near

OPEN_SQL = "SELECT c.id FROM category c WHERE c.read_by IN ('everyone', 'members') AND NOT c.is_hidden ORDER BY c.id"
CATALOGUE = ("product", "vendor", "person")  # kinds that are not for all, and yet for all members
RARE = 8  # documents; what more of them hold is a word of the trade


@dataclass(frozen=True)
class Entry:
    """A document and its words."""

    document: Document
    spelled: Spelled


async def count_months(db: Database, new: Iterable[Entry], gone: Sequence[Mapping[str, object]]) -> None:
    """Months follow the documents that are new, and those that are gone."""
    counts: Counter[str] = Counter()
    lengths: Counter[str] = Counter()
    for entry in new:
        month = f"{entry.document.at.astimezone(UTC):%Y%m}"
        counts[month] += 1
        lengths[month] += len(entry.spelled.body)
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


async def open_ones(db: Database, entries: Iterable[Entry]) -> list[Entry]:
    """Those of the documents that all members may read, whose words may be in the vocabulary."""
    found = await rows(db, OPEN_SQL)
    open_ids = {0, *(row["id"] for row in found)}
    return [
        entry
        for entry in entries
        if entry.document.category_id in open_ids
        and (FOR_ALL in entry.document.audiences or entry.document.kind in CATALOGUE)
    ]


async def learn(db: Database, entries: Iterable[Entry], new: set[int]) -> None:
    """Words that are new come into the vocabulary; those of new documents are counted."""
    counts: Counter[str] = Counter()
    for entry in await open_ones(db, entries):
        of_entry = entry.spelled.words
        counts.update(of_entry if entry.document.ref_id in new else dict.fromkeys(of_entry - counts.keys(), 0))
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
