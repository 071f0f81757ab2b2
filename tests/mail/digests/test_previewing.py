"""One's digest as it would be now: looked at, sent as a mail to try, printed; and nothing of it stays."""

import pytest

from forum.kit.db import rows, run, value
from forum.kit.errors import Invalid, TooMany
from forum.mail.delivery import deliver
from forum.mail.digests.making import make_due
from forum.mail.digests.previewing import preview, preview_words, send_preview
from forum.wiring import RENDERERS
from tests.factories import a_category, a_member, a_thread, sign_in_as
from tests.mail.digests.scenes import CHICAGO, a_digest_reader, digest_of, ended, make_digests_now

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
        page = await preview(tools, reader.id)

    assert [item.title for block in page.blocks for item in block.items] == ["New since yesterday"]
    assert [tuple(row.values()) for row in await rows(db, KEPT_SQL)] == before
    assert "New since yesterday" in (await preview_words(tools, reader.id)).text


async def test_a_preview_holds_nothing_that_its_reader_may_not_read(db, tools):
    reader = await a_digest_reader(db)
    await a_thread(db, category=await a_category(db, read_by="staff"), author=await a_member(db, role="admin"))
    assert await preview(tools, reader.id) is None
    assert await preview(tools, (await a_member(db)).id) is None


async def test_the_digest_of_the_day_comes_all_the_same_after_a_preview(db, tools):
    reader = await a_digest_reader(db)
    await a_thread(db, title="New since yesterday")
    await preview(tools, reader.id)
    assert "New since yesterday" in (await digest_of(tools, reader)).text


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
    assert "Nothing is new" in (await web.get("/settings/digest")).text
    await a_thread(db, title="New <b>since</b> yesterday")
    page = (await web.get("/settings/digest")).text
    assert "New &lt;b&gt;since&lt;/b&gt; yesterday" in page

    answer = await web.post("/settings/digest")

    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/digest?notice=digest-sent")
    assert await value(db, "SELECT count(*) FROM mail WHERE kind = 'preview'") == 1
    await run(db, "DELETE FROM member_email")
    assert (await web.post("/settings/digest")).status_code == 422


async def test_guests_have_none(web):
    assert (await web.get("/settings/digest")).status_code == 403


async def test_nothing_is_made_twice_while_somebody_looks(db, tools):
    reader = await a_digest_reader(db)
    await a_thread(db, title="New since yesterday")
    await make_digests_now(db)
    await preview(tools, reader.id)
    await make_due(db, zone=CHICAGO)
    assert await value(db, "SELECT count(*) FROM mail") == 1
