"""Rows for tests: each function makes a valid one; name only what the test is about."""

from dataclasses import replace
from itertools import count

from forum.categories import commands as categories
from forum.categories.types import CategoryDraft
from forum.kit.db import run, value
from forum.members import joining, profile, queries, sign_in
from forum.members.types import Actor
from forum.threads import commands as threads
from forum.threads.queries import post_numbered
from forum.threads.types import ReplyDraft, ThreadDraft

_n = count(1)


async def a_member(db, *, name=None, role="member", groups=(), moderates=(), address=None, district_id=None) -> Actor:
    n = next(_n)
    member_id = await joining.add_member(
        db,
        name or f"Person {n}",
        role=role,
        address=address or f"person{n}@district.example",
        district_id=district_id,
        handle=None if name else f"person{n}",
    )
    for slug in groups:
        await profile.add_to_group(db, slug, slug, [member_id])
    for slug in moderates:
        await categories.add_moderator(db, slug, member_id)
    return await queries.actor(db, member_id)


async def an_admin(db) -> Actor:
    return await a_member(db, role="admin")


async def a_group(db, slug="circle") -> int:
    return await profile.add_to_group(db, slug, slug, [])


async def a_category(db, **fields) -> str:
    """A category; returns its slug."""
    n = next(_n)
    draft = CategoryDraft(slug=fields.pop("slug", f"category-{n}"), name=fields.pop("name", f"Category {n}"), **fields)
    await categories.add_category(db, draft)
    return draft.slug


async def a_thread(
    db,
    *,
    category=None,
    author=None,
    title="Why does the printer print?",
    body=None,
    kind="question",
    topics="",
    is_locked=False,
    keeps_vendors_out=False,
    days_ago=0,
) -> int:
    """A thread with its opening post; returns its id."""
    author = author or await a_member(db)
    n = next(_n)
    body = body or f"It *does*, for the {n}th time."  # the same words twice would be the same thread
    draft = ThreadDraft(category or await a_category(db), kind, title, body, topics, f"key-{n}", keeps_vendors_out)
    thread_id = await threads.start(db, author, draft)
    if is_locked:
        await run(db, "UPDATE thread SET is_locked = true WHERE id = :id", id=thread_id)
    if days_ago:
        await age(db, thread_id, days_ago)
    return thread_id


async def age(db, thread_id, days) -> None:
    """Make a thread and its posts `days` older."""
    await run(
        db,
        """
        UPDATE thread
        SET created_at = created_at - :days * interval '1 day', active_at = active_at - :days * interval '1 day'
        WHERE id = :id
        """,
        days=float(days),
        id=thread_id,
    )
    await run(
        db,
        "UPDATE post SET created_at = created_at - :days * interval '1 day' WHERE thread_id = :id",
        days=float(days),
        id=thread_id,
    )


async def a_reply(db, thread_id, *, author=None, body=None) -> int:
    """A reply; returns its post's id."""
    author, n = author or await a_member(db), next(_n)
    draft = ReplyDraft(body or f"Because it *can*, for the {n}th time.", f"key-{n}")
    number = await threads.reply(db, author, thread_id, draft)
    return (await post_numbered(db, author, thread_id, number)).id


async def post_id(db, thread_id, number=1) -> int:
    return await value(db, "SELECT p.id FROM post p WHERE p.thread_id = :t AND p.number = :n", t=thread_id, n=number)


async def sign_in_as(web, db, actor: Actor, *, has_second_factor=True) -> Actor:
    """Sign the browser in, with a second factor unless told otherwise; returns the actor with the session."""
    token = await sign_in.start_session(db, actor.id, "Test", has_second_factor=has_second_factor)
    web.cookies.set("session", token)
    session_id = await value(db, "SELECT max(id) FROM session")
    return replace(actor, session_id=session_id, is_confirmed=True, has_second_factor=has_second_factor)
