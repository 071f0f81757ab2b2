"""Threads and posts whose text a form of an upper room owns: reviews, vendors' answers, rounds.

The upper room decides who may, and calls these within its own transaction. The author may be a stand-in
(members/unnamed.py). What is written here is changed in its form alone, and every version stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from forum.categories import commands as categories
from forum.kit import outbox
from forum.kit.db import Database, one, run, value
from forum.kit.errors import Forbidden, Invalid, Stale
from forum.kit.markdown import render_safely
from forum.members.types import Actor
from forum.screening.queries import screening
from forum.threads import commands, delete, edit, mentions, queries
from forum.threads.types import PostSource, ReplyDraft
from forum.topics import commands as topics

SEEN_FIRST = "Some of these words are kept for a moderator's eye. Put it in other words."


@dataclass(frozen=True)
class Text:
    """What a post will say, as it is kept and as it is shown."""

    source: str
    html: str


async def text(db: Database, source: str) -> Text:
    """`source`, Markdown, made ready to be posted; not within a transaction, as it takes a while."""
    rendered = await mentions.known(db, await render_safely(source))
    return Text(source, rendered.html)


async def screen(db: Database, actor: Actor, category_id: int, words: str, before: str = "") -> None:
    """Raises Invalid for field `form` when `words` hold some that stop a post or that a moderator looks at first.

    before: what was said already and is not asked about again. Staff wait for nobody.
    """
    if actor.moderates_in(category_id):
        return
    found = await screening(db, actor, category_id, words)
    known = await screening(db, actor, category_id, before)
    if found.refusal and not known.refusal:
        raise Invalid(form=found.refusal)
    if found.is_held and not known.is_held:
        raise Invalid(form=SEEN_FIRST)


async def screen_in(db: Database, actor: Actor, thread_id: int, words: str, before: str = "") -> None:
    """As `screen`, for what is to stand in a thread that was found before."""
    category_id = await value(db, "SELECT t.category_id FROM thread t WHERE t.id = :id", id=thread_id)
    await screen(db, actor, category_id, words, before)


def is_sent_again(*, is_same: bool, version: int, newest: int, already: str) -> bool:
    """Whether a form that may be filled in once says what is there already; False: it changes that.

    version: of what it was made from, 0 for a new one; newest: as it is now. Raises Invalid(form=already) for a second
    one, Stale for a change of an older one.
    """
    if version == 0:
        if is_same:
            return True
        raise Invalid(form=already)
    if version != newest:
        raise Stale
    return False


async def start(
    db: Database,
    author_id: int,
    category_id: int,
    *,
    kind: str,
    title: str,
    opening: Text,
    key: str,
    topic: str = "",
    keeps_vendors_out: bool = False,
    vendor_id: int | None = None,
) -> int:
    """Start a thread with its opening post. Returns its id; the same key by the same author is the same thread.

    vendor_id: of vendors only this one's people may read it.
    """
    await categories.keep(db, category_id)
    thread_id = await commands.insert_thread(
        db,
        author_id,
        category_id,
        kind=kind,
        title=title,
        client_key=key,
        keeps_vendors_out=keeps_vendors_out,
        vendor_id=vendor_id,
    )
    if thread_id is None:
        return await commands.sent_before(db, author_id, key)
    draft = ReplyDraft(opening.source, key)
    await commands.insert_post(db, author_id, thread_id, 1, draft, opening.html, is_form=True)
    if topic:
        await topics.set_topics(db, thread_id, (topic,))
    await categories.count_threads(db, category_id, +1)
    return thread_id


async def opening_post(db: Database, thread_id: int) -> int:
    """The id of the post that a thread begins with."""
    post_id: int = await value(
        db, "SELECT p.id FROM post p WHERE p.thread_id = :thread_id AND p.number = 1", thread_id=thread_id
    )
    return post_id


async def give_rooms(db: Database, thread_ids: Sequence[int], vendor_id: int) -> None:
    """Of vendors only this one's people read these threads from now on."""
    await run(
        db,
        "UPDATE thread SET vendor_id = :vendor_id WHERE id = ANY(CAST(:thread_ids AS bigint[]))",
        vendor_id=vendor_id,
        thread_ids=list(thread_ids),
    )


async def add(db: Database, author_id: int, thread_id: int, text: Text, key: str) -> int:
    """Add a post to a thread, which is held from here on. Returns the post's id."""
    await queries.hold(db, thread_id)
    number = await commands.next_number(db, thread_id)
    draft = ReplyDraft(text.source, key)
    return await commands.insert_post(db, author_id, thread_id, number, draft, text.html, is_form=True)


async def rewrite(db: Database, post_id: int, text: Text, author_id: int) -> None:
    """Change what a post says, and in whose name; one that its author took back is there again. Its thread is held
    from here on. Raises Forbidden for one that staff hid.

    In another name it has no older versions: what these say may tell whose name was taken off.
    """
    before = await _held(db, post_id)
    if before.deleted_at and before.deleted_by != before.author_id:
        raise Forbidden("Staff hid it. Write to them before you change it.")
    if before.deleted_at:
        await delete.restore_post(db, before)
    if before.source != text.source:
        await edit.keep_version(db, author_id, before, "", "")
        await edit.write(db, post_id, text.source, text.html, is_silent=False)
    if before.author_id != author_id:
        await run(db, "UPDATE post SET author_id = :author_id WHERE id = :id", author_id=author_id, id=post_id)
        await run(db, "DELETE FROM post_revision WHERE post_id = :id", id=post_id)


async def take_back(db: Database, post_id: int) -> None:
    """Delete a post in its author's name; twice is once. Its thread is held from here on."""
    post = await _held(db, post_id)
    if not post.deleted_at:
        await delete.take_post(db, post.thread_id, post_id, by=post.author_id, reason="")


async def erase(db: Database, post_id: int) -> None:
    """Take a post back with every word it ever had, as its author's account is deleted so."""
    await take_back(db, post_id)
    await run(db, "DELETE FROM post_revision WHERE post_id = :post_id", post_id=post_id)
    await run(db, "UPDATE post SET source = '', html = '' WHERE id = :post_id", post_id=post_id)


async def erase_opening(db: Database, post_id: int) -> None:
    """Take the words and the title of a thread back; one that nobody answered goes altogether."""
    post = await _held(db, post_id)
    if post.number > 1:
        await erase(db, post_id)
        return
    removed = "Removed by its author"
    await run(db, "DELETE FROM post_revision WHERE post_id = :post_id", post_id=post_id)
    words = "UPDATE post SET source = :source, html = :html WHERE id = :post_id"
    await run(db, words, source=f"{removed}.", html=f"<p>{removed}.</p>", post_id=post_id)
    titled = """
        UPDATE thread SET title = :title, slug = 'removed' WHERE id = :id
        RETURNING CASE WHEN reply_count = 0 AND deleted_at IS NULL THEN category_id END
    """
    category_id: int | None = await value(db, titled, title=removed, id=post.thread_id)
    if category_id is not None:
        await delete.take_thread(db, post.thread_id, category_id, by=post.author_id, reason="")
    await outbox.emit(db, "posts.changed", thread_id=post.thread_id)


async def _held(db: Database, post_id: int) -> PostSource:
    """A post as it is once its thread is held. Raises NotFound."""
    while True:
        before = await one(db, PostSource, POST_SQL, post_id=post_id)
        await queries.hold(db, before.thread_id)
        post = await one(db, PostSource, POST_SQL, post_id=post_id)
        if post.thread_id == before.thread_id:
            return post


POST_SQL = """
    SELECT p.id, p.thread_id, p.number, p.format, p.source, p.version, p.author_id,
           '' AS author_handle, '' AS author_name, p.created_at, p.deleted_at, p.deleted_by
    FROM post p
    WHERE p.id = :post_id
"""
