"""An accepted answer is told to who is concerned."""

import pytest

from forum.kit.db import run
from forum.notifications import commands, jobs, queries
from forum.threads import accept, merge, reading
from tests.factories import a_member, a_reply, a_thread, an_admin, sign_in_as
from tests.notifications.scenes import follows_thread, kept, saw, sees

TITLE = "Why does the printer print?"


async def asked(db, **fields):
    ann, bob = await a_member(db, name="Ann"), await a_member(db, name="Bob")
    thread = await a_thread(db, author=ann, **fields)
    answer = await a_reply(db, thread, author=bob)
    return ann, bob, thread, answer


async def accepted(tools, actor, thread, answer) -> None:
    await accept.accept(tools.db, actor, answer)
    await jobs.notify_accepted(tools, thread, answer, actor.id)


async def test_its_author_and_who_follows_hear_but_not_who_accepted(db, tools):
    ann, bob, thread, answer = await asked(db)
    cy = await a_member(db)
    await follows_thread(db, ann, thread, reason="asked")
    await follows_thread(db, cy, thread)

    await accepted(tools, ann, thread, answer)

    assert await sees(db, bob) == [f"Your answer was accepted in {TITLE}, because you wrote it"]
    assert await sees(db, cy) == [f"The answer of Bob was accepted in {TITLE}, because you follow it"]
    assert await sees(db, ann) == []


async def test_who_asked_hears_when_staff_accept(db, tools):
    ann, _, thread, answer = await asked(db, days_ago=8)
    await follows_thread(db, ann, thread, reason="asked")

    await accepted(tools, await a_member(db, role="admin"), thread, answer)

    assert await sees(db, ann) == [f"The answer of Bob was accepted in {TITLE}, because you asked it"]


async def test_the_event_tells_who_accepted(db, tools, drain):
    ann, bob, thread, answer = await asked(db)
    await follows_thread(db, ann, thread, reason="asked")
    await reading.mark_read(db, ann, thread, 2)
    await accept.accept(db, ann, answer)

    await drain()

    assert [member_id for member_id, *_ in await kept(db)] == [bob.id]


async def test_twice_is_once_and_an_answer_taken_back_was_never_accepted(db, tools):
    ann, bob, thread, answer = await asked(db)
    await accepted(tools, ann, thread, answer)
    await jobs.notify_accepted(tools, thread, answer, ann.id)
    assert await kept(db) == [(bob.id, [answer], ["accepted"], False)]

    await accept.unaccept(db, ann, answer)
    assert await sees(db, bob) == await saw(db, bob) == []

    await accepted(tools, ann, thread, answer)
    assert len(await sees(db, bob)) == 1


async def test_accepted_again_after_it_was_done_is_told_again(db, tools):
    ann, bob, thread, answer = await asked(db)
    await accepted(tools, ann, thread, answer)
    await commands.put_all_aside(db, bob, 10**17)
    await accept.unaccept(db, ann, answer)
    await jobs.notify_accepted(tools, thread, answer, ann.id)
    assert await sees(db, bob) == []

    await accepted(tools, ann, thread, answer)
    assert len(await sees(db, bob)) == 1


async def test_who_goes_to_it_has_seen_it(db, tools, web):
    ann, bob, thread, answer = await asked(db)
    await accepted(tools, ann, thread, answer)
    await sign_in_as(web, db, bob)
    [line] = await queries.new_lines(db, bob)

    fetched_ahead = await web.get(line.path, headers={"sec-purpose": "prefetch"})
    assert len(await sees(db, bob)) == 1
    led = await web.get(line.path)

    assert led.headers["location"] == fetched_ahead.headers["location"]
    assert led.headers["location"].endswith("#p2")
    assert await sees(db, bob) == []


@pytest.mark.parametrize(
    "meanwhile",
    [
        """
        INSERT INTO follow (member_id, kind, target_id, level)
        SELECT p.author_id, 'thread', p.thread_id, 'muted' FROM post p WHERE p.id = :answer
        """,
        "UPDATE category SET is_hidden = true WHERE :answer > 0",
        "UPDATE member SET state = 'suspended' WHERE id = (SELECT p.author_id FROM post p WHERE p.id = :answer)",
        "UPDATE post SET deleted_at = now() WHERE id = :answer",
    ],
    ids=["muted", "hidden", "suspended", "deleted"],
)
async def test_an_author_who_wants_no_more_of_it_or_may_not_read_it_hears_nothing(db, tools, meanwhile):
    ann, _, thread, answer = await asked(db)
    await accept.accept(db, ann, answer)
    await run(db, meanwhile, answer=answer)

    await jobs.notify_accepted(tools, thread, answer, ann.id)

    assert await kept(db) == []


async def test_it_stays_new_when_its_thread_becomes_part_of_one_that_was_read_later(db, tools, drain):
    ann, bob, thread, answer = await asked(db)
    await reading.mark_read(db, bob, thread, 2)
    await accepted(tools, ann, thread, answer)

    other = await a_thread(db, title="The same question")
    await reading.mark_read(db, bob, other, 1)
    await merge.merge(db, await an_admin(db), thread, other)
    await drain()

    (line,) = await sees(db, bob)
    assert line.startswith("Your answer was accepted in The same question")
