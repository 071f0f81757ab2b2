"""Asking to join, and administrators who decide."""

import asyncio

import pytest

from forum.districts.commands import add_district
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.kit.mailer import Mail, ScreenMailer
from forum.members import jobs, joining, queries
from forum.members.types import GUEST, JoinDraft
from forum.members.unclaimed import Stranger, add_unclaimed
from tests.factories import a_member, an_admin, sign_in_as

ADA = "ada@district.example"
ASKING = JoinDraft("Ada Byron", "Director", address=ADA, note="We met at the conference.")


async def members_with(db, address=ADA) -> int:
    return await value(db, "SELECT count(*) FROM member_email WHERE address = :address", address=address)


async def test_who_asks_waits_until_an_administrator_lets_them_in(db, drain, tools):
    admin, pine = await an_admin(db), await add_district(db, "Pine County")
    await joining.ask_to_join(
        db, JoinDraft("Ada Byron", "Director", address=ADA.upper(), district_id=pine, note="Hello")
    )
    waiting = (await queries.join_requests(db))[0]
    assert (waiting.address, waiting.name, waiting.title) == (ADA, "Ada Byron", "Director")
    assert (waiting.district_name, waiting.note) == ("Pine County", "Hello")

    await joining.decide(db, admin, waiting.id, is_approved=True)
    await drain()

    assert (await queries.person(db, "ada.byron")).district_name == "Pine County"
    assert [(mail.to, mail.subject) for mail in tools.mailer.sent] == [(ADA, "Welcome to Staffroom")]
    assert await queries.join_requests(db) == []


async def test_who_is_declined_is_no_member_hears_nothing_and_may_ask_again(db, drain, tools):
    admin = await an_admin(db)
    await joining.ask_to_join(db, ASKING)

    await joining.decide(db, admin, (await queries.join_requests(db))[0].id, is_approved=False)
    await drain()

    assert (await members_with(db), tools.mailer.sent) == (0, [])
    await joining.ask_to_join(db, ASKING)
    assert len(await queries.join_requests(db)) == 1


async def test_who_asks_under_the_same_address_does_not_change_what_waits(db):
    await joining.ask_to_join(db, ASKING)
    await joining.ask_to_join(db, JoinDraft("Eve", "", address=ADA))

    assert [each.name for each in await queries.join_requests(db)] == ["Ada Byron"]


async def test_asking_at_the_same_moment_is_one_request(db):
    await asyncio.gather(*(joining.ask_to_join(db, ASKING) for _ in range(6)))

    assert len(await queries.join_requests(db)) == 1


async def test_a_member_who_asks_is_told_nothing_and_nobody_waits(db):
    await a_member(db, address=ADA)

    await joining.ask_to_join(db, ASKING)

    assert await queries.join_requests(db) == []


async def test_who_is_known_from_old_mails_gets_a_link_to_sign_in_instead(db, drain, tools):
    await add_unclaimed(db, [Stranger("k", "Ada", ADA)])

    await joining.ask_to_join(db, ASKING)
    await drain()

    assert await queries.join_requests(db) == []
    assert [(mail.to, mail.subject) for mail in tools.mailer.sent] == [(ADA, "Your link to Staffroom")]


async def test_an_unknown_district_is_as_good_as_none(db):
    await joining.ask_to_join(db, JoinDraft("Ada", "", address=ADA, district_id=2**60))

    assert [each.district_name for each in await queries.join_requests(db)] == [None]


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (JoinDraft("", "", address=ADA), "name"),
        (JoinDraft("Ada", "x" * 121, address=ADA), "title"),
        (JoinDraft("Ada", "", address=ADA, note="x" * 1001), "note"),
        (JoinDraft("Ada", "", address="ada"), "address"),
    ],
)
async def test_a_request_that_will_not_do_is_refused_with_a_sentence(db, draft, field):
    with pytest.raises(Invalid) as refusal:
        await joining.ask_to_join(db, draft)

    assert set(refusal.value.fields) == {field}
    assert refusal.value.fields[field].endswith(".")


async def test_deciding_twice_changes_nothing(db, drain, tools):
    admin = await an_admin(db)
    await joining.ask_to_join(db, ASKING)
    request_id = (await queries.join_requests(db))[0].id
    await joining.decide(db, admin, request_id, is_approved=True)

    for is_approved in (True, False):
        await joining.decide(db, admin, request_id, is_approved=is_approved)
    await drain()

    assert (await members_with(db), len(tools.mailer.sent)) == (1, 1)
    assert await value(db, "SELECT is_approved FROM join_request")


async def test_two_who_decide_at_the_same_moment_are_one_decision(db, drain, tools):
    admins = [await an_admin(db) for _ in range(4)]
    await joining.ask_to_join(db, ASKING)
    request_id = (await queries.join_requests(db))[0].id

    await asyncio.gather(
        *(joining.decide(db, admin, request_id, is_approved=n % 2 == 0) for n, admin in enumerate(admins))
    )
    await drain()

    is_in = await value(db, "SELECT is_approved FROM join_request")
    assert await members_with(db) == len(tools.mailer.sent) == int(is_in)


async def test_where_nobody_may_ask_every_entrance_says_so(db):
    await run(db, "INSERT INTO site_setting (takes_requests) VALUES (false)")

    with pytest.raises(Forbidden):
        await joining.ask_to_join(db, ASKING)

    assert await queries.join_requests(db) == []


async def test_where_links_are_off_a_member_who_asks_gets_none_and_hears_what_strangers_hear(db):
    await run(db, "INSERT INTO site_setting (methods_off) VALUES ('{mail}')")
    await a_member(db, address=ADA)

    assert await joining.ask_to_join(db, ASKING) is None

    assert await value(db, "SELECT count(*) FROM sign_in_request") == 0


async def test_what_was_typed_to_decline_comes_back_when_it_is_too_long(db, web):
    await joining.ask_to_join(db, ASKING)
    await sign_in_as(web, db, await an_admin(db))
    path = f"/people/requests/{(await queries.join_requests(db))[0].id}"

    answer = await web.post(path, data={"decision": "decline", "reason": "", "reason_words": "zqx " * 200})

    assert answer.status_code == 422
    assert "zqx " * 199 in answer.text
    assert len(await queries.join_requests(db)) == 1


async def test_who_may_not_decide(db):
    await joining.ask_to_join(db, ASKING)
    request_id = (await queries.join_requests(db))[0].id
    refusals = [(GUEST, request_id, Forbidden), (await a_member(db), request_id, Forbidden)]
    refusals += [(await an_admin(db), unknown, NotFound) for unknown in (0, 2**62)]

    for actor, asked, refusal in refusals:
        with pytest.raises(refusal):
            await joining.decide(db, actor, asked, is_approved=True)

    assert len(await queries.join_requests(db)) == 1


async def test_letting_in_whose_address_was_taken_meanwhile_says_so_and_they_wait_on(db, drain, tools):
    await joining.ask_to_join(db, ASKING)
    await a_member(db, address=ADA)

    with pytest.raises(Invalid):
        await joining.decide(db, await an_admin(db), (await queries.join_requests(db))[0].id, is_approved=True)
    await drain()

    assert len(await queries.join_requests(db)) == 1
    assert not any("Welcome" in mail.subject for mail in tools.mailer.sent)


async def test_what_is_over_is_forgotten_at_night(db, tools):
    admin = await an_admin(db)
    for address in (ADA, "bo@district.example", "cy@district.example"):
        await joining.ask_to_join(db, JoinDraft("Somebody", "", address=address))
    old, new, _ = [each.id for each in await queries.join_requests(db)]
    for request_id in (old, new):
        await joining.decide(db, admin, request_id, is_approved=False)
    await run(db, "UPDATE join_request SET decided_at = now() - interval '91 days' WHERE id = :id", id=old)
    for address in ("old@district.example", "new@district.example"):
        await joining.invite(db, admin, address, None)
    await run(db, "UPDATE invitation SET created_at = now() - interval '91 days' WHERE address LIKE 'old%'")

    await ScreenMailer(db).send(Mail(ADA, "Old", ""))
    await run(db, "UPDATE screen_mail SET created_at = now() - interval '31 days'")

    await jobs.clear_up(tools)

    assert await value(db, "SELECT count(*) FROM screen_mail") == 0
    assert await value(db, "SELECT array_agg(address ORDER BY id) FROM join_request") == [
        "bo@district.example",
        "cy@district.example",
    ]
    assert await value(db, "SELECT array_agg(address) FROM invitation") == ["new@district.example"]


async def test_who_is_let_in_is_not_invited_any_more(db):
    admin = await an_admin(db)
    await joining.invite(db, admin, ADA, None)
    await joining.ask_to_join(db, ASKING)

    await joining.decide(db, admin, (await queries.join_requests(db))[0].id, is_approved=True)

    assert await queries.invitations(db) == []
