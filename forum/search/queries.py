"""Reads of the search room: threads whose title or posts hold the words."""

import re
from dataclasses import dataclass
from datetime import datetime
from html import unescape

from forum.categories.policy import READABLE_THREADS
from forum.kit.db import Database, many
from forum.members.types import Actor

MOST_HITS = 50
MOST_RANKED = 400
EXACTLY = re.compile(r'"|(^|\s)-')  # a phrase, or a word to leave out
MINUSES = re.compile(r'-(?:[^\w"]*-)+')  # PostgreSQL fails at more than thirty one after the other


@dataclass(frozen=True)
class Hit:
    """A thread that was found, with the post that fits best.

    excerpt: its words as HTML text without tags, those looked for between \\x02 and \\x03.
    """

    thread_id: int
    slug: str
    title: str
    number: int
    excerpt: str
    reply_count: int
    is_answered: bool
    active_at: datetime
    category_slug: str
    category_name: str
    category_colour: str

    @property
    def path(self) -> str:
        """The found post, on its page of the thread."""
        start = (self.number - 1) // 50 * 50
        page = f"?after={start}" if start else ""
        return f"/t/{self.thread_id}/{self.slug}{page}#p{self.number}"

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The excerpt in pieces: text, and whether it is one of the words looked for."""
        head, *rest = unescape(" ".join(self.excerpt.split())).split("\x02")
        found = [piece for part in rest for piece in _marked(part)]
        return [(text, is_word) for text, is_word in [(head, False), *found] if text]


def _marked(part: str) -> list[tuple[str, bool]]:
    word, _, text = part.partition("\x03")
    return [(word, True), (text, False)]


TITLE_WORDS = "to_tsvector('english', t.title)"
READS_ANY = f"EXISTS (SELECT 1 FROM thread t WHERE t.deleted_at IS NULL AND {READABLE_THREADS})"
# Ids first, then ranks, for ranking is slow. Common words are met often on the way back from the newest post;
# only rarer ones are looked up, as the index gives all posts that hold them, in no order. Titles are compared by
# likeness where words find less than a page of them. No LIMIT in what is looked up: it would tempt the planner
# to walk all threads by time instead.
SEARCH_SQL = f"""
    WITH q AS MATERIALIZED (SELECT websearch_to_tsquery('english', :words) AS words),
    new_posts AS MATERIALIZED (
        SELECT p.id
        FROM (SELECT id, thread_id, words, deleted_at FROM post ORDER BY id DESC LIMIT 20000) p
        JOIN thread t ON t.id = p.thread_id
        WHERE p.words @@ (SELECT words FROM q) AND p.deleted_at IS NULL AND t.deleted_at IS NULL
          AND {READABLE_THREADS}
        ORDER BY p.id DESC
        LIMIT :most_ranked
    ),
    all_posts AS MATERIALIZED (
        SELECT p.id
        FROM post p
        JOIN thread t ON t.id = p.thread_id
        WHERE (SELECT count(*) FROM new_posts) < :most_ranked AND {READS_ANY}
          AND p.words @@ (SELECT words FROM q) AND p.deleted_at IS NULL AND t.deleted_at IS NULL
          AND {READABLE_THREADS}
    ),
    titles AS MATERIALIZED (
        SELECT t.id, t.active_at
        FROM thread t
        WHERE {TITLE_WORDS} @@ (SELECT words FROM q) AND t.deleted_at IS NULL AND {READABLE_THREADS}
    ),
    like_titles AS MATERIALIZED (
        SELECT t.id, t.active_at
        FROM thread t
        WHERE (SELECT count(*) FROM titles) < :limit AND {READS_ANY}
          AND t.title %> :alike AND t.deleted_at IS NULL AND {READABLE_THREADS}
    ),
    by_post AS (
        SELECT p.thread_id, p.number, ts_rank(p.words, q.words) AS rank, p.id AS post_id
        FROM (SELECT id FROM new_posts UNION SELECT id FROM all_posts ORDER BY id DESC LIMIT :most_ranked) f
        JOIN post p ON p.id = f.id
        CROSS JOIN q
    ),
    by_title AS (
        SELECT t.id AS thread_id, 1 AS number,
               0.4 + ts_rank({TITLE_WORDS}, q.words) + similarity(t.title, :alike) AS rank,
               CAST(NULL AS bigint) AS post_id
        FROM (
            SELECT id, active_at FROM titles
            UNION SELECT id, active_at FROM like_titles
            ORDER BY active_at DESC, id DESC
            LIMIT :most_ranked
        ) f
        JOIN thread t ON t.id = f.id
        JOIN post o ON o.thread_id = t.id AND o.number = 1
        CROSS JOIN q
        WHERE :alike <> '' OR ({TITLE_WORDS} || o.words) @@ q.words
    ),
    best AS (
        SELECT f.thread_id, sum(f.rank) AS rank,
               (array_agg(f.number ORDER BY f.post_id IS NULL, f.rank DESC, f.number))[1] AS number
        FROM (
            SELECT thread_id, number, rank, post_id FROM by_post
            UNION ALL SELECT thread_id, number, rank, post_id FROM by_title
        ) f
        GROUP BY f.thread_id
        ORDER BY sum(f.rank) DESC, f.thread_id DESC
        LIMIT :limit
    )
    SELECT t.id AS thread_id, t.slug, t.title, b.number,
           ts_headline('english', left(regexp_replace(p.html, '<[^>]*>', ' ', 'g'), 8000), q.words,
                       'StartSel=' || chr(2) || ', StopSel=' || chr(3) || ', MaxWords=30, MinWords=12') AS excerpt,
           t.reply_count, t.accepted_post_id IS NOT NULL AS is_answered, t.active_at,
           c.slug AS category_slug, c.name AS category_name, c.colour AS category_colour
    FROM best b
    CROSS JOIN q
    JOIN thread t ON t.id = b.thread_id
    JOIN category c ON c.id = t.category_id
    JOIN post p ON p.thread_id = t.id AND p.number = b.number
    ORDER BY b.rank DESC, t.active_at DESC, t.id DESC
"""


async def search(db: Database, actor: Actor, words: str, *, limit: int = MOST_HITS) -> list[Hit]:
    """Up to `limit` readable threads for `words`, as somebody types them in a search box ("exact phrase", -without).

    A title counts more than a post; titles are also found by likeness, for typos, unless the words are to be
    taken exactly. Only the newest few hundred matching posts are ranked, so that common words cost no more than rare.
    """
    words = MINUSES.sub("-", words[:200])
    return await many(
        db,
        Hit,
        SEARCH_SQL,
        actor_id=actor.id,
        words=words,
        alike="" if EXACTLY.search(words) else words,
        most_ranked=MOST_RANKED,
        limit=limit,
    )
