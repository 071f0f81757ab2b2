"""Moving threads: rights count at both ends, counts follow, and nobody else hears of it."""

import asyncio

import pytest

from forum.audit import queries as audit
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.threads import queries, state
from forum.threads.move import move
from tests.factories import a_category, a_group, a_member, a_reply, a_thread, an_admin
from tests.threads.recount import assert_counts_are_right


async def test_a_moved_thread_is_in_the_other_category_with_its_posts(db):
    here, there = await a_category(db), await a_category(db)
    mod, thread = await a_member(db, moderates=[here]), await a_thread(db, category=here)
    reply = await a_reply(db, thread)

    entry_id = await move(db, mod, thread, there)

    assert (await queries.thread(db, mod, thread)).category_slug == there
    assert (await queries.thread_of_post(db, mod, reply))[1].number == 2
    assert (await audit.entry(db, entry_id)).is_public
    assert await move(db, await an_admin(db), thread, there) == 0
    await assert_counts_are_right(db)


async def test_rights_count_at_both_ends(db):
    here, there = await a_category(db), await a_category(db)
    staff_only = await a_category(db, start_by="staff")
    for_groups = await a_category(db, start_by="groups", groups=[await a_group(db, "circle")])
    hidden, archived = await a_category(db, read_by="staff"), await a_category(db)
    await run(db, "UPDATE category SET is_archived = true WHERE slug = :slug", slug=archived)
    table = [
        ({"moderates": [here]}, there, None),
        ({"moderates": [there]}, there, Forbidden),
        ({}, there, Forbidden),
        ({"moderates": [here]}, staff_only, Forbidden),
        ({"moderates": [here, staff_only]}, staff_only, None),
        ({"moderates": [here]}, for_groups, Forbidden),
        ({"moderates": [here], "groups": ["circle"]}, for_groups, None),
        ({"moderates": [here]}, hidden, Invalid),
        ({"moderates": [here, hidden]}, hidden, None),
        ({"moderates": [here]}, archived, Forbidden),
        ({"moderates": [here]}, "nowhere", Invalid),
    ]
    for rights, target, refusal in table:
        actor, thread = await a_member(db, **rights), await a_thread(db, category=here)
        if refusal is None:
            assert await move(db, actor, thread, target)
        else:
            with pytest.raises(refusal):
                await move(db, actor, thread, target)
            assert (await queries.thread(db, actor, thread)).category_slug == here
    await assert_counts_are_right(db)


async def test_a_thread_moved_out_of_sight_is_out_of_sight(db):
    here, hidden = await a_category(db), await a_category(db, read_by="staff")
    ann, thread = await a_member(db), await a_thread(db, category=here)

    entry_id = await move(db, await an_admin(db), thread, hidden)

    with pytest.raises(NotFound):
        await queries.thread(db, ann, thread)
    assert not (await audit.entry(db, entry_id)).is_public


async def test_a_pin_stays_only_where_its_staff_is_staff(db):
    here, there = await a_category(db), await a_category(db)
    mod, both = await a_member(db, moderates=[here]), await a_member(db, moderates=[here, there])
    for actor, stays in ((mod, False), (both, True)):
        thread = await a_thread(db, category=here)
        await state.pin(db, actor, thread)

        await move(db, actor, thread, there)

        assert (await queries.thread(db, actor, thread)).is_pinned is stays


async def test_fifty_moves_back_and_forth_at_the_same_moment_wait_in_no_circle(db):
    here, there = await a_category(db), await a_category(db)
    admin = await an_admin(db)
    threads = [await a_thread(db, category=category) for category in (here, there) for _ in range(5)]
    targets = [there, here] * 25

    await asyncio.gather(*(move(db, admin, threads[n % 10], to) for n, to in enumerate(targets)))

    await assert_counts_are_right(db)


async def test_a_move_that_rolled_back_left_nothing(db):
    here, there = await a_category(db), await a_category(db)
    admin, thread = await an_admin(db), await a_thread(db, category=here)

    async def move_and_fail():
        async with db.transaction():
            await move(db, admin, thread, there)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await move_and_fail()

    assert await value(db, "SELECT count(*) FROM audit_entry WHERE act LIKE 'thread.%'") == 0
    await assert_counts_are_right(db)
