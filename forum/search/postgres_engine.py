"""Search by PostgreSQL: the same questions and answers as the engine elsewhere, from search_document.

What documents are limited by stands in their tsvector beside their stems, as lexemes no text yields: # and a word, or
= and a stem of the title. So one look into one index answers for words and limits together: see candidates.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time

from forum.kit.db import Database, Row, rows, value
from forum.search.candidates import Look, Looking
from forum.search.ranking import (
    FADING_YEARS,
    FRESH,
    LENGTHINESS,
    SATURATION,
    TITLE,
)
from forum.search.synonyms import synonym_groups
from forum.search.tags import quoted
from forum.search.types import Key, Sought, Word
from forum.search.vocabulary import Months, Term, months, terms

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
FADING_SECONDS = FADING_YEARS * 31_557_600
SATURATED, SHORT = SATURATION + 1, 1 - LENGTHINESS
# What is equal comes in the order of hashes, as ids of members would tell who came when.
# How often a stem is in the text is taken back out of ts_rank, which is the sum of 1/i^2 for i = 1 to that number, over
# pi^2/6: the one way to count without taking the whole tsvector apart.
RANK_SQL = f"""
    WITH found AS MATERIALIZED (
        SELECT DISTINCT ON (q.section, f.kind, f.ref_id)
               q.section, f.kind, f.ref_id, f.group_id, f.words, f.length, f.prior, f.written_at
        FROM unnest(
            CAST(CAST(:among AS text[]) AS tsquery[]), CAST(CAST(:beside AS text[]) AS tsquery[]),
            CAST(:limits AS integer[]), CAST(:sections AS integer[])
        ) q (among, beside, most, section)
        CROSS JOIN LATERAL (
            SELECT d.kind, d.ref_id, d.group_id, d.words, d.length, d.prior, d.written_at
            FROM search_document d
            WHERE d.words @@ q.among AND (d.words @@ q.beside) IS TRUE
              AND NOT d.is_gone AND (d.group_id <> :besides OR d.group_id = 0) AND d.written_at >= :after
            ORDER BY d.written_at DESC, d.kind, d.ref_id
            LIMIT q.most
        ) f
    ),
    candidate AS MATERIALIZED (
        SELECT row_number() OVER () AS number, f.section, f.kind, f.ref_id, f.group_id, f.words, f.written_at,
               {SATURATION} * ({SHORT} + {LENGTHINESS} * f.length / CAST(:length AS real)) AS lengthy,
               f.prior * (1 + {FRESH} * exp(-date_part('epoch', now() - f.written_at) / {FADING_SECONDS})) AS prior
        FROM found f
    ),
    pair AS MATERIALIZED (
        SELECT c.number, c.lengthy, s.term, s.weight,
               ts_rank('{{1,0,0,0}}', c.words, s.query) AS in_text, ts_rank('{{0,0,0,1}}', c.words, s.query) AS in_title
        FROM candidate c
        CROSS JOIN unnest(
            CAST(:terms AS integer[]), CAST(:weights AS real[]), CAST(CAST(:stems AS text[]) AS tsquery[])
        ) s (term, weight, query)
    ),
    counted AS (
        SELECT p.number, p.lengthy, p.term, p.weight, p.in_title,
               CASE WHEN p.in_text > 0 THEN 0.6079 / (1.0001 - p.in_text) - 0.5 ELSE 0 END AS times
        FROM pair p
        WHERE p.in_text > 0 OR p.in_title > 0
    ),
    scored AS (
        SELECT b.number, sum(b.best) AS score
        FROM (
            SELECT n.number, max(n.weight * (
                       {SATURATED} * n.times / (n.times + n.lengthy) + CASE WHEN n.in_title > 0 THEN {TITLE} ELSE 0 END
                   )) AS best
            FROM counted n
            GROUP BY n.number, n.term
        ) b
        GROUP BY b.number
    ),
    best AS (
        SELECT DISTINCT ON (c.section, c.group_id, CASE WHEN c.group_id = 0 THEN c.number END)
               c.section, c.kind, c.ref_id, c.group_id, c.written_at, coalesce(s.score, 0) * c.prior AS score
        FROM candidate c
        LEFT JOIN scored s ON s.number = c.number
        ORDER BY c.section, c.group_id, CASE WHEN c.group_id = 0 THEN c.number END,
                 coalesce(s.score, 0) * c.prior DESC, c.ref_id
    )
    SELECT o.section, o.kind, o.ref_id, o.group_id
    FROM (
        SELECT b.section, b.kind, b.ref_id, b.group_id,
               row_number() OVER (
                   PARTITION BY b.section ORDER BY b.score DESC, b.written_at DESC, b.kind, hashint8(b.ref_id), b.ref_id
               ) AS place
        FROM best b
    ) o
    JOIN unnest(CAST(:mosts AS integer[])) WITH ORDINALITY m (most, section)
      ON m.section = o.section AND o.place <= m.most
    ORDER BY o.section, o.place
"""
NEWEST_SQL = """
    SELECT n.kind, n.ref_id, n.group_id
    FROM (
        SELECT DISTINCT ON (d.group_id, CASE WHEN d.group_id = 0 THEN d.kind || d.ref_id END)
               d.kind, d.ref_id, d.group_id, d.written_at
        FROM search_document d
        WHERE d.words @@ CAST(:among AS tsquery) AND (d.words @@ CAST(:beside AS tsquery)) IS TRUE
          AND NOT d.is_gone AND (d.group_id <> :besides OR d.group_id = 0) AND d.written_at >= :after
        ORDER BY d.group_id, CASE WHEN d.group_id = 0 THEN d.kind || d.ref_id END, d.written_at DESC, d.ref_id
    ) n
    ORDER BY n.written_at DESC, n.kind, hashint8(n.ref_id), n.ref_id
    LIMIT :most
"""


async def ranked(db: Database, sought: Sequence[Sought]) -> list[list[Key]]:
    """The keys of what fits each question, best first. Questions about the same words are answered together."""
    keys: dict[int, list[Key]] = {}
    asked = [(each.scope.circle if each.scope else "members", each.words) for each in sought]
    for circle, words in dict.fromkeys(asked):
        numbers = [number for number, each in enumerate(asked) if each == (circle, words)]
        together = await _ranked(db, circle, words, [sought[number] for number in numbers])
        keys.update(zip(numbers, together, strict=True))
    return [keys[number] for number in range(len(sought))]


async def _ranked(db: Database, circle: str, words: Sequence[Word], sought: Sequence[Sought]) -> list[list[Key]]:
    calendar, everything = await months(db, circle), await months(db, "members")
    phrases = await exact_parts(db, [word.text for word in words if word.is_phrase and not word.is_left_out])
    left_out = await exact_parts(db, [word.text for word in words if word.is_left_out])
    not_these = [f"!{part}" for part in left_out]
    asked = [Looking(each, phrases, not_these, calendar, everything) for each in sought]
    found = await terms(db, circle, words, await synonym_groups(db))
    if not found:
        if any(not word.is_left_out for word in words):
            return [[] for _ in sought]  # words like "the" and no others
        return [await _newest(db, each) for each in asked]
    keys: list[list[Key]] = [[] for _ in sought]
    ways = [each.ways(found) for each in asked]
    open_ones = list(range(len(sought)))
    while open_ones:
        tried = {number: look for number in open_ones if (look := next(ways[number], None))}
        for number, better in (await _ranked_among(db, sought, found, calendar, tried)).items():
            keys[number] = better
        open_ones = [n for n in tried if len(keys[n]) < sought[n].most]
    return keys


async def _ranked_among(
    db: Database, sought: Sequence[Sought], found: Sequence[Term], calendar: Months, tried: Mapping[int, Look]
) -> dict[int, list[Key]]:
    """For some of the questions, by their number, the best of the documents that one of the tsqueries finds."""
    if not tried:
        return {}
    weighed = [
        (place, calendar.rarity(term.documents or 1) * stem.factor, quoted(stem.lexeme))
        for place, term in enumerate(found)
        for stem in term.all_stems
    ]
    numbers, weights, stems = zip(*weighed, strict=True)
    candidates = [(among, look, number + 1) for number, look in tried.items() for among in look.among]
    ranked_rows = await rows(
        db,
        RANK_SQL,
        among=[among for among, _, _ in candidates],
        beside=[look.beside for _, look, _ in candidates],
        limits=[look.most for _, look, _ in candidates],
        sections=[section for _, _, section in candidates],
        terms=list(numbers),
        weights=list(weights),
        stems=list(stems),
        length=calendar.length,
        besides=sought[0].besides or -1,
        after=_after(sought[0]),
        mosts=[each.most for each in sought],
    )
    keys: dict[int, list[Key]] = {number: [] for number in tried}
    for row in ranked_rows:
        keys[row["section"] - 1].append(Key(row["kind"], row["ref_id"], row["group_id"]))
    return keys


async def exact_parts(db: Database, texts: Sequence[str]) -> list[str]:
    """Parts of a tsquery for words in a row, without those that are in every text, like "the"."""
    parts = [await value(db, "SELECT CAST(phraseto_tsquery('forum', :text) AS text)", text=text) for text in texts]
    return [f"({part})" for part in parts if part]


async def _newest(db: Database, asked: Looking) -> list[Key]:
    sought = asked.sought
    found: Sequence[Row] = ()
    for look in asked.newest():
        found = await rows(
            db, NEWEST_SQL, among=look.among[0], beside=look.beside, besides=sought.besides or -1,
            after=_after(sought), most=sought.most,
        )  # fmt: skip
        if len(found) >= sought.most:
            break
    return [Key(row["kind"], row["ref_id"], row["group_id"]) for row in found]


def _after(sought: Sought) -> datetime:
    after = sought.limits.after
    return datetime.combine(after, time(), UTC) if after else BEGINNING
