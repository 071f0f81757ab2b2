"""One's digest as it would be now: looked at, sent as a mail to try, printed; and nothing of it stays."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from forum.kit.days import written
from forum.kit.db import rows, run, value
from forum.kit.errors import Invalid, TooMany
from forum.mail.delivery import deliver
from forum.mail.digests.making import make_due
from forum.mail.digests.previewing import (
    NO_BLOCKS,
    NO_CADENCE,
    QUIET_NOW,
    preview,
    preview_text,
    send_preview,
    why_none,
)
from forum.mail.queueing import claim, mark_sending, mark_unsure
from forum.mail.types import NO_ADDRESS_OF_YOURS
from forum.threads.reading import mark_read
from forum.wiring import RENDERERS
from tests.factories import a_category, a_member, a_thread, sign_in_as
from tests.following.scenes import wishes
from tests.mail.digests.scenes import CHICAGO, a_digest_reader, digest_of, ended, make_digests_now, quiet_today

HERE = ZoneInfo(CHICAGO)
KEPT_SQL = """
    SELECT k.member_id, k.every_days, k.mail_id, k.since, k.until, (SELECT count(*) FROM mail) AS mails
    FROM digest_mark k ORDER BY 1, 2
"""


async def test_a_preview_tells_of_the_last_week_and_leaves_no_trace(db, tools):
    reader = await a_digest_reader(db)
    await a_thread(db, title="New since yesterday")
    await make_digests_now(db)
    await ended(db)
    before = [tuple(row.values()) for row in await rows(db, KEPT_SQL)]

    for _ in range(2):
        page = await preview(tools, reader.id, HERE)

    assert [item.title for block in page.blocks for item in block.items] == ["New since yesterday"]
    assert [tuple(row.values()) for row in await rows(db, KEPT_SQL)] == before
    text = await preview_text(tools, reader.id, HERE)
    assert "New since yesterday" in text
    assert "{{" not in text
    assert "Stop digests" in text


async def test_a_preview_holds_nothing_that_its_reader_may_not_read(db, tools):
    reader = await a_digest_reader(db)
    await a_thread(db, category=await a_category(db, read_by="staff"), author=await a_member(db, role="admin"))
    assert await preview(tools, reader.id, HERE) is None
    assert await preview(tools, (await a_member(db)).id, HERE) is None


async def test_the_digest_of_the_day_comes_all_the_same_after_a_preview(db, tools):
    reader = await a_digest_reader(db)
    await a_thread(db, title="New since yesterday")
    await preview(tools, reader.id, HERE)
    assert "New since yesterday" in (await digest_of(tools, reader)).text


async def test_whoever_gets_no_digest_reads_why_beside_what_it_would_be(db, web, tools):
    reader, other = await a_digest_reader(db), await sign_in_as(web, db, await a_member(db))
    assert await why_none(db, reader.id, HERE) == ""
    assert await why_none(db, other.id, HERE) == NO_CADENCE
    assert NO_CADENCE in (await web.get("/settings/digest")).text

    await wishes(db, reader, blocks=[])
    assert await why_none(db, reader.id, HERE) == NO_BLOCKS
    await wishes(db, reader, stops_all=True)
    assert await why_none(db, reader.id, HERE) == "You stopped all email about what you follow."


async def test_whoever_left_everything_out_reads_that_and_not_that_nothing_is_new(db, web):
    await wishes(db, await sign_in_as(web, db, await a_digest_reader(db)), blocks=[])

    page = (await web.get("/settings/digest")).text

    assert NO_BLOCKS in page
    assert "There is nothing new" not in page


@pytest.mark.parametrize("silence", [{"stops_all": True}, {"paused_until": datetime.now(UTC).date() + timedelta(9)}])
async def test_whoever_takes_a_break_from_mail_sees_all_that_it_would_hold_without(db, tools, silence):
    reader = await a_digest_reader(db)
    await a_thread(db, title="New since yesterday")
    await wishes(db, reader, **silence)
    before = await rows(db, "SELECT * FROM mail_wish")

    page = await preview(tools, reader.id, HERE)

    assert [item.title for block in page.blocks for item in block.items] == ["New since yesterday"]
    assert [tuple(row.values()) for row in await rows(db, "SELECT * FROM mail_wish")] == [
        tuple(row.values()) for row in before
    ]
    assert await why_none(db, reader.id, HERE)


async def test_whoever_keeps_quiet_times_reads_in_one_that_deadlines_alone_come(db, web, tools):
    reader = await sign_in_as(web, db, await a_digest_reader(db))
    await a_thread(db, title="New since yesterday")
    await quiet_today(db)
    assert await why_none(db, reader.id, HERE) == QUIET_NOW
    page = (await web.get("/settings/digest")).text
    assert QUIET_NOW in page
    assert "New since yesterday" in page

    await wishes(db, reader, keeps_quiet=False)
    assert await why_none(db, reader.id, HERE) == ""


async def test_it_can_be_sent_as_a_mail_five_times_an_hour(db, tools):
    reader = await a_digest_reader(db)
    await a_thread(db, title="New since yesterday")
    for _ in range(5):
        await send_preview(db, reader)
    with pytest.raises(TooMany):
        await send_preview(db, reader)
    await deliver(tools, RENDERERS)
    assert await value(db, "SELECT count(*) FROM mail WHERE kind = 'preview' AND state = 'sent'") == 5

    await run(db, "INSERT INTO mail_suppression (address, reason) SELECT e.address, 'refused' FROM member_email e")
    with pytest.raises(Invalid, match="mail"):
        await send_preview(db, reader)
    await run(db, "DELETE FROM member_email")
    with pytest.raises(Invalid):
        await send_preview(db, reader)


async def test_the_page_shows_it_and_sends_it(db, tools, web):
    reader = await a_digest_reader(db)
    await sign_in_as(web, db, reader)
    assert "There is nothing new" in (await web.get("/settings/digest")).text
    await a_thread(db, title="New <b>since</b> yesterday")
    page = (await web.get("/settings/digest")).text
    assert "New &lt;b&gt;since&lt;/b&gt; yesterday" in page

    answer = await web.post("/settings/digest")

    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/digest?notice=digest-sent")
    assert await value(db, "SELECT count(*) FROM mail WHERE kind = 'preview'") == 1
    await run(db, "DELETE FROM member_email")
    assert (await web.post("/settings/digest")).status_code == 422


async def test_why_it_was_not_sent_stands_beside_the_button(db, web, monkeypatch):
    monkeypatch.setattr("forum.mail.digests.previewing.SENT_AN_HOUR", 0)
    await sign_in_as(web, db, await a_digest_reader(db))
    await a_thread(db, title="New since yesterday")
    often = await web.post("/settings/digest")
    await run(db, "DELETE FROM member_email")
    unreached = await web.post("/settings/digest")

    assert (often.status_code, unreached.status_code) == (429, 422)
    assert int(often.headers["retry-after"]) > 0
    for answer, sentence in ((often, "That was too often."), (unreached, NO_ADDRESS_OF_YOURS)):
        assert re.search(rf'id="unsent" role="alert">.*{re.escape(sentence)}', answer.text)
        assert '<button class="btn btn-small" aria-describedby="unsent" autofocus>Send it to me now' in answer.text
        assert "New since yesterday" in answer.text


UNSURE = re.compile(r"Your digest of ([A-Z][a-z]+, [A-Z][a-z]+ [0-9]+) may not have come, and no digest is sent twice.")


async def a_digest_that_may_not_have_come(tools, reader, *, days) -> None:
    """One of so many days ago, which told of the week before, broke off when it was handed over."""
    db = tools.db
    await make_digests_now(db)
    (mail,) = await claim(db, domain="forum.example")
    assert await mark_sending(db, mail, "x.example")
    await mark_unsure(db, mail)
    await run(
        db,
        """
        UPDATE mail
        SET created_at = created_at - :days * interval '1 day', ended_at = ended_at - :days * interval '1 day',
            since = since - (:days + 7) * interval '1 day', until = until - :days * interval '1 day'
        """,
        days=days,
    )
    await run(db, "UPDATE digest_mark SET until = until - :days * interval '1 day'", days=days)


async def test_a_digest_that_may_not_have_come_is_said_with_what_it_held_until_that_is_sent(db, tools, web):
    reader = await sign_in_as(web, db, await a_digest_reader(db))
    thread = await a_thread(db, title="What was told then")
    await a_thread(db, title="What was read since")
    await run(db, "UPDATE post SET created_at = now() - interval '10 days'")
    await a_thread(db, title="What is newer")
    assert not UNSURE.search((await web.get("/settings/digest")).text)
    await a_digest_that_may_not_have_come(tools, reader, days=5)
    await mark_read(db, reader, thread + 1, 1)

    page = (await web.get("/settings/digest")).text

    then = await value(db, "SELECT m.created_at FROM mail m WHERE m.kind = 'digest'")
    assert UNSURE.search(page)[1] == written(then.astimezone(HERE).date())
    assert ('<a href="#digest">What it held</a>' in page, page.count('id="digest"')) == (True, 1)
    assert ("What was told then" in page, "What was read since" in page, "What is newer" in page) == (True, False, True)

    await web.post("/settings/digest")
    assert UNSURE.search((await web.get("/settings/digest")).text)
    await deliver(tools, RENDERERS)

    assert not UNSURE.search((await web.get("/settings/digest")).text)
    assert "What was told then" in tools.mailer.sent[-1].text
    assert await value(db, "SELECT m.state FROM mail m WHERE m.kind = 'digest'") == "failed"


async def test_where_all_of_it_was_read_nothing_of_it_is_new_and_after_two_weeks_nothing_is_said(db, tools, web):
    reader = await sign_in_as(web, db, await a_digest_reader(db))
    thread = await a_thread(db, title="What was told then")
    await a_digest_that_may_not_have_come(tools, reader, days=5)
    await mark_read(db, reader, thread, 1)

    page = (await web.get("/settings/digest")).text

    assert UNSURE.search(page)
    assert "Nothing of what it held is new to you anymore." in page
    await run(db, "UPDATE mail SET created_at = now() - interval '15 days'")
    assert not UNSURE.search((await web.get("/settings/digest")).text)


@pytest.mark.parametrize("otherwise", ["is_unsure = false", "state = 'sent'", "kind = 'instant'"])
async def test_what_came_or_failed_for_sure_is_not_said_to_be_unsure(db, tools, web, otherwise):
    reader = await sign_in_as(web, db, await a_digest_reader(db))
    await a_thread(db)
    await a_digest_that_may_not_have_come(tools, reader, days=1)
    await run(db, "UPDATE mail SET " + otherwise)
    assert not UNSURE.search((await web.get("/settings/digest")).text)

    other = await sign_in_as(web, db, await a_member(db))
    await run(db, "UPDATE mail SET is_unsure = true, state = 'failed', kind = 'digest'")
    assert other.id != reader.id
    assert not UNSURE.search((await web.get("/settings/digest")).text)


async def test_guests_have_none(web):
    assert (await web.get("/settings/digest")).status_code == 403


async def test_nothing_is_made_twice_while_somebody_looks(db, tools):
    reader = await a_digest_reader(db)
    await a_thread(db, title="New since yesterday")
    await make_digests_now(db)
    await preview(tools, reader.id, HERE)
    await make_due(db, zone=CHICAGO)
    assert await value(db, "SELECT count(*) FROM mail") == 1
