"""What is looked for while speed is measured: words by how common they are, from the vocabulary and from posts."""

from collections.abc import Callable, Sequence
from random import Random

from forum.kit.db import Database, rows
from forum.search.posts import text_of
from forum.search.words import words_of
from tests.bench.search.typos import with_typos

EACH = 60  # questions of each sort, all different: each word is looked up once and kept for a minute
COMMON_SQL = """
    SELECT s.word FROM search_word s
    WHERE s.members BETWEEN :least AND :most AND length(s.word) > 4 AND s.word !~ '[0-9]'
    ORDER BY s.members DESC, s.word
    LIMIT :limit
"""
RARE_SQL = """
    SELECT s.word FROM search_word s
    WHERE s.members BETWEEN 3 AND :most AND length(s.word) > 4 AND s.word !~ '[0-9]'
    ORDER BY md5(s.word)
    LIMIT :limit
"""
TEXTS_SQL = "SELECT p.html FROM post p WHERE p.id % :each = 1 ORDER BY p.id LIMIT :limit"


async def questions(db: Database, posts: int) -> dict[str, list[str]]:
    """Of each sort as many questions, as people type them."""
    dice = Random(5)
    common = await _words(db, COMMON_SQL, least=max(2, posts // 100), most=posts, limit=300)
    rare = await _words(db, RARE_SQL, most=max(20, posts // 2_000), limit=300)
    found = await rows(db, TEXTS_SQL, each=max(1, posts // 400), limit=400)
    runs = [run for row in found if (run := _run(dice, text_of(row["html"])))]
    kinds: dict[str, Callable[[], str]] = {
        "a common word": lambda: dice.choice(common),
        "two common words": lambda: " ".join(dice.sample(common, 2)),
        "a common and a rare word": lambda: f"{dice.choice(common)} {dice.choice(rare)}",
        "a rare word": lambda: dice.choice(rare),
        "a phrase": lambda: f'"{" ".join(dice.choice(runs)[:2])}"',
        "common words, filters": lambda: (
            f"{' '.join(dice.sample(common, 2))} category:room-{dice.randint(1, 6)} is:answered"
        ),
        "three words of a post": lambda: " ".join(dice.choice(runs)),
        "the same with typos": lambda: with_typos(" ".join(dice.choice(runs)), str(dice.random())),
    }
    return {name: [make() for _ in range(EACH)] for name, make in kinds.items()}


def prefixes(texts: Sequence[str]) -> list[str]:
    """What is asked while somebody types each of the texts: from the second letter on, key by key."""
    return [text[:length] for text in texts for length in range(2, len(text) + 1) if text[length - 1] != " "]


async def _words(db: Database, sql: str, **values: int) -> list[str]:
    return [row["word"] for row in await rows(db, sql, **values)]


def _run(dice: Random, text: str) -> list[str]:
    """Three words that stand in a row."""
    words = words_of(text)
    start = dice.randrange(max(1, len(words) - 3))
    found = words[start : start + 3]
    return found if len(found) == 3 and all(len(word) > 3 for word in found) else []
