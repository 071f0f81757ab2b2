"""The page of the queue: what waits and failed, sending again, addresses left alone; for administrators."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from httpx import ASGITransport, AsyncClient

from forum.app import build
from forum.kit.days import of_its_year
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid
from forum.mail import queries, queueing, suppressing, tending
from tests.administration.acts import acts
from tests.factories import a_member, an_admin, sign_in_as
from tests.mail.mails import a_mail, states

MOMENT = timedelta(microseconds=1)
REFUSED = "The relay refused the address (550 5.1.1)."


async def a_failed_mail(db) -> int:
    mail_id = await a_mail(db, await a_member(db, name="Ada Park"))
    (mail,) = await queueing.claim(db, domain="forum.example")
    await queueing.mark_failed(db, mail, REFUSED, "x.example")
    return mail_id


async def test_the_page_says_what_waits_where_and_what_failed_and_why(db, web):
    await sign_in_as(web, db, await an_admin(db))
    await a_failed_mail(db)
    await a_mail(db, await a_member(db, name="Ben Ost"))
    (mail,) = await queueing.claim(db, domain="forum.example")
    await queueing.postpone(db, mail, "The relay refused the address (450).", "slow.example")

    page = (await web.get("/admin/mail/queue")).text

    for words in (
        "Ada Park",
        REFUSED,
        "Digest email to Ben Ost",
        "slow.example",
        "The relay refused the address (450).",
        "Emails sent each day",
    ):
        assert words in page


async def sent_at(db, *moments) -> None:
    """A mail was sent at each of these moments."""
    for moment in moments:
        mail_id = await a_mail(db, await a_member(db))
        await run(db, "UPDATE mail SET state = 'sent', ended_at = :at WHERE id = :id", at=moment, id=mail_id)


async def counted(db, last, zone_name) -> list[int]:
    """How many were sent on the two days before `last` and on it."""
    found = await queries.days(db, last, zone_name, limit=3)
    assert [each.day for each in found] == [last - timedelta(days=ago) for ago in (2, 1, 0)]
    return [each.sent for each in found]


async def test_mails_are_counted_by_the_days_of_a_time_zone_from_midnight_to_midnight(db):
    midnight = datetime(2027, 6, 9, 5, tzinfo=UTC)  # in Chicago
    await sent_at(db, midnight - MOMENT, midnight, midnight + timedelta(hours=2), midnight + timedelta(hours=24))

    assert await counted(db, date(2027, 6, 10), "America/Chicago") == [1, 2, 1]
    assert await counted(db, date(2027, 6, 10), "Asia/Kathmandu") == [0, 3, 1]


@pytest.mark.parametrize(
    ("day", "begins", "ends"),
    [
        (date(2027, 3, 14), datetime(2027, 3, 14, 6, tzinfo=UTC), datetime(2027, 3, 15, 5, tzinfo=UTC)),  # 23 hours
        (date(2027, 11, 7), datetime(2027, 11, 7, 5, tzinfo=UTC), datetime(2027, 11, 8, 6, tzinfo=UTC)),  # 25 hours
    ],
)
async def test_a_day_on_which_clocks_change_is_counted_from_its_midnight_to_the_next(db, day, begins, ends):
    await sent_at(db, begins - MOMENT, begins, ends - MOMENT, ends)

    assert await counted(db, day + timedelta(days=1), "America/Chicago") == [1, 2, 1]


async def test_failed_mails_are_not_counted_as_sent(db):
    await a_failed_mail(db)

    assert sum(each.sent for each in await queries.days(db, datetime.now(UTC).date(), "UTC")) == 0


@pytest.mark.parametrize(
    ("name", "words"), [("Pacific/Kiritimati", "Kiritimati time"), ("Pacific/Pago_Pago", "Pago Pago time")]
)
async def test_the_chart_ends_with_the_day_it_is_where_the_site_is(db, tools, name, words):
    # At any hour it is another day than in UTC in one of the two.
    site = replace(tools, settings=tools.settings.model_copy(update={"time_zone": name}))
    transport, zone = ASGITransport(build(site)), ZoneInfo(name)
    async with AsyncClient(transport=transport, base_url="http://forum.example") as web:
        await sign_in_as(web, db, await an_admin(db))
        await sent_at(db, datetime.now(UTC))
        before = datetime.now(zone)

        page = (await web.get("/admin/mail/queue")).text

    assert f"Emails sent each day ({words})" in page
    assert any(f"on {of_its_year(at)}; at most 1." in page for at in (before, datetime.now(zone)))


async def test_an_empty_queue_says_so(db, web):
    await sign_in_as(web, db, await an_admin(db))

    page = (await web.get("/admin/mail/queue")).text

    assert "No email is waiting." in page
    assert "No email has failed for good." in page
    assert "No email is waiting to be retried." in page


async def test_a_failed_mail_is_sent_again_under_its_name(db, web, drain):
    mail_id = await a_failed_mail(db)
    await run(db, "UPDATE mail SET created_at = now() - interval '5 days'")
    name = await value(db, "SELECT message_id FROM mail")
    await sign_in_as(web, db, await an_admin(db))

    answer = await web.post(f"/admin/mail/queue/{mail_id}/again")

    assert answer.headers["location"].startswith("/admin/mail/queue?notice=mail-again")
    assert await states(db) == ["waiting"]
    assert await value(db, "SELECT message_id FROM mail") == name
    assert [act for act, *_ in await acts(db)] == ["mail.resent"]
    await queueing.recover(db)
    assert len(await queueing.claim(db, domain="forum.example")) == 1


async def test_sending_again_twice_and_at_the_same_moment_is_once(db):
    mail_id, admin = await a_failed_mail(db), await an_admin(db)

    assert sorted(await asyncio.gather(*(tending.resend(db, admin, mail_id) for _ in range(4)))) == [False] * 3 + [True]
    assert await tending.resend_all(db, admin) == 0


async def test_what_failed_within_a_week_is_sent_again_at_once(db):
    admin = await an_admin(db)
    for _ in range(3):
        await a_failed_mail(db)
    await run(db, "UPDATE mail SET ended_at = now() - interval '8 days' WHERE id = (SELECT min(id) FROM mail)")

    assert await tending.resend_all(db, admin) == 2
    assert await states(db) == ["failed", "waiting", "waiting"]


async def test_a_digest_that_may_have_arrived_is_never_sent_again(db, web):
    admin = await sign_in_as(web, db, await an_admin(db))
    unsure, sure = await a_failed_mail(db), await a_failed_mail(db)
    await run(db, "UPDATE mail SET is_unsure = true WHERE id = :id", id=unsure)

    page = (await web.get("/admin/mail/queue")).text
    answer = await web.post(f"/admin/mail/queue/{unsure}/again")

    assert f"/admin/mail/queue/{unsure}/again" not in page
    assert f"/admin/mail/queue/{sure}/again" in page
    assert "A digest is never sent twice. What it held is on the site" in page
    assert answer.headers["location"] == "/admin/mail/queue"
    assert await tending.resend_all(db, admin) == 1
    assert await states(db) == ["failed", "waiting"]
    assert "can be sent again" in (await web.post("/admin/mail/queue/again")).text


async def test_what_is_rolled_back_sends_nothing_again(db):
    mail_id, admin = await a_failed_mail(db), await an_admin(db)
    jobs = await value(db, "SELECT count(*) FROM pgqueuer")
    async with db.transaction(force_rollback=True):
        await tending.resend(db, admin, mail_id)

    assert await states(db) == ["failed"]
    assert await value(db, "SELECT count(*) FROM pgqueuer") == jobs


async def test_a_test_goes_the_way_of_all_mails(db, web, tools, drain):
    await sign_in_as(web, db, await a_member(db, role="admin", name="Ann Lee", address="ann@district.example"))

    assert (await web.post("/admin/mail/queue/test")).status_code == 303
    await drain()

    assert await states(db) == ["sent"]
    (letter,) = tools.mailer.letters
    assert letter["to"] == "ann@district.example"
    assert "It works" in letter.get_body(("html",)).get_content()
    assert "sent for Ann Lee" in letter.get_body(("plain",)).get_content().replace("\n", " ")


async def test_whoever_has_no_address_is_told(db):
    admin = await an_admin(db)
    await run(db, "DELETE FROM member_email WHERE member_id = :id", id=admin.id)

    with pytest.raises(Invalid):
        await tending.queue_test(db, admin)


async def test_an_address_is_left_alone_and_let_in_again(db, web):
    await sign_in_as(web, db, await an_admin(db))

    await web.post("/admin/mail/suppressions", data={"address": " Ann@X.Example "})
    again = await web.post("/admin/mail/suppressions", data={"address": "ann@x.example"})
    bad = await web.post("/admin/mail/suppressions", data={"address": "no address"})

    assert (again.status_code, bad.status_code) == (422, 422)
    assert "This address already gets no email." in again.text
    assert await suppressing.suppressed(db, ["ann@x.example"]) == {"ann@x.example"}
    assert "ann@x.example" in (await web.get("/admin/mail/queue")).text
    first, second = [
        await web.post("/admin/mail/suppressions/drop", data={"address": "ann@x.example"}) for _ in range(2)
    ]
    assert (first.status_code, second.status_code) == (303, 422)
    assert "Email to this address was not stopped, so nothing was changed." in second.text
    assert 'value="ann@x.example"' in second.text
    assert await suppressing.suppressed(db, ["ann@x.example"]) == set()
    assert sorted(act for act, *_ in await acts(db)) == ["address.let_in", "address.suppressed"]


async def test_an_address_that_is_not_among_the_newest_is_let_in_by_writing_it(db, web):
    await sign_in_as(web, db, await an_admin(db))
    await suppressing.suppress(db, "first@x.example", "staff")
    for number in range(100):
        await suppressing.suppress(db, f"a{number}@x.example", "staff")

    page = (await web.get("/admin/mail/queue")).text
    assert "first@x.example" not in page
    assert 'formaction="/admin/mail/suppressions/drop"' in page

    bad = await web.post("/admin/mail/suppressions/drop", data={"address": "no address"})
    assert bad.status_code == 422
    assert 'value="no address"' in bad.text
    await web.post("/admin/mail/suppressions/drop", data={"address": " First@X.Example "})
    assert await suppressing.suppressed(db, ["first@x.example", "a0@x.example"]) == {"a0@x.example"}


async def test_only_administrators_look_after_mails(db, web):
    ann, mail_id = await a_member(db), await a_failed_mail(db)
    for refused in (
        tending.resend(db, ann, mail_id),
        tending.resend_all(db, ann),
        tending.queue_test(db, ann),
        suppressing.add(db, ann, "x@x.example"),
        suppressing.let_in(db, ann, "x@x.example"),
    ):
        with pytest.raises(Forbidden):
            await refused
    await sign_in_as(web, db, ann)
    assert (await web.get("/admin/mail/queue")).status_code == 404
    for path in ("queue/test", "queue/again", f"queue/{mail_id}/again", "suppressions", "suppressions/drop"):
        assert (await web.post(f"/admin/mail/{path}", data={})).status_code == 404
    assert await states(db) == ["failed"]
