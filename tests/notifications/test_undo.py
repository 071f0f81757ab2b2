"""Taking back what was put aside or muted with one click: that, and nothing else."""

import asyncio

import pytest

from forum.following import commands as following
from forum.following.carrying import carry_thread
from forum.following.types import Target
from forum.kit.db import rows, run
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.types import GUEST
from forum.notifications import commands, jobs, queries
from forum.threads.merge import merge
from forum.threads.reading import mark_read
from tests.factories import a_category, a_member, a_thread, an_admin, sign_in_as
from tests.following.scenes import follows
from tests.following.test_follow import level
from tests.following.test_undo import LEFT, NOT_THERE, pressed
from tests.notifications.scenes import a_told_reply, follows_thread, kept, two_of_a_category, waiting_for_a_row
from tests.waiting import waiting

ALL = 10**17


async def told_of(tools, member, *, threads=1) -> list[int]:
    """The threads of so many new notifications of the member."""
    found = [await a_thread(tools.db) for _ in range(threads)]
    for thread in found:
        await follows_thread(tools.db, member, thread)
        await a_told_reply(tools, thread)
    return found


async def new(db, member) -> set[int]:
    return {line.thread_id for line in await queries.new_lines(db, member)}


async def of(db, member, thread) -> int:
    """The notification of that thread."""
    return next(line.id for line in await queries.new_lines(db, member) if line.thread_id == thread)


async def all_rows(db) -> list[dict]:
    return [dict(row) for row in await rows(db, "SELECT to_jsonb(n) AS n FROM notification n ORDER BY n.id")]


async def test_what_was_put_aside_at_once_is_new_again_and_nothing_else(db, tools):
    ann = await a_member(db)
    earlier, *later = await told_of(tools, ann, threads=3)
    await commands.put_aside(db, ann, await of(db, ann, earlier), ALL)
    before = await all_rows(db)

    moment = await commands.put_all_aside(db, ann, ALL)
    assert await new(db, ann) == set()
    await commands.bring_back(db, ann, moment)

    assert await new(db, ann) == set(later)
    assert await all_rows(db) == before


async def test_one_that_was_put_aside_is_new_again(db, tools):
    ann = await a_member(db)
    one, two = await told_of(tools, ann, threads=2)
    moments = [await commands.put_aside(db, ann, await of(db, ann, thread), ALL) for thread in (one, two)]

    await commands.bring_back(db, ann, moments[1])

    assert await new(db, ann) == {two}


async def test_what_came_to_the_thread_meanwhile_stands_in_one_line_with_what_comes_back(db, tools):
    ann = await a_member(db)
    [thread] = await told_of(tools, ann)
    moment = await commands.put_all_aside(db, ann, ALL)
    await a_told_reply(tools, thread)

    await commands.bring_back(db, ann, moment)

    [line] = await queries.new_lines(db, ann)
    assert (line.posts, line.first_number) == (2, 2)
    [(_, post_ids, _, is_done)] = await kept(db)
    assert (post_ids, is_done) == (sorted(post_ids), False)


async def test_of_many_posts_the_newest_hundred_stay(db, tools):
    ann = await a_member(db)
    [thread] = await told_of(tools, ann)
    await run(
        db,
        """
        UPDATE notification
        SET post_ids = array_fill(1, ARRAY[99]) || post_ids, reasons = array_fill(reasons[1], ARRAY[100]),
            target_ids = array_fill(target_ids[1], ARRAY[100])
        """,
    )
    moment = await commands.put_all_aside(db, ann, ALL)
    post = await a_told_reply(tools, thread)

    await commands.bring_back(db, ann, moment)

    [(_, post_ids, reasons, _)] = await kept(db)
    assert (len(post_ids), len(reasons), post_ids[-1]) == (100, 100, post)


async def test_what_was_read_meanwhile_is_not_new_again(db, tools):
    ann = await a_member(db)
    [thread] = await told_of(tools, ann)
    moment = await commands.put_all_aside(db, ann, ALL)
    await mark_read(db, ann, thread, 2)

    await commands.bring_back(db, ann, moment)

    assert await new(db, ann) == set()


async def test_twice_and_at_the_same_moment_is_once_also_while_more_comes(db, tools):
    ann = await a_member(db)
    threads = await told_of(tools, ann, threads=3)
    moment = await commands.put_all_aside(db, ann, ALL)

    answers = await asyncio.gather(
        *(commands.bring_back(db, ann, moment) for _ in range(4)),
        *(a_told_reply(tools, thread) for thread in threads),
        return_exceptions=True,
    )

    assert sorted(str(each) for each in answers if isinstance(each, Exception)) == ["undo"] * 3
    assert sorted(line.posts for line in await queries.new_lines(db, ann)) == [2, 2, 2]
    with pytest.raises(Invalid) as refusal:
        await commands.bring_back(db, ann, moment)
    assert refusal.value.fields == {"undo": LEFT}


async def test_nobody_brings_back_what_is_anothers_and_guests_nothing(db, tools):
    ann, bob = await a_member(db), await a_member(db)
    await told_of(tools, ann)
    moment = await commands.put_all_aside(db, ann, ALL)

    with pytest.raises(Invalid):
        await commands.bring_back(db, bob, moment)
    with pytest.raises(Forbidden, match="Sign in"):
        await commands.bring_back(db, GUEST, moment)

    assert await new(db, ann) == set()


async def test_an_undo_that_is_rolled_back_has_brought_back_nothing(db, tools):
    ann = await a_member(db)
    [thread] = await told_of(tools, ann)
    moment, deed = await commands.mute(db, ann, await of(db, ann, thread))

    async with db.transaction(force_rollback=True):
        await commands.bring_back(db, ann, moment, deed)
        assert await new(db, ann) == {thread}

    assert await new(db, ann) == set()
    assert await level(db, ann, Target("thread", thread)) == ("muted", 0)


async def test_a_mute_is_taken_back_with_its_level_and_its_line(db, tools):
    ann = await a_member(db)
    [thread] = await told_of(tools, ann)
    await following.follow(db, ann, Target("thread", thread), "digest", 5)
    before = await all_rows(db)

    moment, deed = await commands.mute(db, ann, await of(db, ann, thread))
    await commands.bring_back(db, ann, moment, deed)

    assert await level(db, ann, Target("thread", thread)) == ("digest", 5)
    assert await all_rows(db) == before


async def test_a_mute_of_what_was_not_followed_itself_leaves_nothing_behind(db, tools):
    ann = await a_member(db)
    await follows(db, ann, "everything", 0)
    thread = await a_thread(db)
    await a_told_reply(tools, thread)

    moment, deed = await commands.mute(db, ann, await of(db, ann, thread))
    await commands.bring_back(db, ann, moment, deed)

    assert [row["kind"] for row in await rows(db, "SELECT f.kind FROM follow f")] == ["everything"]
    assert await new(db, ann) == {thread}


async def test_a_mute_of_a_thread_that_was_followed_anew_stays_as_it_is_now(db, tools):
    ann = await a_member(db)
    [thread] = await told_of(tools, ann)
    moment, deed = await commands.mute(db, ann, await of(db, ann, thread))
    await following.follow(db, ann, Target("thread", thread), "web")

    with pytest.raises(Invalid):
        await commands.bring_back(db, ann, moment, deed)

    assert await level(db, ann, Target("thread", thread)) == ("web", 0)
    assert await new(db, ann) == set()


@pytest.mark.parametrize("deed", ["done", "mute"])
async def test_the_button_brings_a_line_back_and_leads_to_it(db, tools, web, deed):
    ann = await sign_in_as(web, db, await a_member(db))
    one, two = await told_of(tools, ann, threads=2)
    its = await of(db, ann, one)
    fields = {"until": str(ALL)} if deed == "done" else {}
    next_place = {"next": f"/notifications#done-{await of(db, ann, two)}"}
    answer = await web.post(f"/notifications/{its}/{deed}", data=fields | next_place)
    assert await new(db, ann) == {two}

    page, place = await pressed(web, (await web.get(answer.headers["location"])).text)

    assert "Undone: it is as it was." in page
    assert place == f"/notifications?notice=undone#done-{its}"
    assert f'id="done-{its}"' in page
    assert await new(db, ann) == {one, two}
    assert await level(db, ann, Target("thread", one)) == ("each", 0)


async def test_the_button_brings_all_back_and_once_more_says_that_nothing_is_left(db, tools, web):
    ann = await sign_in_as(web, db, await a_member(db))
    threads = await told_of(tools, ann, threads=3)
    answer = await web.post("/notifications/done", data={"until": str(ALL), "next": "/notifications#told"})
    page = (await web.get(answer.headers["location"])).text

    assert (await pressed(web, page))[1] == "/notifications?notice=undone#told"
    assert await new(db, ann) == set(threads)

    again, _ = await pressed(web, page)
    assert LEFT in again
    assert await new(db, ann) == set(threads)


HIDDEN = (
    "UPDATE thread SET deleted_at = now()",
    "UPDATE post SET deleted_at = now()",
    "UPDATE category SET read_by = 'staff'",
)


@pytest.mark.parametrize("hidden", HIDDEN)
async def test_what_could_not_be_seen_again_stays_done_and_that_is_said(db, tools, web, hidden):
    ann = await sign_in_as(web, db, await a_member(db))
    [thread] = await told_of(tools, ann)
    answer = await web.post(f"/notifications/{await of(db, ann, thread)}/done", data={"until": str(ALL)})
    page = (await web.get(answer.headers["location"])).text
    await run(db, hidden)
    before = await all_rows(db)

    page, place = await pressed(web, page)

    assert NOT_THERE in page
    assert place == "/notifications?notice=undo-gone"
    assert await all_rows(db) == before


async def test_of_several_those_that_are_there_come_back_with_all_others(db, tools):
    ann = await a_member(db)
    one, two = await told_of(tools, ann, threads=2)
    moment = await commands.put_all_aside(db, ann, ALL)
    await run(db, "UPDATE thread SET deleted_at = now() WHERE id = :id", id=one)

    await commands.bring_back(db, ann, moment)

    assert await new(db, ann) == {two}
    await run(db, "UPDATE thread SET deleted_at = NULL")
    assert await new(db, ann) == {one, two}


async def test_what_comes_back_of_a_thread_that_was_merged_meanwhile_is_in_the_line_of_the_other(db, tools):
    ann = await a_member(db)
    thread, into = await two_of_a_category(db, ann)
    for each in (thread, into):
        await a_told_reply(tools, each)
    moment = await commands.put_all_aside(db, ann, ALL)
    await merge(db, await an_admin(db), thread, into)
    await jobs.carry_thread(tools, thread, into)

    await commands.bring_back(db, ann, moment)

    assert [(line.thread_id, line.posts) for line in await queries.new_lines(db, ann)] == [(into, 2)]
    assert await queries.notified(db, ann) == 1


async def test_a_merge_into_an_older_thread_waits_in_no_circle_with_whoever_brings_back(db, tools):
    ann = await a_member(db)
    into, thread = await two_of_a_category(db, ann)
    for each in (thread, into):
        await a_told_reply(tools, each)
    moment = await commands.put_all_aside(db, ann, ALL)
    await a_told_reply(tools, thread)
    await merge(db, await an_admin(db), thread, into)

    async with db.transaction():  # as the merge begins
        await run(db, "SELECT n.id FROM notification n WHERE n.done_at IS NULL FOR UPDATE")
        undoing = asyncio.create_task(commands.bring_back(db, ann, moment))
        await asyncio.create_task(waiting_for_a_row(db))  # a transaction sees the activity of its first look only
        await jobs.carry_thread(tools, thread, into)
    await undoing

    assert [(line.thread_id, line.posts) for line in await queries.new_lines(db, ann)] == [(into, 3)]


async def test_a_mute_is_taken_back_beside_a_merge_that_carries_its_followers_and_neither_waits_in_a_circle(db, tools):
    ann, bob, category = await a_member(db), await a_member(db), await a_category(db)
    thread, into = await a_thread(db, category=category), await a_thread(db, category=category)
    for member in (ann, bob):
        await follows_thread(db, member, thread)
    await follows(db, ann, "everything", 0)
    await a_told_reply(tools, into)
    moment, deed = await commands.mute(db, ann, await of(db, ann, into))
    await merge(db, await an_admin(db), thread, into)

    async with db.transaction(force_rollback=True):
        await carry_thread(db, thread, into)
        await asyncio.create_task(commands.bring_back(db, ann, moment, deed))  # which waits for nothing of that
    await following.follow(db, ann, deed.target, "muted")
    async with db.transaction():
        await following.undo(db, ann, deed)
        carrying = asyncio.create_task(carry_thread(db, thread, into))
        await asyncio.create_task(waiting(db, 1))
    await carrying

    assert await new(db, ann) == {into}
    followers = await rows(db, "SELECT f.member_id FROM follow f WHERE f.target_id = :id ORDER BY f.member_id", id=into)
    assert {row["member_id"] for row in followers} >= {ann.id, bob.id}


async def test_a_mute_whose_line_is_gone_is_taken_back_and_one_of_a_thread_that_is_gone_is_not(db, tools):
    ann = await a_member(db)
    one, two = await told_of(tools, ann, threads=2)
    moments = [await commands.mute(db, ann, await of(db, ann, thread)) for thread in (one, two)]
    await run(db, "DELETE FROM notification")
    await run(db, "DELETE FROM thread WHERE id = :id", id=two)

    await commands.bring_back(db, ann, *moments[0])
    with pytest.raises(NotFound):
        await commands.bring_back(db, ann, *moments[1])

    assert await level(db, ann, Target("thread", one)) == ("each", 0)


async def test_where_nothing_was_put_aside_there_is_no_button(db, tools, web):
    ann = await sign_in_as(web, db, await a_member(db))
    [thread] = await told_of(tools, ann)
    its = await of(db, ann, thread)
    for until, path in (("1", f"{its}/done"), ("1", "done")):
        answer = await web.post(f"/notifications/{path}", data={"until": until})
        assert "undo=" not in answer.headers["location"]

    for is_first in (True, False):
        answer = await web.post(f"/notifications/{its}/mute")
        assert ("undo=" in answer.headers["location"]) is is_first
