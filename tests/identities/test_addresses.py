"""A member's own addresses: added by a link, removed, one chosen; and who is told."""

import asyncio
from dataclasses import replace

import pytest

from forum.identities import addresses
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, TooMany, Unconfirmed
from forum.members import queries, sign_in
from forum.members.addresses import own_addresses
from forum.members.types import GUEST
from tests.factories import a_member, sign_in_as
from tests.members.links import link_in

ADA, HOME = "ada@district.example", "ada@home.example"


@pytest.fixture
async def ada(db, web):
    return await sign_in_as(web, db, await a_member(db, address=ADA, name="Ada Park"))


async def add(db, actor, address) -> None:
    token = await sign_in.issue_link(db, "address", address, member_id=actor.id, hours=1)
    await addresses.confirm(db, actor, token)


async def held(db, actor) -> list[str]:
    return [each.address for each in await own_addresses(db, actor.id)]


# Adding


async def test_from_the_form_through_the_mail_to_a_second_address(db, web, drain, tools, ada):
    answer = await web.post("/settings/sign-in/addresses", data={"address": " Ada@Home.Example "})
    assert answer.headers["location"] == "/settings/sign-in?notice=address-asked"
    await drain()
    asked = tools.mailer.sent.pop()
    assert asked.to == HOME
    assert "Ada Park wants to add this address" in asked.text
    path = link_in(asked)
    button = await web.get(path)
    assert f"<b>{HOME}</b>" in button.text
    assert await held(db, ada) == [ADA]  # opening the page changes nothing

    answer = await web.post(path)
    await drain()

    assert answer.headers["location"] == "/settings/sign-in?notice=address-added"
    assert await held(db, ada) == [ADA, HOME]
    assert [mail.to for mail in tools.mailer.sent] == [ADA]  # the old one is told
    assert HOME not in tools.mailer.sent[0].text
    assert await queries.member_of_address(db, HOME) == ada.id
    assert HOME in (await web.get("/settings/sign-in")).text


async def test_a_link_is_used_once_by_the_member_who_asked_within_its_hour(db, web, ada):
    bo = await a_member(db)
    good = await sign_in.issue_link(db, "address", HOME, member_id=ada.id, hours=1)
    over = await sign_in.issue_link(db, "address", HOME, member_id=ada.id, hours=-1)
    theirs = await sign_in.issue_link(db, "address", HOME, member_id=bo.id, hours=1)
    signing_in = await sign_in.issue_link(db, "sign-in", HOME, hours=1)

    for actor, token in [(ada, over), (ada, theirs), (ada, signing_in), (bo, good), (ada, "x" * 22)]:
        with pytest.raises(NotFound):
            await addresses.confirm(db, actor, token)
    with pytest.raises(Forbidden):
        await addresses.confirm(db, GUEST, good)
    assert (await web.get(f"/address/{over}")).status_code == 404
    assert (await web.post(f"/sign-in/{good}")).status_code == 404  # nobody signs in with it
    assert await value(db, "SELECT count(*) FROM member_email WHERE address = :a", a=HOME) == 0

    outcomes = await asyncio.gather(*(addresses.confirm(db, ada, good) for _ in range(5)), return_exceptions=True)

    assert sorted(type(each).__name__ for each in outcomes) == ["NoneType", *["NotFound"] * 4]


async def test_an_address_somebody_has_is_answered_alike_and_told_only_to_whoever_reads_its_mail(
    db, web, drain, tools, ada
):
    await a_member(db, address="bo@district.example")
    answers = [
        await web.post("/settings/sign-in/addresses", data={"address": address})
        for address in ("bo@district.example", "nobody@district.example")
    ]
    await drain()

    assert len({(each.status_code, each.headers["location"], each.text) for each in answers}) == 1
    assert sorted(mail.to for mail in tools.mailer.sent) == ["bo@district.example", "nobody@district.example"]
    taken = next(mail for mail in tools.mailer.sent if mail.to.startswith("bo"))
    answer = await web.post(link_in(taken))
    assert (answer.status_code, "Another account here has this address" in answer.text) == (422, True)
    assert await held(db, ada) == [ADA]


@pytest.mark.parametrize("text", ["", "ada", "ada@", '"a@b"@district.example', "a@b@c.example", ADA, "x" * 300])
async def test_what_is_no_new_address_is_refused_and_given_back(web, ada, text):
    answer = await web.post("/settings/sign-in/addresses", data={"address": text})

    assert answer.status_code == 422
    assert "That did not work yet" in answer.text


async def test_links_are_mailed_five_times_an_hour_at_most(db, ada):
    for number in range(addresses.ASKED_AN_HOUR):
        await addresses.ask(db, ada, f"ada{number}@home.example")

    with pytest.raises(TooMany):
        await addresses.ask(db, ada, HOME)


async def test_ten_addresses_are_enough(db, ada):
    for number in range(addresses.MOST_ADDRESSES - 1):
        await add(db, ada, f"ada{number}@home.example")

    with pytest.raises(Invalid, match="address"):
        await addresses.ask(db, ada, HOME)


# Removing and choosing


async def test_a_removed_address_opens_nothing_and_both_are_told(db, web, drain, tools, ada):
    await add(db, ada, HOME)
    await drain()
    tools.mailer.sent.clear()
    link = await sign_in.issue_link(db, "sign-in", ADA, hours=1)
    await sign_in.start_session(db, ada.id, "Another browser")

    answer = await web.post("/settings/sign-in/addresses/remove", data={"address": ADA})
    await drain()

    assert answer.headers["location"] == "/settings/sign-in?notice=address-removed"
    assert await held(db, ada) == [HOME]
    assert sorted(mail.to for mail in tools.mailer.sent) == [ADA, HOME]
    assert (await web.post(f"/sign-in/{link}")).status_code == 404
    assert await value(db, "SELECT array_agg(id) FROM session") == [ada.session_id]
    acts = await value(db, "SELECT array_agg(act ORDER BY id) FROM audit_entry WHERE subject_id = :id", id=ada.id)
    assert acts == ["address.added", "address.removed"]
    assert ADA not in await value(db, "SELECT string_agg(CAST(e.* AS text), '') FROM audit_entry e")
    await addresses.remove(db, ada, ADA)  # twice is once


async def test_the_last_address_stays_also_when_two_go_at_the_same_moment(db, ada):
    with pytest.raises(Forbidden, match="last address"):
        await addresses.remove(db, ada, ADA)
    await add(db, ada, HOME)

    outcomes = await asyncio.gather(
        *(addresses.remove(db, ada, address) for address in (ADA, HOME, ADA, HOME)), return_exceptions=True
    )

    assert len(await held(db, ada)) == 1
    assert {type(each) for each in outcomes} <= {type(None), Forbidden}


async def test_mail_goes_where_the_member_chose(db, web, drain, tools, ada):
    await add(db, ada, HOME)
    await sign_in.start_session(db, ada.id, "Another browser")
    assert await queries.mail_address(db, ada.id) == ADA

    await web.post("/settings/sign-in/addresses/choose", data={"address": HOME})

    assert await queries.mail_address(db, ada.id) == HOME
    assert [each.is_primary for each in await own_addresses(db, ada.id)] == [True, False]
    assert await value(db, "SELECT array_agg(id) FROM session") == [ada.session_id]
    before = await value(db, "SELECT count(*) FROM audit_entry")
    await addresses.choose(db, ada, HOME)
    assert await value(db, "SELECT count(*) FROM audit_entry") == before
    await asyncio.gather(*(addresses.choose(db, ada, each) for each in (ADA, HOME, ADA, HOME)))
    assert await value(db, "SELECT count(*) FROM member_email WHERE is_primary") == 1


async def test_nobody_touches_anothers_address(db, ada):
    bo = await a_member(db, address="bo@district.example")
    await add(db, bo, "bo@home.example")

    await addresses.remove(db, ada, "bo@home.example")
    with pytest.raises(NotFound):
        await addresses.choose(db, ada, "bo@home.example")

    assert await held(db, bo) == ["bo@district.example", "bo@home.example"]


# Who may


async def test_changes_need_a_member_who_has_just_shown_who_they_are(db, web, ada):
    await add(db, ada, HOME)
    late, guest = replace(ada, is_confirmed=False), GUEST
    for actor, refusal in ((late, Unconfirmed), (guest, Forbidden)):
        for act in (addresses.ask, addresses.remove, addresses.choose):
            with pytest.raises(refusal):
                await act(db, actor, HOME)
    await run(db, "UPDATE session SET confirmed_at = now() - interval '11 minutes'")
    for path in ("addresses", "addresses/remove", "addresses/choose", "identities/1/unlink"):
        assert (await web.post(f"/settings/sign-in/{path}", data={"address": HOME})).status_code in (403, 422)

    assert await held(db, ada) == [ADA, HOME]


async def test_the_page_shows_its_forms_only_after_that(db, web, ada):
    assert 'action="/settings/sign-in/addresses"' in (await web.get("/settings/sign-in")).text
    await run(db, "UPDATE session SET confirmed_at = now() - interval '11 minutes'")

    page = (await web.get("/settings/sign-in")).text

    assert 'action="/settings/sign-in/addresses' not in page
    assert 'href="/settings/sign-in/change"' in page
    answer = await web.get("/settings/sign-in/change")
    assert answer.headers["location"].startswith("/confirm?next=/settings/sign-in/change")


async def test_when_something_breaks_nothing_is_left_behind(db, ada, monkeypatch):
    await add(db, ada, HOME)

    async def broken(*_):
        raise RuntimeError

    monkeypatch.setattr(sign_in, "end_other_sessions", broken)
    for act in (addresses.remove, addresses.choose):
        with pytest.raises(RuntimeError):
            await act(db, ada, HOME)

    assert await held(db, ada) == [ADA, HOME]
    assert await queries.mail_address(db, ada.id) == ADA
    assert await value(db, "SELECT count(*) FROM address_notice") == 1  # of adding
