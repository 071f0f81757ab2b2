"""The log of what is looked for: counts by day and words, without names."""

import re
import unicodedata

from forum.kit.db import Database, many, run
from forum.kit.text import has_controls, has_words, one_line
from forum.search.asked_types import Asked

KEPT_DAYS, SHOWN_DAYS = 90, 30
MAX_WORDS = 200
MOST_A_DAY = 5000  # different ones: whoever types at random fills no disk
# What may be somebody's address or number: long runs of digits, also with marks between them, and local telephones.
PERSONAL = re.compile(r"@|\d{5}|\d(?:[ .()/-]{0,2}\d){8}|\b\d{3}[-.]\d{4}\b")

SHOWN = "FROM search_asked s WHERE s.day > current_date - CAST(:days AS integer)"


async def note_asked(db: Database, words: str, found: int) -> None:
    """Count that somebody looked for `words`, without their filters, and that so many were found.

    For searches that were sent, not for what is still being typed. What may name somebody is not kept, nor what is
    too long, nor more than MOST_A_DAY different ones.
    """
    kept = normalised(words)
    if not kept:
        return
    await run(
        db,
        """
        INSERT INTO search_asked (day, words, asked, unfound)
        SELECT current_date, :words, 1, :unfound
        WHERE EXISTS (SELECT 1 FROM search_asked s WHERE s.day = current_date AND s.words = :words)
           OR (SELECT count(*) FROM search_asked s WHERE s.day = current_date) < :most
        ON CONFLICT (day, words)
        DO UPDATE SET asked = search_asked.asked + 1, unfound = search_asked.unfound + excluded.unfound
        """,
        words=kept,
        unfound=int(found == 0),
        most=MOST_A_DAY,
    )


def normalised(words: str) -> str:
    """`words` as they are counted: in small letters with single spaces; "" for what is not kept."""
    if len(words) > MAX_WORDS:
        return ""
    text = one_line(unicodedata.normalize("NFKC", words)).lower()
    is_kept = len(text) <= MAX_WORDS and has_words(text) and not has_controls(text) and not PERSONAL.search(text)
    return text if is_kept else ""


async def most_asked(db: Database, *, days: int = SHOWN_DAYS, limit: int = 50) -> list[Asked]:
    """What was looked for most often in the last `days` days."""
    return await many(
        db,
        Asked,
        f"""
        SELECT s.words, sum(s.asked) AS asked, sum(s.unfound) AS unfound
        {SHOWN}
        GROUP BY s.words
        ORDER BY sum(s.asked) DESC, s.words
        LIMIT :limit
        """,
        days=days,
        limit=limit,
    )


async def most_missed(db: Database, *, days: int = SHOWN_DAYS, limit: int = 50) -> list[Asked]:
    """What was looked for most often in the last `days` days with nothing found."""
    return await many(
        db,
        Asked,
        f"""
        SELECT s.words, sum(s.asked) AS asked, sum(s.unfound) AS unfound
        {SHOWN} AND s.unfound > 0
        GROUP BY s.words
        ORDER BY sum(s.unfound) DESC, s.words
        LIMIT :limit
        """,
        days=days,
        limit=limit,
    )


async def forget(db: Database) -> None:
    """Drop what was asked more than KEPT_DAYS days ago."""
    await run(db, "DELETE FROM search_asked WHERE day < current_date - CAST(:days AS integer)", days=KEPT_DAYS)
