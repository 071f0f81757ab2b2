"""Signing in by a mailed link."""

import asyncio

import pytest

from forum.districts.commands import add_district
from forum.kit.db import run, value
from forum.kit.errors import Invalid, NotFound, TooMany
from forum.members import queries, sign_in
from forum.members.unclaimed import Stranger, add_unclaimed
from tests.factories import a_member
from tests.members.links import link_in, token_in

ADA = "ada@district.example"


async def a_link(db, purpose="sign-in", address=ADA, hours=0.25) -> str:
    return await sign_in.issue_link(db, purpose, address, hours=hours)


async def test_a_link_signs_in_and_leads_where_the_member_wanted_to_go(db):
    ada = await a_member(db, address=ADA)
    token = await sign_in.issue_link(db, "sign-in", ADA, next_path="/t/7", hours=0.25)

    signed_in = await sign_in.use_link(db, token, "Firefox on Linux")

    assert signed_in.next_path == "/t/7"
    assert [session.device for session in await queries.open_sessions(db, ada)] == ["Firefox on Linux"]


async def test_a_link_works_once(db):
    await a_member(db, address=ADA)
    token = await a_link(db)
    await sign_in.use_link(db, token, "")

    with pytest.raises(NotFound):
        await sign_in.use_link(db, token, "")

    assert await value(db, "SELECT count(*) FROM session") == 1


async def test_a_link_used_by_five_at_the_same_moment_signs_in_one(db):
    await a_member(db, address=ADA)
    token = await a_link(db)

    tries = await asyncio.gather(*(sign_in.use_link(db, token, "") for _ in range(5)), return_exceptions=True)

    assert sorted(type(each).__name__ for each in tries) == ["NotFound"] * 4 + ["SignedIn"]
    assert await value(db, "SELECT count(*) FROM session") == 1


async def test_a_link_somebody_else_asked_for_leaves_the_older_ones_alive_each_for_one_use(db):
    await a_member(db, address=ADA)
    tokens = await asyncio.gather(*(a_link(db) for _ in range(5)))

    first = [await attempt(sign_in.use_link(db, token, "")) for token in tokens]
    second = [await attempt(sign_in.use_link(db, token, "")) for token in tokens]

    assert (first, second) == ([None] * 5, [NotFound] * 5)


async def attempt(doing) -> type | None:
    """The type of the refusal, None when there was none."""
    try:
        await doing
    except Exception as refusal:
        return type(refusal)
    return None


async def test_the_link_of_one_address_leaves_those_of_others_alone(db):
    await a_member(db, address=ADA)
    await a_member(db, address="bo@district.example")
    adas = await a_link(db)
    await a_link(db, address="bo@district.example")

    assert await sign_in.use_link(db, adas, "")


async def test_a_link_is_over_after_fifteen_minutes(db):
    await a_member(db, address=ADA)
    token = await a_link(db)
    minutes = await value(db, "SELECT extract(epoch FROM expires_at - now()) / 60 FROM mailed_link")
    assert 14 < minutes <= sign_in.LINK_MINUTES == 15
    await run(db, "UPDATE mailed_link SET expires_at = now() - interval '1 second'")

    with pytest.raises(NotFound):
        await sign_in.use_link(db, token, "")


async def test_links_that_do_not_sign_in(db):
    ada = await a_member(db, address=ADA)
    links = {
        "for joining": await a_link(db, "join"),
        "to an address nobody has": await a_link(db, address="nobody@district.example"),
        "that was never made": "x" * 22,
        "empty": "",
        "with odd characters": "é\x00' OR 1=1",
    }
    for link in links.values():
        with pytest.raises(NotFound):
            await sign_in.use_link(db, link, "")

    assert await queries.open_sessions(db, ada) == []
    assert (await queries.mailed_link(db, links["for joining"])).purpose == "join"  # not used up by the attempt


async def test_a_link_whose_signing_in_rolled_back_still_works(db):
    await a_member(db, address=ADA)
    token = await a_link(db)

    async def sign_in_and_fail():
        async with db.transaction():
            await sign_in.use_link(db, token, "")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await sign_in_and_fail()

    assert await sign_in.use_link(db, token, "")


async def test_only_hashes_of_links_and_sessions_are_stored(db, drain, tools):
    await a_member(db, address=ADA)
    await sign_in.request_link(db, ADA)
    await drain()
    link = link_in(tools.mailer.sent[0]).rpartition("/")[2]
    session = (await sign_in.use_link(db, link, "")).token

    stored = await everything(db)

    assert link not in stored
    assert session not in stored
    assert len(link) == len(session) == 22  # 128 bits


async def everything(db) -> str:
    """All rows of the tables that a secret could be in, as text."""
    tables = ("mailed_link", "session", "sign_in_request", "pgqueuer", "pgqueuer_log", "limit_count")
    texts = [await value(db, f"SELECT coalesce(jsonb_agg(x), '[]') FROM {table} x") for table in tables]
    payloads = await value(db, "SELECT string_agg(encode(payload, 'escape'), ' ') FROM pgqueuer")
    return str([texts, payloads])


async def test_a_suspended_member_cannot_sign_in(db):
    ada = await a_member(db, address=ADA)
    token = await a_link(db)
    await run(db, "UPDATE member SET state = 'suspended' WHERE id = :id", id=ada.id)

    with pytest.raises(NotFound):
        await sign_in.use_link(db, token, "")

    assert await value(db, "SELECT count(*) FROM session") == 0


async def test_signing_in_claims_the_member_an_import_left_under_that_address(db):
    members = await add_unclaimed(db, [Stranger("k", "Ada Byron", ADA)])
    token = await a_link(db)

    await sign_in.use_link(db, token, "")

    claimed = await queries.actor(db, members["k"])
    assert (claimed.handle, claimed.role) == ("ada.byron", "member")
    assert await value(db, "SELECT verified_at IS NOT NULL FROM member_email WHERE address = :a", a=ADA)


async def test_who_claims_belongs_to_the_district_of_the_address_unless_one_is_known(db):
    pine, oak = await add_district(db, "Pine", domains=["district.example"]), await add_district(db, "Oak")
    members = await add_unclaimed(db, [Stranger("a", "Ada", ADA), Stranger("b", "Bo", "bo@district.example")])
    await run(db, "UPDATE member SET district_id = :oak WHERE id = :id", oak=oak, id=members["b"])

    for address in (ADA, "bo@district.example"):
        await sign_in.use_link(db, await a_link(db, address=address), "")

    assert await value(db, "SELECT array_agg(district_id ORDER BY handle) FROM member") == [pine, oak]


async def test_asking_keeps_the_request_and_queues_the_mail(db, drain, tools):
    await a_member(db, address=ADA)

    await sign_in.request_link(db, f"  {ADA.upper()} ", "/t/7")
    await drain()

    assert [(mail.to, mail.subject) for mail in tools.mailer.sent] == [(ADA, "Your link to Staffroom")]
    assert await value(db, "SELECT next_path FROM mailed_link") == "/t/7"


async def test_nothing_is_mailed_for_a_request_that_rolled_back(db, drain, tools):
    async def ask_and_fail():
        async with db.transaction():
            await sign_in.request_link(db, ADA)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await ask_and_fail()
    await drain()

    assert tools.mailer.sent == []
    assert await value(db, "SELECT count(*) FROM sign_in_request") == 0


async def test_a_stranger_who_asks_again_and_again_locks_no_member_out(db, drain, tools):
    await a_member(db, address=ADA)
    await one_window(db)
    for _ in range(20):
        await sign_in.request_link(db, ADA.upper())
    await drain()

    links = [token_in(mail) for mail in tools.mailer.sent]

    assert len(links) == 3
    for link in links:
        assert await attempt(sign_in.use_link(db, link, "")) is None


async def one_window(db) -> None:
    """Counts below 3 would fall into two windows if a quarter of an hour ended just now: wait for the next."""
    left = await value(db, "SELECT 900 - mod(CAST(extract(epoch FROM now()) AS numeric), 900)")
    if left < 5:
        await asyncio.sleep(float(left))


async def test_mails_to_one_address_end_known_or_not_and_at_the_same_moment(db):
    await a_member(db, address=ADA)
    await one_window(db)
    for address in (ADA, "nobody@district.example"):
        tries = await asyncio.gather(*(attempt(sign_in.request_link(db, address)) for _ in range(12)))
        assert tries == [None] * 12

    assert await value(db, "SELECT count(*) FROM sign_in_request") == 6


async def test_there_is_an_end_to_the_mails_of_one_hour(db, monkeypatch):
    monkeypatch.setattr(sign_in, "MAILS_AN_HOUR", 4)

    tries = [await attempt(sign_in.request_link(db, f"eve{n}@district.example")) for n in range(6)]

    assert tries == [None] * 4 + [TooMany] * 2
    assert await value(db, "SELECT count(*) FROM sign_in_request") == 4


async def test_what_is_no_address_is_refused_with_a_sentence(db):
    with pytest.raises(Invalid) as refusal:
        await sign_in.request_link(db, "ada at district")

    assert refusal.value.fields == {"address": "Write it as name@district.org."}
    assert await value(db, "SELECT count(*) FROM sign_in_request") == 0


async def test_what_is_over_is_forgotten_at_night(db):
    ada = await a_member(db, address=ADA)
    await sign_in.start_session(db, ada.id, "kept")
    await sign_in.start_session(db, ada.id, "over")
    await run(db, "UPDATE session SET expires_at = now() - interval '1 minute' WHERE device = 'over'")
    await a_link(db)
    await a_link(db, "join", hours=-48)
    await sign_in.request_link(db, ADA)
    await run(db, "UPDATE sign_in_request SET created_at = now() - interval '2 days'")

    await sign_in.forget_expired(db)

    assert [each.device for each in await queries.open_sessions(db, ada)] == ["kept"]
    assert await value(db, "SELECT array_agg(purpose) FROM mailed_link") == ["sign-in"]
    assert await value(db, "SELECT count(*) FROM sign_in_request") == 0
