"""Linking an account elsewhere by hand, and unlinking it."""

import asyncio
from dataclasses import replace

import pytest

from forum.identities import account, linking, way_jobs
from forum.identities.types import Vouched
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, Unconfirmed
from forum.members import sign_in
from forum.members.types import GUEST
from tests.factories import a_member, sign_in_as
from tests.identities.conftest import browser, go

LINK = "/settings/sign-in/with/oidc"
WHO = Vouched("Pine County", "https://login.example", "ada", label="ada@pine.example")


@pytest.fixture
async def ada(db, home):
    return await sign_in_as(home, db, await a_member(db, address="ada@home.example"))


async def test_an_account_is_linked_whatever_its_address_and_opens_the_members_account(
    db, home, provider, ada, drain_home
):
    provider.claims = {"email": "a.park@pine.example", "email_verified": False}
    assert f'href="{LINK}"' in (await home.get("/settings/sign-in")).text

    answer = await go(home, provider, LINK)

    assert answer.headers["location"] == "/settings/sign-in?notice=linked"
    page = (await home.get(answer.headers["location"])).text
    assert "a.park@pine.example" in page
    assert "you can sign in with it" in page
    assert await value(db, "SELECT count(*) FROM session WHERE id = :id", id=ada.session_id) == 1
    home.cookies.clear()
    await go(home, provider)
    assert f'data-actor="{ada.id}"' in (await home.get("/")).text


async def test_linking_needs_a_member_who_has_just_shown_who_they_are(db, home, provider, ada):
    await run(db, "UPDATE session SET confirmed_at = now() - interval '11 minutes'")
    assert (await home.get(LINK)).headers["location"].startswith("/confirm?next=")
    home.cookies.clear()
    assert (await home.get(LINK)).status_code == 403

    assert await value(db, "SELECT count(*) FROM oidc_attempt") == 0


async def test_whoever_is_signed_in_by_then_as_somebody_else_gets_nothing_linked(db, home, provider, ada):
    path = provider.authorize((await home.get(LINK)).headers["location"])
    await sign_in_as(home, db, await a_member(db))

    answer = await home.get(path)

    assert answer.status_code == 403
    assert "was not linked" in answer.text
    assert await value(db, "SELECT count(*) FROM identity") == 0


async def test_another_browser_cannot_finish_what_one_began(db, home, home_tools, provider, ada):
    path = provider.authorize((await home.get(LINK)).headers["location"])
    async with browser(home_tools) as other:
        await sign_in_as(other, db, await a_member(db))
        assert (await other.get(path)).status_code == 403

    assert await value(db, "SELECT count(*) FROM identity") == 0


async def test_an_account_that_opens_anothers_account_is_not_taken_from_them(db, home, provider, ada):
    bo = await a_member(db)
    await linking.link(db, bo, replace(WHO, issuer=provider.url))

    answer = await go(home, provider, LINK)

    assert answer.status_code == 403
    assert "opens another member" in answer.text
    assert await value(db, "SELECT array_agg(member_id) FROM identity") == [bo.id]


async def test_linking_twice_or_at_the_same_moment_is_once(db, ada):
    await asyncio.gather(*(linking.link(db, ada, WHO) for _ in range(6)))

    assert len(await linking.identities(db, ada)) == 1
    assert await value(db, "SELECT count(*) FROM audit_entry WHERE act = 'identity.linked'") == 1
    assert await value(db, "SELECT count(*) FROM address_notice") == 1


async def test_two_members_at_the_same_moment_get_one_link(db):
    people = [await a_member(db) for _ in range(6)]

    outcomes = await asyncio.gather(*(linking.link(db, each, WHO) for each in people), return_exceptions=True)

    assert sorted(type(each).__name__ for each in outcomes) == [*["Invalid"] * 5, "NoneType"]
    assert await value(db, "SELECT count(*) FROM identity") == 1


async def test_guests_link_nothing(db):
    with pytest.raises(Forbidden):
        await linking.link(db, GUEST, WHO)
    with pytest.raises(Forbidden):
        await linking.unlink(db, GUEST, 1)


# Unlinking


async def test_unlinking_ends_other_sessions_and_is_told_and_recorded(db, home, home_tools, ada, drain_home):
    await linking.link(db, ada, WHO)
    await drain_home()
    home_tools.mailer.sent.clear()
    await sign_in.start_session(db, ada.id, "Another browser")
    (identity,) = await linking.identities(db, ada)

    answer = await home.post(f"/settings/sign-in/identities/{identity.id}/unlink")
    await drain_home()

    assert answer.headers["location"] == "/settings/sign-in?notice=unlinked"
    assert not await linking.identities(db, ada)
    assert [mail.to for mail in home_tools.mailer.sent] == ["ada@home.example"]
    assert await value(db, "SELECT array_agg(id) FROM session") == [ada.session_id]
    assert await value(db, "SELECT count(*) FROM audit_entry WHERE act = 'identity.unlinked'") == 1
    await linking.unlink(db, ada, identity.id)  # twice is once


async def test_the_last_way_in_stays(db, ada):
    await linking.link(db, ada, WHO)
    await linking.link(db, ada, replace(WHO, subject="second"))
    await run(db, "DELETE FROM member_email WHERE member_id = :id", id=ada.id)
    ids = [each.id for each in await linking.identities(db, ada)]

    outcomes = await asyncio.gather(*(linking.unlink(db, ada, each) for each in ids), return_exceptions=True)

    assert sorted(type(each).__name__ for each in outcomes) == ["Forbidden", "NoneType"]
    assert len(await linking.identities(db, ada)) == 1


async def test_an_address_is_no_way_in_where_no_links_are_mailed(db, ada):
    await linking.link(db, ada, WHO)
    await run(db, "INSERT INTO site_setting (methods_off) VALUES ('{mail}')")
    (identity,) = await linking.identities(db, ada)

    with pytest.raises(Forbidden, match="last way in"):
        await linking.unlink(db, ada, identity.id)
    await run(db, "UPDATE site_setting SET methods_off = '{}'")
    await linking.unlink(db, ada, identity.id)


async def test_unlinking_needs_a_fresh_session_and_ones_own_account(db, ada):
    bo = await a_member(db)
    await linking.link(db, bo, WHO)
    (theirs,) = await linking.identities(db, bo)

    await linking.unlink(db, ada, theirs.id)
    with pytest.raises(Unconfirmed):
        await linking.unlink(db, replace(bo, is_confirmed=False), theirs.id)

    assert len(await linking.identities(db, bo)) == 1


async def test_of_two_accounts_that_become_one_the_links_go_along(db, ada):
    bo = await a_member(db)
    await linking.link(db, bo, WHO)

    await account.hand_over(db, bo.id, ada.id)
    assert len(await linking.identities(db, ada)) == 1
    await account.forget(db, ada.id, removes=False)
    assert not await linking.identities(db, ada)


async def test_a_link_that_is_somebody_elses_is_said_so(db, ada):
    await linking.link(db, await a_member(db), WHO)

    with pytest.raises(Invalid, match="provider"):
        await linking.link(db, ada, WHO)


async def test_what_is_over_is_forgotten_at_night_and_mails_go_out_once(
    db, home, home_tools, provider, ada, drain_home
):
    await home.get(LINK)
    await linking.link(db, ada, WHO)
    notice = await value(db, "SELECT id FROM address_notice")
    for _ in range(2):
        await way_jobs.mail_notice(home_tools, notice)
        await way_jobs.mail_address_link(home_tools, 4_000_000)
    assert len(home_tools.mailer.sent) == 1
    await run(db, "UPDATE oidc_attempt SET created_at = now() - interval '2 hours'")

    await way_jobs.clear_up_ways(home_tools)

    assert await value(db, "SELECT count(*) FROM oidc_attempt") == 0
