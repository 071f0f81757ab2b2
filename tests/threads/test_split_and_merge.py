"""Splitting and merging: posts, numbers, counts, answers, topics, read marks and addresses go along."""

import asyncio
from dataclasses import replace

import pytest

from forum.audit import queries as audit
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.types import GUEST
from forum.moderation.undo import undo
from forum.products import queries as products
from forum.threads import commands, drafts, queries
from forum.threads.accept import accept
from forum.threads.delete import delete, restore
from forum.threads.merge import merge
from forum.threads.move import move
from forum.threads.reading import mark_read
from forum.threads.split import split
from forum.threads.staff_types import SplitDraft
from forum.threads.types import ReplyDraft
from forum.votes.commands import vote
from tests.factories import a_category, a_group, a_member, a_reply, a_thread, an_admin, post_id
from tests.products.catalogue import a_product
from tests.products.reviews import a_review
from tests.threads.recount import assert_counts_are_right

TITLE = "Another question altogether"


async def numbers(db, thread):
    return [
        (row["id"], row["number"])
        for row in await rows(db, "SELECT id, number FROM post WHERE thread_id = :t ORDER BY number", t=thread)
    ]


async def a_held_post(db, author, thread):
    await run(
        db,
        """
        INSERT INTO held_post (author_id, category_id, thread_id, body, client_key, why)
        SELECT :author_id, t.category_id, t.id, 'Hello', 'k', 'word' FROM thread t WHERE t.id = :thread_id
        """,
        author_id=author.id,
        thread_id=thread,
    )


async def mark_of(db, member, thread):
    sql = "SELECT number FROM read_mark WHERE member_id = :m AND thread_id = :t"
    return await value(db, sql, m=member.id, t=thread)


# Splitting


async def test_chosen_replies_become_a_thread_and_the_others_keep_their_numbers(db):
    category = await a_category(db)
    mod, ann = await a_member(db, moderates=[category]), await a_member(db)
    thread = await a_thread(db, category=category, topics="wifi printing")
    two, three, four = [await a_reply(db, thread, author=ann) for _ in range(3)]
    await vote(db, mod, three, is_helpful=True)

    new, entry_id = await split(db, mod, thread, SplitDraft((four, two), TITLE, category))

    assert await numbers(db, new) == [(two, 1), (four, 2)]
    assert await numbers(db, thread) == [(await post_id(db, thread), 1), (three, 3)]
    made = await queries.thread(db, ann, new)
    assert (made.title, made.author_id, made.reply_count, made.topics) == (TITLE, ann.id, 1, ("printing", "wifi"))
    assert (await queries.thread_of_post(db, ann, four))[0].id == new
    assert (await audit.entry(db, entry_id)).after["thread_id"] == new
    await assert_counts_are_right(db)
    assert await a_reply(db, thread)
    assert await a_reply(db, new)
    await assert_counts_are_right(db)


@pytest.mark.parametrize(
    ("kind", "becomes"),
    [
        ("question", "question"),
        ("discussion", "discussion"),
        ("event", "discussion"),
        ("announcement", "discussion"),
        ("resource", "discussion"),
        ("review", "discussion"),
    ],
)
async def test_what_is_split_off_is_talk_and_of_a_question_one(db, kind, becomes):
    category = await a_category(db)
    mod, thread = await a_member(db, moderates=[category]), await a_thread(db, category=category, kind=kind)

    new, entry_id = await split(db, mod, thread, SplitDraft((await a_reply(db, thread),), TITLE, category))

    assert [(await queries.thread(db, mod, each)).kind for each in (new, thread)] == [becomes, kind]
    assert not (await queries.thread(db, mod, new)).has_event
    await undo(db, replace(mod, has_second_factor=True), entry_id)
    assert (await queries.thread(db, mod, thread)).kind == kind


async def test_reviews_that_are_split_off_stay_reviews_and_what_was_said_of_them_does_not(db):
    mod = await an_admin(db)
    await a_product(db, "Lantern")
    await a_review(db, "lantern")
    thread = (await products.product(db, mod, "lantern")).review_thread_id
    said, review = [await a_reply(db, thread), await value(db, "SELECT post_id FROM review")]
    second = await a_reply(db, thread)

    talk, _ = await split(db, mod, thread, SplitDraft((said,), TITLE, "reviews"))
    reviews, _ = await split(db, mod, thread, SplitDraft((second, review), TITLE, "reviews"))

    assert [(await queries.thread(db, mod, each)).kind for each in (talk, reviews, thread)] == [
        "discussion",
        "review",
        "review",
    ]


async def test_a_thread_that_others_are_merged_into_stays_what_it_is(db):
    admin, category = await an_admin(db), await a_category(db)
    for kind, other in (("discussion", "event"), ("announcement", "review"), ("event", "question")):
        thread, into = [await a_thread(db, category=category, kind=each) for each in (other, kind)]
        await merge(db, admin, thread, into)
        assert (await queries.thread(db, admin, into)).kind == kind


async def test_rights_to_split_count_at_both_ends(db):
    here, there = await a_category(db), await a_category(db)
    staff_only, hidden = await a_category(db, start_by="staff"), await a_category(db, read_by="staff")
    for_groups = await a_category(db, start_by="groups", groups=[await a_group(db, "circle")])
    table = [
        ({"moderates": [here]}, there, None),
        ({"moderates": [there]}, there, Forbidden),
        ({}, there, Forbidden),
        ({"moderates": [here]}, staff_only, Forbidden),
        ({"moderates": [here]}, for_groups, Forbidden),
        ({"moderates": [here]}, hidden, Invalid),
        ({"moderates": [here, hidden]}, hidden, None),
    ]
    for rights, target, refusal in table:
        actor, thread = await a_member(db, **rights), await a_thread(db, category=here)
        draft = SplitDraft((await a_reply(db, thread),), TITLE, target)
        if refusal is None:
            assert await split(db, actor, thread, draft)
        else:
            with pytest.raises(refusal):
                await split(db, actor, thread, draft)
    with pytest.raises(NotFound):
        await split(db, GUEST, thread, draft)
    await assert_counts_are_right(db)


async def test_what_is_no_reply_of_the_thread_stays_where_it_is(db):
    category = await a_category(db)
    mod, thread = await a_member(db, moderates=[category]), await a_thread(db, category=category)
    elsewhere, gone, good = await a_reply(db, await a_thread(db)), await a_reply(db, thread), await a_reply(db, thread)
    await delete(db, mod, gone)
    opening = await post_id(db, thread)

    for post_ids in [(), (opening,), (elsewhere,), (gone,), (4_000_000_000,)]:
        with pytest.raises(Invalid):
            await split(db, mod, thread, SplitDraft(post_ids, TITLE, category))
    with pytest.raises(Invalid):
        await split(db, mod, thread, SplitDraft((good,), "Short", category))
    new, _ = await split(db, mod, thread, SplitDraft((opening, elsewhere, gone, good), TITLE, category))

    assert await numbers(db, new) == [(good, 1)]
    await assert_counts_are_right(db)


async def test_an_accepted_answer_that_is_split_off_answers_nothing_any_more(db):
    category, ann = await a_category(db), await a_member(db)
    mod, thread = await a_member(db, moderates=[category]), await a_thread(db, category=category, author=ann)
    reply = await a_reply(db, thread)
    await accept(db, ann, reply)

    new, _ = await split(db, mod, thread, SplitDraft((reply,), TITLE, category))

    assert (await queries.thread(db, ann, thread)).accepted_post_id is None
    assert (await queries.thread(db, ann, new)).accepted_post_id is None


async def test_who_has_read_posts_has_read_them_in_the_new_thread_too(db):
    category = await a_category(db)
    mod, thread = await a_member(db, moderates=[category]), await a_thread(db, category=category)
    replies = [await a_reply(db, thread, author=mod) for _ in range(4)]
    readers = {read: await a_member(db) for read in (1, 3, 5)}
    for read, member in readers.items():
        await mark_read(db, member, thread, read)

    new, _ = await split(db, mod, thread, SplitDraft(tuple(replies[1:]), TITLE, category))

    assert [await mark_of(db, member, new) for member in readers.values()] == [None, 1, 3]


async def test_what_waits_for_the_new_thread_is_for_the_old_one_once_the_split_is_undone(db):
    category, ann = await a_category(db), await a_member(db)
    mod = replace(await a_member(db, moderates=[category]), has_second_factor=True)
    thread = await a_thread(db, category=category)
    new, entry_id = await split(db, mod, thread, SplitDraft((await a_reply(db, thread),), TITLE, category))
    await drafts.save_draft(db, ann, f"thread:{new}", {"body": "Half a senten"})
    await a_held_post(db, ann, new)

    await undo(db, mod, entry_id)

    assert await value(db, "SELECT thread_id FROM held_post") == thread
    assert (await drafts.draft(db, ann, f"thread:{thread}")).fields == {"body": "Half a senten"}
    await assert_counts_are_right(db)


# Merging


async def test_merged_posts_stand_in_the_order_of_time_behind_the_opening_post(db):
    category = await a_category(db)
    mod = await a_member(db, moderates=[category])
    into = await a_thread(db, category=category, topics="wifi")
    early = await a_reply(db, into)
    thread = await a_thread(db, category=category, topics="printing wifi")
    late, own = await a_reply(db, into), await a_reply(db, thread)
    opening, moved = await post_id(db, into), await post_id(db, thread)

    entry_id = await merge(db, mod, thread, into)

    assert await numbers(db, into) == [(opening, 1), (early, 2), (moved, 3), (late, 4), (own, 5)]
    assert (await queries.thread(db, mod, into)).topics == ("printing", "wifi")
    assert (await audit.entry(db, entry_id)).is_public
    await assert_counts_are_right(db)
    assert (await queries.thread_of_post(db, mod, await a_reply(db, into)))[1].number == 6
    await assert_counts_are_right(db)


async def test_a_merged_thread_is_there_for_nobody_and_leads_to_the_other(db):
    category = await a_category(db)
    mod, ann = await a_member(db, moderates=[category]), await a_member(db)
    first, second, third = [await a_thread(db, category=category, author=ann) for _ in range(3)]
    await merge(db, mod, first, second)
    await merge(db, mod, second, third)

    for actor in (mod, ann):
        with pytest.raises(NotFound):
            await queries.thread(db, actor, first)
        assert (await queries.merged(db, actor, first)).id == third
    with pytest.raises(NotFound):
        await merge(db, mod, first, third)
    assert await queries.merged(db, ann, 4_000_000_000) is None


async def test_rights_to_merge_count_at_both_ends(db):
    here, there, hidden = await a_category(db), await a_category(db), await a_category(db, read_by="staff")
    admin = await an_admin(db)
    table = [
        ({"moderates": [here]}, there, Forbidden),
        ({"moderates": [there]}, there, Forbidden),
        ({}, here, Forbidden),
        ({"moderates": [here]}, hidden, Invalid),
        ({"moderates": [here]}, here, None),
        ({"moderates": [here, there]}, there, None),
    ]
    for rights, target, refusal in table:
        actor, thread = await a_member(db, **rights), await a_thread(db, category=here)
        into = await a_thread(db, category=target, author=admin)
        if refusal is None:
            assert await merge(db, actor, thread, into)
        else:
            with pytest.raises(refusal):
                await merge(db, actor, thread, into)
    await assert_counts_are_right(db)


async def test_a_thread_is_not_merged_with_itself_or_with_what_is_deleted(db):
    category = await a_category(db)
    mod, thread, gone = await a_member(db, moderates=[category]), await a_thread(db, category=category), None
    gone = await a_thread(db, category=category)
    await delete(db, mod, await post_id(db, gone))

    for source, target, refusal in [(thread, thread, Invalid), (thread, gone, Invalid), (gone, thread, Forbidden)]:
        with pytest.raises(refusal):
            await merge(db, mod, source, target)


async def test_the_answer_of_either_is_the_answer_of_both(db):
    category, ann = await a_category(db), await a_member(db)
    mod = await a_member(db, moderates=[category])
    for answered in ((True, False), (False, True), (True, True)):
        threads = [await a_thread(db, category=category, author=ann) for _ in range(2)]
        replies = [await a_reply(db, thread) for thread in threads]
        for reply, is_answer in zip(replies, answered, strict=True):
            if is_answer:
                await accept(db, ann, reply)

        await merge(db, mod, threads[0], threads[1])

        expected = replies[1] if answered[1] else replies[0]
        assert (await queries.thread(db, ann, threads[1])).accepted_post_id == expected
    await assert_counts_are_right(db)


async def test_a_mark_goes_up_to_the_first_unread_post_of_both(db):
    category = await a_category(db)
    mod = await a_member(db, moderates=[category])
    into, thread = await a_thread(db, category=category), await a_thread(db, category=category)
    for each in (into, thread, into, thread):  # into: 1 2 3, thread: 1 2 3 → 1 t1 2 t2 3 t3
        await a_reply(db, each, author=mod)
    all_read, half, only_into = await a_member(db), await a_member(db), await a_member(db)
    for member, marks in ((all_read, (3, 3)), (half, (3, 1)), (only_into, (3, 0))):
        for each, mark in zip((into, thread), marks, strict=True):
            if mark:
                await mark_read(db, member, each, mark)

    await merge(db, mod, thread, into)

    assert [await mark_of(db, member, into) for member in (all_read, half, only_into)] == [6, 3, 1]


async def test_posts_sent_with_the_same_key_in_both_threads_stay_two(db):
    category, ann = await a_category(db), await a_member(db)
    mod = await a_member(db, moderates=[category])
    threads = [await a_thread(db, category=category) for _ in range(2)]
    for thread in threads:
        await commands.reply(db, ann, thread, ReplyDraft("The same mail to both", "<one@mail>"))

    await merge(db, mod, *threads)

    assert len(await numbers(db, threads[1])) == 4


async def test_deleted_posts_come_along_and_can_be_restored(db):
    category, ann = await a_category(db), await a_member(db)
    mod = await a_member(db, moderates=[category])
    into, thread = await a_thread(db, category=category), await a_thread(db, category=category)
    reply = await a_reply(db, thread, author=ann)
    await delete(db, ann, reply)

    await merge(db, mod, thread, into)
    await assert_counts_are_right(db)
    await restore(db, ann, reply)

    assert (await queries.thread_of_post(db, ann, reply))[0].id == into
    await assert_counts_are_right(db)


async def test_what_is_not_sent_yet_comes_along(db):
    category, ann = await a_category(db), await a_member(db)
    mod = await a_member(db, moderates=[category])
    into, thread = await a_thread(db, category=category), await a_thread(db, category=category)
    await drafts.save_draft(db, ann, f"thread:{thread}", {"body": "Half a senten"})
    await a_held_post(db, ann, thread)

    entry_id = await merge(db, mod, thread, into)

    assert (await drafts.draft(db, ann, f"thread:{into}")).fields == {"body": "Half a senten"}
    assert await value(db, "SELECT thread_id FROM held_post") == into
    assert (await audit.entry(db, entry_id)).after["held_ids"]


async def test_fifty_at_the_same_moment_wait_in_no_circle(db):
    category = await a_category(db)
    mod, voters = await a_member(db, moderates=[category]), [await a_member(db) for _ in range(5)]
    threads = [await a_thread(db, category=category) for _ in range(6)]
    posts = [await a_reply(db, thread) for thread in threads for _ in range(2)]
    work = [merge(db, mod, threads[n % 6], threads[(n * 5 + 1) % 6]) for n in range(12)]
    work += [split(db, mod, threads[n % 6], SplitDraft((posts[n % 12],), TITLE, category)) for n in range(12)]
    work += [vote(db, voters[n % 5], posts[n % 12], is_helpful=True) for n in range(14)]
    work += [a_reply(db, threads[n % 6]) for n in range(12)]

    answers = await asyncio.gather(*work, return_exceptions=True)

    wrong = [each for each in answers if isinstance(each, Exception)]
    assert {type(each) for each in wrong} <= {NotFound, Invalid, Forbidden}
    await assert_counts_are_right(db)


async def test_twins_merged_into_each_other_at_the_same_moment_are_one(db):
    category = await a_category(db)
    mod = await a_member(db, moderates=[category])
    one, two = await a_thread(db, category=category), await a_thread(db, category=category)
    pairs = [(one, two), (two, one)] * 25

    answers = await asyncio.gather(*(merge(db, mod, *pair) for pair in pairs), return_exceptions=True)

    assert sum(1 for each in answers if isinstance(each, int)) == 1
    await assert_counts_are_right(db)


async def test_a_merge_that_rolled_back_left_everything(db):
    category = await a_category(db)
    mod = await a_member(db, moderates=[category])
    one, two = await a_thread(db, category=category), await a_thread(db, category=category)

    async def merge_and_fail():
        async with db.transaction():
            await merge(db, mod, one, two)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await merge_and_fail()

    assert len(await numbers(db, one)) == len(await numbers(db, two)) == 1
    await assert_counts_are_right(db)


async def test_an_old_address_leads_on_only_for_those_who_may_read_both_ends(db, web):
    here, there = await a_category(db), await a_category(db)
    admin, ann = await an_admin(db), await a_member(db)
    thread, into = await a_thread(db, category=here), await a_thread(db, category=there)
    await merge(db, admin, thread, into)
    assert await queries.merged(db, ann, thread)
    for slug in (here, there):
        await run(db, "UPDATE category SET read_by = 'staff' WHERE slug = :slug", slug=slug)
        assert await queries.merged(db, ann, thread) is None
        await run(db, "UPDATE category SET read_by = 'members' WHERE slug = :slug", slug=slug)
    hidden = await a_category(db, read_by="staff")
    await move(db, admin, into, hidden)
    assert await queries.merged(db, ann, thread) is None
    assert await queries.merged(db, admin, thread)
