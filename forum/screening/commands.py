"""Watching words and leaving them alone again."""

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.categories import queries as categories
from forum.kit.db import Database, run, value
from forum.kit.errors import Invalid, NotFound
from forum.members.types import Actor
from forum.screening import policy, queries
from forum.screening.types import WordDraft

MOST = 1000  # on the site, and in each category: as many as are looked for in milliseconds
HOLD = "SELECT pg_advisory_xact_lock(hashtext('watched_word'))"


async def watch(db: Database, actor: Actor, draft: WordDraft) -> None:
    """Look for these words in what is written from now on; the same words again change what follows.

    Raises Invalid, Forbidden.
    """
    draft.check()
    category_id = await _category(db, actor, draft.category)
    policy.may_watch(actor, category_id).require()
    async with db.transaction():
        await run(db, HOLD)
        word_id = await value(
            db,
            """
            INSERT INTO watched_word (category_id, words, act, sentence, path, created_by)
            SELECT CAST(:category_id AS bigint), :words, :act, :sentence, :path, :actor_id
            WHERE (SELECT count(*) FROM watched_word w
                   WHERE w.category_id IS NOT DISTINCT FROM CAST(:category_id AS bigint) AND w.words <> :words) < :most
            ON CONFLICT (words, coalesce(category_id, 0))
            DO UPDATE SET act = excluded.act, sentence = excluded.sentence, path = excluded.path
            RETURNING id
            """,
            category_id=category_id,
            words=draft.compared,
            act=draft.act,
            sentence=draft.sentence,
            path=draft.path if draft.act == "link" else "",
            actor_id=actor.id,
            most=MOST,
        )
        if word_id is None:
            raise Invalid(words=f"{MOST:,} words are watched here already. Take some away first.")
        await _record(db, actor, "word.watched", word_id, category_id, {"act": draft.act})


async def _category(db: Database, actor: Actor, slug: str) -> int | None:
    if not slug:
        return None
    try:
        return (await categories.room(db, actor, slug)).id
    except NotFound:
        raise Invalid(category="Choose one of the categories you moderate.") from None


async def unwatch(db: Database, actor: Actor, word_id: int) -> None:
    """Look for these words no more. Raises NotFound."""
    async with db.transaction():
        word = await queries.watched_word(db, word_id)
        policy.require_watcher(actor, word.category_id)
        await run(db, "DELETE FROM watched_word WHERE id = :word_id", word_id=word_id)
        await _record(db, actor, "word.unwatched", word_id, word.category_id, {})


async def _record(
    db: Database, actor: Actor, name: str, word_id: int, category_id: int | None, after: dict[str, str]
) -> None:
    await audit.record(db, actor.id, Act(name, "watched_word", word_id, category_id, after=after))
