"""Mails of posts that their members have read on the site before their turn came."""

import asyncio

import pytest

from forum.kit.db import run, value
from forum.mail.delivery import deliver
from forum.mail.instant import AWAY
from forum.mail.instant_jobs import queue_instant
from forum.mail.queries import mail_made
from forum.mail.queueing import claim, mark_sending, recover
from forum.mail.reading import READ
from forum.members.profile import mark_all_read
from forum.threads.commands import reply
from forum.threads.delete import restore
from forum.threads.hide import hide_until_decided
from forum.threads.merge import merge
from forum.threads.reading import mark_read
from forum.threads.types import ReplyDraft
from forum.wiring import RENDERERS
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, post_id, sign_in_as
from tests.following.scenes import EVERYTHING, follows, wishes
from tests.mail.closing import _relays_are_closed  # noqa: F401 - for every test here
from tests.mail.mails import make_due, states
from tests.mail.posting import through
from tests.mail.sinks import a_sink
from tests.mail.test_fresh import while_the_first_is_handed_over
from tests.mail.test_later_mentions import mails, reword


@pytest.fixture
async def sink():
    async with a_sink() as sink:
        yield sink


async def a_mailed_thread(db, drain, **fields):
    """Somebody who follows everything by every message, and a thread whose mail to them waits."""
    bob = await a_member(db, name="Bob")
    await follows(db, bob, *EVERYTHING)
    thread = await a_thread(db, **fields)
    await drain()
    return bob, thread


async def outcomes(tools, member) -> list[str]:
    """What has become of a member's mails that waited: their ids, or why they were not sent."""
    return [outcome for member_id, outcome, _ in await mails(tools) if member_id == member.id]


def mail_of(post) -> str:
    return f"<post.{post}@forum.example>"


async def test_who_reads_a_post_on_the_site_before_its_mail_is_due_is_not_mailed_and_told_why(db, tools, drain, web):
    bob, thread = await a_mailed_thread(db, drain)
    post = await post_id(db, thread)
    await sign_in_as(web, db, bob)
    assert "and have not read it here" in (await mail_made(db, bob, post, "America/Chicago"))[0]
    await web.get(f"/t/{thread}/why-does-the-printer-print")

    assert await outcomes(tools, bob) == [READ]

    assert await mail_made(db, bob, post, "America/Chicago") == [f"No email about it was sent. {READ}"]
    assert READ in (await web.get(f"/p/{post}/why")).text
    await queue_instant(tools, post)
    assert await mails(tools) == []


async def test_whoever_keeps_all_in_their_mailbox_is_mailed_what_they_have_read(db, tools, drain):
    bob, thread = await a_mailed_thread(db, drain)
    await wishes(db, bob, mails_read=True)
    await mark_read(db, bob, thread, 1)
    assert "read it here" not in (await mail_made(db, bob, await post_id(db, thread), "America/Chicago"))[0]

    assert await outcomes(tools, bob) == [mail_of(await post_id(db, thread))]


async def test_what_only_looks_like_reading_it_keeps_no_mail_back(db, tools, drain, web):
    bob, thread = await a_mailed_thread(db, drain)
    other = await a_member(db)
    await sign_in_as(web, db, bob)
    await web.get(f"/t/{thread}/x", headers={"sec-purpose": "prefetch"})
    await mark_all_read(db, bob)
    await mark_read(db, bob, await a_thread(db, author=other), 1)
    await mark_read(db, other, thread, 1)

    assert mail_of(await post_id(db, thread)) in await outcomes(tools, bob)


async def test_only_the_posts_up_to_ones_mark_are_read(db, tools, drain):
    bob, thread = await a_mailed_thread(db, drain)
    later = await a_reply(db, thread)
    await drain()
    await mark_read(db, bob, thread, 1)

    assert await outcomes(tools, bob) == [READ, mail_of(later)]


async def test_a_reply_sent_over_unread_posts_has_not_read_them(db, tools, drain):
    bob, thread = await a_mailed_thread(db, drain)
    first = await post_id(db, thread)
    await reply(db, bob, thread, ReplyDraft("I have not looked.", "key"))

    assert await outcomes(tools, bob) == [mail_of(first)]


async def test_who_is_named_in_what_they_have_read_is_mailed_until_they_see_it_again(db, tools, drain, web):
    ann = await a_member(db, name="Ann")
    bob, thread = await a_mailed_thread(db, drain, author=ann)
    post = await post_id(db, thread)
    await mark_read(db, bob, thread, 1)
    await reword(db, ann, post, f"Do you know, @{bob.handle}?")
    await drain()
    assert await outcomes(tools, bob) == [mail_of(post)]

    cy = await a_member(db)
    await mark_read(db, cy, thread, 1)
    await reword(db, ann, post, f"Do you know, @{cy.handle}?")
    await drain()
    await sign_in_as(web, db, cy)
    await web.get(f"/t/{thread}/x")

    assert await outcomes(tools, cy) == [READ]


async def test_a_post_that_was_not_read_where_it_stood_is_not_read_where_it_is_merged_to(db, tools, drain):
    category, admin = await a_category(db), await an_admin(db)
    bob, thread = await a_mailed_thread(db, drain, category=category)
    into = await a_thread(db, category=category, title="Where it is merged to")
    for _ in range(3):
        await a_reply(db, into)
    await drain()
    await mark_read(db, bob, into, 4)
    assert set(await outcomes(tools, bob)) == {READ, mail_of(await post_id(db, thread))}
    unread = await a_reply(db, thread)
    await drain()

    await merge(db, admin, thread, into)
    await drain()

    assert await outcomes(tools, bob) == [mail_of(unread)]


async def test_what_is_read_while_a_slow_relay_lets_it_wait_does_not_leave(db, tools, sink):
    people = [await a_member(db, name=f"Reader {n}") for n in range(3)]
    for person in people:
        await follows(db, person, *EVERYTHING)
    thread = await a_thread(db)
    await queue_instant(tools, await post_id(db, thread))
    await make_due(db)

    async def read():
        for person in people:
            await mark_read(db, person, thread, 1)

    await while_the_first_is_handed_over(tools, sink, read)

    assert sorted(await states(db)) == ["sent", "unwanted", "unwanted"]
    assert await value(db, "SELECT count(*) FROM mail WHERE outcome = :read", read=READ) == 2


async def test_many_workers_at_once_send_what_is_unread_once_and_nothing_else(db, tools, drain, sink):
    bob, thread = await a_mailed_thread(db, drain)
    eve = await a_member(db)
    await follows(db, eve, *EVERYTHING)
    await queue_instant(tools, await post_id(db, thread))
    await mark_read(db, bob, thread, 1)
    await make_due(db)

    await asyncio.gather(*(deliver(through(tools, sink), RENDERERS) for _ in range(3)))

    assert await states(db) == ["unwanted", "sent"]
    assert len(sink.taken) == 1


async def test_what_may_have_arrived_is_not_sent_once_more_to_who_has_read_it(db, tools, drain):
    bob, thread = await a_mailed_thread(db, drain)
    await make_due(db)
    mail = (await claim(db, domain="forum.example"))[0]
    await mark_sending(db, mail, "x.example")
    await make_due(db)
    await recover(db)
    await mark_read(db, bob, thread, 1)

    assert await outcomes(tools, bob) == [READ]


# A post that is away for a while can be passed unseen.


async def test_who_may_have_passed_a_post_while_it_was_hidden_is_mailed_it_though_it_is_back_before_its_turn(
    db, tools, drain
):
    bob, thread = await a_mailed_thread(db, drain)
    admin, ann = await an_admin(db), await a_member(db)
    await mails(tools)
    hidden = await a_reply(db, thread, author=ann)
    await drain()
    await hide_until_decided(db, hidden)
    await a_reply(db, thread, author=ann)
    await mark_read(db, bob, thread, 3)

    await restore(db, admin, hidden)
    await drain()

    assert await outcomes(tools, bob) == [mail_of(hidden), READ]


@pytest.mark.parametrize("turn", ["while it is away", "when it is back, before anybody was told"])
async def test_who_may_have_passed_it_when_its_turn_came_is_mailed_it_when_it_is_back_and_once(db, tools, drain, turn):
    bob, thread = await a_mailed_thread(db, drain)
    admin = await an_admin(db)
    await mails(tools)
    hidden = await a_reply(db, thread)
    await drain()
    await hide_until_decided(db, hidden)
    await mark_read(db, bob, thread, 2)
    if turn == "while it is away":
        assert await outcomes(tools, bob) == [AWAY]
    await restore(db, admin, hidden)
    if turn != "while it is away":
        assert await outcomes(tools, bob) == [READ]

    sent = []
    for _ in range(2):
        await drain()
        sent += await outcomes(tools, bob)
        await hide_until_decided(db, hidden)
        await restore(db, admin, hidden)

    assert sent == [mail_of(hidden)]


async def test_who_had_read_it_before_it_was_hidden_is_not_mailed_it_whatever_they_read_since(db, tools, drain):
    bob, thread = await a_mailed_thread(db, drain)
    admin, post = await an_admin(db), await post_id(db, thread)
    await mark_read(db, bob, thread, 1)
    assert await outcomes(tools, bob) == [READ]
    other = await a_reply(db, thread)
    await drain()
    await hide_until_decided(db, other)
    await run(db, "UPDATE read_mark SET read_at = now() - interval '1 hour'")

    await restore(db, admin, other)
    await drain()

    assert await outcomes(tools, bob) == [mail_of(other)]
    assert await value(db, "SELECT m.outcome FROM mail m WHERE m.post_id = :post", post=post) == READ
