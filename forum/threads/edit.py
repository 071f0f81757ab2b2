"""Changing a post: every version is kept, but for quick corrections by its author."""

from datetime import UTC, datetime

from forum.kit.db import Database, run, value
from forum.kit.errors import Stale
from forum.kit.markdown import render_safely
from forum.members.types import Actor
from forum.threads import hold, mentions, policy, queries
from forum.threads.types import EditDraft, PostSource, Thread, slug_of
from forum.topics import commands as topics
from forum.topics.types import slugs


async def edit(db: Database, actor: Actor, post_id: int, draft: EditDraft) -> PostSource:
    """Change a post, and with the opening post its thread's title and topics. Returns the post as it was.

    Raises Invalid, NotFound, Forbidden; Stale when another edit came first.
    """
    draft.check()
    thread, before = await queries.thread_of_post(db, actor, post_id)
    policy.may_edit(actor, thread, before).require()  # before the costly rendering
    rendered = await mentions.known(db, await render_safely(draft.body))
    async with db.transaction():
        thread, before = await queries.post_to_change(db, actor, post_id)
        policy.may_edit(actor, thread, before).require()
        if before.version != draft.version:
            raise Stale
        is_opening = before.number == 1
        if before.source == draft.body and not (is_opening and _changes_heading(thread, draft)):
            return before
        after = "\n".join((draft.title or "", draft.topics or "", draft.body))
        await hold.screen_edit(db, actor, thread.category_id, f"{thread.heading}\n{before.source}", after)
        silent = is_silent(actor, before) and not draft.is_after_conflict
        if not silent:
            await keep_version(db, actor.id, before, thread.heading if is_opening else "", draft.reason)
        await write(db, post_id, draft.body, rendered.html, is_silent=silent)
        if is_opening:
            await _write_heading(db, thread, draft)
    return before


def _changes_heading(thread: Thread, draft: EditDraft) -> bool:
    has_title = draft.title is not None and draft.title != thread.title
    return has_title or (draft.topics is not None and set(slugs(draft.topics)) != set(thread.topics))


async def _write_heading(db: Database, thread: Thread, draft: EditDraft) -> None:
    if draft.title is not None:
        await run(
            db,
            "UPDATE thread SET title = :title, slug = :slug WHERE id = :thread_id",
            title=draft.title,
            slug=slug_of(draft.title),
            thread_id=thread.id,
        )
    if draft.topics is not None:
        await topics.set_topics(db, thread.id, slugs(draft.topics))


def is_silent(actor: Actor, post: PostSource, now: datetime | None = None) -> bool:
    """Whether an edit leaves no trace: the author's own, in the first ten minutes."""
    return actor.id == post.author_id and (now or datetime.now(UTC)) - post.created_at < policy.SILENT_EDIT


async def keep_version(db: Database, editor_id: int | None, before: PostSource, heading: str, reason: str) -> None:
    """Within a transaction that holds the thread: the post as it was stays to be read."""
    await run(
        db,
        """
        INSERT INTO post_revision (post_id, version, heading, source, editor_id, reason, created_at)
        VALUES (:post_id, :version, :heading, :source, :editor_id, :reason, now())
        """,
        post_id=before.id,
        version=before.version,
        heading=heading,
        source=before.source,
        editor_id=editor_id,
        reason=reason,
    )


async def write(db: Database, post_id: int, source: str, html: str, *, is_silent: bool) -> None:
    """Within a transaction that holds the thread: the post has another text. is_silent: nothing says it was edited."""
    before: str = await value(
        db,
        """
        UPDATE post p
        SET source = :source, html = :html, version = p.version + 1,
            edited_at = CASE WHEN :silent THEN p.edited_at ELSE now() END
        FROM post o
        WHERE p.id = :post_id AND o.id = p.id
        RETURNING o.html
        """,
        source=source,
        html=html,
        silent=is_silent,
        post_id=post_id,
    )
    await mentions.note(db, post_id, before, html)
