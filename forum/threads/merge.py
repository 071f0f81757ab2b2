"""Merging: the posts of one thread join those of another in the order of time; the old address leads there."""

from operator import attrgetter
from typing import Any

from forum.audit.types import Entry
from forum.kit import outbox
from forum.kit.db import Database, rows, run
from forum.kit.errors import Invalid
from forum.members.types import Actor
from forum.threads import policy, queries
from forum.threads.acts import are_open_alike, both_held, count_threads, record, require_unchanged
from forum.threads.commands import recount
from forum.threads.placing import (
    Move,
    Standing,
    answer_of,
    hand_drafts,
    hand_held,
    held_ids,
    next_number,
    place,
    standing,
    take_answer,
)
from forum.threads.types import Thread
from forum.topics import commands as topics
from forum.topics.types import MOST_TOPICS


async def merge(db: Database, actor: Actor, thread_id: int, into_id: int) -> int:
    """Move all posts of a thread into another, for staff of both categories. Returns the id of the log's entry.

    The other keeps its opening post, title and accepted answer; its numbers stay up to the first post that comes in.
    Raises NotFound, Forbidden, Invalid.
    """
    async with db.transaction():
        thread, into = await both_held(db, actor, thread_id, into_id, "into")
        for each in (thread, into):
            policy.may_moderate(actor, each).require()
        if not (allowed := policy.may_join(thread, into)):
            raise Invalid(into=allowed.reason)
        posts, others = await standing(db, thread.id), await standing(db, into.id)
        moves = _in_time(others, posts)
        before = await _before(db, thread, into, [*posts, *others], moves)
        await place(db, into.id, moves)
        await _write(db, actor, thread, into, moves[-1].number + 1)
        after = {
            "held_ids": await _take_unsent(db, thread, into),
            "into_id": into.id,
            "next_number": await next_number(db, into.id),
            "accepted_post_id": (await answer_of(db, into.id))["accepted_post_id"],
        }
        await outbox.emit(db, "thread.merged", thread_id=thread.id, into_id=into.id)
        is_public = await are_open_alike(db, thread.category_id, into.category_id)
        return await record(db, actor, thread, "merged", before=before, after=after, is_public=is_public)


async def undo(db: Database, actor: Actor, entry: Entry) -> str:
    """Two threads again, with the numbers and answers they had. Returns the path of the one that was merged."""
    before, after, into_id = entry.before, entry.after, entry.after["into_id"]
    await queries.hold(db, entry.subject_id, into_id)
    into = await queries.thread(db, actor, into_id)
    policy.may_moderate(actor, into).require()
    is_so = (await next_number(db, into_id), into.accepted_post_id) == (
        after["next_number"],
        after["accepted_post_id"],
    )
    require_unchanged(is_so=is_so and await _is_merged(db, entry.subject_id, into_id))
    places, posts = before["places"], await standing(db, into_id)
    old = [(post, places.get(str(post.id), post.place)) for post in posts]
    for thread_id in (entry.subject_id, into_id):
        await place(db, thread_id, [Move(post, number) for post, (owner, number) in old if owner == thread_id])
    await run(
        db,
        """
        UPDATE thread SET merged_into_id = NULL, deleted_at = NULL, deleted_by = NULL WHERE id = :thread_id
        """,
        thread_id=entry.subject_id,
    )
    await run(
        db,
        "UPDATE thread SET next_number = :number WHERE id = :thread_id",
        number=before["next_number"],
        thread_id=into_id,
    )
    await take_answer(db, entry.subject_id, **before["answer"])
    await take_answer(db, into_id, **before["into_answer"])
    for thread_id in (entry.subject_id, into_id):
        await recount(db, thread_id)
    await _restore_topics(db, into_id, before["topic_ids"])
    await hand_held(db, after["held_ids"], entry.subject_id)
    thread = await queries.thread(db, actor, entry.subject_id)
    await count_threads(db, {thread.category_id: +1})
    return thread.path


def _in_time(others: list[Standing], posts: list[Standing]) -> list[Move]:
    """`others` with `posts` among them; a number changes only behind the first post that finds another place."""
    opening, *rest = others
    moves, last, has_come = [Move(opening, opening.number)], opening.number, False
    for post in sorted([*rest, *posts], key=attrgetter("created_at")):
        has_come |= post.thread_id != opening.thread_id or post.number <= last
        last = last + 1 if has_come else post.number
        moves.append(Move(post, last))
    return moves


async def _before(
    db: Database, thread: Thread, into: Thread, posts: list[Standing], moves: list[Move]
) -> dict[str, Any]:
    new = {move.post.id: [into.id, move.number] for move in moves}
    answers = [await answer_of(db, each.id) for each in (thread, into)]
    topic_ids = await rows(
        db,
        "SELECT x.topic_id FROM thread_topic x WHERE x.thread_id = :thread_id ORDER BY x.topic_id",
        thread_id=into.id,
    )
    return {
        "places": {post.id: post.place for post in posts if new[post.id] != post.place},
        "answer": _named(answers[0]),
        "into_answer": _named(answers[1]),
        "topic_ids": [row["topic_id"] for row in topic_ids],
        "next_number": await next_number(db, into.id),
    }


def _named(answer: dict[str, Any]) -> dict[str, Any]:
    return {"post_id": answer["accepted_post_id"], "accepted_at": answer["accepted_at"]}


async def _write(db: Database, actor: Actor, thread: Thread, into: Thread, behind: int) -> None:
    answer = _named(await answer_of(db, thread.id))
    if into.kind == "question" and into.accepted_post_id is None:
        await take_answer(db, into.id, **answer)
    await run(
        db,
        """
        UPDATE thread
        SET merged_into_id = :into_id, deleted_at = now(), deleted_by = :actor_id, accepted_post_id = NULL,
            accepted_at = NULL, reply_count = 0, last_number = 0, helpful_count = 0
        WHERE id = :thread_id
        """,
        into_id=into.id,
        actor_id=actor.id,
        thread_id=thread.id,
    )
    await run(
        db,
        "UPDATE thread SET next_number = greatest(next_number, :behind) WHERE id = :thread_id",
        behind=behind,
        thread_id=into.id,
    )
    await recount(db, into.id)
    await topics.set_topics(db, into.id, list(dict.fromkeys((*into.topics, *thread.topics)))[:MOST_TOPICS])
    await count_threads(db, {thread.category_id: -1})


async def _take_unsent(db: Database, thread: Thread, into: Thread) -> list[int]:
    """What waits for a moderator comes along, and what somebody has begun, where the same people read both."""
    found = await held_ids(db, thread.id)
    await hand_held(db, found, into.id)
    if _readers_of(thread) == _readers_of(into):
        await hand_drafts(db, thread.id, into.id)
    return found


def _readers_of(thread: Thread) -> tuple[int, bool, int | None]:
    return thread.category_id, thread.keeps_vendors_out, thread.vendor_id


async def _is_merged(db: Database, thread_id: int, into_id: int) -> bool:
    found = await rows(
        db,
        "SELECT t.id FROM thread t WHERE t.id = :thread_id AND t.merged_into_id = :into_id",
        thread_id=thread_id,
        into_id=into_id,
    )
    return bool(found)


async def _restore_topics(db: Database, thread_id: int, topic_ids: list[int]) -> None:
    found = await rows(
        db, "SELECT o.slug FROM topic o WHERE o.id = ANY(CAST(:topic_ids AS bigint[]))", topic_ids=topic_ids
    )
    await topics.set_topics(db, thread_id, [row["slug"] for row in found])
