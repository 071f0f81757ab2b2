"""Whose open pages are told of a change, and that nobody is told where nothing has changed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from forum.kit.db import run, value
from forum.kit.listening import listen
from forum.notifications import commands, queries
from forum.notifications.live import CHANNEL
from forum.threads import accept, delete, edit, reading
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, sign_in_as
from tests.notifications.scenes import a_told_reply, follows_thread

LAST = 10**12  # nobody's id

Said = Callable[[Awaitable], Awaitable[set[int]]]


@pytest.fixture
async def said(db) -> AsyncIterator[Said]:
    """`await said(what)`: the ids of those whose pages hear of it."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    listening = asyncio.create_task(listen(db, CHANNEL, heard.put_nowait))
    assert await heard.get() == ""

    async def so_far() -> set[int]:
        await run(db, f"SELECT pg_notify('{CHANNEL}', '{LAST}')")
        found: set[int] = set()
        while LAST not in found:
            found |= set(map(int, (await heard.get()).split(",")))
        return found - {LAST}

    async def during(what: Awaitable) -> set[int]:
        await so_far()
        await what
        return await so_far()

    yield during
    listening.cancel()


async def told_of_a_reply(tools, *people) -> tuple[int, int]:
    """A thread these follow, and a reply in it that they were told of."""
    thread = await a_thread(tools.db)
    for person in people:
        await follows_thread(tools.db, person, thread)
    return thread, await a_told_reply(tools, thread)


async def test_who_reads_a_thread_is_told_once_and_nobody_else(db, tools, web, said):
    ann, bob = await a_member(db), await a_member(db)
    thread, _ = await told_of_a_reply(tools, ann, bob)
    await sign_in_as(web, db, ann)

    assert await said(web.get(f"/t/{thread}/x")) == {ann.id}
    assert await said(web.get(f"/t/{thread}/x")) == set()
    assert await said(reading.mark_read(db, ann, thread, 1)) == set()


async def test_who_is_shown_a_post_that_names_them_since_an_edit_is_told_once(db, tools, web, said):
    ann, thread = await a_member(db), await a_thread(db)
    await follows_thread(db, ann, thread)
    post = await a_told_reply(tools, thread)
    await reading.mark_read(db, ann, thread, 2)
    html = f'<p><a class="mention" href="/people/{ann.handle}">@{ann.handle}</a></p>'
    async with db.transaction():
        await edit.write(db, post, f"@{ann.handle}", html, is_silent=True)
    await sign_in_as(web, db, ann)

    assert await said(web.get(f"/t/{thread}/x")) == {ann.id}
    assert await said(web.get(f"/t/{thread}/x")) == set()


async def test_reading_what_one_was_not_told_of_or_has_put_aside_tells_nothing(db, tools, said):
    ann, bob = await a_member(db), await a_member(db)
    thread, _ = await told_of_a_reply(tools, ann)
    await commands.put_all_aside(db, ann, 10**17)

    assert await said(reading.mark_read(db, ann, thread, 2)) == set()
    assert await said(reading.mark_read(db, bob, thread, 2)) == set()


async def test_what_is_put_aside_muted_or_opened_is_told_to_its_member(db, tools, said):
    ann = await a_member(db)
    await told_of_a_reply(tools, ann, await a_member(db))
    [its] = [line.id for line in await queries.new_lines(db, ann)]

    assert await said(commands.see(db, ann, its)) == {ann.id}
    assert await said(commands.mute(db, ann, its)) == {ann.id}
    assert await said(commands.put_aside(db, ann, its, 10**17)) == set()
    assert await said(commands.put_all_aside(db, ann, 10**17)) == set()


async def test_a_post_that_goes_or_comes_back_is_told_to_who_heard_of_it(db, tools, said):
    ann, bob, admin = await a_member(db), await a_member(db), await an_admin(db)
    thread, post = await told_of_a_reply(tools, ann, bob)
    await commands.put_all_aside(db, bob, 10**17)

    assert await said(delete.hide(db, admin, post)) == {ann.id}
    assert await said(delete.hide(db, admin, post)) == set()
    assert await said(delete.restore(db, admin, post)) == {ann.id}
    assert await said(delete.hide(db, admin, await a_reply(db, thread))) == set()


async def test_a_thread_that_goes_or_moves_and_an_answer_that_is_none_any_more_are_told(db, tools, said):
    ann, asker = await a_member(db), await an_admin(db)
    thread = await a_thread(db, author=asker)
    await follows_thread(db, ann, thread)
    post = await a_told_reply(tools, thread)
    opening = await value(db, "SELECT p.id FROM post p WHERE p.thread_id = :id AND p.number = 1", id=thread)
    elsewhere = await value(db, "SELECT c.id FROM category c WHERE c.slug = :slug", slug=await a_category(db))

    assert await said(accept.accept(db, asker, post)) == {ann.id}
    assert await said(accept.unaccept(db, asker, post)) == {ann.id}
    assert await said(run(db, "UPDATE thread SET category_id = :id", id=elsewhere)) == {ann.id}
    assert await said(run(db, "UPDATE thread SET category_id = :id, title = 'Why not?'", id=elsewhere)) == set()
    assert await said(delete.delete(db, asker, opening)) == {ann.id}


async def test_nothing_is_told_of_what_is_rolled_back(db, tools, said):
    ann = await a_member(db)
    thread, _ = await told_of_a_reply(tools, ann)

    async def undone() -> None:
        async with db.transaction(force_rollback=True):
            await reading.mark_read(db, ann, thread, 2)

    assert await said(undone()) == set()


async def test_who_heard_of_many_posts_that_go_at_once_is_told_as_of_one(db, tools, said):
    ann, bob = await a_member(db), await a_member(db)
    thread, post = await told_of_a_reply(tools, ann, bob)
    other = await a_thread(db)
    for _ in range(5):
        await a_told_reply(tools, thread)
    await run(
        db, "UPDATE notification SET post_ids = post_ids[1:1], reasons = reasons[1:1], target_ids = target_ids[1:1]"
    )

    moved = "UPDATE post SET thread_id = :other, number = number + 100 WHERE thread_id = :thread AND id > :post"
    assert await said(run(db, moved, other=other, thread=thread, post=post)) == set()
    assert await said(run(db, "UPDATE post SET deleted_at = now()")) == {ann.id, bob.id}
    assert await said(run(db, "UPDATE post SET helpful_count = 1")) == set()


async def test_many_who_hear_of_one_post_are_all_told(db, tools, said):
    admin, thread = await an_admin(db), await a_thread(db)
    post = await a_reply(db, thread)
    await run(db, "INSERT INTO member (handle, name) SELECT 'x-' || n, 'Somebody' FROM generate_series(1, 2000) n")
    await run(
        db,
        """
        INSERT INTO notification (member_id, thread_id, post_ids, reasons, target_ids)
        SELECT m.id, p.thread_id, ARRAY[p.id], ARRAY['thread'], ARRAY[p.thread_id]
        FROM member m JOIN post p ON p.id = :post WHERE m.handle LIKE 'x-%'
        """,
        post=post,
    )

    assert len(await said(delete.hide(db, admin, post))) == 2000
