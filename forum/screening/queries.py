"""Reads of the screening room."""

from forum.categories.policy import MODERATED, READER
from forum.kit.db import Database, many, one
from forum.members.types import Actor
from forum.screening.matching import Matcher
from forum.screening.types import ListedWord, Screening, WatchedWord

WORD_COLUMNS = "w.id, w.category_id, w.words, w.act, w.sentence, w.path"


async def screening(db: Database, actor: Actor, category_id: int, text: str) -> Screening:
    """What the words of the site and of that category say about `text`; staff there are not screened."""
    if actor.moderates_in(category_id):
        return Screening()
    words = await many(
        db,
        WatchedWord,
        f"""
        SELECT {WORD_COLUMNS}
        FROM watched_word w
        WHERE w.category_id IS NULL OR w.category_id = :category_id
        ORDER BY w.id
        LIMIT 2000
        """,
        category_id=category_id,
    )
    hits = Matcher((word.words, word) for word in words).found(text) if words else []
    by_act = {hit.act: hit for hit in reversed(hits)}
    refusal = by_act["block"].sentence if "block" in by_act else ""
    return Screening(refusal, "hold" in by_act, by_act.get("link"))


async def watched_word(db: Database, word_id: int) -> WatchedWord:
    """One word. Raises NotFound."""
    return await one(
        db, WatchedWord, f"SELECT {WORD_COLUMNS} FROM watched_word w WHERE w.id = :word_id", word_id=word_id
    )


async def listed_words(db: Database, actor: Actor) -> list[ListedWord]:
    """The words `actor` may change: administrators all, moderators those of their categories."""
    return await many(
        db,
        ListedWord,
        f"""
        SELECT w.id, w.words, w.act, w.sentence, w.path, c.name AS category_name, m.name AS author_name, w.created_at
        FROM watched_word w
        LEFT JOIN category c ON c.id = w.category_id
        LEFT JOIN member m ON m.id = w.created_by
        {READER}
        WHERE {MODERATED}
        ORDER BY c.name NULLS FIRST, w.words, w.id
        LIMIT 2000
        """,
        actor_id=actor.id,
    )
