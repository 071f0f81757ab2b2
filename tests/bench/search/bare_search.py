"""The floor of a search: one bare question to one index over the same rows, and what is shown of twenty hits.

No rights, no order, no typing errors, no other stems; whatever comes first.
"""

from forum.kit.db import Database, Row, rows
from forum.search.words import words_of

HITS = """
    SELECT p.id, p.html, p.number, p.created_at, t.id AS thread_id, t.slug, t.title, t.reply_count,
           a.name AS author_name, c.slug AS category_slug, c.name AS category_name, c.colour
    FROM ({FOUND}) d
    JOIN post p ON p.id = d.ref_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    JOIN member a ON a.id = p.author_id
    ORDER BY p.id
"""
PAGE_SQL = HITS.format(
    FOUND="""
        SELECT d.ref_id FROM search_document d
        WHERE d.words @@ websearch_to_tsquery('forum', :text) AND d.kind = 'post'
        LIMIT 20
    """
)
INSTANT_SQL = HITS.format(
    FOUND="SELECT d.ref_id FROM search_document d WHERE d.words @@ CAST(:query AS tsquery) AND d.kind = 'post' LIMIT 6"
)


async def page(db: Database, text: str) -> list[Row]:
    """Twenty posts that hold the words, phrases and all; filters are taken off."""
    words = " ".join(word for word in text.split() if ":" not in word)
    return list(await rows(db, PAGE_SQL, text=words))


async def instant(db: Database, text: str) -> list[Row]:
    """Six posts with the words, the last of which may go on."""
    *whole, begun = words_of(text) or [""]
    parts = [*(f"'{word}'" for word in whole), f"'{begun}':*"]
    return list(await rows(db, INSTANT_SQL, query=" & ".join(parts)))
