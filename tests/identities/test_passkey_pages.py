"""Passkeys through the pages: what the browser is asked, what its cookie is worth, what a refusal says."""

import json
import re

import httpx
import pytest

from forum.app import build
from forum.identities import passkey_views
from forum.kit.db import value
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from tests import tokened
from tests.factories import a_member, sign_in_as
from tests.fakes import FakeMailer
from tests.identities.authenticator import Authenticator

SITE = "https://forum.example"


@pytest.fixture
async def browser(db):
    """A browser on a site with https, as sites for others are."""
    tools = Tools(db=db, mailer=FakeMailer(), settings=Settings(base_url=SITE, smtp_url="smtp://127.0.0.1:1"))
    transport = httpx.ASGITransport(build(tools))
    async with httpx.AsyncClient(transport=transport, base_url=SITE, event_hooks=tokened.HOOKS) as client:
        yield client


async def with_a_passkey(browser, db, **fields):
    """A signed-in member who has added a passkey through the pages; returns it."""
    ann, key = await sign_in_as(browser, db, await a_member(db, **fields)), Authenticator(SITE, "forum.example")
    browser.cookies = {"__Host-session": browser.cookies["session"]}
    asked = await browser.post("/settings/security/passkeys/options")
    added = await browser.post(
        "/settings/security/passkeys", data={"credential": key.make(asked.text), "name": "Laptop"}
    )
    assert added.headers["location"] == "/settings/security?notice=passkey-added"
    assert any(cookie.startswith("__Host-session=") for cookie in added.headers.get_list("set-cookie"))
    browser.cookies = {}
    return key, ann


async def test_a_passkey_signs_in_and_leads_where_one_wanted_to_go(db, browser):
    key, ann = await with_a_passkey(browser, db)

    asked = await browser.post("/sign-in/passkey/options")
    answer = await browser.post(
        "/sign-in/passkey",
        data={"credential": key.show(asked.text), "next": "/topics"},
        headers={"user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"},
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/topics")
    session = "SELECT device || ', ' || place FROM session WHERE member_id = :id ORDER BY id DESC"
    assert await value(db, session, id=ann.id) == "Firefox on Linux, network 127.0.0.0/24"
    cookies = answer.headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["__Host-session", "__Host-passkey"]
    assert "Max-Age=0" in cookies[1]


async def test_the_challenge_is_for_this_browser_five_minutes_and_no_script(db, browser):
    asked = await browser.post("/sign-in/passkey/options")

    name, _, rest = asked.headers["set-cookie"].partition("=")
    assert name == "__Host-passkey"
    assert rest.partition("; ")[2] == "HttpOnly; Max-Age=300; Path=/; SameSite=strict; Secure"
    assert asked.headers["cache-control"] == "private, no-store"
    options = json.loads(asked.text)
    assert (options["rpId"], options["userVerification"]) == ("forum.example", "required")


async def test_another_browser_can_do_nothing_with_the_answer(db, browser):
    key, _ = await with_a_passkey(browser, db)
    asked = await browser.post("/sign-in/passkey/options")
    mine = dict(browser.cookies)
    answers = {}
    for whose, cookies in {"none": {}, "another's": {"__Host-passkey": "x" * 43}, "mine": mine}.items():
        browser.cookies = cookies
        answers[whose] = await browser.post("/sign-in/passkey", data={"credential": key.show(asked.text)})

    assert {whose: answer.status_code for whose, answer in answers.items()} == {
        "none": 422,
        "another's": 422,
        "mine": 303,
    }
    assert "Try again" in answers["none"].text
    assert not [cookie for cookie in answers["none"].headers.get_list("set-cookie") if "session" in cookie]


async def test_what_the_browser_is_asked_is_the_same_for_everybody(db, browser):
    await with_a_passkey(browser, db)
    first, second = [(await browser.post("/sign-in/passkey/options")).text for _ in range(2)]

    assert re.sub(r'"challenge": ?"[\w-]+"', "", first) == re.sub(r'"challenge": ?"[\w-]+"', "", second)


async def test_a_refused_passkey_keeps_the_name_and_says_what_to_do(db, browser):
    await sign_in_as(browser, db, await a_member(db))
    browser.cookies = {"__Host-session": browser.cookies["session"]}

    answer = await browser.post("/settings/security/passkeys", data={"credential": "{}", "name": "Key ring"})
    unnamed = await browser.post("/settings/security/passkeys", data={"credential": "{}", "name": " "})

    assert (answer.status_code, unnamed.status_code) == (422, 422)
    assert 'value="Key ring"' in answer.text
    assert "took too long" in answer.text
    assert "Give it a name" in unnamed.text


async def test_renaming_and_removing_on_the_page(db, browser):
    _, ann = await with_a_passkey(browser, db)
    await sign_in_as(browser, db, ann)
    browser.cookies = {"__Host-session": browser.cookies["session"]}
    passkey_id = await value(db, "SELECT id FROM passkey")

    await browser.post(f"/settings/security/passkeys/{passkey_id}/name", data={"name": "<b>Ring</b>"})
    page = await browser.get("/settings/security")
    removed = await browser.post(f"/settings/security/passkeys/{passkey_id}/remove")

    assert "&lt;b&gt;Ring&lt;/b&gt;" in page.text
    assert "<b>Ring" not in page.text
    assert removed.headers["location"] == "/settings/security?notice=passkey-removed"
    assert await value(db, "SELECT count(*) FROM passkey") == 0


async def test_one_network_does_not_fill_the_database_with_challenges(db, browser, monkeypatch):
    monkeypatch.setattr(passkey_views, "ASKED_BY_BLOCK", 3)

    came = [(await browser.post("/sign-in/passkey/options")).status_code for _ in range(8)]

    assert came.count(429) >= 2  # three in each window, should one end just now
    assert await value(db, "SELECT count(*) FROM passkey_challenge") <= 6
