"""Members flag posts; enough of them hide one until a moderator has looked."""

import asyncio

import pytest

from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, TooMany
from forum.members.queries import actor
from forum.members.types import GUEST
from forum.moderation import flags
from forum.moderation.types import FlagDraft
from forum.threads import delete, queries
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, post_id, sign_in_as
from tests.moderation.scenes import a_neighbour, flag_it
from tests.threads.recount import assert_counts_are_right


async def is_hidden(db, post):
    return await value(
        db,
        """
        SELECT coalesce(p.deleted_at, CASE WHEN p.number = 1 THEN t.deleted_at END) IS NOT NULL
        FROM post p JOIN thread t ON t.id = p.thread_id WHERE p.id = :id
        """,
        id=post,
    )


async def test_a_flag_is_kept_with_its_reason_for_staff(db, drain):
    post, ann = await a_reply(db, await a_thread(db)), await a_member(db)

    await flag_it(db, post, ann, reason="other", note="It names a child.")
    await drain()

    own = await flags.own_flag(db, ann, post)
    assert (own.reason, own.note, own.outcome) == ("other", "It names a child.", "")
    assert await value(db, "SELECT count(*) FROM queue_item WHERE kind = 'flag' AND subject_id = :id", id=post) == 1


async def test_flagging_twice_is_one_flag_with_the_newest_words(db, drain):
    post, ann = await a_reply(db, await a_thread(db)), await a_member(db)

    await asyncio.gather(*(flag_it(db, post, ann) for _ in range(8)))
    await flag_it(db, post, ann, reason="off_topic")
    await drain()

    assert [row["reason"] for row in await rows(db, "SELECT reason FROM post_flag")] == ["off_topic"]
    assert await value(db, "SELECT count(*) FROM queue_item") == 1


async def test_who_may_flag(db):
    category = await a_category(db, read_by="everyone", lets_vendors_in=True)
    author = await a_member(db)
    post = await a_reply(db, await a_thread(db, category=category), author=author)
    silent = await a_member(db)
    await run(db, "INSERT INTO silence (member_id, until) VALUES (:id, now() + interval '1 day')", id=silent.id)
    for person, allowed in [
        (GUEST, False),
        (author, False),
        (await actor(db, silent.id), False),
        (await a_member(db, role="vendor"), True),
        (await a_member(db), True),
    ]:
        if allowed:
            await flag_it(db, post, person)
        else:
            with pytest.raises(Forbidden):
                await flag_it(db, post, person)
    hidden = await a_thread(
        db, category=(staff := await a_category(db, read_by="staff")), author=await a_member(db, moderates=[staff])
    )
    with pytest.raises(NotFound):
        await flag_it(db, await post_id(db, hidden), await a_member(db))


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (FlagDraft("", ""), "reason"),
        (FlagDraft("x", ""), "reason"),
        (FlagDraft("other", " "), "note"),
        (FlagDraft("rude", "x" * 501), "note"),
    ],
)
async def test_what_will_not_do_is_said_by_field(db, draft, field):
    post = await a_reply(db, await a_thread(db))
    with pytest.raises(Invalid) as refusal:
        await flags.flag(db, await a_member(db), post, draft)
    assert field in refusal.value.fields


async def test_three_members_of_three_districts_hide_a_post(db):
    thread = await a_thread(db)
    post = await a_reply(db, thread)
    people = [await a_neighbour(db) for _ in range(3)]

    await flag_it(db, post, *people[:2])
    assert not await is_hidden(db, post)
    await flag_it(db, post, people[2])

    assert await is_hidden(db, post)
    await assert_counts_are_right(db)
    assert await value(db, "SELECT count(*) FROM audit_entry WHERE act = 'post.hidden_by_flags'") == 1


async def test_flags_at_the_same_moment_hide_a_post_once(db):
    post = await a_reply(db, await a_thread(db))
    people = [await a_neighbour(db) for _ in range(6)]

    done = await asyncio.gather(*(flag_it(db, post, each) for each in people), return_exceptions=True)

    assert sum(each is None for each in done) >= 3
    assert await is_hidden(db, post)
    assert await value(db, "SELECT count(*) FROM audit_entry WHERE act = 'post.hidden_by_flags'") == 1
    await assert_counts_are_right(db)


async def test_friends_of_one_district_hide_nothing(db):
    post, first = await a_reply(db, await a_thread(db)), await a_neighbour(db)
    district = await value(db, "SELECT district_id FROM member WHERE id = :id", id=first.id)
    people = [await a_member(db, district_id=district) for _ in range(4)]

    await flag_it(db, post, first, *people)

    assert not await is_hidden(db, post)


async def test_vendors_hide_nothing(db):
    category = await a_category(db, lets_vendors_in=True)
    post = await a_reply(db, await a_thread(db, category=category))

    await flag_it(db, post, *[await a_neighbour(db, role="vendor") for _ in range(4)])

    assert not await is_hidden(db, post)


async def test_posts_of_staff_are_never_hidden_by_flags(db):
    category = await a_category(db)
    thread = await a_thread(db, category=category)
    for author in (await an_admin(db), await a_member(db, moderates=[category])):
        post = await a_reply(db, thread, author=author)
        await flag_it(db, post, *[await a_neighbour(db) for _ in range(4)])
        assert not await is_hidden(db, post)


async def test_an_opening_post_takes_its_thread_along_and_an_accepted_answer_is_none_then(db):
    thread = await a_thread(db)
    await a_reply(db, thread)
    await flag_it(db, await post_id(db, thread), *[await a_neighbour(db) for _ in range(3)])

    with pytest.raises(NotFound):
        await queries.thread(db, await a_member(db), thread)
    await assert_counts_are_right(db)


async def test_a_flag_is_taken_back_while_it_waits(db, drain):
    post, ann = await a_reply(db, await a_thread(db)), await a_member(db)
    await flag_it(db, post, ann)
    await drain()

    flag_id = (await flags.own_flag(db, ann, post)).id
    await flags.withdraw(db, await a_member(db), flag_id)
    assert await flags.own_flag(db, ann, post)
    await flags.withdraw(db, ann, flag_id)
    await flags.withdraw(db, ann, flag_id)
    await drain()

    assert await value(db, "SELECT verdict FROM queue_item") == "solved elsewhere"
    assert await flags.own_flag(db, ann, post) is None


async def test_what_was_decided_is_not_flagged_by_the_same_member_again(db):
    post, ann = await a_reply(db, await a_thread(db)), await a_member(db)
    await flag_it(db, post, ann)
    await run(db, "UPDATE post_flag SET outcome = 'kept', decided_at = now()")

    with pytest.raises(Invalid):
        await flag_it(db, post, ann)


async def test_a_member_flags_only_so_often_a_day(db, monkeypatch):
    monkeypatch.setattr(flags, "MOST_A_DAY", 2)
    thread, ann = await a_thread(db), await a_member(db)
    posts = [await a_reply(db, thread) for _ in range(3)]
    await flag_it(db, posts[0], ann)
    await flag_it(db, posts[1], ann)

    with pytest.raises(TooMany):
        await flag_it(db, posts[2], ann)


async def test_the_flagger_sees_the_outcome_though_the_post_is_gone(db, web):
    category = await a_category(db)
    post, ann = await a_reply(db, await a_thread(db, category=category, title="A zqxtitle to flag")), await a_member(db)
    await sign_in_as(web, db, ann)

    assert (await web.get(f"/p/{post}/flag")).status_code == 200
    assert (await web.post(f"/p/{post}/flag", data={"reason": "rude", "note": ""})).status_code == 303
    page = await web.get("/flags")
    assert "zqxtitle" in page.text
    assert "will look at it" in page.text
    await delete.delete(db, await an_admin(db), post, "")
    await run(db, "UPDATE post_flag SET outcome = 'hidden', decided_at = now()")

    page = await web.get("/flags")

    assert "zqxtitle" not in page.text
    assert "the post is hidden" in page.text


async def test_a_flag_sent_with_a_mistake_keeps_what_was_typed(db, web):
    post = await a_reply(db, await a_thread(db))
    await sign_in_as(web, db, await a_member(db))

    answer = await web.post(f"/p/{post}/flag", data={"reason": "", "note": "A <b>note</b>"})

    assert answer.status_code == 422
    assert "A &lt;b&gt;note" in answer.text


async def test_only_staff_learn_who_flagged(db, web, drain):
    category = await a_category(db)
    author = await a_member(db)
    post = await a_reply(db, await a_thread(db, category=category), author=author)
    ann = await a_member(db, name="Zqxann Flagger")
    await flag_it(db, post, ann, note="zqxnote")
    await drain()

    await sign_in_as(web, db, author)
    pages = [await web.get(path) for path in ("/", "/flags", f"/p/{post}", "/log", f"/p/{post}/history", "/drafts")]
    assert not any("zqx" in page.text.lower() for page in pages)

    await sign_in_as(web, db, await a_member(db, moderates=[category]))
    assert "Zqxann" in (await web.get("/moderation")).text
