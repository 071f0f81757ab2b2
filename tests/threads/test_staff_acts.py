"""What staff set on threads: locked, pinned, slow, duplicate; who may, twice, at the same moment, rolled back."""

import asyncio

import pytest

from forum.audit import queries as audit
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.types import GUEST
from forum.threads import commands, queries, state
from forum.threads.delete import delete
from forum.threads.types import ReplyDraft
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, post_id
from tests.threads.recount import assert_counts_are_right

ACTS = [
    (state.lock, "thread.locked", "is_locked", True),
    (state.pin, "thread.pinned", "is_pinned", True),
]


async def of_thread(db, thread, column):
    return (await rows(db, "SELECT * FROM thread WHERE id = :id", id=thread))[0][column]


@pytest.mark.parametrize(("act", "name", "column", "then"), ACTS)
async def test_an_act_of_staff_changes_the_thread_and_stands_in_the_log_once(db, act, name, column, then):
    category = await a_category(db)
    mod, thread = await a_member(db, moderates=[category]), await a_thread(db, category=category)

    entry_id = await act(db, mod, thread)
    again = await act(db, mod, thread)

    assert await of_thread(db, thread, column) is then
    entry = await audit.entry(db, entry_id)
    assert (entry.act, entry.actor_id, entry.before, entry.after) == (name, mod.id, {column: False}, {column: True})
    assert entry.is_public
    assert again == 0


async def test_who_may_not(db):
    here, there = await a_category(db), await a_category(db)
    hidden = await a_category(db, read_by="staff")
    thread = await a_thread(db, category=here)
    secret = await a_thread(db, category=hidden, author=await an_admin(db))
    other_mod = await a_member(db, moderates=[there])
    archived = await a_category(db)
    kept = await a_thread(db, category=archived)
    own_mod = await a_member(db, moderates=[archived])
    await run(db, "UPDATE category SET is_archived = true WHERE slug = :slug", slug=archived)
    refusals = [
        (GUEST, thread, NotFound),
        (await a_member(db), thread, Forbidden),
        (other_mod, thread, Forbidden),
        (other_mod, secret, NotFound),
        (own_mod, kept, Forbidden),
    ]
    for actor, which, refusal in refusals:
        for act in (state.lock, state.unlock, state.pin, state.unpin, state.reopen):
            with pytest.raises(refusal):
                await act(db, actor, which)
        with pytest.raises(refusal):
            await state.slow(db, actor, which, 60)
        with pytest.raises(refusal):
            await state.close_as_duplicate(db, actor, which, await a_thread(db))
    assert await value(db, "SELECT count(*) FROM audit_entry WHERE act LIKE 'thread.%'") == 0


async def test_fifty_locks_at_the_same_moment_are_one(db):
    category = await a_category(db)
    mod, thread = await a_member(db, moderates=[category]), await a_thread(db, category=category)

    entries = await asyncio.gather(*(state.lock(db, mod, thread) for _ in range(50)))

    assert sum(1 for entry in entries if entry) == 1


async def test_an_act_that_rolled_back_leaves_no_entry(db):
    category = await a_category(db)
    mod, thread = await a_member(db, moderates=[category]), await a_thread(db, category=category)

    async def lock_and_fail():
        async with db.transaction():
            await state.lock(db, mod, thread)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await lock_and_fail()

    assert await value(db, "SELECT count(*) FROM audit_entry WHERE act LIKE 'thread.%'") == 0
    assert await of_thread(db, thread, "is_locked") is False


# Slow mode


async def test_in_slow_mode_members_wait_and_staff_do_not(db):
    category = await a_category(db)
    mod, ann = await a_member(db, moderates=[category]), await a_member(db)
    thread = await a_thread(db, category=category)
    await state.slow(db, mod, thread, 300)

    for _ in range(2):
        await a_reply(db, thread, author=mod)
    await a_reply(db, thread, author=ann)

    with pytest.raises(Forbidden, match="you can reply again in 5 minutes"):
        await a_reply(db, thread, author=ann)
    await run(db, "UPDATE post SET created_at = created_at - interval '290 seconds'")
    with pytest.raises(Forbidden, match=r"in (10|9|8) seconds"):
        await a_reply(db, thread, author=ann)
    await run(db, "UPDATE post SET created_at = created_at - interval '290 seconds'")
    await a_reply(db, thread, author=ann)


async def test_a_category_can_be_slow_as_a_whole(db):
    category, ann = await a_category(db), await a_member(db)
    thread, other = await a_thread(db, category=category), await a_thread(db, category=category)
    await run(db, "UPDATE category SET slow_seconds = 60")

    await a_reply(db, thread, author=ann)
    await a_reply(db, other, author=ann)

    with pytest.raises(Forbidden, match="slow mode"):
        await a_reply(db, thread, author=ann)


async def test_deleting_ones_post_does_not_shorten_the_wait(db):
    category, ann = await a_category(db), await a_member(db)
    mod, thread = await a_member(db, moderates=[category]), await a_thread(db, category=category)
    await state.slow(db, mod, thread, 60)
    await delete(db, ann, await a_reply(db, thread, author=ann))

    with pytest.raises(Forbidden, match="slow mode"):
        await a_reply(db, thread, author=ann)


async def test_fifty_replies_at_the_same_moment_are_one_in_slow_mode(db):
    category, ann = await a_category(db), await a_member(db)
    mod, thread = await a_member(db, moderates=[category]), await a_thread(db, category=category)
    await state.slow(db, mod, thread, 60)
    drafts = [ReplyDraft(f"Reply {n}", f"key {n}") for n in range(50)]

    sent = await asyncio.gather(*(commands.reply(db, ann, thread, each) for each in drafts), return_exceptions=True)

    assert [number for number in sent if not isinstance(number, Forbidden)] == [2]
    await assert_counts_are_right(db)


async def test_a_reply_sent_again_in_slow_mode_is_the_same_reply(db):
    category, ann = await a_category(db), await a_member(db)
    mod, thread = await a_member(db, moderates=[category]), await a_thread(db, category=category)
    await state.slow(db, mod, thread, 60)

    numbers = [await commands.reply(db, ann, thread, ReplyDraft("Once", "one key")) for _ in range(3)]

    assert numbers == [2, 2, 2]


async def test_a_wait_is_a_day_at_most(db):
    category = await a_category(db)
    mod, thread = await a_member(db, moderates=[category]), await a_thread(db, category=category)

    for seconds in (-1, 86_401):
        with pytest.raises(Invalid):
            await state.slow(db, mod, thread, seconds)


# Duplicates


async def test_a_duplicate_is_locked_and_leads_to_the_thread_that_answers_it(db):
    category = await a_category(db)
    mod, thread = await a_member(db, moderates=[category]), await a_thread(db, category=category)
    answered = await a_thread(db, title="Why do printers print at all?", category=category)

    await state.close_as_duplicate(db, mod, thread, answered)

    shown = await queries.thread(db, mod, thread)
    assert (shown.is_locked, shown.duplicate_of_id) == (True, answered)
    with pytest.raises(Forbidden, match="locked"):
        await a_reply(db, thread)
    await state.reopen(db, mod, thread)
    await a_reply(db, thread)


async def test_the_asker_closes_their_own_thread_as_a_duplicate(db):
    ann, answered = await a_member(db), await a_thread(db)
    thread = await a_thread(db, author=ann)

    await state.close_as_duplicate(db, ann, thread, answered)

    with pytest.raises(Forbidden):
        await state.reopen(db, ann, thread)
    with pytest.raises(Forbidden):
        await state.close_as_duplicate(db, ann, await a_thread(db), answered)


async def test_what_a_thread_cannot_be_a_duplicate_of(db):
    category = await a_category(db)
    ann, thread = await a_member(db, moderates=[category]), await a_thread(db, category=category)
    hidden = await a_category(db, read_by="staff")
    secret = await a_thread(db, category=hidden, author=await an_admin(db))
    duplicate = await a_thread(db, category=category)
    await state.close_as_duplicate(db, ann, duplicate, thread)

    sentences = set()
    for other in (secret, 4_000_000_000):
        with pytest.raises(Invalid) as refusal:
            await state.close_as_duplicate(db, ann, thread, other)
        sentences.add(refusal.value.fields["of"])
    assert len(sentences) == 1
    for other in (thread, duplicate):
        with pytest.raises(Invalid):
            await state.close_as_duplicate(db, ann, thread, other)


async def test_the_log_tells_members_of_a_duplicate_only_where_both_threads_are_open_to_the_same(db):
    admin = await an_admin(db)
    here, closed = await a_category(db), await a_category(db, read_by="staff")
    thread, other = await a_thread(db, category=here), await a_thread(db, category=closed, author=admin)
    entry_id = await state.close_as_duplicate(db, admin, thread, other)

    assert not (await audit.entry(db, entry_id)).is_public
    assert await post_id(db, thread)
