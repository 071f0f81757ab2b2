"""Starting threads and replying, whether by web, by mail or from the command line."""

from dataclasses import dataclass

from forum.categories import commands as categories
from forum.categories import queries as category_queries
from forum.categories.policy import may_start
from forum.kit import outbox
from forum.kit.db import Database, rows, run, value
from forum.kit.errors import Invalid, NotFound
from forum.kit.markdown import render_safely
from forum.kit.scores import confidence
from forum.members.types import Actor
from forum.threads import hold, mentions, policy, queries, reading
from forum.threads.drafts import drop_draft
from forum.threads.types import ReplyDraft, ThreadDraft, slug_of
from forum.topics import commands as topics


@dataclass(frozen=True)
class Prepared:
    """A thread that may be started: its draft, the category it goes to, and its text as it is shown."""

    draft: ThreadDraft
    category_id: int
    html: str


async def start(db: Database, actor: Actor, draft: ThreadDraft, *, is_approved: bool = False) -> int:
    """Start a thread. Sending the same draft twice starts one. Returns its id, or 0: it waits for a moderator.

    is_approved: a moderator has seen it. Raises Invalid, Forbidden.
    """
    ready = await prepare(db, actor, draft)
    async with db.transaction():
        again = [] if is_approved else await begun_just_now(db, actor, ready)
        thread_id = again[0] if again else await start_prepared(db, actor, ready, is_approved=is_approved)
        await drop_draft(db, actor, "ask")
    return thread_id


async def prepare(db: Database, actor: Actor, draft: ThreadDraft) -> Prepared:
    """What takes a while, before the transaction that starts a thread. Raises Invalid, Forbidden."""
    draft.check()
    try:
        room = await category_queries.room(db, actor, draft.category)
    except NotFound:
        raise Invalid(category="Choose the category people will look in.") from None
    may_start(actor, room).require()
    rendered = await mentions.known(db, await render_safely(draft.body))
    return Prepared(draft, room.id, rendered.html)


async def start_prepared(db: Database, actor: Actor, ready: Prepared, *, is_approved: bool = False) -> int:
    """As `start`, within a transaction: for rooms that keep more of a thread than its words, and so ask themselves
    what was begun just now."""
    draft, category_id = ready.draft, ready.category_id
    await categories.keep(db, category_id)
    if not is_approved and await _waits(db, actor, draft, category_id=category_id):
        return 0
    thread_id = await insert_thread(
        db,
        actor.id,
        category_id,
        kind=draft.kind,
        title=draft.title,
        client_key=draft.client_key,
        keeps_vendors_out=draft.keeps_vendors_out,
    )
    if thread_id is None:
        return await sent_before(db, actor.id, draft.client_key)
    opening = ReplyDraft(draft.body, draft.client_key)
    await insert_post(db, actor.id, thread_id, 1, opening, ready.html)
    await topics.set_topics(db, thread_id, draft.topic_slugs)
    await categories.count_threads(db, category_id, +1)
    await reading.mark_read(db, actor, thread_id, 1)
    return thread_id


async def insert_thread(
    db: Database,
    author_id: int | None,
    category_id: int,
    *,
    kind: str,
    title: str,
    client_key: str,
    keeps_vendors_out: bool = False,
    vendor_id: int | None = None,
) -> int | None:
    """Within a transaction: the id of a new thread without posts; None when its author sent that key before.

    vendor_id: of vendors only this one's people may read it.
    """
    thread_id: int | None = await value(
        db,
        """
        INSERT INTO thread (
            category_id, author_id, kind, title, slug, client_key, keeps_vendors_out, vendor_id,
            next_number, last_number
        )
        VALUES (
            :category_id, :author_id, :kind, :title, :slug, :client_key, :keeps_vendors_out, :vendor_id, 2, 1
        )
        ON CONFLICT (author_id, client_key) DO NOTHING
        RETURNING id
        """,
        category_id=category_id,
        author_id=author_id,
        kind=kind,
        title=title,
        slug=slug_of(title),
        client_key=client_key,
        keeps_vendors_out=keeps_vendors_out,
        vendor_id=vendor_id,
    )
    return thread_id


async def begun_just_now(db: Database, actor: Actor, ready: Prepared) -> list[int]:
    """Threads with the very same words, the first one first: a form reached by Back has a key of its own."""
    found = await rows(
        db,
        """
        SELECT t.id FROM thread t
        JOIN post p ON p.thread_id = t.id AND p.number = 1
        WHERE t.author_id = :author_id AND t.category_id = :category_id AND t.title = :title AND p.source = :body
            AND t.created_at > now() - interval '1 hour' AND t.deleted_at IS NULL
        ORDER BY t.id
        """,
        author_id=actor.id,
        category_id=ready.category_id,
        title=ready.draft.title,
        body=ready.draft.body,
    )
    return [row["id"] for row in found]


async def _waits(
    db: Database, actor: Actor, draft: ThreadDraft, *, category_id: int, thread_id: int | None = None
) -> bool:
    """Whether it is kept for a moderator; what was sent before and is public already is not."""
    text = "\n".join((draft.title, draft.topics, draft.body))
    why = await hold.reason_to_hold(db, actor, category_id, text)
    if not why or (thread_id is None and await sent_before(db, actor.id, draft.client_key)):
        return False
    await hold.hold(db, actor, draft, category_id=category_id, thread_id=thread_id, why=why)
    await drop_draft(db, actor, f"thread:{thread_id}" if thread_id else "ask")
    return True


def _untitled(draft: ReplyDraft) -> ThreadDraft:
    return ThreadDraft("", "", "", draft.body, "", draft.client_key)


async def sent_before(db: Database, author_id: int | None, client_key: str) -> int:
    """The id of the thread that was started with that key, or 0."""
    thread_id: int | None = await value(
        db,
        "SELECT t.id FROM thread t WHERE t.author_id = :author_id AND t.client_key = :client_key",
        author_id=author_id,
        client_key=client_key,
    )
    return thread_id or 0


async def reply(db: Database, actor: Actor, thread_id: int, draft: ReplyDraft, *, is_approved: bool = False) -> int:
    """Add `draft` to a thread. Sending the same draft twice adds one post.

    Returns the post's number, or 0: it waits for a moderator. is_approved: a moderator has seen it.
    Raises Invalid, NotFound, Forbidden.
    """
    draft.check()
    thread = await queries.thread(db, actor, thread_id)
    if not thread.wait_seconds:  # else it may be the post one waits after, sent again
        policy.may_reply(actor, thread).require()  # before the costly rendering
    rendered = await mentions.known(db, await render_safely(draft.body))
    async with db.transaction():
        thread = await queries.thread_to_change(db, actor, thread_id)
        if number := await _replied_before(db, actor, thread_id, draft):
            return number
        policy.may_reply(actor, thread).require()
        if not is_approved and await _waits(
            db, actor, _untitled(draft), category_id=thread.category_id, thread_id=thread_id
        ):
            return 0
        number = await next_number(db, thread_id)
        await insert_post(db, actor.id, thread_id, number, draft, rendered.html)
        await reading.mark_read_up_to_own(db, actor, thread, number)
        await drop_draft(db, actor, f"thread:{thread_id}")
    return number


async def _replied_before(db: Database, actor: Actor, thread_id: int, draft: ReplyDraft) -> int:
    """The reply sent with that key, or the very same words as the last ones there: see `begun_just_now`."""
    number: int | None = await value(
        db,
        """
        SELECT p.number FROM post p
        WHERE p.thread_id = :thread_id AND p.author_id = :author_id
            AND (p.client_key = :client_key
                 OR p.source = :body AND p.created_at > now() - interval '1 hour' AND p.deleted_at IS NULL
                    AND p.number = (SELECT t.last_number FROM thread t WHERE t.id = :thread_id) AND p.number > 1)
        ORDER BY p.client_key <> :client_key
        LIMIT 1
        """,
        thread_id=thread_id,
        author_id=actor.id,
        client_key=draft.client_key,
        body=draft.body,
    )
    return number or 0


async def next_number(db: Database, thread_id: int) -> int:
    """Within a transaction that holds the thread: the number of its next post, which is counted as a reply."""
    number: int = await value(
        db,
        """
        UPDATE thread
        SET next_number = next_number + 1, last_number = next_number, reply_count = reply_count + 1,
            active_at = greatest(active_at, now())  -- this transaction may have begun before one that replied first
        WHERE id = :thread_id
        RETURNING last_number
        """,
        thread_id=thread_id,
    )
    return number


async def insert_post(
    db: Database,
    author_id: int | None,
    thread_id: int,
    number: int,
    draft: ReplyDraft,
    html: str,
    *,
    is_form: bool = False,
) -> int:
    """Within a transaction that holds the thread: add a post with a number that `next_number` gave. Returns its id."""
    post_id: int = await value(
        db,
        """
        INSERT INTO post (thread_id, author_id, number, format, source, html, client_key)
        VALUES (:thread_id, :author_id, :number, :format, :source, :html, :client_key)
        RETURNING id
        """,
        thread_id=thread_id,
        author_id=author_id,
        number=number,
        format="form" if is_form else "markdown",
        source=draft.body,
        html=html,
        client_key=draft.client_key,
    )
    await outbox.emit(db, "post.added", post_id=post_id)
    return post_id


async def count_helpful(db: Database, thread_id: int, post_id: int) -> int:
    """Write the counts that follow from the votes on a post; its thread's row is held. Returns the post's count."""
    count: int = await value(
        db,
        "SELECT count(*) FROM helpful_vote v WHERE v.post_id = :post_id",
        post_id=post_id,
    )
    await run(
        db,
        "UPDATE post SET helpful_count = :count, confidence = :confidence WHERE id = :post_id",
        count=count,
        confidence=confidence(count, 0),
        post_id=post_id,
    )
    await recount(db, thread_id)
    return count


async def recount(db: Database, thread_id: int) -> None:
    """Write every count of a thread anew from its posts; the thread's row must be held."""
    await run(
        db,
        """
        UPDATE thread t
        SET reply_count = n.replies, last_number = coalesce(n.last_number, 0),
            active_at = coalesce(n.active_at, t.active_at), helpful_count = coalesce(n.helpful, 0)
        FROM (
            SELECT count(*) FILTER (WHERE p.number > 1) AS replies, max(p.number) AS last_number,
                   max(p.created_at) AS active_at, sum(p.helpful_count) AS helpful
            FROM post p
            WHERE p.thread_id = :thread_id AND (p.deleted_at IS NULL OR p.number = 1)
        ) n
        WHERE t.id = :thread_id
        """,
        thread_id=thread_id,
    )
