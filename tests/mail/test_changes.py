"""Mails of events that are moved or cancelled: to who comes and to who hears of each message, once for a change."""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from forum.events import commands, queries
from forum.events.times import when_words
from forum.following.commands import follow, unfollow
from forum.following.jobs import follow_by_coming
from forum.following.types import Target
from forum.kit.db import rows, run, value
from forum.mail import changing
from forum.mail.changing import LATER, OVER
from forum.mail.instant import AWAY, NOT_HEARD
from forum.mail.queries import mail_made
from forum.mail.queueing import claim, mark_sending, mark_sent, mark_unwanted, recover
from forum.mail.reading import READ
from forum.mail.types import KNOWN, NO_ADDRESS, Ready
from forum.mail.unsubscribing import act, read
from forum.notifications.queries import notified
from forum.threads.delete import delete, restore
from forum.threads.hide import hide_until_decided
from forum.threads.merge import merge
from forum.threads.reading import mark_read
from forum.wiring import RENDERERS
from tests.events.scenes import an_event, facts, over
from tests.factories import a_category, a_member, a_thread, an_admin, post_id
from tests.following.scenes import EVERYTHING, follows, wishes
from tests.mail.digests.scenes import a_digest_reader, digests, make_digests_now
from tests.mail.digests.scenes import ended as digests_ended
from tests.mail.mails import make_due, states

MOVED, AGAIN = facts(days=9, place="Room 4"), facts(days=11, place="Room 4")


class Made(dict):
    """Of each kind and member: their mail as it left, or why it did not."""

    def of(self, member) -> EmailMessage | str | None:
        """A member's mail of a change, None for none."""
        return self.get(("change", member.id))

    def text(self, member) -> str:
        return self.of(member).get_body(("plain",)).get_content().replace("\r\n", "\n")


async def sent(tools) -> Made:
    """What has become of all mails that wait."""
    await make_due(tools.db)
    made = Made()
    claimed = await claim(tools.db, domain="forum.example", most=200)
    for kind in {each.kind for each in claimed}:
        mails = sorted(each for each in claimed if each.kind == kind)
        ready = await RENDERERS[kind](tools, mails)
        for mail in mails:
            made[kind, mail.member_id] = await _ended(tools.db, mail, ready[mail.id])
    return made


async def _ended(db, mail, made) -> EmailMessage | str:
    if not isinstance(made, Ready):
        await mark_unwanted(db, mail, made.outcome)
        return made.outcome
    assert await mark_sending(db, mail, "x.example")
    await mark_sent(db, mail)
    return message_from_bytes(made.message, policy=policy.SMTP)


async def a_meeting(tools, drain, **fields):
    """Who announced an event, who comes to it and was mailed it, and its thread; nothing of it waits anymore."""
    ann, bob = await a_member(tools.db, name="Ann"), await a_member(tools.db, name="Bob")
    thread = await an_event(tools.db, author=ann, **{"place": "Room 4", **fields})
    await commands.come(tools.db, bob, thread, is_coming=True)
    # Before the worker does so: whether it queues mails of the post first is left to chance.
    await follow_by_coming(tools, await post_id(tools.db, thread), bob.id)
    await drain()
    await sent(tools)
    return ann, bob, thread


async def when(db, thread) -> str:
    row = (await rows(db, "SELECT e.starts_at, e.ends_at, e.time_zone FROM event e WHERE e.post_id = :id", id=thread))[
        0
    ]
    return when_words(row["starts_at"], row["ends_at"], row["time_zone"])


async def the_time(db, thread) -> str:
    return await when(db, await post_id(db, thread))


async def moved(db, actor, thread, drain, wanted=MOVED) -> None:
    """The event of a thread is changed to that, from whatever it is."""
    version = await value(db, "SELECT e.version FROM event e WHERE e.post_id = :id", id=await post_id(db, thread))
    await commands.change(db, actor, thread, wanted, version)
    await drain()


async def of_a_while_ago(db) -> None:
    """Changes of events were made before mails of them were due."""
    await run(db, "UPDATE event_before SET until = until - interval '15 minutes'")
    await run(db, "UPDATE event SET changed_at = changed_at - interval '15 minutes'")


def said(text: str) -> str:
    return " ".join(text.split())


async def test_who_comes_and_who_hears_of_each_message_are_mailed_from_when_to_when_it_is_moved(db, tools, drain):
    cy = await a_member(db)
    await follows(db, cy, *EVERYTHING)
    ann, bob, thread = await a_meeting(tools, drain)
    before = await the_time(db, thread)
    post = await post_id(db, thread)

    await moved(db, ann, thread, drain)

    waits = "SELECT bool_and(m.next_at = e.changed_at + interval '10 minutes') FROM mail m JOIN event e USING (post_id)"
    assert await value(db, f"{waits} WHERE m.kind = 'change'")
    assert await value(
        db, "SELECT m.dedupe_key FROM mail m WHERE m.kind = 'change' AND m.member_id = :id", id=bob.id
    ) == (f"change:{post}:{bob.id}:2")
    made = await sent(tools)
    assert made.of(ann) is None
    text = said(made.text(bob))
    assert f"This event has a new time. Before: When: {said(before)} Now: When: " in text
    assert said(await the_time(db, thread)) in text
    assert "Where: Room 4" in text.partition("Now:")[2]
    assert "Where: " not in text.partition("Now:")[0]
    assert f"Add to calendar: http://forum.example/events/{thread}.ics" in text
    assert "You get this because you said you are coming to this event." in text
    assert "You get this because you follow everything here." in said(made.text(cy))
    mail = made.of(bob)
    assert (mail["Message-ID"], mail["In-Reply-To"]) == (
        f"<change.{post}.2@forum.example>",
        f"<post.{post}@forum.example>",
    )
    assert mail["References"] == mail["In-Reply-To"]
    assert mail["Subject"] == "Re: [Staffroom] Filters, and what they see"
    assert f"-stop-thread-{thread}-" in mail["List-Unsubscribe"]
    assert mail["Feedback-ID"].startswith("change:")
    html = mail.get_body(("html",)).get_content()
    assert "a new time" in html
    assert f"/events/{thread}.ics" in html


@pytest.mark.parametrize(
    ("change", "headline"),
    [
        ({"place": "The <library>"}, "This event has a new place."),
        ({"link": "https://meet.example/2"}, "This event has a new link."),
        ({"place": "Room 9", "starts": "2031-05-06T10:00", "ends": "2031-05-06T11:00"}, "has a new time and place."),
    ],
)
async def test_where_it_is_and_where_one_joins_are_told_as_well(db, tools, drain, change, headline):
    ann, bob, thread = await a_meeting(tools, drain)
    kept = (await queries.event(db, ann, thread)).facts
    await moved(db, ann, thread, drain, facts(**{**kept.__dict__, **change}))
    assert headline in (await sent(tools)).text(bob)


async def test_that_it_is_cancelled_and_takes_place_after_all_are_two_mails(db, tools, drain):
    ann, bob, thread = await a_meeting(tools, drain)
    await commands.cancel(db, ann, thread, is_cancelled=True)
    await drain()
    assert "This event is canceled." in (await sent(tools)).text(bob)
    for _ in range(2):
        await commands.cancel(db, ann, thread, is_cancelled=True)
    await drain()
    assert await sent(tools) == {}

    await commands.cancel(db, ann, thread, is_cancelled=False)
    await drain()

    assert "This event takes place after all.\n\nBefore:\nIt is canceled.\n" in (await sent(tools)).text(bob)


# Whom it is mailed to


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ("UPDATE post SET deleted_at = now()", AWAY),
        ("UPDATE category SET read_by = 'staff'", NOT_HEARD),
        ("DELETE FROM event_guest; DELETE FROM follow", NOT_HEARD),
        ("UPDATE follow SET level = 'muted'", NOT_HEARD),
        ("UPDATE follow SET level = 'none'", NOT_HEARD),
        ("UPDATE follow SET level = 'web'", NOT_HEARD),
        ("UPDATE follow SET level = 'digest', every_days = 1, reason = 'chosen'", NOT_HEARD),
        ("UPDATE member SET state = 'suspended' WHERE name = 'Bob'", NOT_HEARD),
        ("INSERT INTO mail_wish (member_id, stops_all) SELECT id, true FROM member", NOT_HEARD),
        ("INSERT INTO mail_wish (member_id, paused_until) SELECT id, current_date + 9 FROM member", NOT_HEARD),
        ("DELETE FROM member_email", NO_ADDRESS),
    ],
)
async def test_rights_and_wishes_are_asked_when_it_leaves(db, tools, drain, change, outcome):
    ann, bob, thread = await a_meeting(tools, drain)
    await moved(db, ann, thread, drain)
    for statement in change.split(";"):
        await run(db, statement)

    assert (await sent(tools)).of(bob) == outcome


@pytest.mark.parametrize("wish", ["digest", "none"])
async def test_who_comes_is_mailed_whatever_they_wish_of_threads_they_reply_in_but_on_the_web_only(
    db, tools, drain, wish
):
    ann, bob = await a_member(db), await a_member(db)
    eve = await a_member(db)
    await wishes(db, bob, replying=wish)
    await wishes(db, eve, replying="web")
    thread = await an_event(db, author=ann)
    for who in (bob, eve):
        await commands.come(db, who, thread, is_coming=True)
    await drain()
    await moved(db, ann, thread, drain)

    made = await sent(tools)

    assert "a new time" in made.text(bob)
    assert made.of(eve) == NOT_HEARD


@pytest.mark.parametrize("how", ["stop", "unfollow", "digest"])
async def test_who_stops_the_thread_by_its_link_or_chooses_less_is_mailed_no_more(db, tools, drain, how):
    ann, bob, thread = await a_meeting(tools, drain)
    await moved(db, ann, thread, drain)
    link = (await sent(tools)).of(bob)["List-Unsubscribe"]
    if how == "stop":
        await act(db, await read(tools, link.strip("<>").rpartition("/")[2]))
    elif how == "unfollow":
        await unfollow(db, bob, Target("thread", thread))
    else:
        await follow(db, bob, Target("thread", thread), "digest", 7)

    await moved(db, ann, thread, drain, AGAIN)

    assert (await sent(tools)).of(bob) in (NOT_HEARD, None)


async def test_who_announced_it_is_mailed_what_somebody_else_changes_and_nobody_their_own_change(db, tools, drain):
    ann, bob, thread = await a_meeting(tools, drain)
    admin = await an_admin(db)
    await commands.come(db, admin, thread, is_coming=True)
    await commands.cancel(db, admin, thread, is_cancelled=True)
    await drain()

    made = await sent(tools)

    assert "You get this because you started this thread." in said(made.text(ann))
    assert "canceled" in made.text(bob)
    assert made.of(admin) is None


# Once for a change, and only the last of several


async def test_twice_and_at_the_same_moment_is_once(db, tools, drain):
    ann, bob, thread = await a_meeting(tools, drain)
    await moved(db, ann, thread, drain)
    post = await post_id(db, thread)
    await asyncio.gather(*(changing.queue_change(tools, post, 2, ann.id) for _ in range(4)))
    assert await value(db, "SELECT count(*) FROM mail m WHERE m.kind = 'change' AND m.member_id = :id", id=bob.id) == 1
    assert (await sent(tools)).of(bob)

    await changing.queue_change(tools, post, 2, ann.id)

    assert await sent(tools) == {}


async def test_of_changes_one_upon_the_other_only_the_last_is_mailed_with_what_it_was_before_all(db, tools, drain):
    ann, bob, thread = await a_meeting(tools, drain)
    before = await the_time(db, thread)
    await moved(db, ann, thread, drain)
    await changing.queue_change(tools, await post_id(db, thread), 2, ann.id)
    await moved(db, ann, thread, drain, AGAIN)

    await make_due(db)
    mails = await claim(db, domain="forum.example")
    made = await changing.render_changes(tools, mails)

    outcomes = [getattr(made[mail.id], "outcome", "sent") for mail in sorted(mails)]
    assert outcomes == [LATER, "sent"]
    for mail in mails:
        await _ended(db, mail, made[mail.id])
    _, skipped, told = await mail_made(db, bob, await post_id(db, thread), "America/Chicago")
    assert skipped == f"No email about its change was sent. {LATER}"
    assert told.startswith("An email about its change was sent on ")
    text = message_from_bytes(made[max(mails).id].message, policy=policy.SMTP).get_body(("plain",)).get_content()
    assert f"Before: When: {said(before)} Now: When: {said(await the_time(db, thread))}" in said(text)


async def test_a_change_that_is_taken_back_before_it_was_mailed_is_mailed_to_nobody(db, tools, drain):
    ann, bob, thread = await a_meeting(tools, drain)
    kept = (await queries.event(db, ann, thread)).facts
    await moved(db, ann, thread, drain)
    await moved(db, ann, thread, drain, kept)
    await commands.cancel(db, ann, thread, is_cancelled=True)
    await commands.cancel(db, ann, thread, is_cancelled=False)
    await drain()

    assert (await sent(tools)).of(bob) == KNOWN


async def test_what_was_mailed_is_what_the_next_change_is_from_and_back_to_the_first_is_one(db, tools, drain):
    ann, bob, thread = await a_meeting(tools, drain)
    kept = (await queries.event(db, ann, thread)).facts
    await moved(db, ann, thread, drain)
    assert (await sent(tools)).of(bob)
    second = await the_time(db, thread)

    await moved(db, ann, thread, drain, kept)

    text = said((await sent(tools)).text(bob))
    assert f"Before: When: {said(second)} Now: When: {said(await the_time(db, thread))}" in text


async def test_what_never_left_was_never_told(db, tools, drain):
    ann, bob, thread = await a_meeting(tools, drain)
    first, kept = await the_time(db, thread), (await queries.event(db, ann, thread)).facts
    await moved(db, ann, thread, drain)
    await run(db, "UPDATE event SET changed_at = now() - interval '1 hour'")  # the relay is away for long
    await run(db, "UPDATE event_before SET until = now() - interval '1 hour'")
    await run(db, "UPDATE event_guest SET said_at = now() - interval '2 hours'")
    await run(db, "UPDATE mail SET ended_at = now() - interval '2 hours' WHERE kind = 'instant'")
    await moved(db, ann, thread, drain, AGAIN)
    await make_due(db)
    mails = await claim(db, domain="forum.example")
    made = await changing.render_changes(tools, mails)
    text = message_from_bytes(made[max(mails).id].message, policy=policy.SMTP).get_body(("plain",)).get_content()
    assert f"Before: When: {said(first)} " in said(text)

    await moved(db, ann, thread, drain, kept)

    assert (await sent(tools)).of(bob) == KNOWN


async def test_an_event_whose_own_mail_has_not_left_is_mailed_as_it_is_and_its_change_is_not(db, tools, drain):
    cy, ann = await a_member(db), await a_member(db)
    await follows(db, cy, *EVERYTHING)
    thread = await an_event(db, author=ann)
    await drain()
    await moved(db, ann, thread, drain)
    await run(db, "UPDATE mail SET next_at = now() - interval '1 second' WHERE kind = 'instant'")
    await run(db, "UPDATE event_before SET until = until - interval '2 minutes'")
    instant = await claim(db, domain="forum.example")
    await _ended(db, instant[0], (await RENDERERS["instant"](tools, instant))[instant[0].id])

    assert (await sent(tools)).of(cy) == KNOWN


async def test_who_says_that_they_come_after_a_change_knows_it(db, tools, drain):
    ann, _, thread = await a_meeting(tools, drain)
    await moved(db, ann, thread, drain)
    late = await a_member(db)
    await commands.come(db, late, thread, is_coming=True)
    await drain()
    assert (await sent(tools)).of(late) is None

    await moved(db, ann, thread, drain, AGAIN)
    text = said((await sent(tools)).text(late))
    assert "This event has a new time." in text


async def test_what_may_have_arrived_is_sent_once_more_under_the_same_id_and_never_again(db, tools, drain):
    ann, _, thread = await a_meeting(tools, drain)
    await moved(db, ann, thread, drain)
    ids = set()
    for _ in range(2):
        await make_due(db)
        mail = (await claim(db, domain="forum.example"))[0]
        ids.add(mail.message_id)
        await mark_sending(db, mail, "x.example")
        await make_due(db)
        await recover(db)

    assert ids == {f"change.{await post_id(db, thread)}.2@forum.example"}
    assert (await states(db))[-1] == "failed"
    assert await sent(tools) == {}


async def test_a_change_that_rolled_back_was_none(db, tools, drain):
    ann, bob, thread = await a_meeting(tools, drain)
    async with db.transaction(force_rollback=True):
        await commands.change(db, ann, thread, MOVED, 1)
    await drain()
    assert await sent(tools) == {}
    assert await value(db, "SELECT count(*) FROM event_before") == 0

    await moved(db, ann, thread, drain)
    assert await value(db, "SELECT b.version FROM event_before b") == 1
    assert (await sent(tools)).of(bob)


async def test_what_is_over_is_no_news_and_what_was_moved_there_is(db, tools, drain):
    ann, bob, thread = await a_meeting(tools, drain)
    await over(db, thread)
    await commands.cancel(db, ann, thread, is_cancelled=True)
    await drain()
    assert (await sent(tools)).of(bob) == OVER


async def test_a_hidden_event_and_one_that_another_stands_before_are_mailed_to_nobody(db, tools, drain):
    category, admin = await a_category(db), await an_admin(db)
    ann, bob, thread = await a_meeting(tools, drain, category=category)
    await moved(db, ann, thread, drain)
    other = await an_event(db, author=ann, category=category, title="What stands before it")
    await run(db, "UPDATE post SET created_at = now() - interval '1 day' WHERE thread_id = :id", id=other)
    await merge(db, admin, thread, other)
    assert (await sent(tools)).of(bob) == AWAY

    plain = await an_event(db, author=ann, title="What is hidden soon")
    await commands.come(db, bob, plain, is_coming=True)
    await drain()
    await sent(tools)
    await moved(db, ann, plain, drain)
    await hide_until_decided(db, await post_id(db, plain))
    assert (await sent(tools)).of(bob) == AWAY


@pytest.mark.parametrize("age", [0, 60])
async def test_what_was_due_while_its_event_was_hidden_is_mailed_once_when_it_is_back(db, tools, drain, age):
    ann, bob, thread = await a_meeting(tools, drain)
    before, admin, post = await the_time(db, thread), await an_admin(db), await post_id(db, thread)
    for table in ("post", "thread"):
        await run(db, DATED_BACK[table], days=age)
    await moved(db, ann, thread, drain)
    await hide_until_decided(db, post)
    assert (await sent(tools)).of(bob) == AWAY

    await restore(db, admin, post)
    await drain()

    assert f"Before: When: {said(before)} Now: When: " in said((await sent(tools)).text(bob))
    for _ in range(2):
        await hide_until_decided(db, post)
        await restore(db, admin, post)
        await drain()
    assert await sent(tools) == {}


DATED_BACK = {
    "post": "UPDATE post SET created_at = created_at - :days * interval '1 day'",
    "thread": "UPDATE thread SET created_at = created_at - :days * interval '1 day'",
}


async def test_an_event_of_long_ago_that_is_back_is_on_no_bell_and_in_no_digest_of_posts_again(db, tools, drain):
    cy, dee, admin = await a_member(db), await a_digest_reader(db), await an_admin(db)
    await follows(db, cy, *EVERYTHING)
    thread = await an_event(db)
    post = await post_id(db, thread)
    await drain()
    for member in (cy, dee):
        assert await notified(db, member) == 1
    for table in ("post", "thread"):
        await run(db, DATED_BACK[table], days=100)
    await run(db, "DELETE FROM notification")  # as of what was done for 90 days

    await hide_until_decided(db, post)
    await restore(db, admin, post)
    await drain()

    assert [await notified(db, member) for member in (cy, dee)] == [0, 0]
    assert await value(db, "SELECT count(*) FROM belated") == 0


async def test_however_many_replies_come_back_with_an_event_its_change_is_mailed(db, tools, drain):
    ann, bob, thread = await a_meeting(tools, drain)
    admin, post = await an_admin(db), await post_id(db, thread)
    await run(
        db,
        """
        INSERT INTO post (thread_id, number, author_id, source, html, client_key)
        SELECT :thread_id, n, :author_id, 'Me too.', '<p>Me too.</p>', 'reply-' || n FROM generate_series(2, 102) n
        """,
        thread_id=thread,
        author_id=ann.id,
    )
    await moved(db, ann, thread, drain)
    await delete(db, admin, post)
    assert (await sent(tools)).of(bob) == AWAY

    await restore(db, admin, post)
    await drain()

    assert "This event has a new time." in (await sent(tools)).text(bob)


async def test_hidden_and_back_at_the_same_moment_and_twice_is_one_mail(db, tools, drain):
    ann, bob, thread = await a_meeting(tools, drain)
    admin, post = await an_admin(db), await post_id(db, thread)
    await moved(db, ann, thread, drain)
    await hide_until_decided(db, post)
    assert (await sent(tools)).of(bob) == AWAY
    await restore(db, admin, post)

    await asyncio.gather(*(changing.send_on(db, post) for _ in range(4)))
    assert "a new time" in (await sent(tools)).text(bob)
    await drain()

    assert await sent(tools) == {}


@pytest.mark.parametrize("meanwhile", ["begun", "changed again", "left", "taken back"])
async def test_what_is_not_so_any_more_or_not_wanted_does_not_go_on(db, tools, drain, meanwhile):
    ann, bob, thread = await a_meeting(tools, drain)
    kept = (await queries.event(db, ann, thread)).facts
    admin, post = await an_admin(db), await post_id(db, thread)
    await moved(db, ann, thread, drain)
    await hide_until_decided(db, post)
    assert (await sent(tools)).of(bob) == AWAY
    if meanwhile == "begun":
        await run(db, "UPDATE event SET starts_at = now() - interval '1 minute'")
    elif meanwhile == "left":
        await unfollow(db, bob, Target("thread", thread))

    await restore(db, admin, post)
    if meanwhile in ("changed again", "taken back"):
        await moved(db, ann, thread, drain, AGAIN if meanwhile == "changed again" else kept)
    await drain()

    made = await sent(tools)
    if meanwhile == "changed again":
        assert "Where: Room 4" in made.text(bob)
        ended = "SELECT array_agg(coalesce(nullif(m.outcome, ''), m.state) ORDER BY m.id) FROM mail m"
        assert await value(db, f"{ended} WHERE m.kind = 'change'") == [AWAY, "sent"]
    else:
        assert made.of(bob) == {"begun": None, "left": NOT_HEARD, "taken back": KNOWN}[meanwhile]


async def test_who_gets_the_mail_of_the_event_itself_late_gets_no_other_of_its_change(db, tools, drain):
    cy, ann, admin = await a_member(db), await a_member(db), await an_admin(db)
    await follows(db, cy, *EVERYTHING)
    thread = await an_event(db, author=ann)
    await drain()
    await moved(db, ann, thread, drain)
    post = await post_id(db, thread)
    await hide_until_decided(db, post)
    assert (await sent(tools))["instant", cy.id] == (await sent(tools)).of(cy) == AWAY

    await restore(db, admin, post)
    await drain()

    await of_a_while_ago(db)
    made = await sent(tools)
    assert said(await the_time(db, thread)) in said(made["instant", cy.id].get_body(("plain",)).get_content())
    assert (made.of(cy), (await sent(tools)).of(cy)) == (None, KNOWN)


@pytest.mark.parametrize("why", ["read", "old"])
async def test_who_gets_no_mail_of_the_event_itself_any_more_is_mailed_its_change(db, tools, drain, why):
    bob, ann, admin = await a_member(db), await a_member(db), await an_admin(db)
    await follows(db, bob, *EVERYTHING)
    thread = await an_event(db, author=ann, place="Room 4")
    if why == "read":
        await mark_read(db, bob, thread, 1)
    await commands.come(db, bob, thread, is_coming=True)
    await drain()
    await moved(db, ann, thread, drain)
    post = await post_id(db, thread)
    await hide_until_decided(db, post)
    assert (await sent(tools))["instant", bob.id] == (await sent(tools)).of(bob) == AWAY
    if why == "old":
        await run(db, DATED_BACK["post"], days=4)

    await restore(db, admin, post)
    await drain()

    made = await sent(tools)
    assert "This event has a new time." in made.text(bob)
    assert ("instant", bob.id) not in made


@pytest.mark.parametrize("has_read", [False, True])
async def test_where_the_mail_of_the_event_itself_has_not_left_yet_that_of_its_change_lets_it_go_first(
    db, tools, drain, has_read
):
    cy, ann = await a_member(db), await a_member(db)
    await follows(db, cy, *EVERYTHING)
    thread = await an_event(db, author=ann, place="Room 4")
    if has_read:
        await mark_read(db, cy, thread, 1)
    await drain()
    await moved(db, ann, thread, drain)  # and the relay is away for longer than both are to wait
    await of_a_while_ago(db)

    first, then = await sent(tools), await sent(tools)

    assert first.of(cy) is None
    assert "This event has a new time." in then.text(cy) if has_read else then.of(cy) == KNOWN
    its_own = first["instant", cy.id]
    now = said(await the_time(db, thread))
    assert its_own == READ if has_read else now in said(its_own.get_body(("plain",)).get_content())


async def test_an_event_that_was_merged_into_a_thread_answers_in_that(db, tools, drain):
    category, admin = await a_category(db), await an_admin(db)
    ann, bob, thread = await a_meeting(tools, drain, category=category)
    into = await a_thread(db, category=category, title="Where it is spoken of", kind="discussion")
    await merge(db, admin, thread, into)
    await drain()
    await sent(tools)
    event = await queries.event(db, ann, into)
    await commands.change(db, ann, into, MOVED, event.version)
    await drain()

    mail = (await sent(tools)).of(bob)

    assert mail["In-Reply-To"] == f"<post.{await post_id(db, into)}@forum.example>"
    assert f"/events/{into}.ics" in mail.get_body(("plain",)).get_content()


# Digests


async def test_a_digest_tells_no_change_again_that_was_mailed_and_to_others_it_does(db, tools, drain):
    ann, mailed, other = await a_member(db), await a_digest_reader(db), await a_digest_reader(db)
    thread = await an_event(db, author=ann, days=60)
    for who in (mailed, other):
        await commands.come(db, who, thread, is_coming=True)
    await drain()
    await follow(db, other, Target("thread", thread), "digest", 1)
    await make_digests_now(db)
    await digests_ended(db)

    await moved(db, ann, thread, drain, facts(days=70))
    made = await sent(tools)

    assert (made.of(mailed) is None, made.of(other)) == (False, NOT_HEARD)
    await make_digests_now(db)
    told = await digests(tools)
    assert ["Changed" in told[who.id].text for who in (mailed, other)] == [False, True]


async def test_an_event_that_is_moved_while_its_own_mail_is_handed_over_is_told(db, tools, drain):
    ann, bob = await a_member(db), await a_member(db)
    await follows(db, bob, *EVERYTHING, "each")
    thread = await an_event(db, author=ann, place="Room 4")
    await drain()
    await make_due(db)
    (mail,) = [each for each in await claim(db, domain="forum.example") if each.member_id == bob.id]
    made = await RENDERERS["instant"](tools, [mail])  # tells the old time
    assert await mark_sending(db, mail, "x.example")
    await moved(db, ann, thread, drain, MOVED)
    await mark_sent(db, mail)
    assert made

    assert not isinstance((await sent(tools)).of(bob), str)


async def test_who_came_while_the_change_waited_for_its_lock_is_told(db, tools, drain):
    ann, bob = await a_member(db), await a_member(db)
    thread = await an_event(db, author=ann, place="Room 4")
    await drain()
    async with db.transaction():  # begun before Bob says that he comes, and through after
        version = await value(db, "SELECT e.version FROM event e WHERE e.post_id = :id", id=await post_id(db, thread))
        await commands.come(db, bob, thread, is_coming=True)
        await run(db, "UPDATE event_guest SET said_at = clock_timestamp()")
        await commands.change(db, ann, thread, MOVED, version)
    await drain()

    assert not isinstance((await sent(tools)).of(bob), str)
