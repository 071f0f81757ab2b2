"""Posts that came back, or came to where others hear of them, reach whoever was not told, once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from forum.kit.db import rows, run, value
from forum.mail.belated import KEPT_DAYS, tell_shown
from forum.mail.instant import AWAY, NOT_HEARD
from forum.mail.jobs import forget_old
from forum.moderation import queue
from forum.moderation.undo import undo
from forum.notifications.jobs import clear_up
from forum.notifications.queries import new_lines
from forum.threads.delete import delete, restore
from forum.threads.hide import hide_until_decided
from forum.threads.merge import merge
from forum.threads.move import move
from forum.threads.reading import mark_read
from forum.threads.split import split
from forum.threads.staff_types import SplitDraft
from forum.threads.state import keep_vendors_out
from tests.factories import a_category, a_member, a_reply, a_thread, age, post_id
from tests.following.scenes import EVERYTHING, follows, id_of, wishes
from tests.mail.digests.scenes import (
    EVERY_DAY,
    a_digest_reader,
    digest_of,
    digests,
    ended,
    make_digests_now,
    quiet_today,
)
from tests.mail.mails import make_due
from tests.mail.test_later_mentions import mails
from tests.moderation.scenes import KINDS, YES, a_held_thread, a_holding_category, an_admin, item_id
from tests.notifications.scenes import kept, sees
from tests.products.catalogue import a_product
from tests.products.reviews import a_review, a_reviewer
from tests.renewals.contracts import a_contract, a_keeper

TITLE = "Why does the printer print?"


async def a_digest_has_gone(tools, reader) -> str:
    """The reader's digest is made and sent now; returns its text."""
    sent = await digest_of(tools, reader)
    await ended(tools.db, "sent" if sent.text else "unwanted")
    return sent.text


async def an_answer(db, drain, thread) -> int:
    """A reply by somebody who has read the thread, after whoever hears of that was told; returns its post's id."""
    await drain()
    author = await a_member(db)
    await mark_read(db, author, thread, 1)
    reply = await a_reply(db, thread, author=author)
    await drain()
    return reply


async def instants(db) -> list[int]:
    """Who was sent, or is to be sent, mails of single posts."""
    found = await rows(db, "SELECT m.member_id FROM mail m WHERE m.kind = 'instant' ORDER BY m.id")
    return [row["member_id"] for row in found]


async def test_a_post_that_was_hidden_over_the_time_of_a_digest_is_told_by_the_next_and_once(db, tools, drain):
    reader, admin = await a_digest_reader(db), await an_admin(db)
    post = await post_id(db, await a_thread(db))
    await drain()
    await hide_until_decided(db, post)
    assert await a_digest_has_gone(tools, reader) == ""

    await restore(db, admin, post)
    await drain()

    assert TITLE in await a_digest_has_gone(tools, reader)
    assert await a_digest_has_gone(tools, reader) == ""


async def test_what_a_digest_told_before_it_was_hidden_is_not_told_again(db, tools, drain):
    reader, admin = await a_digest_reader(db), await an_admin(db)
    post = await post_id(db, await a_thread(db))
    await drain()
    assert TITLE in await a_digest_has_gone(tools, reader)

    for _ in range(2):
        await hide_until_decided(db, post)
        await restore(db, admin, post)
        await drain()

    assert await a_digest_has_gone(tools, reader) == ""


async def test_a_digest_of_a_quiet_week_has_told_no_post(db, tools, drain):
    reader, admin = await a_keeper(db), await an_admin(db)
    await wishes(db, reader, days=EVERY_DAY, time_zone="UTC")
    await follows(db, reader, *EVERYTHING, "digest", every_days=1)
    await a_contract(db, reader, ends_on=datetime.now(UTC).date() + timedelta(days=90))
    await run(db, "UPDATE contract SET notice_days = 90 - 7")
    post = await post_id(db, await a_thread(db))
    await drain()
    await quiet_today(db)
    quiet = await a_digest_has_gone(tools, reader)
    assert ("Lantern" in quiet, TITLE in quiet) == (True, False)
    await run(db, "DELETE FROM quiet_time")
    await hide_until_decided(db, post)
    assert TITLE not in await a_digest_has_gone(tools, reader)

    await restore(db, admin, post)
    await drain()

    assert TITLE in await a_digest_has_gone(tools, reader)


async def test_what_comes_back_while_a_digest_waits_stands_in_that_one_alone(db, tools, drain):
    reader, admin = await a_digest_reader(db), await an_admin(db)
    post = await post_id(db, await a_thread(db))
    await drain()
    await hide_until_decided(db, post)
    await make_digests_now(db)

    await restore(db, admin, post)
    await drain()

    assert TITLE in (await digests(tools))[reader.id].text
    await ended(db)
    assert await a_digest_has_gone(tools, reader) == ""


async def test_what_a_digest_told_before_anybody_was_told_of_its_return_is_not_told_again(db, tools, drain):
    reader, admin = await a_digest_reader(db), await an_admin(db)
    post = await post_id(db, await a_thread(db))
    await drain()
    away = (await value(db, "SELECT now()")).isoformat()
    await hide_until_decided(db, post)
    await restore(db, admin, post)
    back = (await value(db, "SELECT now()")).isoformat()
    assert TITLE in await a_digest_has_gone(tools, reader)
    await drain()
    assert await a_digest_has_gone(tools, reader) == ""

    await tell_shown(tools, post, away, back)  # as a worker does that had been stopped

    assert await a_digest_has_gone(tools, reader) == ""


@pytest.mark.parametrize("is_told_between", [True, False])
async def test_what_is_hidden_twice_is_told_once(db, tools, drain, is_told_between):
    reader, admin = await a_digest_reader(db), await an_admin(db)
    post = await post_id(db, await a_thread(db))
    await a_thread(db, title="What else is there?")
    await drain()
    await hide_until_decided(db, post)
    assert TITLE not in await a_digest_has_gone(tools, reader)
    await restore(db, admin, post)
    await drain()
    if is_told_between:
        assert TITLE in await a_digest_has_gone(tools, reader)

    await hide_until_decided(db, post)
    await restore(db, admin, post)
    await drain()

    assert (TITLE in await a_digest_has_gone(tools, reader)) is not is_told_between


async def runs(db, reader, slug) -> None:
    """The reader's district runs that product."""
    await run(
        db,
        """
        INSERT INTO product_use (product_id, district_id)
        SELECT pr.id, m.district_id FROM product pr, member m WHERE pr.slug = :slug AND m.id = :id
        """,
        slug=slug,
        id=reader.id,
    )


async def a_runner(db, slug):
    """Somebody whose district runs that product, and who has a digest of other things each day."""
    reader = await a_reviewer(db)
    await wishes(db, reader, days=EVERY_DAY)
    await follows(db, reader, "thread", 10**9, "digest")
    await runs(db, reader, slug)
    return reader


@pytest.mark.parametrize("is_told_before", [True, False])
async def test_a_review_of_what_ones_district_runs_that_is_back_is_told_if_it_was_not(db, tools, drain, is_told_before):
    slug, admin = await a_product(db, "Lantern"), await an_admin(db)
    reader, other = await a_runner(db, slug), await a_digest_reader(db, ("thread", 10**9))
    await a_review(db, slug, works="It hangs well.")
    post = await value(db, "SELECT rv.post_id FROM review rv")
    await drain()
    if is_told_before:
        assert "It hangs well." in await a_digest_has_gone(tools, reader)
    await hide_until_decided(db, post)
    assert await a_digest_has_gone(tools, reader) == ""

    await restore(db, admin, post)
    for _ in range(2):
        await drain()

    await make_digests_now(db)
    sent = await digests(tools)
    told = ["It hangs well." in sent[who.id].text for who in (reader, other) if who.id in sent]
    assert told[0] is not is_told_before
    assert not any(told[1:])
    await ended(db)
    assert await a_digest_has_gone(tools, reader) == ""


async def test_a_review_that_was_read_or_is_hidden_again_is_not_told_when_it_was_back(db, tools, drain):
    slug, admin = await a_product(db, "Lantern"), await an_admin(db)
    reader, reading = await a_runner(db, slug), await a_runner(db, slug)
    await a_review(db, slug)
    row = (await rows(db, "SELECT p.id, p.thread_id, p.number FROM review rv JOIN post p ON p.id = rv.post_id"))[0]
    await drain()
    await hide_until_decided(db, row["id"])
    await a_digest_has_gone(tools, reader)
    await restore(db, admin, row["id"])
    await drain()
    await mark_read(db, reading, row["thread_id"], row["number"])

    await make_digests_now(db)
    sent = await digests(tools)
    assert ["Lantern" in sent[who.id].text for who in (reader, reading)] == [True, False]
    await make_due(db)
    await hide_until_decided(db, row["id"])
    assert "Lantern" not in (await digests(tools))[reader.id].text


@pytest.mark.parametrize("by", ["product", "topic"])
async def test_a_question_one_could_answer_that_is_back_is_told_if_it_was_not(db, tools, drain, by, indexed):
    slug, admin = await a_product(db, "Lantern"), await an_admin(db)
    reader = await a_runner(db, slug) if by == "product" else await a_digest_reader(db, ("thread", 10**9))
    if by == "topic":
        await a_reply(db, await a_thread(db, topics="firewall", days_ago=300), author=reader)
        await run(db, "UPDATE post SET created_at = created_at - interval '300 days'")
    post = await post_id(db, await a_thread(db, body="With Lantern, it does not.", topics="firewall"))
    await drain()
    await indexed()
    await hide_until_decided(db, post)
    await indexed()
    assert TITLE not in await a_digest_has_gone(tools, reader)

    await restore(db, admin, post)
    await drain()
    await indexed()

    assert TITLE in await a_digest_has_gone(tools, reader)
    assert TITLE not in await a_digest_has_gone(tools, reader)
    await hide_until_decided(db, post)
    await restore(db, admin, post)
    await drain()
    await indexed()
    assert TITLE not in await a_digest_has_gone(tools, reader)


async def test_a_category_that_opens_tells_nobody_of_what_was_written_there(db, tools, drain):
    closed, admin = await a_category(db, read_by="staff"), await an_admin(db)
    reader, keen = await a_digest_reader(db), await a_member(db)
    await follows(db, keen, *EVERYTHING)
    await a_thread(db, category=closed, author=admin)
    await drain()
    assert await a_digest_has_gone(tools, reader) == ""

    await run(db, "UPDATE category SET read_by = 'members' WHERE slug = :slug", slug=closed)
    await drain()

    assert await a_digest_has_gone(tools, reader) == ""
    assert (await sees(db, keen), await instants(db)) == ([], [])


@pytest.mark.parametrize("is_weekly_told", [True, False])
async def test_a_daily_digest_has_not_told_what_is_heard_by_the_week(db, tools, drain, is_weekly_told):
    admin, category = await an_admin(db), await a_category(db)
    reader = await a_digest_reader(db, ("thread", 10**9))
    await follows(db, reader, "category", await id_of(db, "category", category), "digest", every_days=7)
    await a_digest_has_gone(tools, reader)  # the first one of both
    other = await a_thread(db, title="What is heard by the day?")
    await follows(db, reader, "thread", other, "digest", every_days=1)
    post = await post_id(db, await a_thread(db, category=category))
    await drain()
    await run(db, "UPDATE digest_mark SET last_on = last_on + 1 WHERE every_days = 7")  # its turn is tomorrow
    daily = await a_digest_has_gone(tools, reader)
    assert ("What is heard by the day?" in daily, TITLE in daily) == (True, False)
    if is_weekly_told:
        assert TITLE in await a_digest_has_gone(tools, reader)
    await hide_until_decided(db, post)
    assert TITLE not in await a_digest_has_gone(tools, reader)

    await restore(db, admin, post)
    await drain()

    assert (TITLE in await a_digest_has_gone(tools, reader)) is not is_weekly_told


async def test_a_thread_that_comes_back_brings_its_posts(db, tools, drain):
    reader, ann, admin = await a_digest_reader(db), await a_member(db, name="Ann Lee"), await an_admin(db)
    thread = await a_thread(db, author=ann)
    await a_reply(db, thread)
    gone = await a_reply(db, thread)
    await drain()
    await delete(db, admin, await post_id(db, thread), "To be looked at")
    await run(db, "UPDATE post SET deleted_at = now() WHERE id = :id", id=gone)
    assert await a_digest_has_gone(tools, reader) == ""

    await restore(db, admin, await post_id(db, thread))
    await drain()

    assert "and 1 more post followed" in await a_digest_has_gone(tools, reader)


async def test_what_comes_back_after_a_night_is_new_on_the_site_and_told_once(db, tools, drain):
    bob, admin = await a_member(db), await an_admin(db)
    await follows(db, bob, *EVERYTHING, "web")
    post = await post_id(db, await a_thread(db))
    await drain()
    await hide_until_decided(db, post)
    await clear_up(tools)
    assert await sees(db, bob) == []

    await restore(db, admin, post)
    await drain()

    assert len(await sees(db, bob)) == 1
    assert len(await kept(db)) == 1


async def test_a_mail_that_was_not_sent_as_its_post_was_hidden_is_sent_when_it_is_back_and_only_then(db, tools, drain):
    bob, admin = await a_member(db), await an_admin(db)
    await follows(db, bob, *EVERYTHING)
    post = await post_id(db, await a_thread(db))
    await drain()
    await hide_until_decided(db, post)
    assert await mails(tools) == [(bob.id, AWAY, None)]

    sent = []
    for _ in range(2):
        await restore(db, admin, post)
        await drain()
        sent += await mails(tools)
        await hide_until_decided(db, post)

    assert sent == [(bob.id, f"<post.{post}@forum.example>", None)]


async def test_who_read_a_post_before_it_was_hidden_is_not_mailed_it_when_it_is_back(db, tools, drain):
    bob, admin = await a_member(db), await an_admin(db)
    await follows(db, bob, *EVERYTHING)
    thread = await a_thread(db)
    await drain()
    await mark_read(db, bob, thread, 1)
    await hide_until_decided(db, await post_id(db, thread))
    assert await mails(tools) == [(bob.id, AWAY, None)]

    await restore(db, admin, await post_id(db, thread))
    await drain()

    assert await mails(tools) == []


async def test_who_wanted_no_mail_when_its_turn_came_gets_none_when_a_post_moves_or_is_back(db, tools, drain):
    bob, admin, there = await a_member(db), await an_admin(db), await a_category(db)
    await follows(db, bob, *EVERYTHING)
    thread = await a_thread(db)
    await drain()
    await run(db, "UPDATE follow SET level = 'web'")
    assert await mails(tools) == [(bob.id, NOT_HEARD, None)]
    await run(db, "UPDATE follow SET level = 'each'")

    await move(db, admin, thread, there)
    await hide_until_decided(db, await post_id(db, thread))
    await restore(db, admin, await post_id(db, thread))
    await drain()

    assert await mails(tools) == []


async def test_what_is_old_is_no_news_when_it_comes_back(db, tools, drain):
    reader, bob, admin = await a_digest_reader(db), await a_member(db), await an_admin(db)
    await follows(db, bob, *EVERYTHING)
    week, months = await a_thread(db, title="A week old"), await a_thread(db, title="Months old")
    await hide_until_decided(db, await post_id(db, week))
    await hide_until_decided(db, await post_id(db, months))
    await drain()
    await a_digest_has_gone(tools, reader)
    await age(db, week, 7)
    await age(db, months, 60)

    for thread in (week, months):
        await restore(db, admin, await post_id(db, thread))
    await drain()

    text = await a_digest_has_gone(tools, reader)
    assert ("A week old" in text, "Months old" in text) == (True, False)
    assert len(await sees(db, bob)) == 1
    assert await mails(tools) == []  # of single posts only while they are fresh


async def test_a_thread_that_is_moved_to_where_others_hear_of_it_reaches_them_and_nobody_twice(db, tools, drain):
    here, there = await a_category(db, read_by="members"), await a_category(db)
    old = await a_digest_reader(db, ("category", await id_of(db, "category", here)), ("thread", 10**9))
    both, new, keen = (
        await a_digest_reader(db),
        await a_digest_reader(db, ("category", await id_of(db, "category", there))),
        await a_member(db),
    )
    await follows(db, keen, "category", await id_of(db, "category", there))
    thread, admin = await a_thread(db, category=here), await an_admin(db)
    await an_answer(db, drain, thread)
    await make_digests_now(db)
    first = await digests(tools)
    assert [TITLE in first[who.id].text for who in (old, both, new)] == [True, True, False]
    await ended(db)

    before = await instants(db)

    entry = await move(db, admin, thread, there)
    await drain()

    await make_digests_now(db)
    second = await digests(tools)
    assert [TITLE in second[who.id].text for who in (old, both, new)] == [False, False, True]
    assert [len(await sees(db, who)) for who in (both, new, keen)] == [1, 1, 1]
    await ended(db)
    assert await instants(db) == [*before, keen.id]
    await undo(db, admin, entry)
    await drain()
    await move(db, admin, thread, there)
    await drain()
    await make_digests_now(db)
    assert {each.text for each in (await digests(tools)).values()} == {""}
    assert await instants(db) == [*before, keen.id]


async def test_a_thread_of_many_posts_that_is_moved_brings_one_mail_also_at_the_same_moment(db, tools, drain):
    here, there = await a_category(db), await a_category(db)
    keen, admin = await a_member(db), await an_admin(db)
    await follows(db, keen, "category", await id_of(db, "category", there))
    thread, bob = await a_thread(db, category=here), await a_member(db)
    posts = [await a_reply(db, thread, author=bob, body=f"Answer {n} of many") for n in range(6)]
    await drain()
    now = (await value(db, "SELECT now()")).isoformat()
    await move(db, admin, thread, there)

    await asyncio.gather(*(tell_shown(tools, post, "", now) for post in posts))
    await drain()

    assert (await instants(db)).count(keen.id) == 1
    assert [line.posts for line in await new_lines(db, keen)] == [7]


async def test_mails_of_one_thread_that_waited_while_it_was_away_go_on_as_one(db, tools, drain):
    bob, admin = await a_member(db), await an_admin(db)
    await follows(db, bob, *EVERYTHING)
    ann = await a_member(db)
    thread = await a_thread(db, author=ann)
    posts = [await post_id(db, thread), *[await a_reply(db, thread, author=ann, body=f"And {n}") for n in range(4)]]
    await drain()
    await hide_until_decided(db, posts[0])
    assert await mails(tools) == [(bob.id, AWAY, None)] * 5
    away = (await value(db, "SELECT now()")).isoformat()
    await restore(db, admin, posts[0])

    await asyncio.gather(*(tell_shown(tools, post, away, away) for post in posts))
    await drain()

    assert len(await mails(tools)) == 1


async def test_what_is_moved_where_its_readers_may_not_follow_is_told_to_nobody_there(db, tools, drain):
    here, there = await a_category(db), await a_category(db, read_by="staff")
    reader, admin = await a_digest_reader(db), await an_admin(db)
    thread = await a_thread(db, category=here)
    await move(db, admin, thread, there)
    await drain()
    assert await a_digest_has_gone(tools, reader) == ""
    assert await sees(db, reader) == []


async def test_posts_that_join_another_thread_reach_who_follows_that_one(db, tools, drain):
    category, admin = await a_category(db), await an_admin(db)
    first, second = (
        await a_thread(db, category=category),
        await a_thread(db, category=category, title="The same question"),
    )
    reader = await a_digest_reader(db, ("thread", first))
    other = await a_digest_reader(db, ("thread", second))
    await an_answer(db, drain, second)
    await make_digests_now(db)
    assert [TITLE in (await digests(tools))[reader.id].text] == [True]
    await ended(db)
    await mark_read(db, reader, first, 1)

    await merge(db, admin, second, first)
    await drain()

    await make_digests_now(db)
    found = await digests(tools)
    assert "and 1 more post followed" in found[reader.id].text
    assert found[other.id].text == ""


async def test_what_is_split_off_is_not_told_twice(db, tools, drain):
    category, admin = await a_category(db), await an_admin(db)
    thread = await a_thread(db, category=category)
    reader = await a_digest_reader(db, ("category", await id_of(db, "category", category)))
    reply = await an_answer(db, drain, thread)
    await a_digest_has_gone(tools, reader)

    known = await kept(db)

    await split(db, admin, thread, SplitDraft((reply,), "A question of its own", category))
    await drain()

    assert await a_digest_has_gone(tools, reader) == ""
    assert await kept(db) == known


async def test_what_is_released_is_as_new_as_its_release(db, tools, drain):
    category, ann, admin = await a_holding_category(db), await a_member(db), await an_admin(db)
    reader = await a_digest_reader(db)
    await a_held_thread(db, author=ann, category=category)
    await drain()
    await run(db, "UPDATE held_post SET created_at = created_at - interval '5 days'")
    assert await a_digest_has_gone(tools, reader) == ""

    await queue.decide(db, admin, KINDS, await item_id(db), "approve", YES)
    await drain()

    assert "A first question of mine" in await a_digest_has_gone(tools, reader)


async def test_letting_vendors_in_again_tells_those_who_hear_of_it(db, tools, drain):
    category, admin = await a_category(db, lets_vendors_in=True), await an_admin(db)
    vendor = await a_member(db, role="vendor")
    thread = await a_thread(db, category=category, keeps_vendors_out=True, body=f"As @{vendor.handle} says.")
    await drain()
    assert await sees(db, vendor) == []

    await keep_vendors_out(db, admin, thread, out=False)
    await drain()

    assert len(await sees(db, vendor)) == 1


async def test_twice_is_once_also_at_the_same_moment(db, tools, drain):
    reader, bob, admin = await a_digest_reader(db), await a_member(db), await an_admin(db)
    await follows(db, bob, *EVERYTHING)
    post = await post_id(db, await a_thread(db))
    await hide_until_decided(db, post)
    await drain()
    await restore(db, admin, post)
    away = (await value(db, "SELECT now()")).isoformat()

    await asyncio.gather(*(tell_shown(tools, post, away, away) for _ in range(5)))
    await drain()

    assert [len(await sees(db, who)) for who in (reader, bob)] == [1, 1]
    assert await value(db, "SELECT count(*) FROM mail") == 1
    assert await value(db, "SELECT count(*) FROM belated") == 1


async def test_a_return_that_is_rolled_back_tells_nobody(db, tools, drain):
    reader, admin = await a_digest_reader(db), await an_admin(db)
    post = await post_id(db, await a_thread(db))
    await hide_until_decided(db, post)
    await drain()
    async with db.transaction(force_rollback=True):
        await restore(db, admin, post)
    await drain()
    assert await sees(db, reader) == []


async def test_what_all_digests_have_gone_by_is_forgotten_at_night(db, tools, drain):
    await a_digest_reader(db)
    admin, post = await an_admin(db), await post_id(db, await a_thread(db))
    await hide_until_decided(db, post)
    await drain()
    await restore(db, admin, post)
    await drain()
    await forget_old(tools)
    assert await value(db, "SELECT count(*) FROM belated") == 1
    await run(db, "UPDATE belated SET at = at - :days * interval '1 day'", days=float(KEPT_DAYS + 1))
    await forget_old(tools)
    assert await value(db, "SELECT count(*) FROM belated") == 0
