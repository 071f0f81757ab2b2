"""Search by PostgreSQL: the same questions and answers as the engine elsewhere, from search_document.

What documents are limited by stands in their tsvector beside their stems, as lexemes no text yields: # and a word, or
= and a stem of the title. So one look into one index answers for words, rights and filters together, however few of
the documents a reader may read. Of common words the newest months are looked through first, then more.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time

from forum.kit.db import Database, rows, value
from forum.search.ranking import (
    FADING_YEARS,
    FRESH,
    LEAST_RANKED,
    LENGTHINESS,
    MOST_RANKED,
    RARE_IN_ALL,
    SATURATION,
    TITLE,
    WIDER,
)
from forum.search.synonyms import synonym_groups
from forum.search.tags import HEAD, all_of, any_of, limits_of, quoted, stem_in_title, whole_title
from forum.search.types import Key, Sought, Word
from forum.search.vocabulary import Months, Term, months, terms

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
HEAD_PART = quoted(HEAD)
FADING_SECONDS = FADING_YEARS * 31_557_600
SATURATED, SHORT = SATURATION + 1, 1 - LENGTHINESS
TITLES_HOLD = 8  # of so many documents with a word about one has it in a title of its own
# What is equal comes in the order of hashes, as ids of members would tell who came when.
# How often a stem is in the text is taken back out of ts_rank, which is the sum of 1/i^2 for i = 1 to that number, over
# pi^2/6: the one way to count without taking the whole tsvector apart.
RANK_SQL = f"""
    WITH candidate AS MATERIALIZED (
        SELECT DISTINCT ON (q.section, f.kind, f.ref_id)
               q.section, f.kind, f.ref_id, f.group_id, f.words, f.length, f.prior, f.written_at
        FROM unnest(CAST(CAST(:candidates AS text[]) AS tsquery[]), CAST(:sections AS integer[])) q (query, section)
        CROSS JOIN LATERAL (
            SELECT d.kind, d.ref_id, d.group_id, d.words, d.length, d.prior, d.written_at
            FROM search_document d
            WHERE d.words @@ q.query AND NOT d.is_gone AND (d.group_id <> :besides OR d.group_id = 0)
              AND d.written_at >= :after
            ORDER BY d.written_at DESC, d.kind, d.ref_id
            LIMIT {MOST_RANKED}
        ) f
    ),
    pair AS MATERIALIZED (
        SELECT f.section, f.kind, f.ref_id, f.length, s.term, s.weight,
               ts_rank('{{1,0,0,0}}', f.words, s.query) AS in_text, ts_rank('{{0,0,0,1}}', f.words, s.query) AS in_title
        FROM candidate f
        CROSS JOIN unnest(
            CAST(:terms AS integer[]), CAST(:weights AS real[]), CAST(CAST(:stems AS text[]) AS tsquery[])
        ) s (term, weight, query)
    ),
    counted AS (
        SELECT p.section, p.kind, p.ref_id, p.term, p.weight, p.in_title,
               CASE WHEN p.in_text > 0 THEN 0.6079 / (1.0001 - p.in_text) - 0.5 ELSE 0 END AS times,
               {SATURATION} * ({SHORT} + {LENGTHINESS} * p.length / CAST(:length AS real)) AS lengthy
        FROM pair p
        WHERE p.in_text > 0 OR p.in_title > 0
    ),
    scored AS (
        SELECT b.section, b.kind, b.ref_id, sum(b.best) AS score
        FROM (
            SELECT n.section, n.kind, n.ref_id, max(n.weight * (
                       {SATURATED} * n.times / (n.times + n.lengthy) + CASE WHEN n.in_title > 0 THEN {TITLE} ELSE 0 END
                   )) AS best
            FROM counted n
            GROUP BY n.section, n.kind, n.ref_id, n.term
        ) b
        GROUP BY b.section, b.kind, b.ref_id
    ),
    ranked AS (
        SELECT f.section, f.kind, f.ref_id, f.group_id, f.written_at,
               CASE WHEN f.group_id = 0 THEN f.kind || f.ref_id ELSE CAST(f.group_id AS text) END AS once,
               coalesce(s.score, 0) * f.prior * (
                   1 + {FRESH} * exp(-extract(epoch FROM now() - f.written_at) / {FADING_SECONDS})
               ) AS score
        FROM candidate f
        LEFT JOIN scored s ON s.section = f.section AND s.kind = f.kind AND s.ref_id = f.ref_id
    ),
    best AS (
        SELECT DISTINCT ON (k.section, k.once) k.section, k.kind, k.ref_id, k.group_id, k.score, k.written_at
        FROM ranked k
        ORDER BY k.section, k.once, k.score DESC, k.ref_id
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
        SELECT DISTINCT ON (CASE WHEN d.group_id = 0 THEN d.kind || d.ref_id ELSE CAST(d.group_id AS text) END)
               d.kind, d.ref_id, d.group_id, d.written_at
        FROM search_document d
        WHERE d.words @@ CAST(:query AS tsquery) AND NOT d.is_gone AND (d.group_id <> :besides OR d.group_id = 0)
          AND d.written_at >= :after
        ORDER BY CASE WHEN d.group_id = 0 THEN d.kind || d.ref_id ELSE CAST(d.group_id AS text) END,
                 d.written_at DESC, d.ref_id
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
    calendar = await months(db, circle)
    exact = await _exact_parts(db, words)
    found = await terms(db, circle, words, await synonym_groups(db))
    if not found:
        if any(not word.is_left_out for word in words):
            return [[] for _ in sought]  # words like "the" and no others
        return [await _newest(db, each, [*limits_of(each), *exact], calendar) for each in sought]
    keys: list[list[Key]] = [[] for _ in sought]
    ways = [_ways(words, found, each, [*limits_of(each), *exact], calendar) for each in sought]
    open_ones = list(range(len(sought)))
    while open_ones:
        tried = {number: way for number in open_ones if (way := next(ways[number], None))}
        for number, better in (await _ranked_among(db, sought, found, calendar, tried)).items():
            keys[number] = better
        open_ones = [n for n in tried if len(keys[n]) < sought[n].most]
    return keys


def _ways(
    words: Sequence[Word], found: Sequence[Term], sought: Sought, limits: Sequence[str], calendar: Months
) -> Iterator[list[str]]:
    """Tsqueries whose documents are ranked, and with which to go on where that brings too little."""
    if not sought.needs_all:
        yield _with_rare_words(found, limits, calendar)
        return
    title = quoted(whole_title(" ".join(word.text for word in words)))
    for candidates in _with_all_words(found, limits, calendar, sought.most):
        yield [*candidates, all_of([title, *limits])]


async def _ranked_among(
    db: Database, sought: Sequence[Sought], found: Sequence[Term], calendar: Months, tried: Mapping[int, list[str]]
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
    candidates = [(query, number + 1) for number, queries in tried.items() for query in queries]
    ranked_rows = await rows(
        db,
        RANK_SQL,
        candidates=[query for query, _ in candidates],
        sections=[section for _, section in candidates],
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


def _with_all_words(found: Sequence[Term], limits: Sequence[str], calendar: Months, most: int) -> Iterator[list[str]]:
    """Tsqueries for documents with all words, over ever more months: in any place, and in titles."""
    words = [_in_text(term) for term in found]
    titles = [HEAD_PART, *(_in_title(term) for term in found)]
    rarest = min(calendar.expected(term) for term in found)
    wanted = min(MOST_RANKED, max(LEAST_RANKED, 4 * most))
    widened = 1
    while True:
        newest = _newest_months(calendar, rarest, wanted * widened)
        newest_titles = _newest_months(calendar, rarest // TITLES_HOLD, wanted * widened)
        yield [all_of([*words, *newest, *limits]), all_of([*titles, *newest_titles, *limits])]
        if not newest and not newest_titles:
            return
        widened *= WIDER


def _with_rare_words(found: Sequence[Term], limits: Sequence[str], calendar: Months) -> list[str]:
    """Tsqueries for documents with some of the words: the rarest ones, as long as these are not in too many."""
    left = RARE_IN_ALL
    queries = []
    for term in sorted(found, key=calendar.expected):
        newest = _newest_months(calendar, calendar.expected(term), max(left, LEAST_RANKED))
        queries.append(all_of([_in_text(term), *newest, *limits]))
        left -= term.documents
        if left <= 0:
            break
    return queries


def _newest_months(calendar: Months, documents: int, wanted: int) -> list[str]:
    """A part of a tsquery for the newest months that hold about `wanted` of so many documents; [] for all months."""
    every, left, taken = calendar.documents, wanted, [quoted(f"#m{datetime.now(UTC):%Y%m}")]
    if documents <= wanted:
        return []
    for month, count in calendar.counts:
        taken.append(quoted(f"#m{month}"))
        left -= max(1, documents * count // every)
        if left <= 0:
            return [any_of(taken)]
    return []


def _in_text(term: Term) -> str:
    phrases = ("(" + " <-> ".join(quoted(stem.lexeme) for stem in phrase) + ")" for phrase in term.phrases)
    return any_of([*(quoted(stem.lexeme) for stem in term.stems), *phrases])


def _in_title(term: Term) -> str:
    return any_of(quoted(stem_in_title(stem.lexeme)) for stem in term.all_stems)


async def _exact_parts(db: Database, words: Sequence[Word]) -> list[str]:
    """Parts of a tsquery for phrases, and against what is left out."""
    parts = []
    for word in words:
        if word.is_phrase or word.is_left_out:
            part = await value(db, "SELECT CAST(phraseto_tsquery('forum', :text) AS text)", text=word.text)
            if part:
                parts.append(f"!({part})" if word.is_left_out else f"({part})")
    return parts


async def _newest(db: Database, sought: Sought, limits: Sequence[str], calendar: Months) -> list[Key]:
    """The newest, where no words were given: of threads their beginnings, unless a reply may be what is meant."""
    limited = sought.limits
    is_of_posts = limited.author_ids or limited.product_ids or "review" in limited.kinds
    wanted = 4 * sought.most
    while True:
        newest = _newest_months(calendar, calendar.documents, wanted)
        query = all_of([*([] if is_of_posts else [HEAD_PART]), *newest, *limits])
        found = await rows(
            db, NEWEST_SQL, query=query, besides=sought.besides or -1, after=_after(sought), most=sought.most
        )
        if len(found) >= sought.most or not newest:
            return [Key(row["kind"], row["ref_id"], row["group_id"]) for row in found]
        wanted *= WIDER


def _after(sought: Sought) -> datetime:
    after = sought.limits.after
    return datetime.combine(after, time(), UTC) if after else BEGINNING
