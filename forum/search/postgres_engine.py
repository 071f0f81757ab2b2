"""Search by PostgreSQL: the same questions and answers as the engine elsewhere, from search_document.

What documents are limited by stands in their tsvector beside their stems, as lexemes no text yields: # and a word, or
= and a stem of the title. So one look into one index answers for words, rights and filters together, however few of
the documents a reader may read. Of common words the newest months are looked through first, then more.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time

from forum.kit.db import Database, rows, value
from forum.search import ranking
from forum.search.synonyms import synonym_groups
from forum.search.tags import HEAD, all_of, any_of, limits_of, quoted, stem_in_title, whole_title
from forum.search.types import Key, Sought, Word
from forum.search.vocabulary import Months, Term, months, terms

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
RANK_SQL = f"""
    WITH candidate AS MATERIALIZED (
        SELECT DISTINCT ON (f.kind, f.ref_id) f.kind, f.ref_id, f.group_id, f.words, f.length, f.prior, f.written_at
        FROM unnest(CAST(:candidates AS text[])) q (query)
        CROSS JOIN LATERAL (
            SELECT d.kind, d.ref_id, d.group_id, d.words, d.length, d.prior, d.written_at
            FROM search_document d
            WHERE d.words @@ CAST(q.query AS tsquery) AND NOT d.is_gone AND (d.group_id <> :besides OR d.group_id = 0)
              AND d.written_at >= :after
            LIMIT :most_ranked
        ) f
    ),
    stem AS MATERIALIZED (
        SELECT s.term, s.weight, CAST(s.query AS tsquery) AS query
        FROM unnest(CAST(:terms AS integer[]), CAST(:weights AS real[]), CAST(:stems AS text[])) s (term, weight, query)
    ),
    ranked AS (
        SELECT f.kind, f.ref_id, f.group_id,
               f.prior * (1 + {ranking.FRESH} * exp(
                   -extract(epoch FROM now() - f.written_at) / {ranking.FADING_YEARS * 31_557_600}
               )) * (
                   SELECT coalesce(sum(b.best), 0)
                   FROM (
                       SELECT max(s.weight * (
                           {ranking.SATURATION + 1} * n.times / (
                               n.times + {ranking.SATURATION} * (
                                   {1 - ranking.LENGTHINESS} + {ranking.LENGTHINESS} * f.length / CAST(:length AS real)
                               )
                           ) + CASE WHEN n.in_title > 0 THEN {ranking.TITLE} ELSE 0 END
                       )) AS best
                       FROM stem s
                       CROSS JOIN LATERAL (
                           SELECT ts_rank('{{1,0,0,0}}', f.words, s.query) AS in_text,
                                  ts_rank('{{0,0,0,1}}', f.words, s.query) AS in_title
                       ) r
                       CROSS JOIN LATERAL (
                           SELECT CASE WHEN r.in_text > 0 THEN 0.6079 / (1.0001 - r.in_text) - 0.5 ELSE 0 END AS times,
                                  r.in_title
                       ) n
                       WHERE r.in_text > 0 OR r.in_title > 0
                       GROUP BY s.term
                   ) b
               ) AS score,
               f.written_at
        FROM candidate f
    ),
    best AS (
        SELECT DISTINCT ON (CASE WHEN k.group_id = 0 THEN k.kind || k.ref_id ELSE CAST(k.group_id AS text) END)
               k.kind, k.ref_id, k.group_id, k.score, k.written_at
        FROM ranked k
        ORDER BY CASE WHEN k.group_id = 0 THEN k.kind || k.ref_id ELSE CAST(k.group_id AS text) END,
                 k.score DESC, k.ref_id
    )
    SELECT b.kind, b.ref_id, b.group_id
    FROM best b
    ORDER BY b.score DESC, b.written_at DESC, b.kind, b.ref_id DESC
    LIMIT :most
"""

NEWEST_SQL = """
    SELECT DISTINCT ON (d.written_at, d.kind, d.ref_id) d.kind, d.ref_id, d.group_id
    FROM search_document d
    WHERE d.words @@ CAST(:query AS tsquery) AND NOT d.is_gone AND d.written_at >= :after
    ORDER BY d.written_at DESC, d.kind, d.ref_id DESC
    LIMIT :most
"""


async def ranked(db: Database, sought: Sequence[Sought]) -> list[list[Key]]:
    """The keys of what fits each question, best first."""
    return [await _ranked(db, each) for each in sought]


async def _ranked(db: Database, sought: Sought) -> list[Key]:
    calendar = await months(db)
    limits = [*limits_of(sought), *await _exact_parts(db, sought.words)]
    found = await terms(db, sought.words, await synonym_groups(db))
    if not found:
        is_only_small_words = any(not word.is_left_out for word in sought.words)
        return [] if is_only_small_words else await _newest(db, sought, limits, calendar)
    if not sought.needs_all:
        return await _ranked_among(db, sought, found, calendar, _with_rare_words(found, limits, calendar))
    keys: list[Key] = []
    exactly = all_of([quoted(whole_title(" ".join(word.text for word in sought.words))), *limits])
    for candidates in _with_all_words(found, limits, calendar, sought.most):
        keys = await _ranked_among(db, sought, found, calendar, [*candidates, exactly])
        if len(keys) >= min(sought.most, ranking.ENOUGH):
            break
    return keys


async def _ranked_among(
    db: Database, sought: Sought, found: Sequence[Term], calendar: Months, candidates: Sequence[str]
) -> list[Key]:
    """The best of the documents that one of the tsqueries `candidates` finds."""
    weighed = [
        (place, calendar.rarity(term.documents) * stem.factor, quoted(stem.lexeme))
        for place, term in enumerate(found)
        for stem in term.all_stems
    ]
    numbers, weights, stems = zip(*weighed, strict=True)
    keys = await rows(
        db,
        RANK_SQL,
        candidates=list(candidates),
        terms=list(numbers),
        weights=list(weights),
        stems=list(stems),
        length=calendar.length,
        besides=sought.besides or -1,
        after=_after(sought),
        most_ranked=ranking.MOST_RANKED,
        most=sought.most,
    )
    return [Key(row["kind"], row["ref_id"], row["group_id"]) for row in keys]


def _with_all_words(found: Sequence[Term], limits: Sequence[str], calendar: Months, most: int) -> Iterator[list[str]]:
    """Tsqueries for documents with all words, over ever more months: in any place, and in titles."""
    words = [_in_text(term) for term in found]
    titles = [HEAD_PART, *(_in_title(term) for term in found)]
    rarest = min(term.documents for term in found)
    wanted = min(ranking.MOST_RANKED, 4 * most)
    widened = 1
    while True:
        newest = _newest_months(calendar, rarest, wanted * widened)
        newest_titles = _newest_months(calendar, rarest // TITLES_HOLD, wanted * widened)
        yield [all_of([*words, *newest, *limits]), all_of([*titles, *newest_titles, *limits])]
        if not newest and not newest_titles:
            return
        widened *= ranking.WIDER


def _with_rare_words(found: Sequence[Term], limits: Sequence[str], calendar: Months) -> list[str]:
    """Tsqueries for documents with some of the words: the rarest ones, as long as these are not in too many."""
    left = ranking.RARE_IN_ALL
    queries = []
    for term in sorted(found, key=lambda each: each.documents):
        newest = _newest_months(calendar, term.documents, max(left, ranking.MOST_RANKED // 4))
        queries.append(all_of([_in_text(term), *newest, *limits]))
        left -= term.documents
        if left <= 0:
            break
    return queries


HEAD_PART = quoted(HEAD)
TITLES_HOLD = 8  # of so many documents with a word about one has it in a title of its own


def _newest_months(calendar: Months, documents: int, wanted: int) -> list[str]:
    """A part of a tsquery for the newest months that hold about `wanted` of so many documents; [] for all months."""
    every, left, taken = calendar.documents, wanted, []
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
    """The newest of what has a title of its own, where no words were given."""
    wanted = sought.most
    while True:
        newest = _newest_months(calendar, calendar.documents, wanted)
        query = all_of([HEAD_PART, *newest, *limits])
        found = await rows(db, NEWEST_SQL, query=query, after=_after(sought), most=sought.most)
        if len(found) >= sought.most or not newest:
            return [Key(row["kind"], row["ref_id"], row["group_id"]) for row in found]
        wanted *= ranking.WIDER


def _after(sought: Sought) -> datetime:
    after = sought.limits.after
    return datetime.combine(after, time(), UTC) if after else BEGINNING
