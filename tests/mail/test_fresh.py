"""Where a slow relay lets seconds pass between making a mail and handing it over, rights and wishes are asked again."""

import asyncio
from itertools import count

import pytest

from forum.kit.db import rows, run
from forum.mail import suppressing
from forum.mail.delivery import deliver
from forum.mail.freshness import FRESH_S
from forum.mail.instant import NOT_HEARD
from forum.mail.instant_jobs import queue_instant
from forum.mail.types import SUPPRESSED
from forum.wiring import RENDERERS as ALL_RENDERERS
from tests.factories import a_category, a_member, a_reply, a_thread, post_id
from tests.following.scenes import EVERYTHING, follows
from tests.mail.closing import _relays_are_closed  # noqa: F401 - for every test here
from tests.mail.digests.scenes import a_digest_reader, address_of, make_digests_now
from tests.mail.mails import a_mail, make_due
from tests.mail.posting import render, through
from tests.mail.sinks import a_sink


@pytest.fixture
async def sink():
    async with a_sink() as sink:
        yield sink


class Counted:
    """Makes small mails, and counts how often and how many at once."""

    def __init__(self) -> None:
        self.sizes = []

    async def __call__(self, tools, claimed):
        self.sizes.append(len(claimed))
        return await render(tools, claimed)


async def ends(db) -> dict[str, str]:
    """What came of the mail to each member, by name."""
    found = await rows(db, "SELECT r.name, m.state, m.outcome FROM mail m JOIN member r ON r.id = m.member_id")
    return {row["name"]: row["outcome"] or row["state"] for row in found}


async def while_the_first_is_handed_over(tools, sink, change) -> None:
    """Deliver through one connection, on which the first mail takes a while, and then something changes."""
    sink.on_data, now = "wait", [0.0]
    task = asyncio.ensure_future(deliver(through(tools, sink, smtp_connections=1), ALL_RENDERERS, lambda: now[0]))
    await sink.reached.wait()
    await change()
    now[0] += FRESH_S
    sink.released.set()
    await task


async def three_mails(db, tools, **fields) -> list:
    people = [await a_member(db, name=f"Reader {n}") for n in range(3)]
    for person in people:
        await follows(db, person, *EVERYTHING)
    await queue_instant(tools, await post_id(db, await a_thread(db, **fields)))
    await make_due(db)
    return people


async def test_what_is_forbidden_while_others_are_handed_over_does_not_leave(db, tools, sink):
    category = await a_category(db)
    await three_mails(db, tools, category=category)

    async def closed():
        await run(db, "UPDATE category SET read_by = 'staff' WHERE slug = :slug", slug=category)

    await while_the_first_is_handed_over(tools, sink, closed)

    assert sorted((await ends(db)).values()) == sorted(["sent", NOT_HEARD, NOT_HEARD])
    assert len(sink.taken) == 1


async def test_what_is_unwanted_meanwhile_does_not_leave_and_what_is_reworded_leaves_as_it_is(db, tools, sink):
    _, stopped, _ = await three_mails(db, tools, body="The pasword is in the safe.")

    async def changed():
        await run(db, "UPDATE post SET source = 'The key is in the safe.', html = '<p>The key is in the safe.</p>'")
        await run(db, "DELETE FROM follow WHERE member_id = :id", id=stopped.id)

    await while_the_first_is_handed_over(tools, sink, changed)

    assert await ends(db) == {"Reader 0": "sent", "Reader 1": NOT_HEARD, "Reader 2": "sent"}
    assert ["pasword" in mail.as_string() for mail in sink.mails] == [True, False]


async def test_an_address_that_is_left_alone_meanwhile_gets_nothing(db, tools, sink):
    _, _, banned = await three_mails(db, tools)
    address = await address_of(db, banned)

    async def refused():
        await suppressing.suppress(db, address, "refused")

    await while_the_first_is_handed_over(tools, sink, refused)

    assert await ends(db) == {"Reader 0": "sent", "Reader 1": "sent", "Reader 2": SUPPRESSED}


async def test_digests_are_chosen_anew_too(db, tools, sink):
    for name in ("First", "Second"):
        await a_digest_reader(db, name=name)
    await a_thread(db, title="Nobody is to read this")
    await make_digests_now(db)

    async def deleted():
        await run(db, "UPDATE thread SET deleted_at = now()")

    await while_the_first_is_handed_over(tools, sink, deleted)

    assert sorted((await ends(db)).values()) == ["There was nothing new.", "sent"]
    assert len(sink.taken) == 1


async def test_whose_address_changed_meanwhile_gets_it_there(db, tools, sink):
    await three_mails(db, tools)

    async def moved():
        await run(db, "UPDATE member_email SET address = 'new-' || address")

    await while_the_first_is_handed_over(tools, sink, moved)

    assert set((await ends(db)).values()) == {"sent"}
    assert [address.startswith("new-") for address in sink.recipients] == [False, True, True]


async def test_a_quick_relay_asks_once_for_all(db, tools, sink):
    for _ in range(30):
        await a_mail(db, await a_member(db))
    made = Counted()

    await deliver(through(tools, sink), {"digest": made})

    assert made.sizes == [30]
    assert len(sink.taken) == 30


async def test_however_slow_the_relay_is_each_try_sends_one(db, tools, sink):
    for _ in range(6):
        await a_mail(db, await a_member(db))
    made, hours = Counted(), count(step=3600.0)

    await deliver(through(tools, sink, smtp_connections=1), {"digest": made}, lambda: next(hours))

    assert made.sizes == [6, 6, 5, 4, 3, 2, 1]
    assert len(sink.taken) == 6


async def test_what_the_relay_refused_is_not_made_again(db, tools, sink):
    for name in ("refused", "taken"):
        await a_mail(db, await a_member(db, address=f"ann@{name}.example"))
    sink.refusals["refused.example"] = "550 5.7.1 No"
    made, hours = Counted(), count(step=3600.0)

    await deliver(through(tools, sink, smtp_connections=1), {"digest": made}, lambda: next(hours))

    assert made.sizes == [2, 1]
    assert sink.recipients == ["ann@taken.example"]


async def test_what_cannot_be_made_any_more_waits_and_the_others_go(db, tools, sink):
    for _ in range(3):
        await a_mail(db, await a_member(db))
    sizes, hours = [], count(step=3600.0)

    async def once(tools, claimed):
        sizes.append(len(claimed))
        if len(sizes) > 1:
            raise ZeroDivisionError
        return await render(tools, claimed)

    await deliver(through(tools, sink), {"digest": once}, lambda: next(hours))

    assert [row["state"] for row in await rows(db, "SELECT m.state FROM mail m")] == ["waiting"] * 3
    assert sink.taken == []


async def test_a_mail_of_a_kind_that_a_worker_does_not_know_keeps_no_other_back(db, tools, drain):
    ann = await a_member(db)
    await follows(db, ann, *EVERYTHING, "each")
    await a_reply(db, await a_thread(db))
    await drain()
    await run(db, "INSERT INTO mail (member_id, kind, dedupe_key) VALUES (:id, 'change', 'change:1:1:1')", id=ann.id)
    await make_due(db)

    await deliver(tools, {kind: render for kind, render in ALL_RENDERERS.items() if kind != "change"})

    found = await rows(db, "SELECT kind, state FROM mail ORDER BY kind")
    assert {(row["kind"], row["state"]) for row in found} == {("change", "waiting"), ("instant", "sent")}
