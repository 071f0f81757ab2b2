"""Signing in with an account elsewhere."""

import asyncio
import re
import time

import pytest

from forum.districts.commands import add_district, add_rule
from forum.identities import oidc
from forum.kit.db import run, value
from forum.members import joining, sign_in
from tests.factories import a_member, an_admin, sign_in_as
from tests.identities.conftest import browser, go
from tests.masking import untokened

ADA = "ada@district.example"
STATES = ("unclaimed", "active", "suspended", "deactivated", "deleted")


async def actor_id(web) -> int:
    return int(re.search(r'data-actor="(\d+)"', (await web.get("/")).text)[1])


async def test_the_page_of_signing_in_offers_each_provider_as_a_plain_link(home):
    page = (await home.get("/sign-in?next=/topics")).text

    assert re.search(
        r'<a class="btn[^"]*" href="/sign-in/with/oidc\?next=/topics"[^>]*>Sign in with Pine County</a>', page
    )
    assert "Google" not in page


async def test_a_site_without_providers_has_no_such_links_and_no_such_pages(web):
    assert "/sign-in/with" not in (await web.get("/sign-in")).text
    for path in ("/sign-in/with/google", "/sign-in/with/oidc/back", "/sign-in/with/nobody"):
        assert (await web.get(path)).status_code == 404


async def test_a_method_that_is_switched_off_is_not_there(db, home):
    await run(db, "INSERT INTO site_setting (methods_off) VALUES ('{oidc}')")

    assert "/sign-in/with" not in (await home.get("/sign-in")).text
    assert (await home.get("/sign-in/with/oidc")).status_code == 404
    assert (await home.get("/sign-in/with/oidc/back")).status_code == 404


async def test_there_and_back_signs_in_and_leads_where_one_wanted_to_go(db, home, provider):
    ada = await a_member(db, address=ADA)

    answer = await go(home, provider, "/sign-in/with/oidc?next=/topics")

    assert (answer.status_code, answer.headers["location"]) == (303, "/topics")
    assert await actor_id(home) == ada.id
    assert await value(db, "SELECT issuer || ' ' || subject FROM identity") == f"{provider.url} ada"
    assert await value(db, "SELECT count(*) FROM oidc_attempt") == 0
    assert "oidc" not in home.cookies


async def test_what_is_sent_and_kept_is_what_the_protocol_wants(db, home, provider):
    away = await home.get("/sign-in/with/oidc")
    url, cookie = away.headers["location"], away.headers["set-cookie"]

    assert url.startswith(f"{provider.url}/authorize?")
    assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fsign-in%2Fwith%2Foidc%2Fback" in url
    sent = dict(re.findall(r"(state|nonce|code_challenge)=([\w-]+)", url))
    assert {name: len(text) for name, text in sent.items()} == {"state": 22, "nonce": 43, "code_challenge": 43}
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    kept = str(await value(db, "SELECT CAST(to_jsonb(a) AS text) FROM oidc_attempt a"))
    assert not [text for text in (*sent.values(), home.cookies["oidc"]) if text in kept]


async def test_the_account_is_known_again_by_issuer_and_subject_whatever_its_address_is_by_then(db, home, provider):
    ada = await a_member(db, address=ADA)
    await go(home, provider)
    home.cookies.clear()
    provider.claims = {"email": "new.name@elsewhere.example", "email_verified": False}

    await go(home, provider)

    assert await actor_id(home) == ada.id


async def test_another_subject_with_the_same_unverified_address_gets_nowhere(db, home, provider):
    await a_member(db, address=ADA)
    await go(home, provider)
    home.cookies.clear()
    provider.claims = {"sub": "mallory", "email_verified": False}

    assert (await go(home, provider)).status_code == 403
    assert await actor_id(home) == 0


@pytest.mark.parametrize(
    "said", [None, False, "true", "True", 1, 1.0, "pending", "yes", [True], {"value": True}, 0, ""]
)
async def test_only_the_true_true_makes_an_address_verified(db, home, provider, said):
    await a_member(db, address=ADA)
    await joining.invite(db, await an_admin(db), "invited@district.example", None)
    for address in (ADA, "invited@district.example"):
        provider.claims = {"email_verified": said, "email": address}

        assert (await go(home, provider)).status_code == 403

    assert await value(db, "SELECT count(*) FROM identity") == 0
    assert await value(db, "SELECT count(*) FROM session") == 0


@pytest.mark.parametrize(
    "told",
    [
        '"ada@district.example"@evil.example', "ada@district.example@evil.example", "=?utf-8?q?ada?=@district.example",
        "ada@district.example\x00", "ada@dıstrict.example", "Ada <ada@district.example>", "ada@district.example,x@y.z",
        ["ada@district.example"], {"a": 1}, 7, "", "ada%40district.example", "adа@district.example",
    ],
)  # fmt: skip
async def test_an_address_that_is_none_links_nobody(db, home, provider, told):
    await a_member(db, address=ADA)
    provider.claims = {"email": told}

    assert (await go(home, provider)).status_code == 403
    assert await value(db, "SELECT count(*) FROM identity") == 0


@pytest.mark.parametrize(
    ("domains", "address", "is_believed"),
    [
        ("district.example", "ada@district.example", True),
        ("district.example", "ada@high.district.example", True),
        ("district.example", "ada@evildistrict.example", False),
        ("district.example", "ada@district.example.evil.example", False),
        ("other.example,district.example", "ADA@District.Example", True),
        ("other.example", "ada@district.example", False),
    ],
)
async def test_an_address_is_believed_within_the_allowed_domains(
    db, home_tools, provider, domains, address, is_believed
):
    ada = await a_member(db, address=address.lower())
    provider.claims = {"email": address}
    settings = home_tools.settings.model_copy(update={"oidc_domains": domains})
    async with browser(type(home_tools)(db=db, mailer=home_tools.mailer, settings=settings)) as home:
        await go(home, provider)

        assert await actor_id(home) == (ada.id if is_believed else 0)


# No second door: what a way in does with each state an account may be in


@pytest.mark.parametrize("way", ["link", "address", "identity"])
@pytest.mark.parametrize("state", STATES)
async def test_every_way_in_opens_and_shuts_for_the_same_accounts(db, home, provider, way, state):
    ada = await a_member(db, address=ADA)
    token = await sign_in.issue_link(db, "sign-in", ADA, hours=1)
    if way == "identity":
        await go(home, provider)
        home.cookies.clear()
        await run(db, "DELETE FROM session")
    await run(db, "UPDATE member SET state = :state WHERE id = :id", state=state, id=ada.id)

    answer = await home.post(f"/sign-in/{token}") if way == "link" else await go(home, provider)

    is_open = state == "active" or (state == "unclaimed" and way != "identity")
    assert await actor_id(home) == (ada.id if is_open else 0)
    assert await value(db, "SELECT count(*) FROM session") == is_open
    if not is_open:
        assert answer.status_code in (403, 404)
        assert await value(db, "SELECT state FROM member WHERE id = :id", id=ada.id) == state


async def test_a_suspension_that_is_over_keeps_nobody_out(db, home, provider):
    ada = await a_member(db, address=ADA)
    await run(
        db, "UPDATE member SET state = 'suspended', suspended_until = now() - interval '1 s' WHERE id = :i", i=ada.id
    )

    await go(home, provider)

    assert await actor_id(home) == ada.id


async def test_the_refusal_tells_nothing_about_the_account(db, home, provider):
    await a_member(db, address=ADA)
    provider.claims = {"sub": "nobody", "email_verified": False}
    unknown = await go(home, provider)
    await run(db, "UPDATE member SET state = 'suspended'")
    provider.claims = {}
    suspended = await go(home, provider)

    texts = {untokened(each.text).replace(each.headers["x-request-id"], "") for each in (unknown, suspended)}
    assert len(texts) == 1
    assert "evil" not in texts.pop()


# Strangers


async def test_the_invited_go_on_to_the_form_with_their_name_in_it(db, home, provider):
    pine = await add_district(db, "Pine County")
    await joining.invite(db, await an_admin(db), ADA, pine)

    answer = await go(home, provider)
    form = await home.get(answer.headers["location"])

    assert re.fullmatch(r"/join/[\w-]{22}\?name=Ada%20Park", answer.headers["location"])
    assert "Pine County" in form.text
    assert 'value="Ada Park"' in form.text
    assert await actor_id(home) == 0

    await home.post(answer.headers["location"].partition("?")[0], data={"name": "Ada Park", "title": ""})
    ada = await actor_id(home)
    home.cookies.clear()
    await go(home, provider)
    assert 0 < ada == await actor_id(home)


async def test_people_of_an_approved_domain_join_at_once(db, home, provider):
    await add_district(db, "Pine County", domains=["district.example"])

    answer = await go(home, provider)

    assert answer.headers["location"].startswith("/join/")
    assert "Pine County" in (await home.get(answer.headers["location"])).text


async def test_people_of_a_vendors_domain_below_an_approved_one_wait_for_approval(db, home, provider):
    await add_district(db, "Pine County", domains=["district.example"])
    await add_rule(db, "vendor", "district.example")

    answer = await go(home, provider)

    assert answer.headers["location"].startswith("/join?")


async def test_everybody_else_may_ask_to_join(db, home, provider):
    answer = await go(home, provider)
    form = await home.get(answer.headers["location"])

    assert answer.headers["location"] == "/join?name=Ada%20Park&address=ada%40district.example"
    assert {'value="Ada Park"', 'value="ada@district.example"'} <= set(re.findall(r'value="[^"]+"', form.text))
    assert await value(db, "SELECT count(*) FROM member") == 0


async def test_names_from_elsewhere_are_only_text(home, provider):
    provider.claims = {"name": '"><script>alert(1)</script>\n' + "x" * 500}

    form = await home.get((await go(home, provider)).headers["location"])

    assert "<script>alert" not in form.text


# Sessions


async def test_signing_in_ends_the_session_this_browser_had(db, home, provider):
    bo = await sign_in_as(home, db, await a_member(db))
    await a_member(db, address=ADA)

    await go(home, provider)

    assert await value(db, "SELECT count(*) FROM session WHERE id = :id", id=bo.session_id) == 0
    assert await value(db, "SELECT count(*) FROM session") == 1


@pytest.mark.parametrize(("seconds", "is_confirmed"), [(0, True), (30, True), (3600, False), (None, False)])
async def test_who_is_only_remembered_elsewhere_has_to_confirm_before_changes(
    db, home, provider, seconds, is_confirmed
):
    await a_member(db, address=ADA)
    provider.claims = {"auth_time": None if seconds is None else int(time.time()) - seconds}

    await go(home, provider)

    assert await value(db, "SELECT confirmed_at > now() - interval '10 minutes' FROM session") is is_confirmed
    assert await value(db, "SELECT second_factor_at FROM session") is None


async def test_coming_for_the_first_time_at_the_same_moment_links_once(db, home_tools, provider):
    ada = await a_member(db, address=ADA)

    async def come() -> int:
        async with browser(home_tools) as home:
            await go(home, provider)
            return await actor_id(home)

    assert set(await asyncio.gather(*(come() for _ in range(6)))) == {ada.id}
    assert await value(db, "SELECT count(*) FROM identity") == 1


async def test_the_first_linking_is_told_by_mail_and_recorded(db, home, home_tools, provider, drain_home):
    ada = await a_member(db, address=ADA)
    await go(home, provider)
    home.cookies.clear()
    await go(home, provider)
    await drain_home()

    assert [mail.to for mail in home_tools.mailer.sent] == [ADA]
    assert await value(db, "SELECT act || ' ' || subject_id FROM audit_entry") == f"identity.linked {ada.id}"


async def test_next_leads_nowhere_else(db, home, provider):
    await a_member(db, address=ADA)
    for path in ("//evil.example", "https://evil.example", "/\\evil.example", "/%09/evil.example"):
        answer = await go(home, provider, f"/sign-in/with/oidc?next={path}")

        assert answer.headers["location"].startswith("/")
        assert not answer.headers["location"].startswith(("//", "/\\"))


async def test_another_site_sends_nobody_to_the_provider(db, home):
    for site in ("cross-site", "same-site"):
        answer = await home.get("/sign-in/with/oidc?next=/topics", headers={"sec-fetch-site": site})

        assert answer.headers["location"] == "/sign-in?next=/topics"
        assert "set-cookie" not in answer.headers
    assert await value(db, "SELECT count(*) FROM oidc_attempt") == 0


async def test_the_cookie_of_a_site_with_https_is_bound_to_its_host(db, home_tools, provider, monkeypatch):
    settings = home_tools.settings.model_copy(update={"base_url": "https://forum.example"})

    async def depart(*_, **__):
        return oidc.Departure("https://login.example/authorize", "s" * 22)

    monkeypatch.setattr(oidc, "depart", depart)
    async with browser(type(home_tools)(db=db, mailer=home_tools.mailer, settings=settings)) as home:
        cookie = (await home.get("https://forum.example/sign-in/with/oidc")).headers["set-cookie"]

    assert cookie == f"__Host-oidc={'s' * 22}; HttpOnly; Max-Age=600; Path=/; SameSite=lax; Secure"
