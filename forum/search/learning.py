"""What corrections and ranking count with: the words and months of documents, for each circle of readers.

A circle counts only what everybody in it may read. So no word, and no number of documents, tells one of its readers
anything of what they may not read: neither a correction, nor a longer word, nor the order of what is found.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property

from forum.kit.db import Database, rows, run
from forum.search.tags import all_of, any_of, one_of, quoted
from forum.search.types import CIRCLES, FOR_ALL, Document
from forum.search.words import Spelled, near

NOWHERE = -1  # an id that no category has
RARE = 8  # documents; what more of them hold is a word of the trade
CATALOGUE = ("product", "vendor", "person")  # kinds that all members see, and nobody else
OPEN_SQL = """
    SELECT c.id, c.read_by = 'everyone' AS is_for_guests, c.lets_vendors_in FROM category c
    WHERE c.read_by IN ('everyone', 'members') AND NOT c.is_hidden
    ORDER BY c.id
"""
# Of a document `d` that is there no more, in which circles it was counted; the values are those of `circle_queries`.
CIRCLES_OF = """
    d.words @@ CAST(:members AS tsquery) AS members, d.words @@ CAST(:vendors AS tsquery) AS vendors,
    d.words @@ CAST(:guests AS tsquery) AS guests
"""
LEARN_SQL = """
    UPDATE search_word s
    SET members = CASE WHEN x.members IS NULL THEN s.members ELSE greatest(1, s.members + x.members) END,
        vendors = CASE WHEN x.vendors IS NULL THEN s.vendors ELSE greatest(1, s.vendors + x.vendors) END,
        guests = CASE WHEN x.guests IS NULL THEN s.guests ELSE greatest(1, s.guests + x.guests) END
    FROM unnest(
        CAST(:words AS text[]), CAST(:members AS integer[]), CAST(:vendors AS integer[]), CAST(:guests AS integer[])
    ) x (word, members, vendors, guests)
    WHERE s.word = x.word
    RETURNING s.word
"""
ADD_SQL = """
    INSERT INTO search_word (word, lexeme, members, vendors, guests, near)
    SELECT x.word, l.lexeme, x.members, x.vendors, x.guests, string_to_array(x.near, ' ')
    FROM unnest(
        CAST(:words AS text[]), CAST(:members AS integer[]), CAST(:vendors AS integer[]), CAST(:guests AS integer[]),
        CAST(:near AS text[])
    ) x (word, members, vendors, guests, near)
    CROSS JOIN LATERAL (SELECT v.lexeme FROM unnest(to_tsvector('forum', x.word)) v ORDER BY v.lexeme LIMIT 1) l
    WHERE length(l.lexeme) <= 40
    ON CONFLICT (word) DO NOTHING
"""
COUNT_SQL = """
    INSERT INTO search_month AS m (circle, month, documents, length)
    SELECT x.circle, x.month, x.documents, x.length
    FROM unnest(
        CAST(:circles AS text[]), CAST(:months AS text[]), CAST(:counts AS integer[]), CAST(:lengths AS bigint[])
    ) x (circle, month, documents, length)
    ON CONFLICT (circle, month) DO UPDATE
    SET documents = greatest(0, m.documents + excluded.documents), length = greatest(0, m.length + excluded.length)
"""
RECOUNT_SQL = """
    INSERT INTO search_month (circle, month, documents, length)
    SELECT x.circle, to_char(d.written_at AT TIME ZONE 'UTC', 'YYYYMM'), count(*), sum(d.length)
    FROM (
        VALUES ('members', CAST(:members AS tsquery)), ('vendors', CAST(:vendors AS tsquery)),
               ('guests', CAST(:guests AS tsquery))
    ) x (circle, query)
    JOIN search_document d ON d.words @@ x.query
    WHERE NOT d.is_gone
    GROUP BY 1, 2
"""
FORGET_SQL = {
    CIRCLE: f"""
    UPDATE search_word s SET {CIRCLE} = 0
    WHERE s.{CIRCLE} BETWEEN 1 AND {RARE} AND NOT EXISTS (
        SELECT 1 FROM search_document d
        WHERE d.words @@ CAST(quote_literal(s.lexeme) || ' & ' || :open AS tsquery) AND NOT d.is_gone
    )
    """
    for CIRCLE in CIRCLES
}

Words = Mapping[str, Counter[str]]  # for each circle, in how many documents each word is


@dataclass(frozen=True)
class Entry:
    """A document and its words."""

    document: Document
    spelled: Spelled

    @cached_property
    def words(self) -> set[str]:
        """Those of its topics too: whoever may read it may know of these."""
        topics = (word for topic in self.document.topics for word in topic.split("-") if len(word) > 1)
        return self.spelled.words.union(topics)


async def circle_queries(db: Database) -> dict[str, str]:
    """For each circle, the tsquery of all documents that everybody in it may read."""
    return {circle: _query(circle, ids) for circle, ids in (await _categories(db)).items()}


def _query(circle: str, category_ids: Iterable[int]) -> str:
    posts = all_of([one_of(f"#c{category_id}" for category_id in category_ids), quoted(f"#a{FOR_ALL}")])
    catalogue = [quoted(f"#d{kind}") for kind in CATALOGUE if circle == "members"]
    return any_of([f"({posts})", *catalogue])


async def _categories(db: Database) -> dict[str, list[int]]:
    found = await rows(db, OPEN_SQL)
    return {
        "members": [NOWHERE, *(row["id"] for row in found)],
        "vendors": [NOWHERE, *(row["id"] for row in found if row["lets_vendors_in"])],
        "guests": [NOWHERE, *(row["id"] for row in found if row["is_for_guests"])],
    }


async def _by_circle(db: Database, entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """Those of the documents that everybody of each circle may read."""
    return {
        circle: [entry for entry in entries if _is_in(circle, entry.document, ids)]
        for circle, ids in (await _categories(db)).items()
    }


def _is_in(circle: str, document: Document, category_ids: Sequence[int]) -> bool:
    if document.kind in CATALOGUE:
        return circle == "members"
    return document.category_id in category_ids and FOR_ALL in document.audiences


def no_words() -> Words:
    """None yet, in any circle."""
    return {circle: Counter() for circle in CIRCLES}


async def count_words(db: Database, entries: Sequence[Entry], words: Words) -> None:
    """Count the words of documents in `words`."""
    for circle, each in (await _by_circle(db, entries)).items():
        words[circle].update(word for entry in each for word in entry.words)


async def learn(db: Database, entries: Sequence[Entry], new: set[int]) -> None:
    """Words that are new come into the vocabulary; those of new documents are counted."""
    words = no_words()
    for circle, each in (await _by_circle(db, entries)).items():
        counts = words[circle]
        for entry in each:
            is_new = entry.document.ref_id in new
            counts.update(entry.words if is_new else dict.fromkeys(entry.words - counts.keys(), 0))
    every = sorted({word for counts in words.values() for word in counts})
    if not every:
        return
    counted = {circle: [counts.get(word) for word in every] for circle, counts in words.items()}
    known = {row["word"] for row in await rows(db, LEARN_SQL, words=every, **counted)}
    unknown = [word for word in every if word not in known]
    await add_words(db, unknown, {c: Counter({w: max(1, counts[w]) for w in counts}) for c, counts in words.items()})


async def add_words(db: Database, words: Sequence[str], counts: Words) -> None:
    """Words that are not in the vocabulary yet, and in how many documents each is. Words like "the" stay out of it."""
    counted = {circle: [each[word] for word in words] for circle, each in counts.items()}
    await run(db, ADD_SQL, words=list(words), near=[" ".join(near(word)) for word in words], **counted)


async def count_months(db: Database, new: Sequence[Entry], gone: Iterable[Mapping[str, object]]) -> None:
    """Documents that came, and those that went, each with its month, length and the columns of CIRCLES_OF."""
    counts: Counter[tuple[str, str]] = Counter()
    lengths: Counter[tuple[str, str]] = Counter()
    for circle, each in (await _by_circle(db, new)).items():
        for entry in each:
            place = (circle, f"{entry.document.at.astimezone(UTC):%Y%m}")
            counts[place] += 1
            lengths[place] += len(entry.spelled.body)
    for row in gone:
        for place in [(circle, str(row["month"])) for circle in CIRCLES if row[circle]]:
            counts[place] -= 1
            lengths[place] -= int(str(row["length"]))
    if counts:
        circles, months = zip(*counts, strict=True)
        await run(
            db,
            COUNT_SQL,
            circles=list(circles),
            months=list(months),
            counts=list(counts.values()),
            lengths=[lengths[place] for place in counts],
        )


async def count_months_anew(db: Database) -> None:
    """How many documents each month has, within a transaction: what was counted drifts as documents come back."""
    await run(db, "DELETE FROM search_month")
    await run(db, RECOUNT_SQL, **await circle_queries(db))


async def forget_words(db: Database) -> None:
    """Rare words that no document holds any more which all of a circle may read leave its vocabulary."""
    for circle, query in (await circle_queries(db)).items():
        await run(db, FORGET_SQL[circle], open=query)
    await run(db, "DELETE FROM search_word s WHERE s.members = 0 AND s.vendors = 0 AND s.guests = 0")
