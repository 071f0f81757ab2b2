"""What the threads room holds of one member: posts, threads, drafts, read marks."""

from collections.abc import Mapping

from forum.categories import commands as categories
from forum.categories.policy import READABLE_THREAD, READER
from forum.kit.db import Database, rows, run
from forum.kit.holdings import Holding, Rows
from forum.members.types import Actor
from forum.threads.commands import recount
from forum.threads.policy import POST_THERE, THREAD_THERE

POSTS_SQL = f"""
    SELECT t.id AS thread_id, t.title, c.name AS category, p.number, p.source, p.created_at, p.edited_at, p.deleted_at
    FROM post p
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    {READER}
    WHERE p.author_id = r.id AND {READABLE_THREAD} AND {THREAD_THERE} AND {POST_THERE}
    ORDER BY p.id
"""
DRAFTS_SQL = "SELECT d.key, d.fields, d.saved_at FROM draft d WHERE d.member_id = :actor_id ORDER BY d.key"

WAITING_SQL = """
    SELECT h.title, h.body, h.beside, h.outcome, h.created_at
    FROM held_post h
    WHERE h.author_id = :actor_id
    ORDER BY h.id
"""

HANDED_OVER = (
    # A key that both accounts used would be taken for the same form sent twice.
    """
    UPDATE thread SET author_id = :into_id, client_key = left(:from_id || ' ' || client_key, 300)
    WHERE author_id = :from_id
    """,
    """
    UPDATE post SET author_id = :into_id, client_key = left(:from_id || ' ' || client_key, 300)
    WHERE author_id = :from_id
    """,
    """
    UPDATE held_post SET author_id = :into_id, client_key = left(:from_id || ' ' || client_key, 300)
    WHERE author_id = :from_id
    """,
    "UPDATE post_revision SET editor_id = :into_id WHERE editor_id = :from_id",
    "UPDATE thread SET deleted_by = :into_id WHERE deleted_by = :from_id",
    "UPDATE post SET deleted_by = :into_id WHERE deleted_by = :from_id",
    """
    INSERT INTO read_mark (member_id, thread_id, number, read_at)
    SELECT :into_id, k.thread_id, k.number, k.read_at FROM read_mark k WHERE k.member_id = :from_id
    ON CONFLICT (member_id, thread_id) DO UPDATE
    SET number = greatest(read_mark.number, excluded.number), read_at = least(read_mark.read_at, excluded.read_at)
    """,
    """
    INSERT INTO mention (post_id, member_id, since, seen_at)
    SELECT e.post_id, :into_id, e.since, e.seen_at FROM mention e WHERE e.member_id = :from_id
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO draft (member_id, key, fields, saved_at)
    SELECT :into_id, d.key, d.fields, d.saved_at FROM draft d WHERE d.member_id = :from_id
    ON CONFLICT DO NOTHING
    """,
)
FORGOTTEN = (
    "DELETE FROM held_post WHERE author_id = :member_id",
    "DELETE FROM draft WHERE member_id = :member_id",
    "DELETE FROM read_mark WHERE member_id = :member_id",
    "DELETE FROM mention WHERE member_id = :member_id",
)
OWN_WORDS_REMOVED = (
    "DELETE FROM post_revision v USING post p WHERE p.id = v.post_id AND p.author_id = :member_id",
    """
    UPDATE thread SET accepted_post_id = NULL, accepted_at = NULL
    WHERE accepted_post_id IN (SELECT p.id FROM post p WHERE p.author_id = :member_id)
    """,
    # Where others have answered, their words stay under a question without words.
    """
    UPDATE post SET source = 'Removed by its author.', html = '<p>Removed by its author.</p>'
    WHERE author_id = :member_id AND number = 1
    """,
    """
    UPDATE thread SET title = 'Removed by its author', slug = 'removed'
    WHERE author_id = :member_id
    """,
    """
    UPDATE post
    SET source = '', html = '', deleted_at = coalesce(deleted_at, now()), deleted_by = :member_id, delete_reason = ''
    WHERE author_id = :member_id AND number > 1
    """,
)


async def export(db: Database, actor: Actor) -> Mapping[str, Rows]:
    """What they wrote where they may still read, and what they have not sent yet."""
    posts = await rows(db, POSTS_SQL, actor_id=actor.id)
    drafts = await rows(db, DRAFTS_SQL, actor_id=actor.id)
    waiting = await rows(db, WAITING_SQL, actor_id=actor.id)
    return {"posts": posts, "drafts": drafts, "waiting": waiting}


async def hand_over(db: Database, from_id: int, into_id: int) -> None:
    """Everything written or begun is the other account's."""
    for statement in HANDED_OVER:
        await run(db, statement, from_id=from_id, into_id=into_id)
    for statement in FORGOTTEN:
        await run(db, statement, member_id=from_id)


async def forget(db: Database, member_id: int, removes: bool) -> None:
    """Drafts and marks go; posts stay under no name, or lose their words."""
    for statement in FORGOTTEN:
        await run(db, statement, member_id=member_id)
    if removes:
        await _remove_words(db, member_id)


async def _remove_words(db: Database, member_id: int) -> None:
    found = await rows(
        db,
        """
        SELECT t.id, t.category_id, t.deleted_at IS NULL AND t.author_id = :member_id AND t.reply_count = 0 AS ends
        FROM thread t
        WHERE t.author_id = :member_id
              OR EXISTS (SELECT 1 FROM post p WHERE p.thread_id = t.id AND p.author_id = :member_id)
        ORDER BY t.id
        FOR NO KEY UPDATE OF t
        """,
        member_id=member_id,
    )
    for statement in OWN_WORDS_REMOVED:
        await run(db, statement, member_id=member_id)
    for thread in found:
        if thread["ends"]:
            await _end(db, thread["id"], thread["category_id"], member_id)
        await recount(db, thread["id"])


async def _end(db: Database, thread_id: int, category_id: int, member_id: int) -> None:
    """A thread nobody answered goes altogether."""
    await run(
        db,
        "UPDATE thread SET deleted_at = now(), deleted_by = :member_id, delete_reason = '' WHERE id = :thread_id",
        member_id=member_id,
        thread_id=thread_id,
    )
    await run(
        db, "UPDATE post SET source = '', html = '' WHERE thread_id = :thread_id AND number = 1", thread_id=thread_id
    )
    await categories.count_threads(db, category_id, -1)


HOLDING = Holding("threads", export, hand_over, forget)
