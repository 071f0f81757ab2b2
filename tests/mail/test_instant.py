"""Mails of single posts: to each who wants every message and may read it then, with the headers of a list."""

import asyncio
import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from forum.events.commands import cancel
from forum.kit.db import rows, run, value
from forum.mail.addresses import read_reply_key, secret
from forum.mail.instant import AWAY, GONE, NOT_HEARD, render_instant
from forum.mail.instant_jobs import queue_instant
from forum.mail.queueing import claim
from forum.mail.types import NO_ADDRESS, Ready, Unwanted
from tests.events.scenes import an_event
from tests.factories import a_category, a_member, a_reply, a_thread, post_id
from tests.following.scenes import EVERYTHING, follows, id_of
from tests.mail.mails import make_due
from tests.products.catalogue import a_product


async def a_follower(db, kind="everything", target_id=0, **fields):
    reader = await a_member(db, **fields)
    await follows(db, reader, kind, target_id)
    return reader


async def sent(tools) -> dict[int, EmailMessage | str]:
    """What has become of each member's mail: itself, or why nothing was sent."""
    await make_due(tools.db)
    claimed = await claim(tools.db, domain="forum.example", most=200)
    made = await render_instant(tools, claimed)
    return {each.member_id: _read(made[each.id]) for each in claimed}


def _read(made: Ready | Unwanted) -> EmailMessage | str:
    return message_from_bytes(made.message, policy=policy.SMTP) if isinstance(made, Ready) else made.outcome


async def test_whoever_wants_every_message_gets_one_of_each_post_ten_minutes_later(db, tools):
    reader = await a_follower(db)
    author = await a_member(db)
    await follows(db, author, *EVERYTHING)
    thread = await a_thread(db, author=author)
    post = await post_id(db, thread)

    await asyncio.gather(*(queue_instant(tools, post) for _ in range(3)))

    found = await rows(
        db,
        """
        SELECT m.member_id, m.dedupe_key, m.reason, m.next_at = p.created_at + interval '10 minutes' AS waits
        FROM mail m JOIN post p ON p.id = m.post_id
        """,
    )
    assert [tuple(row.values()) for row in found] == [(reader.id, f"instant:{post}:{reader.id}", "everything", True)]
    assert await claim(db, domain="forum.example") == []


async def test_a_mail_of_a_post_says_all_that_mail_programs_ask_for(db, tools, monkeypatch):
    monkeypatch.setattr("forum.mail.composing.TAKES_REPLIES", True)
    category = await a_category(db, name="Networking", slug="networking")
    reader = await a_follower(db, address="reader@pine.example")
    ann = await a_member(db, name="Ann Lee")
    thread = await a_thread(db, category=category, author=ann, title="VLANs for cameras?", body="Which **VLAN**?")
    first = await post_id(db, thread)
    reply = await a_reply(db, thread, author=ann, body="Nobody? See [here](/c/networking).")
    for post in (first, reply):
        await queue_instant(tools, post)
    await run(db, "UPDATE mail SET next_at = now()")
    claimed = await claim(db, domain="forum.example")
    made = await render_instant(tools, claimed)
    opening, answer = (_read(made[each.id]) for each in sorted(claimed, key=lambda each: each.post_id))

    assert opening["Subject"] == "[Staffroom] VLANs for cameras?"
    assert answer["Subject"] == "Re: [Staffroom] VLANs for cameras?"
    assert opening["From"].addresses[0].display_name == "Ann Lee via Staffroom"
    assert opening["To"] == "reader@pine.example"
    assert opening["Message-ID"] == f"<post.{first}@forum.example>"
    assert answer["Message-ID"] == f"<post.{reply}@forum.example>"
    assert answer["In-Reply-To"] == answer["References"] == f"<post.{first}@forum.example>"
    assert answer["List-Id"] == '"Staffroom / Networking" <networking.forum.example>'
    assert answer["Archived-At"].endswith("#p2>")
    assert answer["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    key = answer["Reply-To"].addresses[0].username.removeprefix("reply+")
    assert read_reply_key(await secret(tools), key) == (reply, reader.id)
    text = opening.get_body(("plain",)).get_content()
    html = answer.get_body(("html",)).get_content()
    assert "Ann Lee wrote in Networking:" in text
    assert "Which **VLAN**?" in text
    assert "You get this because you follow everything here." in text
    assert 'href="http://forum.example/c/networking"' in html
    assert "See [here](http://forum.example/c/networking)." in answer.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("thread", "you follow this thread"),
        ("category", "you follow Networking"),
        ("topic", "you follow #firewall"),
        ("product", "you follow Lantern"),
        ("person", "you follow Ann Lee"),
    ],
)
async def test_a_mail_says_why_one_gets_it_and_stops_just_that(db, tools, kind, why):
    ann = await a_member(db, name="Ann Lee")
    category = await a_category(db, name="Networking")
    product = await a_product(db, "Lantern")
    thread = await a_thread(db, category=category, author=ann, topics="firewall", body="As Lantern does.")
    target = {
        "thread": thread,
        "person": ann.id,
        "category": await id_of(db, "category", category),
        "topic": await id_of(db, "topic", "firewall"),
        "product": await id_of(db, "product", product),
    }[kind]
    reader = await a_follower(db, kind, target)
    await queue_instant(tools, await post_id(db, thread))

    mail = (await sent(tools))[reader.id]

    assert f"You get this because {why}." in " ".join(mail.get_body(("plain",)).get_content().split())
    assert f"-stop-{kind}-{target}-" in mail["List-Unsubscribe"]


@pytest.mark.parametrize(
    ("kind", "reason", "why"),
    [
        ("question", "asked", "you asked this question"),
        ("discussion", "asked", "you started this thread"),
        ("question", "replied", "you answered in this thread"),
        ("discussion", "replied", "you replied in this thread"),
        ("question", "mentioned", "you were mentioned in this thread"),
        ("event", "coming", "you said you are coming to this event"),
        ("discussion", "split", "this thread was split off from one you follow"),
        ("question", "chosen", "you follow this thread"),
    ],
)
async def test_a_mail_says_how_its_thread_came_to_be_followed(db, tools, kind, reason, why):
    reader, thread = await a_member(db), await a_thread(db, kind=kind)
    await follows(db, reader, "thread", thread, reason=reason)
    await queue_instant(tools, await a_reply(db, thread))

    mail = (await sent(tools))[reader.id]

    assert f"You get this because {why}." in " ".join(mail.get_body(("plain",)).get_content().split())
    assert f"-stop-thread-{thread}-" in mail["List-Unsubscribe"]


async def test_a_mail_of_a_post_that_mentions_somebody_says_so(db, tools):
    reader = await a_member(db)
    thread = await a_thread(db)
    await follows(db, reader, "thread", thread, reason="mentioned")
    await queue_instant(tools, await a_reply(db, thread, body=f"Ask @{reader.handle}."))
    text = (await sent(tools))[reader.id].get_body(("plain",)).get_content()
    assert "You get this because it mentions you." in text


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ("UPDATE post SET deleted_at = now()", AWAY),
        ("UPDATE thread SET deleted_at = now()", AWAY),
        ("UPDATE category SET read_by = 'staff'", NOT_HEARD),
        ("UPDATE follow SET level = 'web'", NOT_HEARD),
        ("UPDATE follow SET level = 'digest', every_days = 1", NOT_HEARD),
        ("DELETE FROM follow", NOT_HEARD),
        ("UPDATE member SET state = 'suspended' WHERE name = 'Reader'", NOT_HEARD),
        ("INSERT INTO mail_wish (member_id, stops_all) SELECT id, true FROM member WHERE name = 'Reader'", NOT_HEARD),
        (
            "INSERT INTO mail_wish (member_id, paused_until) SELECT id, current_date + 9 FROM member "
            "WHERE name = 'Reader'",
            NOT_HEARD,
        ),
        ("DELETE FROM member_email", NO_ADDRESS),
    ],
)
async def test_what_changes_before_it_is_sent_counts(db, tools, change, outcome):
    reader = await a_follower(db, name="Reader")
    await queue_instant(tools, await post_id(db, await a_thread(db)))
    await run(db, change)
    assert await sent(tools) == {reader.id: outcome}


async def test_what_was_mended_meanwhile_is_sent_as_it_is_now(db, tools):
    reader = await a_follower(db)
    thread = await a_thread(db, body="The pasword is in the safe.")
    await queue_instant(tools, await post_id(db, thread))
    await run(db, "UPDATE post SET source = 'The key is in the safe.', html = '<p>The key is in the safe.</p>'")
    mail = (await sent(tools))[reader.id]
    assert "pasword" not in mail.as_string()
    assert "The key is in the safe." in mail.get_body(("plain",)).get_content()


async def test_a_post_that_is_no_more_takes_its_mails_along(db, tools):
    await a_follower(db)
    await queue_instant(tools, await post_id(db, await a_thread(db)))
    await run(db, "DELETE FROM thread")
    assert await value(db, "SELECT count(*) FROM mail") == 0
    assert GONE


async def came_by_mail(db, thread, message_id="original@listserv.example"):
    """The opening post of a thread is one that came by mail."""
    await run(
        db,
        """
        INSERT INTO mail_conversation (category_id, thread_id)
        SELECT t.category_id, t.id FROM thread t WHERE t.id = :thread_id
        """,
        thread_id=thread,
    )
    await run(
        db,
        """
        INSERT INTO mail_message (category_id, conversation_id, message_id, content_hash, reference_ids, sent_at,
                                  author_key, author_name, author_address, title, subject_key, is_orphan, raw, source,
                                  html, is_placed, post_id)
        SELECT c.category_id, c.id, :message_id, '\\x00', '{}', now(), '', '', '', '', '', false,
               '\\x00', '', '', true, p.id
        FROM mail_conversation c JOIN post p ON p.thread_id = c.thread_id
        """,
        message_id=message_id,
    )


@pytest.mark.parametrize(
    ("original", "answered"),
    [("original@listserv.example", "<original@listserv.example>"), ("no id@", "<post.{}@forum.example>")],
)
async def test_a_mailed_post_keeps_the_message_id_it_came_with_where_it_is_one(db, tools, original, answered):
    reader = await a_follower(db)
    thread = await a_thread(db)
    await came_by_mail(db, thread, original)
    await queue_instant(tools, await a_reply(db, thread))
    mail = (await sent(tools))[reader.id]
    assert mail["In-Reply-To"] == answered.format(await post_id(db, thread))


async def test_a_post_that_came_by_mail_leaves_at_once_and_one_of_the_web_waits(db, tools):
    reader = await a_follower(db)
    threads = [await a_thread(db) for _ in range(2)]
    await came_by_mail(db, threads[0])
    for thread in threads:
        await queue_instant(tools, await post_id(db, thread))

    due = await claim(db, domain="forum.example")

    assert [(each.member_id, each.message_id) for each in due] == [(reader.id, "original@listserv.example")]


async def test_whoever_wrote_without_their_name_is_called_as_on_the_site(db, tools):
    reader = await a_follower(db)
    await queue_instant(tools, await post_id(db, await a_thread(db, author=await a_member(db, name="A district"))))
    await run(db, "UPDATE member SET state = 'unnamed', title = 'Director' WHERE name = 'A district'")
    mail = (await sent(tools))[reader.id]
    assert "Director" not in mail.as_string()
    assert mail["From"].addresses[0].display_name == "A district via Staffroom"


async def test_a_title_with_words_that_end_like_re_keeps_them(db, tools):
    reader = await a_follower(db)
    thread = await a_thread(db, title="Software: which one do you use?")
    await queue_instant(tools, await post_id(db, thread))
    assert (await sent(tools))[reader.id]["Subject"] == "[Staffroom] Software: which one do you use?"


async def test_a_retry_has_the_same_message_id_whatever_the_domain_is_called_by_then(db, tools):
    reader = await a_follower(db)
    await queue_instant(tools, await post_id(db, await a_thread(db)))
    settings = tools.settings.model_copy(update={"mail_domain": "other.example"})
    mail = (await sent(replace(tools, settings=settings)))[reader.id]
    assert mail["Message-ID"].endswith("@forum.example>")


async def test_nobody_is_asked_for_an_answer_by_mail_that_would_be_lost(db, tools):
    reader = await a_follower(db)
    await queue_instant(tools, await post_id(db, await a_thread(db)))
    mail = (await sent(tools))[reader.id]
    assert mail["Reply-To"] is None
    assert "Reply on the site: http" in mail.get_body(("plain",)).get_content()


async def test_the_plain_text_of_what_a_form_wrote_names_where_its_links_lead(db, tools):
    reader, thread = await a_follower(db), await a_thread(db)
    html = '<p>Six questions: <a href="/rounds/7">answer here</a>.</p>'
    await run(db, "UPDATE post SET format = 'form', html = :html", html=html)
    await queue_instant(tools, await post_id(db, thread))
    text = (await sent(tools))[reader.id].get_body(("plain",)).get_content()
    assert f"answer here <{tools.settings.site_url}/rounds/7>" in text


async def test_a_mail_of_an_event_says_when_and_where_it_is_and_that_it_is_cancelled(db, tools, web):
    reader, ann = await a_follower(db), await a_member(db)
    thread = await an_event(db, author=ann, place="Room 4, <Main> Street", link="https://meet.example/1?a=1&b=2")
    await queue_instant(tools, await post_id(db, thread))
    mail = (await sent(tools))[reader.id]
    text, html = (mail.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))

    moment = r"\w+, \w+ \d+, \d{4}, \d+:\d\d [AP]M"
    hours = rf"When: {moment} to ({moment}|\d+:\d\d [AP]M) Central time"  # an event may end on the next day
    assert re.search(hours.replace(" ", r"\s"), text)  # and lines break between words
    assert "Where: Room 4, <Main> Street\nLink: https://meet.example/1?a=1&b=2\n" in text
    assert "Where: Room 4, &lt;Main&gt; Street" in html
    assert 'href="https://meet.example/1?a=1&amp;b=2"' in html
    assert "canceled" not in text

    await cancel(db, ann, thread, is_cancelled=True)
    assert "It is canceled.\r\nWhen: " in (await sent(tools))[reader.id].get_body(("plain",)).get_content()
