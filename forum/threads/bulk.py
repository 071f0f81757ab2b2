"""Many threads and posts at once, with the dates they have: for imports. Who may do so is asked elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from forum.categories import commands as categories
from forum.kit.db import Database, rows, run, value
from forum.threads.types import slug_of

FAR = 1_000_000_000
AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class OldThread:
    """A thread that was held elsewhere. client_key: unique for its author, so that it comes in once."""

    author_id: int
    kind: str
    title: str
    created_at: datetime
    active_at: datetime
    post_count: int
    client_key: str


@dataclass(frozen=True, slots=True)
class OldPost:
    """A mail as a post: html is shown as it is and must be safe."""

    thread_id: int
    number: int
    author_id: int
    source: str
    html: str
    created_at: datetime
    client_key: str


async def insert_threads(db: Database, category_id: int, threads: Sequence[OldThread]) -> list[int]:
    """Add threads, their posts still to come. Returns their ids in order."""
    added = await rows(
        db,
        """
        INSERT INTO thread (
            category_id, author_id, kind, title, slug, created_at, active_at,
            next_number, last_number, reply_count, client_key
        )
        SELECT :category_id, n.author_id, n.kind, n.title, n.slug, n.created_at, n.active_at,
               n.post_count + 1, n.post_count, n.post_count - 1, n.client_key
        FROM unnest(
            CAST(:author_ids AS bigint[]), CAST(:kinds AS text[]), CAST(:titles AS text[]), CAST(:slugs AS text[]),
            CAST(:created AS timestamptz[]), CAST(:active AS timestamptz[]), CAST(:counts AS integer[]),
            CAST(:client_keys AS text[])
        ) WITH ORDINALITY n (author_id, kind, title, slug, created_at, active_at, post_count, client_key, place)
        ORDER BY n.place
        RETURNING id, author_id, client_key
        """,
        category_id=category_id,
        author_ids=[each.author_id for each in threads],
        kinds=[each.kind for each in threads],
        titles=[each.title for each in threads],
        slugs=[slug_of(each.title) for each in threads],
        created=[each.created_at for each in threads],
        active=[each.active_at for each in threads],
        counts=[each.post_count for each in threads],
        client_keys=[each.client_key for each in threads],
    )
    await categories.count_threads(db, category_id, len(threads))
    ids = {(row["author_id"], row["client_key"]): row["id"] for row in added}
    return [ids[each.author_id, each.client_key] for each in threads]


async def insert_posts(db: Database, posts: Sequence[OldPost]) -> list[int]:
    """Add posts under their numbers; the counts of their threads are the caller's. Returns their ids in order."""
    added = await rows(
        db,
        """
        INSERT INTO post (thread_id, number, author_id, format, source, html, created_at, client_key)
        SELECT n.thread_id, n.number, n.author_id, 'mail', n.source, n.html, n.created_at, n.client_key
        FROM unnest(
            CAST(:thread_ids AS bigint[]), CAST(:numbers AS integer[]), CAST(:author_ids AS bigint[]),
            CAST(:sources AS text[]), CAST(:htmls AS text[]), CAST(:created AS timestamptz[]),
            CAST(:client_keys AS text[])
        ) n (thread_id, number, author_id, source, html, created_at, client_key)
        RETURNING id, thread_id, number
        """,
        thread_ids=[each.thread_id for each in posts],
        numbers=[each.number for each in posts],
        author_ids=[each.author_id for each in posts],
        sources=[each.source for each in posts],
        htmls=[each.html for each in posts],
        created=[each.created_at for each in posts],
        client_keys=[each.client_key for each in posts],
    )
    ids = {(row["thread_id"], row["number"]): row["id"] for row in added}
    return [ids[each.thread_id, each.number] for each in posts]


async def take_numbers(db: Database, thread_id: int, count: int) -> int:
    """Reserve `count` numbers behind the last post of a thread, whose row is held from now on. Returns the first."""
    number: int = await value(
        db,
        """
        UPDATE thread SET next_number = next_number + :count WHERE id = :thread_id
        RETURNING next_number - :count
        """,
        thread_id=thread_id,
        count=count,
    )
    return number


async def join_threads(db: Database, into_id: int, thread_id: int) -> None:
    """Move the posts of a thread behind those of another, in their order; the emptied thread is gone.

    Where one keeps vendors out, the whole does.
    """
    await run(db, "SELECT t.id FROM thread t WHERE t.id = :thread_id FOR NO KEY UPDATE", thread_id=thread_id)
    count: int = await value(db, "SELECT t.next_number FROM thread t WHERE t.id = :thread_id", thread_id=thread_id)
    offset = await take_numbers(db, into_id, count) - 1
    await run(
        db,
        """
        UPDATE thread i SET keeps_vendors_out = true
        FROM thread o
        WHERE i.id = :into_id AND o.id = :thread_id AND o.keeps_vendors_out
        """,
        into_id=into_id,
        thread_id=thread_id,
    )
    await run(
        db,
        "UPDATE post SET thread_id = :into_id, number = number + :offset WHERE thread_id = :thread_id",
        into_id=into_id,
        offset=offset,
        thread_id=thread_id,
    )
    await run(
        db,
        """
        UPDATE thread i
        SET accepted_post_id = o.accepted_post_id, accepted_at = o.accepted_at
        FROM thread o
        WHERE i.id = :into_id AND o.id = :thread_id AND i.accepted_post_id IS NULL
        """,
        into_id=into_id,
        thread_id=thread_id,
    )
    gone = await rows(
        db,
        "DELETE FROM thread WHERE id = :thread_id RETURNING category_id, deleted_at IS NULL AS counted",
        thread_id=thread_id,
    )
    for row in gone:
        await categories.count_threads(db, row["category_id"], -1 if row["counted"] else 0)


async def renumber(db: Database, thread_id: int, post_ids: Sequence[int]) -> None:
    """Number the posts of a thread anew in this order, which must name all of them."""
    await run(db, "UPDATE post SET number = number + :far WHERE thread_id = :thread_id", far=FAR, thread_id=thread_id)
    await run(
        db,
        """
        UPDATE post p SET number = n.number
        FROM unnest(CAST(:post_ids AS bigint[])) WITH ORDINALITY n (post_id, number)
        WHERE p.id = n.post_id AND p.thread_id = :thread_id
        """,
        post_ids=list(post_ids),
        thread_id=thread_id,
    )
    await run(
        db,
        "UPDATE thread SET next_number = :number WHERE id = :thread_id",
        number=len(post_ids) + 1,
        thread_id=thread_id,
    )


async def retitle(db: Database, thread_id: int, author_id: int, title: str, created_at: datetime) -> None:
    """A thread has got an earlier opening post: its author, title and date are that post's."""
    await run(
        db,
        """
        UPDATE thread SET author_id = :author_id, title = :title, slug = :slug, created_at = :created_at
        WHERE id = :thread_id
        """,
        author_id=author_id,
        title=title,
        slug=slug_of(title),
        created_at=created_at,
        thread_id=thread_id,
    )


async def move_threads(db: Database, from_id: int, to_id: int) -> None:
    """Move every thread of a category to another; some at a time, as a statement may take 30 seconds at most."""
    while moved := await rows(
        db,
        """
        UPDATE thread t SET category_id = :to_id
        FROM (SELECT o.id FROM thread o WHERE o.category_id = :from_id ORDER BY o.id LIMIT :limit) batch
        WHERE t.id = batch.id
        RETURNING t.deleted_at IS NULL AS counted
        """,
        from_id=from_id,
        to_id=to_id,
        limit=AT_ONCE,
    ):
        count = sum(1 for row in moved if row["counted"])
        await categories.count_threads(db, from_id, -count)
        await categories.count_threads(db, to_id, count)
