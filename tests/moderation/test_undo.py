"""Undo: ten seconds, by whoever did it, while nothing has changed since; then it is as it was."""

import asyncio

import pytest

from forum.audit.commands import record
from forum.audit.types import Act
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members import queries as members
from forum.members import sanctions
from forum.members.types import GUEST
from forum.moderation.flags import keep
from forum.moderation.undo import REVERSALS, undo
from forum.threads import queries, state
from forum.threads.accept import accept
from forum.threads.delete import hide
from forum.threads.merge import merge
from forum.threads.move import move
from forum.threads.reading import mark_read
from forum.threads.split import split
from forum.threads.staff_types import SplitDraft
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, post_id, sign_in_as
from tests.moderation.scenes import YES, flag_it
from tests.threads.recount import assert_counts_are_right

TABLES = {
    "thread": "SELECT t.* FROM thread t ORDER BY t.id",
    "post": "SELECT p.* FROM post p ORDER BY p.id",
    "category": "SELECT c.id, c.thread_count FROM category c ORDER BY c.id",
    "thread_topic": "SELECT x.* FROM thread_topic x ORDER BY x.thread_id, x.topic_id",
}


async def everything(db):
    return {name: [dict(row) for row in await rows(db, sql)] for name, sql in TABLES.items()}


@pytest.fixture
async def scene(db):
    """Two categories, their moderator, a question with an accepted answer, and another thread."""
    here, there = await a_category(db), await a_category(db)
    mod, ann = await a_member(db, moderates=[here, there]), await a_member(db)
    thread = await a_thread(db, category=here, author=ann, topics="wifi")
    other = await a_thread(db, category=there, topics="printing")
    replies = [await a_reply(db, each) for each in (thread, other, thread)]
    await accept(db, ann, replies[0])
    return mod, ann, thread, other, replies, here, there


ACTS = {
    "thread.locked": lambda db, mod, t, o, replies, to: state.lock(db, mod, t),
    "thread.pinned": lambda db, mod, t, o, replies, to: state.pin(db, mod, t),
    "thread.slowed": lambda db, mod, t, o, replies, to: state.slow(db, mod, t, 60),
    "thread.duplicate": lambda db, mod, t, o, replies, to: state.close_as_duplicate(db, mod, t, o),
    "thread.moved": lambda db, mod, t, o, replies, to: move(db, mod, t, to),
    "thread.merged": lambda db, mod, t, o, replies, to: merge(db, mod, t, o),
    "thread.split": lambda db, mod, t, o, replies, to: split(db, mod, t, SplitDraft((replies[0],), "A new title", to)),
    "post.hidden": lambda db, mod, t, o, replies, to: hide(db, mod, replies[0], "Off topic"),
    "thread.hidden": lambda db, mod, t, o, replies, to: _hide_thread(db, mod, t),
}


async def _hide_thread(db, mod, thread):
    return await hide(db, mod, await post_id(db, thread), "Off topic")


async def done(db, name, scene):
    mod, _, thread, other, replies, _, there = scene
    entry_id = await ACTS[name](db, mod, thread, other, replies, there)
    return entry_id[1] if isinstance(entry_id, tuple) else entry_id


@pytest.mark.parametrize("name", ACTS)
async def test_undone_everything_is_as_it_was(db, name, scene):
    before = await everything(db)
    entry_id = await done(db, name, scene)
    assert await everything(db) != before

    path = await undo(db, scene[0], entry_id)

    assert await everything(db) == before
    assert path
    assert await value(db, "SELECT act FROM audit_entry ORDER BY id DESC LIMIT 1") == "act.undone"
    with pytest.raises(Invalid, match="undo"):
        await undo(db, scene[0], entry_id)
    assert await everything(db) == before


@pytest.mark.parametrize("name", ACTS)
async def test_undone_by_nobody_else_and_not_late(db, name, scene):
    mod, ann, *_ = scene
    entry_id = await done(db, name, scene)
    after = await everything(db)

    for actor in (GUEST, ann, await an_admin(db)):
        with pytest.raises(NotFound):
            await undo(db, actor, entry_id)
    await run(db, "UPDATE audit_entry SET created_at = created_at - interval '16 seconds'")
    with pytest.raises(Invalid):
        await undo(db, mod, entry_id)
    assert await everything(db) == after


@pytest.mark.parametrize("name", sorted(set(ACTS) - {"thread.duplicate"}))
async def test_who_is_no_longer_staff_undoes_nothing(db, name, scene):
    mod = scene[0]
    entry_id = await done(db, name, scene)
    await run(db, "DELETE FROM category_moderator")

    with pytest.raises(Forbidden):
        await undo(db, await members.actor(db, mod.id), entry_id)


@pytest.mark.parametrize("name", ACTS)
async def test_fifty_undos_at_the_same_moment_are_one(db, name, scene):
    before = await everything(db)
    entry_id = await done(db, name, scene)

    answers = await asyncio.gather(*(undo(db, scene[0], entry_id) for _ in range(50)), return_exceptions=True)

    assert sum(1 for each in answers if isinstance(each, str)) == 1
    assert await everything(db) == before


async def test_what_changed_since_is_not_undone(db, scene):
    mod, _, thread, other, _, here, _ = scene
    admin = await an_admin(db)
    hooks = {
        "thread.locked": lambda: state.unlock(db, admin, thread),
        "thread.pinned": lambda: state.unpin(db, admin, thread),
        "thread.slowed": lambda: state.slow(db, admin, thread, 300),
        "thread.moved": lambda: move(db, admin, thread, here),
        "thread.merged": lambda: a_reply(db, other),
    }
    for name, change in hooks.items():
        entry_id = await done(db, name, scene)
        await change()
        after = await everything(db)
        with pytest.raises(Invalid):
            await undo(db, mod, entry_id)
        assert await everything(db) == after, name


async def test_a_split_that_was_answered_stays(db, scene):
    mod, _, thread, _, replies, here, _ = scene
    new, entry_id = await split(db, mod, thread, SplitDraft((replies[0],), "A new title", here))
    await a_reply(db, new)

    with pytest.raises(Invalid):
        await undo(db, mod, entry_id)

    assert (await queries.thread(db, mod, new)).reply_count == 1


async def test_read_marks_survive_a_merge_and_its_undo(db, scene):
    mod, _, thread, other, *_ = scene
    reader = await a_member(db)
    await mark_read(db, reader, thread, 2)
    await mark_read(db, reader, other, 2)
    sql = "SELECT thread_id, number FROM read_mark WHERE member_id = :m ORDER BY thread_id"

    await undo(db, mod, await merge(db, mod, thread, other))

    assert [tuple(row.values()) for row in await rows(db, sql, m=reader.id)] == [(thread, 2), (other, 2)]


async def test_a_sanction_is_undone(db):
    admin, ann = await an_admin(db), await a_member(db)
    await sanctions.silence(db, admin, ann.id, category_id=None, days=3, reason="A break")
    entry_id = await value(db, "SELECT max(id) FROM audit_entry")

    await undo(db, admin, entry_id)

    assert await value(db, "SELECT count(*) FROM silence") == 0


async def test_what_has_no_reversal_is_not_there_to_undo(db):
    admin = await an_admin(db)
    entry_id = await record(db, admin.id, Act("category.edited", "category", 1))

    with pytest.raises(NotFound):
        await undo(db, admin, entry_id)
    assert "category.edited" not in REVERSALS


async def test_an_undo_that_rolled_back_left_it_done(db, scene):
    mod, _, thread, *_ = scene
    entry_id = await state.lock(db, mod, thread)

    async def undo_and_fail():
        async with db.transaction():
            await undo(db, mod, entry_id)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await undo_and_fail()

    assert (await queries.thread(db, mod, thread)).is_locked
    await undo(db, mod, entry_id)
    await assert_counts_are_right(db)


async def test_a_decision_that_is_undone_waits_again(db, scene):
    mod, _, _, _, replies, *_ = scene
    entry_id = await hide(db, mod, replies[0], "Off topic")
    await run(
        db,
        """
        INSERT INTO queue_item (kind, subject_id, decided_by, decided_at, verdict, entry_id)
        VALUES ('flag', :post_id, :mod, now(), 'hidden', :entry_id)
        """,
        post_id=replies[0],
        mod=mod.id,
        entry_id=entry_id,
    )

    await undo(db, mod, entry_id)

    assert await value(db, "SELECT decided_at FROM queue_item") is None


async def test_of_a_flag_that_waits_again_it_is_said_where_its_post_is(db, web, scene):
    mod, _ann, thread, _other, replies, *_ = scene
    await flag_it(db, replies[0])
    kept = await keep(db, mod, replies[0], YES)
    await sign_in_as(web, db, mod)

    undone = await web.post(f"/undo/{kept.entry_id}")
    there = await web.get(undone.headers["location"])

    assert there.headers["location"].startswith(f"/t/{thread}/")
    assert there.headers["location"].endswith("?notice=undone#p2")
    assert "Undone: it is as it was." in (await web.get(there.headers["location"])).text


async def test_the_button_leads_back_to_the_page(db, web, scene):
    mod, ann, thread, *_ = scene
    await sign_in_as(web, db, mod)
    sent = await web.post(f"/threads/{thread}/set", data={"act": "lock"})
    entry_id = sent.headers["location"].partition("undo=")[2]

    undone = await web.post(f"/undo/{entry_id}", data={"next": "/t/1"})
    late = await web.post(f"/undo/{entry_id}", data={"next": "/t/1"})

    assert undone.headers["location"].startswith(f"/t/{thread}/")
    assert "Undone: it is as it was." in (await web.get(undone.headers["location"])).text
    assert late.status_code == 422
    assert "Undo" in late.text or "undone" in late.text
    await sign_in_as(web, db, ann)
    assert (await web.post(f"/undo/{entry_id}")).status_code == 404
    assert (await web.post("/undo/4000000000")).status_code == 404
