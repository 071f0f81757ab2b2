"""The beginning and the end of an import; at the end one commit shows everything. Table: mail_import."""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from forum.categories import commands as categories
from forum.categories.staging import add_staging, drop_staging
from forum.categories.types import CategoryDraft
from forum.kit.db import Database, Row, rows, run, value
from forum.kit.errors import Invalid
from forum.mail.archive.authors import Authors
from forum.mail.archive.place import entries, in_order, insert_mails, title_of
from forum.mail.archive.store import Target
from forum.threads.bulk import join_threads, move_threads, renumber, retitle, take_numbers
from forum.threads.commands import recount

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,48}")
QUIET_KINDS = ("question", "discussion")


@asynccontextmanager
async def alone(db: Database, slug: str) -> AsyncIterator[None]:
    """Nobody else imports into this category meanwhile, in any process. Raises Invalid when somebody does."""
    async with db.connection():  # the lock belongs to this connection, which the task keeps until it is done
        if not await value(db, "SELECT pg_try_advisory_lock(hashtext('mail import'), hashtext(:slug))", slug=slug):
            raise Invalid(category=f"Another import into {slug} is running. Wait until it is done.")
        try:
            yield
        finally:
            await run(db, "SELECT pg_advisory_unlock(hashtext('mail import'), hashtext(:slug))", slug=slug)


async def begin(db: Database, slug: str) -> Target:
    """The target of an import: goes on with a broken-off one, makes the category when there is none, hidden.

    Raises Invalid when there is no category and none can be called so.
    """
    async with db.transaction():
        category = await _category(db, slug)
        if category is None:
            if not SLUG.fullmatch(slug):
                raise Invalid(category="Name a category in small letters, digits and hyphens: network-admins.")
            name = slug.replace("-", " ").capitalize()[:80]
            await categories.add_category(db, CategoryDraft(slug=slug, name=name, is_hidden=True))
            category = await _category(db, slug)
            assert category is not None  # noqa: S101  added one line above
            await _open(db, category["id"], None, reveals=True)
        opened = await _opened(db, category["id"])
        if opened is None:
            staging_id = None if category["is_hidden"] else await add_staging(db, slug)
            await _open(db, category["id"], staging_id, reveals=False)
            opened = await _opened(db, category["id"])
            assert opened is not None  # noqa: S101  added one line above
    kind = category["default_kind"] if category["default_kind"] in QUIET_KINDS else "discussion"
    staging_id = opened["staging_id"] or category["id"]
    return Target(opened["id"], category["id"], staging_id, kind, opened["reveals"])


async def finish(db: Database, target: Target, authors: Authors, prefix: str, advance: Callable[[int], None]) -> None:
    """Extends and joins threads that exist, moves the hidden ones over and shows them, all or nothing."""
    async with db.transaction():
        for conversation_id in await _grown(db, target):
            advance(await _extend(db, conversation_id, authors, prefix))
        if target.staging_id != target.category_id:
            await move_threads(db, target.staging_id, target.category_id)
            await drop_staging(db, target.staging_id)
        if target.reveals:
            await categories.show_category(db, target.category_id)
        await run(db, "UPDATE mail_import SET finished_at = now() WHERE id = :id", id=target.import_id)


async def _category(db: Database, slug: str) -> Row | None:
    found = await rows(db, "SELECT c.id, c.is_hidden, c.default_kind FROM category c WHERE c.slug = :slug", slug=slug)
    return found[0] if found else None


async def _opened(db: Database, category_id: int) -> Row | None:
    found = await rows(
        db,
        """
        SELECT i.id, i.staging_id, i.reveals FROM mail_import i
        WHERE i.category_id = :category_id AND i.finished_at IS NULL
        """,
        category_id=category_id,
    )
    return found[0] if found else None


async def _open(db: Database, category_id: int, staging_id: int | None, *, reveals: bool) -> None:
    await run(
        db,
        """
        INSERT INTO mail_import (category_id, staging_id, reveals)
        VALUES (:category_id, CAST(:staging_id AS bigint), :reveals)
        """,
        category_id=category_id,
        staging_id=staging_id,
        reveals=reveals,
    )


async def _grown(db: Database, target: Target) -> list[int]:
    """Conversations with a thread and new mails, or with the threads of several."""
    found = await rows(
        db,
        """
        SELECT v.id
        FROM mail_conversation v
        WHERE v.category_id = :category_id AND v.merged_into IS NULL
          AND (
              EXISTS (SELECT 1 FROM mail_message m WHERE m.conversation_id = v.id AND NOT m.is_placed)
              OR EXISTS (SELECT 1 FROM mail_conversation o WHERE o.merged_into = v.id AND o.thread_id IS NOT NULL)
          )
        ORDER BY v.id
        """,
        category_id=target.category_id,
    )
    return [row["id"] for row in found]


async def _extend(db: Database, conversation_id: int, authors: Authors, prefix: str) -> int:
    """Brings the threads of a conversation together and adds its waiting mails. Returns how many were added."""
    thread_id, *others = await _threads(db, conversation_id)
    for other_id in others:
        await join_threads(db, thread_id, other_id)
    await _note_thread(db, conversation_id, thread_id)
    mails = in_order(await entries(db, [conversation_id]))
    waiting = [mail for mail in mails if not mail["is_placed"]]
    number = await take_numbers(db, thread_id, len(waiting))
    await insert_mails(db, authors, [(thread_id, number + index, mail) for index, mail in enumerate(waiting)])
    if await _is_all_mail(db, thread_id):
        mails = in_order(await entries(db, [conversation_id]))
        await renumber(db, thread_id, [mail["post_id"] for mail in mails if mail["post_id"]])
        await _open_with(db, thread_id, mails, prefix)
    await recount(db, thread_id)
    return len(waiting)


async def _threads(db: Database, conversation_id: int) -> Sequence[int]:
    """The threads of a conversation, the one that stays first: where members have written, else the oldest."""
    found = await rows(
        db,
        """
        SELECT t.id
        FROM mail_conversation v
        JOIN thread t ON t.id = v.thread_id
        WHERE v.id = :id OR v.merged_into = :id
        ORDER BY EXISTS (SELECT 1 FROM post p WHERE p.thread_id = t.id AND p.format <> 'mail') DESC, t.created_at, t.id
        """,
        id=conversation_id,
    )
    return [row["id"] for row in found]


async def _note_thread(db: Database, conversation_id: int, thread_id: int) -> None:
    await run(
        db,
        """
        UPDATE mail_conversation SET thread_id = CASE WHEN id = :id THEN CAST(:thread_id AS bigint) END
        WHERE id = :id OR merged_into = :id
        """,
        id=conversation_id,
        thread_id=thread_id,
    )


async def _is_all_mail(db: Database, thread_id: int) -> bool:
    """Whether the archive wrote every post: only then may numbers change, nobody has linked or answered them."""
    is_all: bool = await value(
        db,
        """
        SELECT NOT EXISTS (
            SELECT 1 FROM post p
            WHERE p.thread_id = :thread_id
              AND NOT EXISTS (SELECT 1 FROM mail_message m WHERE m.post_id = p.id)
        )
        """,
        thread_id=thread_id,
    )
    return is_all


async def _open_with(db: Database, thread_id: int, mails: Sequence[Row], prefix: str) -> None:
    """The thread is its first mail's: author, title and date; a title staff have written stays."""
    first = await rows(
        db,
        "SELECT p.author_id, p.created_at FROM post p WHERE p.thread_id = :thread_id AND p.number = 1",
        thread_id=thread_id,
    )
    if first:
        await retitle(db, thread_id, first[0]["author_id"], title_of(mails, prefix), first[0]["created_at"])
