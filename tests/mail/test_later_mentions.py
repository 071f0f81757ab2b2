"""A mention that an edit brings into a post reaches whom it names as they wish, once, and nobody else."""

import asyncio
from email import message_from_bytes, policy

import pytest

from forum.kit.db import rows, run, value
from forum.mail.belated import tell_called
from forum.mail.instant import NOT_HEARD, render_instant
from forum.mail.instant_jobs import queue_instant
from forum.mail.queueing import claim, mark_sending, mark_sent, mark_unwanted
from forum.mail.types import Ready
from forum.notifications import account as notifications_account
from forum.notifications import commands as notifications
from forum.notifications.jobs import notify_post
from forum.notifications.queries import new_lines
from forum.threads import account as threads_account
from forum.threads.edit import edit
from forum.threads.merge import merge
from forum.threads.reading import mark_read
from forum.threads.split import split
from forum.threads.staff_types import SplitDraft
from forum.threads.types import EditDraft
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, post_id, sign_in_as
from tests.following.scenes import follows, wishes
from tests.mail.digests.scenes import EVERY_DAY, digest_of, digests, ended, make_digests_now
from tests.mail.mails import make_due
from tests.notifications.scenes import on_the_bell, sees

PLAIN = "Who knows?"


async def a_post(db, drain, body=PLAIN, **fields):
    """A thread by Ann, of whose opening post everybody has heard."""
    ann = await a_member(db, name="Ann")
    thread = await a_thread(db, author=ann, title="Who knows?", body=body, kind="discussion", **fields)
    await drain()
    return ann, thread, await post_id(db, thread)


async def reword(db, author, post, body) -> None:
    version = await value(db, "SELECT p.version FROM post p WHERE p.id = :id", id=post)
    await edit(db, author, post, EditDraft(body, "", version))


async def mails(tools) -> list[tuple]:
    """What has become of the mails that wait, all of which are sent: whose, their id or why not, and whether Re:."""
    await make_due(tools.db)
    claimed = await claim(tools.db, domain="forum.example", most=200)
    made = await render_instant(tools, claimed)
    found = []
    for mail in claimed:
        if isinstance(made[mail.id], Ready):
            message = message_from_bytes(made[mail.id].message, policy=policy.SMTP)
            found.append((mail.member_id, message["Message-ID"], message["In-Reply-To"]))
            assert await mark_sending(tools.db, mail, "x.example")
            await mark_sent(tools.db, mail)
        else:
            found.append((mail.member_id, made[mail.id].outcome, None))
            await mark_unwanted(tools.db, mail, made[mail.id].outcome)
    return found


async def test_whom_an_edit_names_hears_of_it_on_the_site_and_by_mail_and_follows_the_thread(db, tools, drain):
    ann, thread, post = await a_post(db, drain)
    bob = await a_member(db)

    await reword(db, ann, post, f"Do you know, @{bob.handle}?")
    await drain()

    assert await sees(db, bob) == ["Ann mentioned you in Who knows?, because you are mentioned"]
    assert await value(db, "SELECT bool_and(m.next_at > now() + interval '9 minutes') FROM mail m")
    assert await mails(tools) == [(bob.id, f"<post.{post}@forum.example>", None)]
    follow = await rows(db, "SELECT f.target_id, f.reason FROM follow f WHERE f.member_id = :id", id=bob.id)
    assert [tuple(row.values()) for row in follow] == [(thread, "mentioned")]


async def test_however_often_a_post_is_edited_each_is_told_once(db, tools, drain):
    bob, kim = await a_member(db), await a_member(db)
    ann, _, post = await a_post(db, drain, f"Ask @{kim.handle}.")

    for n in range(3):
        await reword(db, ann, post, f"Ask @{kim.handle} or @{bob.handle}, for the {n}th time.")
        await drain()
        await reword(db, ann, post, f"Ask whom you like, for the {n}th time.")
        await drain()
    await reword(db, ann, post, f"Ask @{kim.handle} or @{bob.handle}.")
    await drain()
    await asyncio.gather(*(tell_called(tools, post) for _ in range(5)))

    for who in (bob, kim):
        assert len(await sees(db, who)) == 1
        assert [line.posts for line in await new_lines(db, who)] == [1]
    assert sorted(await mails(tools)) == sorted((who.id, f"<post.{post}@forum.example>", None) for who in (bob, kim))


@pytest.mark.parametrize("how", ["read", "told", "mailed", "put aside"])
async def test_it_is_news_also_to_who_knew_the_post_before(db, tools, drain, web, how):
    bob = await a_member(db)
    await follows(db, bob, "everything", 0, "each" if how == "mailed" else "web")
    ann, thread, post = await a_post(db, drain)
    if how == "read":
        await mark_read(db, bob, thread, 1)
    elif how == "put aside":
        await notifications.put_all_aside(db, bob, 10**17)
    elif how == "mailed":
        assert await mails(tools) == [(bob.id, f"<post.{post}@forum.example>", None)]

    await reword(db, ann, post, f"Do you know, @{bob.handle}?")
    await drain()

    assert await sees(db, bob) == ["Ann mentioned you in Who knows?, because you are mentioned"]
    own = f"<post.{post}@forum.example>"
    again = f"<mention.{post}@forum.example>"  # or mail programs would drop it
    assert await mails(tools) == [(bob.id, again, own) if how == "mailed" else (bob.id, own, None)]
    await sign_in_as(web, db, bob)
    (line,) = await new_lines(db, bob)
    await web.get(line.path, follow_redirects=True)
    assert await on_the_bell(db, web) == 0
    assert await sees(db, bob) == []


async def named_in_what_was_read(db, drain, *, replies=0):
    """Bob has read a thread by Ann when an edit of its last post names him. Returns both, the thread and that post."""
    bob = await a_member(db, name="Bob")
    ann, thread, post = await a_post(db, drain)
    for n in range(replies):
        post = await a_reply(db, thread, author=ann, body=f"And for the {n}th time?")
    await mark_read(db, bob, thread, replies + 1)
    await drain()
    await reword(db, ann, post, f"Do you know, @{bob.handle}?")
    await drain()
    assert len(await sees(db, bob)) == 1
    return ann, bob, thread, post


async def test_whoever_is_shown_the_post_again_has_seen_it_and_hears_no_more_of_it(db, tools, drain, web):
    _, bob, thread, _ = await named_in_what_was_read(db, drain)
    await wishes(db, bob, days=EVERY_DAY, mentioned="digest")
    await sign_in_as(web, db, bob)

    await web.get(f"/t/{thread}/x", headers={"sec-purpose": "prefetch"})
    assert await on_the_bell(db, web) == 1
    await web.get(f"/t/{thread}/x")

    assert await on_the_bell(db, web) == 0
    assert (await digest_of(tools, bob)).text == ""


async def test_reading_another_page_of_the_thread_is_not_seeing_it(db, tools, drain, web):
    ann, bob, thread, _ = await named_in_what_was_read(db, drain)
    await a_reply(db, thread, author=ann)
    await drain()
    await sign_in_as(web, db, bob)

    await web.get(f"/t/{thread}/x?after=1")

    assert await sees(db, bob) == ["Ann mentioned you in Who knows?, because you are mentioned"]


@pytest.mark.parametrize("act", ["split", "merged", "merged into what was read later", "one account"])
async def test_it_stays_news_wherever_its_post_and_its_member_go(db, tools, drain, act):
    ann, bob, thread, post = await named_in_what_was_read(db, drain, replies=1)
    admin, category = await an_admin(db), await a_category(db)
    if act == "split":
        await split(db, admin, thread, SplitDraft((post,), "A matter of its own", category))
    elif act == "one account":
        kim = await a_member(db)
        await mark_read(db, kim, thread, 2)
        async with db.transaction():
            for room in (threads_account, notifications_account):
                await room.hand_over(db, bob.id, kim.id)
        bob = kim
    else:
        other = await a_thread(db, author=ann, category=category, title="The same question")
        if act.endswith("later"):
            await mark_read(db, bob, other, 1)
        await merge(db, admin, thread, other)
    await drain()

    assert len(await sees(db, bob)) == 1


async def test_a_mail_of_the_post_that_waits_says_it(db, tools, drain):
    bob = await a_member(db)
    await follows(db, bob, "everything", 0)
    ann, _, post = await a_post(db, drain)

    await reword(db, ann, post, f"Do you know, @{bob.handle}?")
    await drain()

    assert len(await mails(tools)) == 1


async def test_a_mention_taken_out_before_the_mail_left_is_not_mailed(db, tools, drain):
    bob = await a_member(db)
    ann, _, post = await a_post(db, drain)
    await reword(db, ann, post, f"Do you know, @{bob.handle}?")
    await drain()

    await reword(db, ann, post, "Never mind.")
    await drain()

    assert await mails(tools) == [(bob.id, NOT_HEARD, None)]


@pytest.mark.parametrize(
    ("wish", "on_site", "by_mail"), [("none", False, False), ("web", True, False), ("digest", True, False)]
)
async def test_it_comes_as_wished(db, tools, drain, wish, on_site, by_mail):
    bob = await a_member(db)
    await wishes(db, bob, mentioned=wish)
    ann, _, post = await a_post(db, drain)

    await reword(db, ann, post, f"Do you know, @{bob.handle}?")
    await drain()

    assert (bool(await sees(db, bob)), bool(await mails(tools))) == (on_site, by_mail)


@pytest.mark.parametrize("hiding", ["may not read", "muted thread", "muted author", "paused", "gone", "in a quote"])
async def test_nobody_is_told_who_may_not_read_it_or_does_not_want_to(db, tools, drain, hiding):
    category = await a_category(db, read_by="staff" if hiding == "may not read" else "members")
    bob, ann = await a_member(db), await a_member(db, moderates=[category])
    thread = await a_thread(db, author=ann, category=category)
    post = await post_id(db, thread)
    await drain()
    if hiding.startswith("muted"):
        kind, target = ("thread", thread) if hiding == "muted thread" else ("person", ann.id)
        await follows(db, bob, kind, target, "muted")
    elif hiding == "paused":
        await wishes(db, bob, stops_all=True)
    elif hiding == "gone":
        await run(db, "UPDATE member SET state = 'suspended' WHERE id = :id", id=bob.id)

    quote = "> " if hiding == "in a quote" else ""
    await reword(db, ann, post, f"{quote}Do you know, @{bob.handle}?")
    await drain()

    assert bool(await sees(db, bob)) == (hiding == "paused")
    assert await value(db, "SELECT count(*) FROM mail") == 0


async def test_whoever_edits_is_not_told_of_their_own_name(db, tools, drain):
    ann, _, post = await a_post(db, drain)
    await reword(db, ann, post, f"I, @{ann.handle}, ask.")
    await drain()
    assert await sees(db, ann) == []
    assert await mails(tools) == []


async def test_an_edit_before_anybody_was_told_of_the_post_tells_once(db, tools, drain):
    ann, bob = await a_member(db, name="Ann"), await a_member(db)
    post = await post_id(db, await a_thread(db, author=ann))
    await reword(db, ann, post, f"Do you know, @{bob.handle}?")

    await drain()

    assert len(await sees(db, bob)) == 1
    assert len(await mails(tools)) == 1


async def test_an_edit_between_the_jobs_of_the_post_is_mailed_once(db, tools):
    ann, bob = await a_member(db, name="Ann"), await a_member(db)
    post = await post_id(db, await a_thread(db, author=ann))
    await queue_instant(tools, post)
    await reword(db, ann, post, f"Do you know, @{bob.handle}?")
    await notify_post(tools, post)

    await asyncio.gather(*(tell_called(tools, post) for _ in range(3)))

    assert await mails(tools) == [(bob.id, f"<post.{post}@forum.example>", None)]
    await tell_called(tools, post)
    assert await mails(tools) == []


async def test_who_named_more_names_nobody_a_second_time(db, tools, drain):
    bob, kim = await a_member(db), await a_member(db)
    for who in (bob, kim):
        await wishes(db, who, days=EVERY_DAY, mentioned="digest")
        await follows(db, who, "thread", 10**9, "digest")
    ann, _, post = await a_post(db, drain)
    await run(db, "UPDATE post SET created_at = created_at - interval '1 day'")
    await digest_of(tools, bob)
    await ended(db)
    await reword(db, ann, post, f"Do you know, @{bob.handle}?")
    await drain()
    assert "Who knows?" in (await digest_of(tools, bob)).text
    await ended(db)

    await reword(db, ann, post, f"Do you know, @{bob.handle} or @{kim.handle}?")
    await drain()

    await make_digests_now(db)
    found = await digests(tools)
    assert ["Who knows?" in found[who.id].text for who in (bob, kim)] == [False, True]


async def test_an_edit_that_is_rolled_back_names_nobody(db, tools, drain):
    ann, _, post = await a_post(db, drain)
    bob = await a_member(db)
    async with db.transaction(force_rollback=True):
        await reword(db, ann, post, f"Do you know, @{bob.handle}?")
    await drain()
    assert await sees(db, bob) == []


async def test_a_digest_tells_of_it_by_when_it_was_added_once_and_not_when_it_was_taken_out(db, tools, drain):
    bob, kim = await a_member(db), await a_member(db)
    for who in (bob, kim):
        await wishes(db, who, days=EVERY_DAY, mentioned="digest")
        await follows(db, who, "thread", 10**9, "digest")
    ann, thread, post = await a_post(db, drain)
    await mark_read(db, bob, thread, 1)
    assert (await digest_of(tools, bob)).text == ""
    await ended(db)

    await reword(db, ann, post, f"Do you know, @{bob.handle} or @{kim.handle}?")
    await drain()
    await reword(db, ann, post, f"Do you know, @{bob.handle}?")
    first = await digest_of(tools, bob)
    kims = await value(db, "SELECT m.state FROM mail m WHERE m.member_id = :id ORDER BY m.id DESC LIMIT 1", id=kim.id)
    await ended(db)

    assert "YOU WERE MENTIONED" in first.text
    assert "Who knows?" in first.text
    assert kims == "waiting"
    assert (await digest_of(tools, bob)).text == ""


async def test_whom_no_mail_reached_is_told_of_it_by_their_digest(db, tools, drain):
    bob = await a_member(db)
    await wishes(db, bob, days=EVERY_DAY)
    await follows(db, bob, "thread", 10**9, "digest")
    ann, _, post = await a_post(db, drain)
    await digest_of(tools, bob)
    await ended(db)
    await reword(db, ann, post, f"Do you know, @{bob.handle}?")
    await drain()
    await run(db, "UPDATE mail SET state = 'failed' WHERE kind = 'instant'")

    assert "Who knows?" in (await digest_of(tools, bob)).text


async def test_two_accounts_that_become_one_keep_what_either_was_named_in(db, tools, drain):
    bob, kim = await a_member(db), await a_member(db)
    ann, thread, post = await a_post(db, drain)
    reply = await a_reply(db, thread, author=ann)
    await reword(db, ann, post, f"@{bob.handle}?")
    await reword(db, ann, reply, f"@{bob.handle} or @{kim.handle}?")

    async with db.transaction():
        await threads_account.hand_over(db, bob.id, kim.id)

    found = await rows(db, "SELECT e.post_id FROM mention e WHERE e.member_id = :id ORDER BY e.post_id", id=kim.id)
    assert [row["post_id"] for row in found] == [post, reply]
