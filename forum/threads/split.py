"""Splitting: chosen replies become a thread of their own, the others keep their numbers."""

from forum.audit.types import Entry
from forum.categories.policy import may_start
from forum.categories.types import Room
from forum.kit import outbox
from forum.kit.db import Database, rows, run, value
from forum.kit.errors import Invalid
from forum.kit.tokens import new_token
from forum.members.types import Actor
from forum.threads import policy, queries
from forum.threads.acts import count_threads, record, require_unchanged, room_called
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
from forum.threads.staff_types import SplitDraft
from forum.threads.types import Thread, slug_of
from forum.topics import commands as topics

# What the new thread is: an event or reviews where these go along, a question where it comes from one; else nobody has
# said more than that it is talk.
KIND = """CASE
    WHEN EXISTS (SELECT 1 FROM event e WHERE e.post_id = p.id) THEN 'event'
    WHEN EXISTS (SELECT 1 FROM review rv WHERE rv.post_id = ANY(CAST(:post_ids AS bigint[]))) THEN 'review'
    WHEN CAST(:old_kind AS text) = 'question' THEN 'question'
    WHEN EXISTS (SELECT 1 FROM owner_question q WHERE q.post_id = p.id) THEN 'question'
    ELSE 'discussion'
END"""


async def split(db: Database, actor: Actor, thread_id: int, draft: SplitDraft) -> tuple[int, int]:
    """Move chosen replies into a new thread, the earliest as its opening post. Returns its id and the log entry's.

    Staff of the thread's category may, if they may start threads where the new one goes. What is no reply of this
    thread, or deleted, stays. Raises NotFound, Forbidden, Invalid.
    """
    draft.check()
    async with db.transaction():
        thread = await queries.thread_to_change(db, actor, thread_id)
        policy.may_moderate(actor, thread).require()
        room = await room_called(db, actor, draft.category)
        may_start(actor, room).require()
        all_posts = await standing(db, thread.id)
        chosen = [post for post in all_posts if post.id in draft.post_ids and post.number > 1 and not post.is_deleted]
        if not chosen:
            raise Invalid(post_ids="Choose at least one reply; the opening post stays.")
        before = {
            "places": {post.id: post.place for post in chosen},
            **await answer_of(db, thread.id),
        }
        new_id = await _start(db, thread, room, draft.title, chosen)
        await outbox.emit(db, "thread.split", thread_id=thread.id, new_id=new_id)
        after = {"thread_id": new_id, "next_number": len(chosen) + 1}
        entry_id = await record(db, actor, thread, "split", before=before, after=after, is_public=False)
    return new_id, entry_id


async def undo(db: Database, actor: Actor, entry: Entry) -> str:
    """Put the posts back under their numbers, and remove the thread that was made. Returns the old thread's path.

    What was written for that one meanwhile, and waits or is not sent yet, is for the old thread then.
    """
    new_id = entry.after["thread_id"]
    await queries.hold(db, entry.subject_id, new_id)
    thread = await queries.thread(db, actor, entry.subject_id)
    policy.may_moderate(actor, thread).require()
    posts, left = await standing(db, thread.id), await standing(db, new_id)
    places = entry.before["places"]
    require_unchanged(is_so={str(post.id) for post in left} == set(places) and await _is_as_left(db, entry))
    back = [Move(post, places[str(post.id)][1]) for post in left]
    await place(db, thread.id, [*(Move(post, post.number) for post in posts), *back])
    await take_answer(db, thread.id, entry.before["accepted_post_id"], entry.before["accepted_at"])
    await recount(db, thread.id)
    await hand_held(db, await held_ids(db, new_id), thread.id)
    await hand_drafts(db, new_id, thread.id)
    gone = await rows(
        db,
        "DELETE FROM thread WHERE id = :thread_id RETURNING category_id, deleted_at IS NULL AS counted",
        thread_id=new_id,
    )
    await count_threads(db, {row["category_id"]: -1 for row in gone if row["counted"]})
    return thread.path


async def _is_as_left(db: Database, entry: Entry) -> bool:
    new_number = await next_number(db, entry.after["thread_id"])
    answer = (await answer_of(db, entry.subject_id))["accepted_post_id"]
    was = entry.before["accepted_post_id"]
    return new_number == entry.after["next_number"] and answer in (None, was)


async def _start(db: Database, thread: Thread, room: Room, title: str, chosen: list[Standing]) -> int:
    new_id: int = await value(
        db,
        f"""
        INSERT INTO thread (
            category_id, author_id, kind, title, slug, client_key, keeps_vendors_out, vendor_id, next_number, created_at
        )
        SELECT :category_id, p.author_id, {KIND}, :title, :slug, :client_key, :keeps_vendors_out, :vendor_id,
               :next_number, p.created_at
        FROM post p
        WHERE p.id = :post_id
        RETURNING id
        """,
        category_id=room.id,
        old_kind=thread.kind,
        post_ids=[post.id for post in chosen],
        title=title,
        slug=slug_of(title),
        client_key=f"split:{new_token()}",
        keeps_vendors_out=thread.keeps_vendors_out,
        vendor_id=thread.vendor_id,
        next_number=len(chosen) + 1,
        post_id=chosen[0].id,
    )
    await place(db, new_id, [Move(post, number) for number, post in enumerate(chosen, 1)])
    if thread.accepted_post_id in {post.id for post in chosen}:
        await take_answer(db, thread.id, None, None)
    await run(db, "UPDATE post SET was_accepted_at = NULL WHERE thread_id = :thread_id", thread_id=new_id)
    for thread_id in (thread.id, new_id):
        await recount(db, thread_id)
    await topics.set_topics(db, new_id, thread.topics)
    await count_threads(db, {room.id: +1})
    return new_id
