"""What stands in a digest: what its reader follows and may read, in their order, and nothing twice."""

from datetime import date, timedelta

import pytest

from forum.kit.db import run, value
from forum.kit.markdown import render
from forum.mail.digests.rendering import NOTHING_NEW
from forum.mail.digests.telling import first_words
from forum.mail.instant_jobs import queue_instant
from forum.mail.queueing import claim
from forum.mail.types import NO_ADDRESS
from forum.notifications.jobs import notify_post
from forum.search.jobs import index_changes
from forum.threads import accept, delete
from forum.threads.reading import mark_read
from tests.factories import a_category, a_member, a_reply, a_thread, post_id
from tests.following.scenes import follows, id_of, wishes
from tests.mail.digests.scenes import (
    Sent,
    a_digest_reader,
    address_of,
    digest_of,
    digests,
    ended,
    make_digests_now,
    quiet_today,
)
from tests.products.catalogue import a_product
from tests.products.reviews import a_review, a_reviewer
from tests.renewals.contracts import a_contract, a_keeper


async def test_a_digest_tells_of_threads_that_are_followed_with_their_first_words_and_the_accepted_answer(db, tools):
    category = await a_category(db, name="Networking")
    reader = await a_digest_reader(db, ("category", await id_of(db, "category", category)))
    ann, bob = await a_member(db, name="Ann Lee"), await a_member(db, name="Bob Ray")
    thread = await a_thread(
        db, category=category, author=ann, title="VLANs for cameras?", body="Which **VLAN** do yours use?"
    )
    answer = await a_reply(db, thread, author=bob, body="A separate one, without a way out.")
    await accept.accept(db, ann, answer)
    await a_thread(db, title="Of no interest")

    sent = await digest_of(tools, reader)

    assert sent.recipient == await address_of(db, reader)
    assert "VLANs for cameras?" in sent.text
    assert "Ann Lee wrote in Networking, and 1 more post followed" in sent.text
    assert "Which VLAN do yours use?" in sent.text
    assert "Accepted answer, Bob Ray: A separate one, without a way out." in " ".join(sent.text.split())
    assert f"/t/{thread}/" in sent.text
    assert "Of no interest" not in sent.text + sent.html
    assert sent.html.count("VLANs for cameras?") == 1
    assert sent.subject.startswith("[Staffroom] Digest for ")
    assert sent.subject.endswith(": 1 thread")
    assert max(map(len, (line for line in sent.text.splitlines() if "http" not in line and "@" not in line))) <= 72


async def test_each_item_has_a_reply_address_of_its_own_once_answers_arrive(db, tools, monkeypatch):
    monkeypatch.setattr("forum.mail.composing.TAKES_REPLIES", True)
    reader = await a_digest_reader(db)
    for number in range(3):
        await a_thread(db, title=f"The thread numbered {number}")
    sent = await digest_of(tools, reader)
    replies = {word for word in sent.text.split() if word.startswith("reply+")}
    assert len(replies) == 3
    assert all(f"mailto:{address}" in sent.html for address in replies)


async def test_what_was_read_on_the_web_is_left_out_and_nothing_new_is_no_mail(db, tools):
    reader = await a_digest_reader(db)
    thread = await a_thread(db, title="Read already")
    await a_reply(db, thread, body="The first reply")
    await a_reply(db, thread, body="The second reply")
    await mark_read(db, reader, thread, 2)
    sent = await digest_of(tools, reader)
    assert "The second reply" in sent.text
    assert "The first reply" not in sent.text

    await ended(db)
    await mark_read(db, reader, thread, 3)
    assert (await digest_of(tools, reader)).outcome == NOTHING_NEW


async def test_nothing_is_told_twice_and_what_was_not_sent_is_told_the_next_day(db, tools):
    reader = await a_digest_reader(db)
    await a_thread(db, title="The first day")
    assert "The first day" in (await digest_of(tools, reader)).text
    await ended(db, "failed")
    await a_thread(db, title="The second day")
    both = (await digest_of(tools, reader)).text
    assert "The first day" in both
    assert "The second day" in both

    await ended(db)
    await a_thread(db, title="The third day")
    third = (await digest_of(tools, reader)).text
    assert "The second day" not in third
    assert "The third day" in third


async def test_who_follows_by_the_week_hears_by_the_week(db, tools):
    often, seldom = await a_category(db), await a_category(db)
    reader = await a_digest_reader(db, ("category", await id_of(db, "category", often)))
    await follows(db, reader, "category", await id_of(db, "category", seldom), "digest", every_days=7)
    await make_digests_now(db)
    await ended(db)
    await run(db, "UPDATE digest_mark SET last_on = current_date - 3 WHERE every_days = 7")
    await a_thread(db, category=often, title="Daily bread")
    await a_thread(db, category=seldom, title="Sunday roast")

    midweek = await digest_of(tools, reader)
    assert "Daily bread" in midweek.text
    assert "Sunday roast" not in midweek.text

    await ended(db)
    await run(db, "UPDATE digest_mark SET last_on = current_date - 8 WHERE every_days = 7")
    assert "Sunday roast" in (await digest_of(tools, reader)).text


@pytest.mark.parametrize("gone", ["post deleted", "thread deleted", "category closed", "muted", "no member any more"])
async def test_what_may_not_be_read_when_it_is_sent_is_not_in_it(db, tools, gone):
    category = await a_category(db)
    reader = await a_digest_reader(db)
    thread = await a_thread(db, category=category, title="Gone by then", body="Nobody is to read this")
    await make_digests_now(db)
    if gone == "post deleted":
        await run(db, "UPDATE post SET deleted_at = now()")
    elif gone == "thread deleted":
        await run(db, "UPDATE thread SET deleted_at = now()")
    elif gone == "category closed":
        await run(db, "UPDATE category SET read_by = 'staff'")
    elif gone == "muted":
        await follows(db, reader, "thread", thread, "muted")
    else:
        await run(db, "UPDATE member SET state = 'suspended' WHERE id = :id", id=reader.id)

    sent = (await digests(tools))[reader.id]

    assert sent.outcome in (NOTHING_NEW, NO_ADDRESS)
    assert sent.text == sent.html == sent.subject == ""


async def test_neither_subject_nor_preview_say_titles_or_names(db, tools):
    reader = await a_digest_reader(db)
    await a_thread(db, title="Ransomware at Pine County", author=await a_member(db, name="Ann Quill"))
    sent = await digest_of(tools, reader)
    hidden = sent.html.partition("display: none")[2].partition("</div>")[0]
    for word in ("Ransomware", "Quill"):
        assert word not in sent.subject
        assert word not in hidden


async def test_new_reviews_of_products_that_ones_district_runs_or_one_watches(db, tools):
    writer = await a_reviewer(db, name="Rita Vell")
    reader = await a_reviewer(db)
    await wishes(db, reader, days=[1, 2, 3, 4, 5, 6, 7])
    await follows(db, reader, "thread", 10**9, "digest")
    names = ("Lantern", "Beacon", "Candle", "Torch")
    runs, watched, other, run_but_stopped = [await a_product(db, name) for name in names]
    await follows(db, reader, "product", await id_of(db, "product", watched), "digest")
    await follows(db, reader, "product", await id_of(db, "product", run_but_stopped), "web")
    await run(
        db,
        """
        INSERT INTO product_use (product_id, district_id)
        SELECT pr.id, m.district_id FROM product pr, member m WHERE pr.slug = ANY(:slugs) AND m.id = :id
        """,
        slugs=[runs, run_but_stopped],
        id=reader.id,
    )
    for slug in (runs, watched, other, run_but_stopped):
        await a_review(db, slug, 2, by=writer)
    await run(db, "UPDATE post SET created_at = created_at - interval '90 days' WHERE number = 1")  # it was there

    sent = await digest_of(tools, reader)

    assert "NEW REVIEWS" in sent.text
    assert "Lantern, 2 of 5 stars, by Rita Vell" in sent.text
    assert "Beacon" in sent.text
    assert "Candle" not in sent.text
    assert "Torch" not in sent.text
    assert sent.subject.endswith(": 2 reviews")


async def test_deadlines_of_ones_district_come_near_and_are_told_once(db, tools):
    reader = await a_keeper(db)
    await wishes(db, reader, days=[1, 2, 3, 4, 5, 6, 7], time_zone="UTC")
    await follows(db, reader, "thread", 10**9, "digest")
    today = date.today()
    await a_contract(db, reader, "Lantern", ends_on=today + timedelta(days=130), notice_days="100")
    await a_contract(db, reader, "Beacon", ends_on=today + timedelta(days=300), notice_days="30")
    await run(db, "UPDATE contract SET notice_days = ends_on - current_date - 7 WHERE product_id = 1 OR true")
    await run(db, "UPDATE contract SET notice_days = 0 WHERE id = (SELECT max(id) FROM contract)")

    sent = await digest_of(tools, reader)
    assert "YOUR RENEWALS" in sent.text
    assert "Lantern: notice is due" in sent.text
    assert "Beacon" not in sent.text

    await ended(db)
    await run(db, "UPDATE contract SET ends_on = ends_on - 1")  # a day later, for whom it is today again
    assert (await digest_of(tools, reader)).outcome == NOTHING_NEW


async def test_in_quiet_weeks_only_deadlines_are_mailed_and_the_rest_is_told_afterwards(db, tools):
    reader = await a_keeper(db)
    await wishes(db, reader, days=[1, 2, 3, 4, 5, 6, 7], time_zone="UTC")
    await follows(db, reader, "everything", 0, "digest")
    await quiet_today(db)
    await a_thread(db, title="Over the break")
    assert (await digest_of(tools, reader)).outcome == NOTHING_NEW

    await ended(db, "unwanted", outcome=NOTHING_NEW)
    await run(db, "UPDATE digest_mark SET dates_after = current_date - 3, until = until - interval '2 days'")
    await a_contract(db, reader, "Lantern", ends_on=date.today() + timedelta(days=60))
    await run(db, "UPDATE contract SET notice_days = ends_on - current_date - 7")
    quiet = await digest_of(tools, reader)
    assert "Lantern" in quiet.text
    assert "Over the break" not in quiet.text

    await ended(db)
    await run(db, "DELETE FROM quiet_time")
    assert "Over the break" in (await digest_of(tools, reader)).text


async def test_who_keeps_no_quiet_weeks_hears_as_always(db, tools):
    reader = await a_digest_reader(db)
    await wishes(db, reader, keeps_quiet=False)
    await quiet_today(db)
    await a_thread(db, title="Over the break")
    assert "Over the break" in (await digest_of(tools, reader)).text


async def test_mentions_that_were_neither_read_nor_mailed(db, tools):
    reader = await a_member(db, name="Quill Ann")
    await wishes(db, reader, days=[1, 2, 3, 4, 5, 6, 7], mentioned="digest")
    await follows(db, reader, "thread", 10**9, "digest")
    handle = await value(db, "SELECT m.handle FROM member m WHERE m.id = :id", id=reader.id)
    thread = await a_thread(db, title="Ask her about it", body=f"I think @{handle} knows.")
    await notify_post(tools, await post_id(db, thread))

    sent = await digest_of(tools, reader)

    assert "YOU WERE MENTIONED" in sent.text
    assert "Ask her about it" in sent.text


async def test_questions_one_could_answer_by_topics_and_products(db, tools):
    reader = await a_reviewer(db)
    await wishes(db, reader, days=[1, 2, 3, 4, 5, 6, 7])
    await follows(db, reader, "thread", 10**9, "digest")
    product = await a_product(db, "Lantern")
    await run(
        db,
        """
        INSERT INTO product_use (product_id, district_id)
        SELECT pr.id, m.district_id FROM product pr, member m WHERE pr.slug = :slug AND m.id = :id
        """,
        slug=product,
        id=reader.id,
    )
    await a_reply(db, await a_thread(db, topics="firewall", days_ago=300), author=reader)
    await run(db, "UPDATE post SET created_at = created_at - interval '300 days'")
    await a_thread(db, title="Which firewall?", topics="firewall")
    await a_thread(db, title="How do you print?", body="With Lantern, it does not.")
    await a_thread(db, title="About the weather?", topics="weather")
    await index_changes(tools)

    sent = await digest_of(tools, reader)

    assert "QUESTIONS YOU COULD ANSWER" in sent.text
    assert "Which firewall?" in sent.text
    assert "How do you print?" in sent.text
    assert "weather" not in sent.text
    assert sent.subject.endswith(": 2 questions")


async def test_blocks_come_in_the_readers_order_and_each_thread_once(db, tools):
    category = await a_category(db)
    reader = await a_digest_reader(db, ("category", await id_of(db, "category", category)))
    await wishes(db, reader, blocks=["unanswered", "followed"])
    await a_reply(db, await a_thread(db, topics="firewall", days_ago=300), author=reader)
    await run(db, "UPDATE post SET created_at = created_at - interval '300 days'")
    await a_thread(db, title="Both of it?", topics="firewall", category=category)
    await a_thread(db, title="Only followed", category=category)

    sent = await digest_of(tools, reader)

    assert sent.text.count("Both of it?") == 1
    assert sent.text.index("QUESTIONS YOU COULD ANSWER") < sent.text.index("WHAT YOU FOLLOW")


@pytest.mark.parametrize("reason", ["asked", "replied"])
async def test_threads_of_ones_own_come_before_what_is_only_followed(db, tools, reason):
    category = await a_category(db)
    reader = await a_digest_reader(db, ("category", await id_of(db, "category", category)))
    own = await a_thread(db, title="One of mine")
    await follows(db, reader, "thread", own, "digest", reason=reason)
    await a_reply(db, await a_thread(db, title="Much said elsewhere", category=category))

    sent = await digest_of(tools, reader)

    assert sent.text.index("One of mine") < sent.text.index("Much said elsewhere")


async def test_a_digest_has_twenty_five_things_at_most(db, tools):
    reader = await a_digest_reader(db)
    category, author = await a_category(db), await a_member(db)
    for number in range(30):
        await a_thread(db, title=f"Thread number {number}", category=category, author=author)
    sent = await digest_of(tools, reader)
    assert sent.text.count("Thread number") == 25
    assert len(sent.message.as_bytes()) < 90_000


async def test_the_same_queries_for_any_number_of_readers(db, tools, monkeypatch):
    from forum.kit import db as kit

    asked = []
    plain = kit.rows

    async def counting(database, sql, **values):
        asked.append(sql)
        return await plain(database, sql, **values)

    monkeypatch.setattr("forum.mail.digests.choosing.rows", counting)
    monkeypatch.setattr("forum.mail.digests.telling.rows", counting)
    await a_thread(db, title="For all of them")
    counts = []
    for _ in range(2):
        for _ in range(4):
            await a_digest_reader(db)
        await make_digests_now(db)
        asked.clear()
        assert len(await digests(tools)) >= 4
        counts.append(len(asked))
        await ended(db)
    assert counts[0] == counts[1]


async def test_whoever_wrote_without_their_name_is_called_as_on_the_site(db, tools):
    reader = await a_digest_reader(db)
    thread = await a_thread(db, title="Whose is it?", author=await a_member(db, name="A district"))
    await run(db, "UPDATE member SET state = 'unnamed' WHERE name = 'A district'")
    sent = await digest_of(tools, reader)
    assert f"/t/{thread}/" in sent.text
    assert "A district wrote in" in sent.text


async def test_lines_of_a_post_do_not_run_together_in_its_first_words():
    html = "<h3>What works</h3><ul><li>Policies by grade</li><li>Five minutes!</li></ul><p>All of it.</p>"
    assert first_words(html, 280) == "What works. Policies by grade. Five minutes! All of it."
    assert first_words("<p>Just one line</p>", 280) == "Just one line"
    points = "<p>Three things:</p><ul><li>the bid matrix</li><li>the RFP</li><li>a sheet</li></ul><p>Have those.</p>"
    assert first_words(points, 280) == "Three things: the bid matrix; the RFP; a sheet. Have those."


TABLE = """We compared:

| | Beacon | Hapara & Co |
|---|---|---|
| Price | $5 | *$3* |
| Sign-in | yes | |

Any thoughts?"""


@pytest.mark.parametrize(
    ("most", "words"),
    [
        (280, "We compared: Beacon · Hapara & Co; Price · $5 · $3; Sign-in · yes. Any thoughts?"),
        (50, "We compared: Beacon · Hapara & Co; Price · $5 …"),
    ],
)
def test_rows_and_cells_of_a_table_do_not_run_together_in_the_first_words_of_a_post(most, words):
    assert first_words(render(TABLE).html, most) == words


def test_what_a_post_quotes_is_not_among_its_first_words():
    assert (
        first_words(render("> No.\n> | a | b |\n> |---|---|\n\nWhy not?\n\nIt works.").html, 280)
        == "Why not? It works."
    )


async def test_what_is_followed_leaves_room_for_mentions_and_questions(db, tools):
    reader = await a_digest_reader(db)
    await wishes(db, reader, mentioned="digest")
    handle = await value(db, "SELECT m.handle FROM member m WHERE m.id = :id", id=reader.id)
    category, author = await a_category(db), await a_member(db)
    for number in range(30):
        await a_thread(db, title=f"Thread number {number}", category=category, author=author)
    await a_thread(db, title="Ask her about it", author=author, body=f"I think @{handle} knows.")

    sent = await digest_of(tools, reader)

    assert "YOU WERE MENTIONED" in sent.text
    assert sent.text.count("Thread number") == 24


async def test_deleted_by_its_author_before_the_hour_it_is_not_told(db, tools):
    reader, ann = await a_digest_reader(db), await a_member(db)
    thread = await a_thread(db, title="Kept as it is")
    reply = await a_reply(db, thread, author=ann, body="I take it back")
    await delete.delete(db, ann, reply, "")
    sent = await digest_of(tools, reader)
    assert "Kept as it is" in sent.text
    assert "take it back" not in sent.text


async def test_what_was_too_much_for_one_day_is_told_by_a_digest_also_to_who_follows_nothing_by_digest(
    db, tools, monkeypatch
):
    monkeypatch.setattr("forum.mail.queueing.MOST_A_DAY", 2)
    reader = await a_member(db)
    await wishes(db, reader, days=[1, 2, 3, 4, 5, 6, 7])
    await follows(db, reader, "everything", 0)
    for number in range(4):
        await queue_instant(tools, await post_id(db, await a_thread(db, title=f"The thread numbered {number}")))
    await run(db, "UPDATE mail SET next_at = now()")
    assert len(await claim(db, domain="forum.example")) == 2
    await run(db, "UPDATE mail SET state = 'sent' WHERE state = 'waiting'")

    sent = await digest_of(tools, reader)

    assert [number for number in range(4) if f"numbered {number}" in sent.text] == [2, 3]


@pytest.mark.parametrize("blocks", [["reviews", "followed"], ["followed", "reviews"]])
async def test_two_new_reviews_of_a_product_one_follows_are_two_things_and_each_is_told_once(db, tools, blocks):
    reader = await a_member(db)
    await wishes(db, reader, days=[1, 2, 3, 4, 5, 6, 7], blocks=blocks)
    slug = await a_product(db, "Lantern")
    await follows(db, reader, "product", await id_of(db, "product", slug), "digest")
    for stars, works in ((2, "The handle."), (5, "The light.")):
        await a_review(db, slug, stars, works=works)
    await run(db, "UPDATE post SET created_at = created_at - interval '90 days' WHERE number = 1")  # it was there

    sent = await digest_of(tools, reader)

    told = " ".join(sent.text.split())
    assert (told.count("The handle."), told.count("The light.")) == (1, 1)
    assert sent.subject.endswith(": 2 reviews" if blocks[0] == "reviews" else ": 1 review, 1 thread")


async def test_a_review_that_came_as_a_mail_of_its_own_is_in_no_digest(db, tools):
    reader = await a_member(db)
    await wishes(db, reader, days=[1, 2, 3, 4, 5, 6, 7])
    await follows(db, reader, "thread", 10**9, "digest")
    slug = await a_product(db, "Lantern")
    await follows(db, reader, "product", await id_of(db, "product", slug), "each")
    await a_review(db, slug, 2)
    assert "2 of 5 stars" in (await digest_of(tools, reader)).text

    await run(
        db,
        """
        INSERT INTO mail (member_id, kind, dedupe_key, post_id, state, ended_at)
        SELECT :id, 'instant', 'instant:' || rv.post_id, rv.post_id, 'sent', now() FROM review rv
        """,
        id=reader.id,
    )
    await run(db, "UPDATE mail SET state = 'waiting', next_at = now() WHERE kind = 'digest'")

    assert (await digests(tools))[reader.id].outcome == NOTHING_NEW


async def test_what_is_answered_to_a_review_is_told_beside_it(db, tools):
    reader = await a_member(db)
    await wishes(db, reader, days=[1, 2, 3, 4, 5, 6, 7])
    slug = await a_product(db, "Lantern")
    await follows(db, reader, "product", await id_of(db, "product", slug), "digest")
    await a_review(db, slug, 2)
    thread = await value(db, "SELECT pr.review_thread_id FROM product pr WHERE pr.slug = :slug", slug=slug)
    await a_reply(db, thread, body="Hold it by the other end.")
    await run(db, "UPDATE post SET created_at = created_at - interval '90 days' WHERE number = 1")  # it was there

    sent = await digest_of(tools, reader)

    assert sent.subject.endswith(": 1 review, 1 thread")


@pytest.mark.parametrize("kind", ["thread", "category", "topic", "person"])
async def test_what_is_muted_is_in_no_block(db, tools, kind):
    reader = await a_member(db, name="Quill Ann")
    await wishes(db, reader, days=[1, 2, 3, 4, 5, 6, 7], mentioned="digest")
    await follows(db, reader, "everything", 0, "digest")
    handle = await value(db, "SELECT m.handle FROM member m WHERE m.id = :id", id=reader.id)
    category, author = await a_category(db), await a_member(db)
    await a_reply(db, await a_thread(db, topics="firewall", days_ago=300), author=reader)
    await run(db, "UPDATE post SET created_at = created_at - interval '300 days'")
    thread = await a_thread(
        db, category=category, author=author, title="Which firewall?", topics="firewall", body=f"@{handle} knows."
    )
    await notify_post(tools, await post_id(db, thread))
    target = {
        "thread": thread,
        "category": await id_of(db, "category", category),
        "topic": await id_of(db, "topic", "firewall"),
        "person": author.id,
    }[kind]
    await follows(db, reader, kind, target, "muted")

    sent = await digest_of(tools, reader)

    if kind in ("category", "topic"):  # a mention is heard all the same, and told once
        assert "QUESTIONS YOU COULD ANSWER" not in sent.text
        assert "WHAT YOU FOLLOW" not in sent.text
        assert sent.text.count("Which firewall?") <= 1
    else:
        assert sent.outcome == NOTHING_NEW


async def test_who_left_their_question_unnamed_is_not_asked_to_answer_it(db, tools):
    reader = await a_reviewer(db)
    await wishes(db, reader, days=[1, 2, 3, 4, 5, 6, 7])
    await follows(db, reader, "thread", 10**9, "digest")
    await a_reply(db, await a_thread(db, topics="firewall", days_ago=300), author=reader)
    await run(db, "UPDATE post SET created_at = created_at - interval '300 days'")
    thread = await a_thread(db, title="Which firewall?", topics="firewall")
    await run(
        db,
        """
        INSERT INTO owner_question (post_id, product_id, member_id)
        SELECT :post_id, pr.id, :id FROM product pr WHERE pr.slug = :slug
        """,
        post_id=await post_id(db, thread),
        slug=await a_product(db, "Lantern"),
        id=reader.id,
    )
    assert (await digest_of(tools, reader)).outcome == NOTHING_NEW


async def test_what_was_too_much_on_friday_is_told_on_monday(db, tools, monkeypatch):
    monkeypatch.setattr("forum.mail.queueing.MOST_A_DAY", 1)
    reader = await a_member(db)
    await wishes(db, reader, days=[1, 2, 3, 4, 5, 6, 7])
    await follows(db, reader, "everything", 0)
    for number in range(2):
        await queue_instant(tools, await post_id(db, await a_thread(db, title=f"The thread numbered {number}")))
    await run(db, "UPDATE mail SET next_at = now()")
    await claim(db, domain="forum.example")
    await run(db, "UPDATE mail SET state = 'sent' WHERE state = 'waiting'")
    for table, column in (("post", "created_at"), ("mail", "ended_at"), ("mail", "created_at")):
        await run(db, f"UPDATE {table} SET {column} = {column} - interval '3 days'")

    sent = await digest_of(tools, reader)
    assert "numbered 1" in sent.text

    await ended(db)
    assert (await digest_of(tools, reader)) == Sent()


async def test_what_a_digest_has_no_room_for_is_counted(db, tools):
    reader = await a_digest_reader(db)
    category, author = await a_category(db), await a_member(db)
    for number in range(28):
        await a_thread(db, title=f"Thread number {number}", category=category, author=author)
    sent = await digest_of(tools, reader)
    assert "And 3 more: http://forum.example/notifications" in sent.text
    assert "And 3 more" in sent.html


async def test_words_without_a_space_are_cut_all_the_same():
    assert first_words("<p>" + "学" * 400 + "</p>", 280) == "学" * 280 + " …"
    assert first_words("<p>short</p>", 280) == "short"
