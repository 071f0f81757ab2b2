"""The queue of mails: one worker has each, nothing is lost, and what waits too long fails."""

import asyncio
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from forum.kit.db import rows, run, value
from forum.mail import queueing
from forum.mail.types import FOLDED, OVERTAKEN
from tests.factories import a_member, a_thread, post_id
from tests.mail.mails import a_mail, make_due, states

HOST = "forum.example"


async def claimed(db, most=50):
    return await queueing.claim(db, domain=HOST, most=most)


async def the_one(db, mail_id):
    return (await rows(db, "SELECT state, outcome, attempts, is_unsure FROM mail WHERE id = :id", id=mail_id))[0]


async def test_what_is_due_is_claimed_once_and_comes_back_after_a_minute(db):
    ann = await a_member(db)
    mail_id = await a_mail(db, ann)
    await a_mail(db, await a_member(db), next_at=datetime(2100, 1, 1, tzinfo=UTC))

    assert [(mail.id, mail.attempts) for mail in await claimed(db)] == [(mail_id, 1)]
    assert await claimed(db) == []
    wait = await value(db, "SELECT next_at - now() FROM mail WHERE id = :id", id=mail_id)
    assert 55 < wait.total_seconds() <= 60
    await run(db, "UPDATE mail SET next_at = now() WHERE id = :id", id=mail_id)
    assert [mail.attempts for mail in await claimed(db)] == [2]


async def test_workers_at_the_same_moment_share_what_is_due(db):
    for _ in range(40):
        await a_mail(db, await a_member(db))

    found = await asyncio.gather(*(claimed(db, most=15) for _ in range(4)))
    found.append(await claimed(db))

    ids = [mail.id for each in found for mail in each]
    assert len(ids) == len(set(ids)) == 40


async def test_a_message_id_is_fixed_at_the_first_try(db):
    ann, thread = await a_member(db), await a_thread(db)
    post = await post_id(db, thread)
    digest, instant = await a_mail(db, ann), await a_mail(db, ann, kind="instant", post_id=post)

    first = {mail.id: mail.message_id for mail in await claimed(db)}
    await make_due(db)
    again = {mail.id: mail.message_id for mail in await queueing.claim(db, domain="elsewhere.example")}

    assert first == again == {digest: f"digest.{digest}@{HOST}", instant: f"post.{post}@{HOST}"}


async def test_only_one_of_two_who_think_they_have_a_mail_sends_it(db):
    await a_mail(db, await a_member(db))
    (slow,) = await claimed(db)
    await make_due(db)
    (quick,) = await claimed(db)

    assert not await queueing.mark_sending(db, slow, HOST)
    assert await queueing.mark_sending(db, quick, HOST)
    assert not await queueing.mark_sending(db, quick, HOST)
    await queueing.mark_sent(db, slow)
    assert await states(db) == ["sending"]
    await queueing.mark_sent(db, quick)
    assert await states(db) == ["sent"]


async def test_a_mail_waits_longer_each_time_and_fails_after_four_days(db):
    mail_id, waited, ann = await a_mail(db, await a_member(db)), [], "The relay asks to come back later."
    while (await states(db)) == ["waiting"]:
        await run(db, "UPDATE mail SET next_at = now()")
        (mail,) = await claimed(db)
        await queueing.postpone(db, mail, ann, HOST)
        wait = await value(db, "SELECT extract(epoch FROM next_at - now()) / 60 FROM mail")
        waited.append(round(float(wait)))

    assert waited[:9] == [1, 5, 15, 30, 60, 120, 240, 240, 240]
    assert 92 * 60 < sum(waited[:-1]) <= 96 * 60
    assert (await the_one(db, mail_id))["outcome"] == ann
    assert (await the_one(db, mail_id))["state"] == "failed"


async def test_what_was_not_tried_does_not_count_as_a_try(db):
    await a_mail(db, await a_member(db))
    found = await claimed(db)

    await queueing.put_back(db, found, 30, HOST)

    assert await claimed(db) == []
    await make_due(db)
    assert [mail.attempts for mail in await claimed(db)] == [1]


async def test_who_was_too_slow_puts_nothing_back_that_another_has_by_then(db):
    await a_mail(db, await a_member(db))
    slow = await claimed(db)
    await make_due(db)
    (quick,) = await claimed(db)

    await queueing.put_back(db, slow, 3600, HOST)

    assert await queueing.mark_sending(db, quick, HOST)


@pytest.mark.parametrize(("kind", "then"), [("instant", ["waiting", "failed"]), ("digest", ["failed", "failed"])])
async def test_after_an_end_while_handing_over_an_instant_mail_is_sent_once_more_and_a_digest_is_not(db, kind, then):
    post = await post_id(db, await a_thread(db))
    await a_mail(db, await a_member(db), kind=kind, post_id=post)
    seen = []
    for _ in range(2):
        for mail in await claimed(db):
            assert await queueing.mark_sending(db, mail, HOST)
        assert await queueing.recover(db) == 0
        await make_due(db)
        await queueing.recover(db)
        seen += await states(db)

    assert seen == then
    assert "may have arrived" in await value(db, "SELECT outcome FROM mail")


async def test_an_answer_that_never_came_is_treated_alike(db):
    post = await post_id(db, await a_thread(db))
    for kind in ("instant", "digest"):
        await a_mail(db, await a_member(db), kind=kind, post_id=post)
    for mail in await claimed(db):
        await queueing.mark_sending(db, mail, HOST)
        await queueing.mark_unsure(db, mail)

    assert await states(db) == ["waiting", "failed"]
    assert await claimed(db) == []


async def test_what_was_taken_after_all_counts_as_sent(db):
    post = await post_id(db, await a_thread(db))
    await a_mail(db, await a_member(db), kind="instant", post_id=post)
    (mail,) = await claimed(db)
    await queueing.mark_sending(db, mail, HOST)
    await make_due(db)
    await queueing.recover(db)

    await queueing.mark_sent(db, mail)

    assert await states(db) == ["sent"]


async def test_over_a_hundred_instant_mails_a_day_are_folded_whoever_claims_them(db, monkeypatch):
    monkeypatch.setattr(queueing, "MOST_A_DAY", 3)
    ann, bob, post = await a_member(db), await a_member(db), await post_id(db, await a_thread(db))
    for _ in range(5):
        await a_mail(db, ann, kind="instant", post_id=post)
    await a_mail(db, bob, kind="instant", post_id=post)
    await a_mail(db, ann)

    found = await asyncio.gather(*(claimed(db, most=2) for _ in range(4)))
    found.append(await claimed(db))

    assert len([mail for each in found for mail in each]) == 5
    assert await states(db) == ["waiting"] * 3 + ["unwanted"] * 2 + ["waiting"] * 2
    assert await value(db, "SELECT count(*) FROM mail WHERE outcome = :folded", folded=FOLDED) == 2


async def test_the_next_day_instant_mails_are_sent_again(db, monkeypatch):
    monkeypatch.setattr(queueing, "MOST_A_DAY", 1)
    ann, post = await a_member(db), await post_id(db, await a_thread(db))
    await a_mail(db, ann, kind="instant", post_id=post)
    await run(db, "UPDATE mail SET created_at = now() - interval '25 hours', state = 'sent'")
    await a_mail(db, ann, kind="instant", post_id=post)

    assert len(await claimed(db)) == 1


async def test_of_waiting_digests_only_the_newest_is_sent_and_tells_of_the_time_of_all(db):
    ann, bob = await a_member(db), await a_member(db)
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3, 4)]
    for since, until in pairwise(days):
        await a_mail(db, ann, since=since, until=until)
    await a_mail(db, bob, since=days[1], until=days[2])

    found = await asyncio.gather(*(claimed(db, most=2) for _ in range(3)))
    found.append(await claimed(db))  # what one held when another looked

    left = {mail.member_id: (mail.since, mail.until) for each in found for mail in each}
    assert left == {ann.id: (days[0], days[3]), bob.id: (days[1], days[2])}
    assert await states(db) == ["unwanted", "unwanted", "waiting", "waiting"]
    assert await value(db, "SELECT count(*) FROM mail WHERE outcome = :o", o=OVERTAKEN) == 2


async def test_however_many_were_overtaken_whoever_claims_gets_something(db):
    ann, bob = await a_member(db), await a_member(db)
    ids = [await a_mail(db, ann) for _ in range(7)]
    ids.append(await a_mail(db, bob))

    assert [mail.id for mail in await claimed(db, most=2)] == [ids[6], ids[7]]
    assert await claimed(db, most=2) == []


async def test_a_digest_that_was_overtaken_while_it_was_made_is_not_sent(db):
    ann = await a_member(db)
    await a_mail(db, ann)
    (old,) = await claimed(db)
    await a_mail(db, ann)
    await claimed(db)

    assert not await queueing.mark_sending(db, old, HOST)


async def test_nothing_is_claimed_by_a_transaction_that_is_rolled_back(db):
    await a_mail(db, await a_member(db))
    async with db.transaction(force_rollback=True):
        assert len(await claimed(db)) == 1

    assert [mail.attempts for mail in await claimed(db)] == [1]


async def test_what_could_not_be_sent_in_four_days_fails_and_what_is_not_due_yet_does_not(db):
    for due in ("now()", "now() + interval '1 day'"):
        mail_id = await a_mail(db, await a_member(db))
        sql = f"UPDATE mail SET created_at = now() - interval '97 hours', next_at = {due} WHERE id = :id"
        await run(db, sql, id=mail_id)

    await queueing.recover(db)

    assert await states(db) == ["failed", "waiting"]
