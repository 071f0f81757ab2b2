"""Whole threads at once, as they stand after months: edited, deleted, accepted, read. For demos; nobody is asked."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter

from forum.categories import commands as categories
from forum.kit.db import Database, copy, rows, run
from forum.kit.scores import confidence
from forum.threads.commands import recount
from forum.threads.types import slug_of


@dataclass(frozen=True, slots=True)
class GrownThread:
    """A thread's row but for what follows from its title and posts. client_key: unique for its author."""

    category_id: int
    author_id: int
    kind: str
    title: str
    is_pinned: bool
    is_locked: bool
    created_at: datetime
    deleted_at: datetime | None
    deleted_by: int | None
    delete_reason: str
    client_key: str
    keeps_vendors_out: bool = False


@dataclass(frozen=True, slots=True)
class GrownPost:
    """A post's row. html must be safe; helpful_count is the number of marks that are to come."""

    thread_id: int
    number: int
    author_id: int
    source: str
    html: str
    version: int
    helpful_count: int
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    deleted_by: int | None
    delete_reason: str
    client_key: str
    format: str = "markdown"


@dataclass(frozen=True, slots=True)
class OldVersion:
    """How a post read before an edit."""

    post_id: int
    version: int
    source: str
    editor_id: int
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """A member has read a thread up to a number."""

    member_id: int
    thread_id: int
    number: int
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The accepted post of a thread."""

    thread_id: int
    post_id: int
    accepted_at: datetime


def _columns(shape: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(shape))


async def insert_threads(db: Database, threads: Sequence[GrownThread]) -> list[int]:
    """Add threads, their posts still to come. Returns their ids in order."""
    columns = _columns(GrownThread)
    cells = attrgetter(*columns)  # astuple copies deeply: fifty times as long
    await copy(
        db,
        "thread",
        (*columns, "slug"),
        [(*cells(each), slug_of(each.title)) for each in threads],
    )
    standing = Counter(each.category_id for each in threads if each.deleted_at is None)
    for category_id, count in standing.items():
        await categories.count_threads(db, category_id, count)
    found = await rows(
        db,
        """
        SELECT t.id, t.author_id, t.client_key
        FROM thread t
        WHERE t.author_id = ANY(CAST(:author_ids AS bigint[])) AND t.client_key = ANY(CAST(:client_keys AS text[]))
        """,
        author_ids=list({each.author_id for each in threads}),
        client_keys=[each.client_key for each in threads],
    )
    ids = {(row["author_id"], row["client_key"]): row["id"] for row in found}
    return [ids[each.author_id, each.client_key] for each in threads]


async def insert_posts(db: Database, posts: Sequence[GrownPost]) -> list[int]:
    """Add every post of new threads, and count them. Returns their ids in order."""
    columns = _columns(GrownPost)
    cells = attrgetter(*columns)
    await copy(
        db,
        "post",
        (*columns, "confidence"),
        [(*cells(each), confidence(each.helpful_count, 0)) for each in posts],
    )
    thread_ids = sorted({each.thread_id for each in posts})
    await _count(db, thread_ids)
    found = await rows(
        db,
        "SELECT p.id, p.thread_id, p.number FROM post p WHERE p.thread_id = ANY(CAST(:thread_ids AS bigint[]))",
        thread_ids=thread_ids,
    )
    ids = {(row["thread_id"], row["number"]): row["id"] for row in found}
    return [ids[each.thread_id, each.number] for each in posts]


async def _count(db: Database, thread_ids: Sequence[int]) -> None:
    await run(
        db,
        """
        UPDATE thread t
        SET next_number = (SELECT max(p.number) + 1 FROM post p WHERE p.thread_id = t.id)
        WHERE t.id = ANY(CAST(:thread_ids AS bigint[]))
        """,
        thread_ids=thread_ids,
    )
    for thread_id in thread_ids:
        await recount(db, thread_id)


async def accept_answers(db: Database, answers: Sequence[Answer]) -> None:
    """Make each post the accepted answer of its thread."""
    await run(
        db,
        """
        UPDATE thread t SET accepted_post_id = n.post_id, accepted_at = n.accepted_at
        FROM unnest(
            CAST(:thread_ids AS bigint[]), CAST(:post_ids AS bigint[]), CAST(:times AS timestamptz[])
        ) n (thread_id, post_id, accepted_at)
        WHERE t.id = n.thread_id
        """,
        thread_ids=[each.thread_id for each in answers],
        post_ids=[each.post_id for each in answers],
        times=[each.accepted_at for each in answers],
    )


async def insert_versions(db: Database, versions: Iterable[OldVersion]) -> None:
    """Add what posts said before they were edited."""
    columns = _columns(OldVersion)
    await copy(db, "post_revision", columns, map(attrgetter(*columns), versions))


async def insert_readings(db: Database, readings: Iterable[Reading]) -> None:
    """Add how far members have read threads they have no mark in yet."""
    columns = _columns(Reading)
    await copy(db, "read_mark", columns, map(attrgetter(*columns), readings))
