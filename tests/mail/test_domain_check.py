"""Looking whether the sender's domain is set up: what receivers would find, and what to put there."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forum.kit import dns
from forum.kit.dkim import signer_for
from forum.kit.dns import NoAnswer
from forum.kit.settings import Settings
from forum.mail.domain_check import SILENT, check_domain
from tests.factories import a_member, sign_in_as
from tests.kit.keys import pem
from tests.mail.names import some_names
from tests.moderation.scenes import an_admin

DOMAIN = "forum.district.example"


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    path = tmp_path_factory.mktemp("dkim") / "dkim.pem"
    path.write_bytes(pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    return path


@pytest.fixture
async def names():
    async with some_names() as (names, client):
        yield names, client


def site(*keys, **more) -> Settings:
    return Settings(base_url=f"https://{DOMAIN}", dkim_key=",".join(str(key) for key in keys if key), **more)


async def checks(names, key=None, **texts):
    known, client = names
    known.texts = {name.replace("__", "."): text for name, text in texts.items()}
    return {check.title: check for check in await check_domain(site(key), client)}


async def test_a_domain_that_says_nothing_is_told_what_to_say(names, key):
    found = await checks(names, key)

    assert [(check.title, check.is_good) for check in found.values()] == [
        ("SPF", False),
        ("DKIM", False),
        ("DMARC", False),
    ]
    assert (found["SPF"].name, found["SPF"].record) == (DOMAIN, "v=spf1 include:… -all")
    assert found["DKIM"].name == f"forum._domainkey.{DOMAIN}"
    assert found["DKIM"].record.startswith("v=DKIM1; k=rsa; p=MII")
    assert found["DMARC"].record == f"v=DMARC1; p=none; rua=mailto:postmaster@{DOMAIN}"


async def test_a_domain_that_is_set_up_is_good(names, key):
    known, client = names
    known.texts = {
        DOMAIN: ["other words", "v=spf1 include:relay.example -all"],
        f"forum._domainkey.{DOMAIN}": [signer_for(DOMAIN, "forum", key).record],
        "_dmarc.district.example": ["v=DMARC1; p=reject"],
    }

    found = await check_domain(site(key), client)

    assert all(check.is_good for check in found)
    assert found[2].text == "_dmarc.district.example says p=reject."


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (["v=spf1 -all", "v=spf1 mx -all"], "several records"),
        (["v=spf1 +all"], "anybody"),
        (["v=spf10 -all"], "does not say"),
    ],
)
async def test_records_of_senders_that_do_not_help(names, records, words):
    known, client = names
    known.texts = {DOMAIN: records}

    found = (await check_domain(site(), client))[0]

    assert not found.is_good
    assert words in found.text


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "several records"),
        (["v=DMARC1; rua=mailto:x@y.example"], "no policy"),
    ],
)
async def test_policies_that_do_not_help(names, records, words):
    known, client = names
    known.texts = {f"_dmarc.{DOMAIN}": records}

    found = (await check_domain(site(), client))[2]

    assert not found.is_good
    assert words in found.text


async def test_a_policy_that_only_watches_is_good_for_a_beginning(names):
    known, client = names
    known.texts = {f"_dmarc.{DOMAIN}": ["v=DMARC1; p=none"]}

    found = (await check_domain(site(), client))[2]

    assert found.is_good
    assert "It only watches" in found.text


async def test_another_key_in_dns_is_found(names, key):
    known, client = names
    known.texts = {f"forum._domainkey.{DOMAIN}": ["v=DKIM1; k=rsa; p=MIIxxxx"]}

    assert "DNS has another key" in (await check_domain(site(key), client))[1].text


async def test_of_two_keys_each_is_looked_for_under_its_own_name(names, key, tmp_path):
    second = tmp_path / "ed.pem"
    second.write_bytes(pem(Ed25519PrivateKey.generate()))
    known, client = names
    known.texts = {f"one._domainkey.{DOMAIN}": [signer_for(DOMAIN, "one", key).record]}

    found = {check.title: check for check in await check_domain(site(key, second, dkim_selector="one, two"), client)}

    assert list(found) == ["SPF", "DKIM, one", "DKIM, two", "DMARC"]
    assert (found["DKIM, one"].is_good, found["DKIM, two"].is_good) == (True, False)
    assert found["DKIM, two"].name == f"two._domainkey.{DOMAIN}"
    assert found["DKIM, two"].record.startswith("v=DKIM1; k=ed25519; p=")


async def test_name_servers_that_say_nothing_are_no_fault_of_the_domain(names, key, monkeypatch):
    known, client = names
    monkeypatch.setattr(dns, "SECONDS", 0.2)
    known.is_silent = True

    assert {check.text for check in await check_domain(site(key), client)} == {SILENT}
    with pytest.raises(NoAnswer):
        await client.texts("x.example")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://forum"])
async def test_a_name_that_only_this_machine_knows_is_not_looked_up(names, url):
    known, client = names

    assert await check_domain(Settings(base_url=url), client) == []
    assert known.asked == []


async def test_the_page_shows_it_when_asked_and_to_administrators_only(db, tools, names, key):
    import httpx

    from forum.app import build

    known, client = names
    settings = Settings(base_url=f"http://{DOMAIN}", dkim_key=f"{key},{key}", dkim_selector="old,new")
    site_tools = replace(tools, dns=client, settings=settings)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(build(site_tools)), base_url=f"http://{DOMAIN}"
    ) as browser:
        await sign_in_as(browser, db, await an_admin(db))
        assert "v=spf1" not in (await browser.get("/admin/mail")).text
        assert known.asked == []
        page = (await browser.get("/admin/mail?check=1")).text
        assert all(f"{name}.{DOMAIN}" in page for name in ("_dmarc", "old._domainkey", "new._domainkey"))
        await sign_in_as(browser, db, await a_member(db))
        assert (await browser.get("/admin/mail?check=1")).status_code == 404
