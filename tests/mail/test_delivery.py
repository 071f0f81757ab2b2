"""Sending what is due through a real relay that misbehaves: nothing is lost, nothing is sent twice, and it drains."""

import asyncio

import pytest

from forum.kit import relay as relays
from forum.kit.db import Database, connect, rows, run, value
from forum.kit.errors import Crossed, Unavailable
from forum.kit.relay import Answer
from forum.mail import delivery, queueing, suppressing
from forum.mail.types import SUPPRESSED, Ready, Unwanted
from tests.factories import a_member, a_thread, post_id
from tests.mail.closing import _relays_are_closed  # noqa: F401 - for every test here
from tests.mail.mails import a_mail, make_due, states
from tests.mail.posting import RENDERERS, render, through
from tests.mail.sinks import a_sink


@pytest.fixture
async def sink():
    async with a_sink() as sink:
        yield sink


@pytest.fixture
async def sending(tools, sink):
    found = through(tools, sink)
    yield found
    await found.mailer.aclose()


async def deliver(tools, renderers=RENDERERS):
    await delivery.deliver(tools, renderers)


async def outcomes(db: Database) -> list[str]:
    return [row["outcome"] for row in await rows(db, "SELECT m.outcome FROM mail m ORDER BY m.id")]


async def some_mails(db, count=5, **fields) -> list[str]:
    """Digests to new members; returns their addresses."""
    members = [await a_member(db) for _ in range(count)]
    for member in members:
        await a_mail(db, member, **fields)
    return [f"{member.handle}@district.example" for member in members]


async def an_instant(db) -> int:
    return await a_mail(db, await a_member(db), kind="instant", post_id=await post_id(db, await a_thread(db)))


async def test_what_is_due_arrives_once(db, sending, sink):
    addresses = await some_mails(db, 120)

    await deliver(sending)
    await deliver(sending)

    assert sorted(sink.recipients) == sorted(addresses)
    assert set(await states(db)) == {"sent"}
    assert sink.connections <= 8  # 4 at once, each for up to a hundred mails
    stored = {row["message_id"] for row in await rows(db, "SELECT message_id FROM mail")}
    assert {mail["message-id"].strip("<>") for mail in sink.mails} == stored


async def test_several_workers_give_one_result(db, tools, sink, database_url):
    addresses = await some_mails(db, 100)
    async with connect(database_url) as one, connect(database_url) as two:
        workers = [through(type(tools)(each, tools.mailer, tools.settings), sink) for each in (db, one, two)]
        await asyncio.gather(*(deliver(each) for each in workers for _ in range(2)))

    assert sorted(sink.recipients) == sorted(addresses)
    assert set(await states(db)) == {"sent"}


async def test_what_is_unwanted_now_is_not_sent(db, sending, sink):
    await some_mails(db, 2)

    async def unwanted(tools, claimed):
        made = await render(tools, claimed)
        return made | {claimed[0].id: Unwanted("The thread may not be read anymore.")}

    await deliver(sending, {"digest": unwanted})

    assert await states(db) == ["unwanted", "sent"]
    assert len(sink.taken) == 1
    assert (await outcomes(db))[0] == "The thread may not be read anymore."


async def test_one_mail_that_cannot_be_made_does_not_hold_up_the_others(db, sending, sink):
    await some_mails(db, 5)
    bad = await value(db, "SELECT id FROM mail ORDER BY id LIMIT 1")

    async def sometimes(tools, claimed):
        if any(mail.id == bad for mail in claimed):
            raise ZeroDivisionError
        return await render(tools, claimed)

    await deliver(sending, {"digest": sometimes})

    assert await states(db) == ["waiting", "sent", "sent", "sent", "sent"]
    assert (await outcomes(db))[0] == delivery.NOT_MADE
    await make_due(db)
    await deliver(sending)
    assert set(await states(db)) == {"sent"}


async def test_an_address_that_refused_for_good_is_left_alone_and_sign_in_links_still_go(db, sending, sink):
    (address,) = await some_mails(db, 1)
    sink.refusals[address] = f"550 5.1.1 nobody here is {address}"

    await deliver(sending)

    assert await states(db) == ["failed"]
    assert await outcomes(db) == ["The relay refused the address (550 5.1.1)."]
    assert await suppressing.suppressed(db, [address, "other@x.example"]) == {address}
    sink.refusals.clear()
    await a_mail(db, await actor_of(db, address))
    await deliver(sending)
    assert await outcomes(db) == ["The relay refused the address (550 5.1.1).", SUPPRESSED]
    assert sink.taken == []


async def actor_of(db, address):
    from forum.members.queries import actor

    return await actor(db, await value(db, "SELECT member_id FROM member_email WHERE address = :a", a=address))


async def test_a_refusal_for_what_we_did_bans_nobody(db, sending, sink):
    (address,) = await some_mails(db, 1)
    sink.refusals[address] = "550 5.7.1 your domain is not known here"

    await deliver(sending)

    assert await states(db) == ["failed"]
    assert await suppressing.suppressed(db, [address]) == set()


async def test_after_greylisting_it_drains_by_itself(db, sending, sink):
    sink.greylists = True
    addresses = await some_mails(db, 20)

    await deliver(sending)
    assert set(await states(db)) == {"waiting"}
    assert await value(db, "SELECT bool_and(next_at BETWEEN now() AND now() + interval '1 minute') FROM mail")
    await make_due(db)
    await deliver(sending)

    assert sorted(sink.recipients) == sorted(addresses)
    assert set(await states(db)) == {"sent"}


@pytest.mark.parametrize("refusal", ["421 4.3.2 shutting down", "451 4.3.0 try later", "452 4.3.1 full"])
async def test_after_refusals_for_now_it_drains_by_itself(db, tools, sink, refusal):
    sink.on_data = refusal
    addresses = await some_mails(db, 10)
    sending = through(tools, sink)

    await deliver(sending)
    assert set(await states(db)) == {"waiting"}
    sink.on_data = "take"
    await make_due(db)
    await deliver(through(tools, sink))  # its pauses are over

    assert sorted(sink.recipients) == sorted(addresses)


async def test_a_busy_domain_does_not_hold_up_another(db, sending, sink):
    sink.refusals["district.example"] = "450 4.7.28 too many"
    await some_mails(db, 30)
    await run(db, "UPDATE member_email SET address = replace(address, 'district', 'other') WHERE member_id % 2 = 0")

    for _ in range(3):
        await deliver(sending)
        await make_due(db)

    assert sink.recipients
    assert all(address.endswith("@other.example") for address in sink.recipients)
    assert await value(db, "SELECT count(*) FROM mail WHERE state = 'waiting' AND domain = 'district.example'") == 15
    assert await value(db, "SELECT count(*) FROM mail WHERE state = 'sent' AND domain = 'other.example'") == 15


async def test_for_a_domain_that_takes_none_now_nothing_is_made(db, sending, sink):
    sink.refusals["district.example"] = "450 4.7.28 too many"
    await some_mails(db, 3)
    await deliver(sending)
    await make_due(db)
    made = []

    async def counting(tools, claimed):
        made.extend(claimed)
        return await render(tools, claimed)

    await deliver(sending, {"digest": counting})

    assert made == []
    assert set(await outcomes(db)) == {"The relay refused the address (450 4.7.28)."}


async def test_more_than_a_domain_gets_a_minute_waits_for_the_next_and_is_no_try(db, tools, sink):
    await some_mails(db, 10)

    await deliver(through(tools, sink, mails_a_minute=4))

    assert sorted(await states(db)) == ["sent"] * 4 + ["waiting"] * 6
    assert await value(db, "SELECT sum(attempts) FROM mail WHERE state = 'waiting'") == 0


async def test_while_the_relay_is_away_nothing_is_lost_and_no_try_is_counted(db, tools, sink):
    addresses = await some_mails(db, 20)
    port, sink.port = sink.port, 1
    await deliver(through(tools, sink))

    assert set(await states(db)) == {"waiting"}
    assert await value(db, "SELECT max(attempts) FROM mail") == 0
    sink.port = port
    await make_due(db)
    await deliver(through(tools, sink))
    assert sorted(sink.recipients) == sorted(addresses)


async def test_a_relay_that_hangs_does_not_stop_the_site_and_then_it_drains(db, tools, sink, monkeypatch):
    monkeypatch.setattr(relays, "ANSWER_S", 0.1)
    sink.on_data = "hang"
    instants = [await an_instant(db) for _ in range(10)]
    await deliver(through(tools, sink))
    assert sink.recipients == []

    sink.on_data = "take"
    await make_due(db)
    await deliver(through(tools, sink))

    assert set(await states(db)) == {"sent"}
    assert len(sink.taken) == len(instants)


async def test_what_was_dropped_after_the_words_is_sent_once_more_with_the_same_id_if_it_is_an_instant_mail(
    db, tools, sink
):
    sink.on_data, sink.keeps_dropped = "drop", True
    await an_instant(db)
    await some_mails(db, 1)
    await deliver(through(tools, sink))
    assert await states(db) == ["waiting", "failed"]

    sink.on_data = "take"
    await make_due(db)
    await deliver(through(tools, sink))

    assert await states(db) == ["sent", "failed"]
    ids = [mail["message-id"] for mail in sink.mails if mail["subject"] == "instant"]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert len([mail for mail in sink.mails if mail["subject"] == "digest"]) == 1


async def test_a_relay_that_always_drops_loses_few_digests_and_keeps_the_others(db, tools, sink):
    sink.on_data = "drop"
    await some_mails(db, 50)

    await deliver(through(tools, sink))

    found = await states(db)
    assert found.count("failed") <= relays.MOST_IN_VAIN + 4
    assert found.count("waiting") == 50 - found.count("failed")


async def test_when_a_relay_is_back_only_the_newest_digest_arrives(db, tools, sink):
    ann = await a_member(db)
    port, sink.port = sink.port, 1
    for _ in range(4):
        await a_mail(db, ann)
        await deliver(through(tools, sink))
        await make_due(db)
    sink.port = port

    await deliver(through(tools, sink))

    assert await states(db) == ["unwanted"] * 3 + ["sent"]
    assert len(sink.taken) == 1


async def test_whoever_is_stopped_lets_a_mail_that_is_under_way_arrive(db, sending, sink, monkeypatch):
    sink.on_data = "hang"
    sink.keeps_dropped = True
    await some_mails(db, 1)
    task = asyncio.ensure_future(deliver(sending))
    while not sink.hung:
        await asyncio.sleep(0.01)

    async def taken(*_) -> Answer:
        return Answer("taken")

    task.cancel()
    await asyncio.sleep(0.05)
    assert await states(db) == ["sending"]
    sink.released.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await states(db) == ["failed"]  # it was dropped, and that is known


async def test_a_mail_that_is_made_while_the_database_forgets_it_goes_nowhere(db, sending, sink):
    await some_mails(db, 1)

    async def slowly(tools, claimed):
        made = await render(tools, claimed)
        await run(db, "DELETE FROM mail")
        return made

    await deliver(sending, {"digest": slowly})

    assert sink.taken == []


async def test_nothing_due_asks_the_relay_nothing(db, sending, sink):
    await deliver(sending)

    assert sink.connections == 0


async def test_mails_of_demo_mode_stand_in_the_mailbox(db, tools):
    from dataclasses import replace

    from forum.kit.mailer import ScreenMailer, screen_mails

    (address,) = await some_mails(db, 1)
    await deliver(replace(tools, mailer=ScreenMailer(db)))

    assert [(mail.recipient, mail.subject) for mail in await screen_mails(db)] == [(address, "digest")]
    assert await states(db) == ["sent"]


async def test_a_lost_claim_sends_nothing(db, sending, sink):
    await some_mails(db, 1)

    async def overtaken(tools, claimed):
        await make_due(db)
        await queueing.claim(db, domain="forum.example")
        return {claimed[0].id: Ready(b"Subject: x\r\n\r\nx\r\n", "ann@x.example")}

    await deliver(sending, {"digest": overtaken})

    assert sink.taken == []
    assert await states(db) == ["waiting"]


@pytest.mark.parametrize("why", [Unavailable, Crossed])
async def test_what_became_of_a_mail_is_noted_once_the_database_takes_it(db, sending, sink, monkeypatch, why):
    monkeypatch.setattr(delivery, "PAUSES_S", (0, 0, 0))
    await some_mails(db, 1)
    note, away = queueing.mark_sent, [why, why]

    async def sometimes(*arguments):
        if away:
            raise away.pop()
        await note(*arguments)

    monkeypatch.setattr(queueing, "mark_sent", sometimes)
    await deliver(sending)

    assert await states(db) == ["sent"]
    assert len(sink.taken) == 1
