"""The words looked for, marked in titles and excerpts of what was found."""

from collections.abc import Sequence

from forum.kit.db import Database, rows
from forum.search.found_types import MARK, UNMARK
from forum.search.synonyms import synonym_groups
from forum.search.tags import one_of
from forum.search.types import Word
from forum.search.vocabulary import terms

MOST_CHARACTERS = 8000  # of a text are looked at
MARK_SQL = """
    SELECT ts_headline('forum', x.title, q.query, :whole) AS title,
           CASE WHEN x.text = '' THEN '' ELSE ts_headline('forum', x.text, q.query, :piece) END AS excerpt
    FROM unnest(CAST(:titles AS text[]), CAST(:texts AS text[])) WITH ORDINALITY x (title, text, place)
    CROSS JOIN (SELECT CAST(:query AS tsquery) AS query) q
    ORDER BY x.place
"""
SIGNS = f"StartSel={MARK}, StopSel={UNMARK}"
CONTROLS = dict.fromkeys(range(32), " ")


async def marked(
    db: Database, circle: str, words: Sequence[Word], titles: Sequence[str], texts: Sequence[str]
) -> list[tuple[str, str]]:
    """Each title whole and of each text the piece that fits best, with every word marked that one sought stands for."""
    if not titles:
        return []
    stems = [stem for term in await terms(db, circle, words, await synonym_groups(db)) for stem in term.all_stems]
    found = await rows(
        db,
        MARK_SQL,
        titles=[title.translate(CONTROLS) for title in titles],
        texts=[text[:MOST_CHARACTERS].translate(CONTROLS) for text in texts],
        query=one_of(stem.lexeme for stem in stems) if stems else "",
        whole=f"{SIGNS}, HighlightAll=true",
        piece=f'{SIGNS}, MaxFragments=2, MaxWords=22, MinWords=10, FragmentDelimiter=" … "',
    )
    return [(row["title"], row["excerpt"]) for row in found]
