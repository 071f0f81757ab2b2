"""What is forged, replayed, mixed up or meant for somebody else signs nobody in."""

import base64
import hmac
import json
import time
from dataclasses import dataclass

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey

from forum.identities import oidc, providers
from forum.identities.types import Failed
from forum.kit.db import run, value
from tests.factories import a_member
from tests.identities.conftest import browser, go
from tests.identities.provider_of_ours import CURVE, EDWARDS, KEY, NOBODYS, SECOND

ADA = "ada@district.example"


@pytest.fixture
async def ada(db):
    return await a_member(db, address=ADA)


async def refused(db, answer) -> None:
    assert answer.status_code == 403, answer.headers.get("location")
    assert "That did not sign you in" in answer.text
    assert await value(db, "SELECT count(*) FROM session") == 0
    assert await value(db, "SELECT count(*) FROM identity") == 0


def now(seconds: int = 0) -> int:
    return int(time.time()) + seconds


@dataclass(frozen=True)
class In:
    """A time counted from when the test runs, not from when tests are collected."""

    seconds: int


# The id_token


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://evil.example"}, {"iss": None}, {"iss": ["x"]}, {"iss": ""},
        {"aud": "theirs"}, {"aud": ["theirs"]}, {"aud": ["ours", "theirs"]}, {"aud": []}, {"aud": None}, {"aud": "our"},
        {"azp": "theirs"}, {"azp": None, "aud": ["theirs", "ours"]},
        {"nonce": "another"}, {"nonce": None}, {"nonce": ""}, {"nonce": 7},
        {"exp": In(-120)}, {"exp": None}, {"exp": "never"}, {"exp": True}, {"exp": 0},
        {"iat": In(-900)}, {"iat": In(600)}, {"iat": None}, {"iat": "now"},
        {"nbf": In(600)}, {"nbf": "x"},
        {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": "x" * 256}, {"sub": "a\nb"}, {"sub": ["ada"]},
    ],
    ids=str,
)  # fmt: skip
async def test_a_token_that_says_one_thing_wrong_signs_nobody_in(db, home, provider, ada, claims):
    provider.claims = {name: now(each.seconds) if isinstance(each, In) else each for name, each in claims.items()}

    await refused(db, await go(home, provider))


@pytest.mark.parametrize("slash", ["{}/", "{}.evil.example", "{}?"])
async def test_an_issuer_is_compared_letter_by_letter(db, home, provider, ada, slash):
    provider.claims = {"iss": slash.format(provider.url)}

    await refused(db, await go(home, provider))


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(KEY, "RS256"), (SECOND, "PS512"), (CURVE, "ES256"), (EDWARDS, "Ed25519"), (EDWARDS, "EdDSA")],
    ids=lambda part: part if isinstance(part, str) else "",
)
async def test_each_good_signature_signs_in(db, home, provider, ada, key, algorithm):
    provider.key, provider.header, provider.published = key, {"alg": algorithm}, [KEY, SECOND, CURVE, EDWARDS]

    assert (await go(home, provider)).status_code == 303


async def test_a_clock_that_is_a_little_wrong_is_forgiven(db, home, provider, ada):
    provider.claims = {"exp": now(-20), "iat": now(30), "nbf": now(30)}

    assert (await go(home, provider)).status_code == 303


def by_hand(algorithm: str, secret: bytes = b""):
    """Makes a token that is signed with a secret, or with nothing."""

    def token(query) -> str:
        claims = {"iss": query["issuer"], "aud": "ours", "sub": "ada", "iat": now(), "exp": now(300)}
        claims |= {"nonce": query["nonce"], "email": ADA, "email_verified": True}
        header = {"alg": algorithm, "kid": "first"}
        signed = ".".join(coded(json.dumps(each).encode()) for each in (header, claims))
        return f"{signed}.{coded(hmac.digest(secret, signed.encode(), 'sha256')) if secret else ''}"

    return token


def coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
async def test_a_token_without_a_signature_signs_nobody_in(db, home, provider, ada, algorithm):
    provider.make_token = by_hand(algorithm)

    await refused(db, await go(home, provider))


@pytest.mark.parametrize(
    "secret",
    [KEY.as_pem(private=False), json.dumps(KEY.as_dict(private=False)).encode(), b"secret"],
    ids=["the public key", "the public key as published", "the client's secret"],
)
async def test_a_token_signed_with_what_others_know_signs_nobody_in(db, home, provider, ada, secret):
    provider.make_token = by_hand("HS256", secret)

    await refused(db, await go(home, provider))


async def test_a_secret_among_the_published_keys_is_no_key(db, home, provider, ada):
    shared = OctKey.import_key("s" * 32, {"kid": "shared"})
    provider.published = [shared.as_dict(), KEY]
    provider.key, provider.header = shared, {"alg": "HS256"}

    await refused(db, await go(home, provider))


@pytest.mark.parametrize(
    ("key", "header"),
    [
        (NOBODYS, {}),  # the right name, the wrong key
        (SECOND, {}),  # a name that nobody published
        (SECOND, {"kid": None}),
        (KEY, {"kid": "curve"}),
        (KEY, {"alg": "RS512"}),  # published for RS256
        (SECOND, {"jwk": SECOND.as_dict(private=False), "kid": None}),
        (SECOND, {"jwk": SECOND.as_dict(private=False), "kid": "first"}),
        (KEY, {"crit": ["exp"]}),
    ],
    ids=lambda part: "+".join(part) if isinstance(part, dict) else part.kid,
)
async def test_a_signature_by_a_key_that_is_not_the_providers_signs_nobody_in(db, home, provider, ada, key, header):
    provider.key, provider.header = key, header

    await refused(db, await go(home, provider))


@pytest.mark.filterwarnings("ignore:Key size should be")
async def test_a_key_that_is_too_short_is_no_key(db, home, provider, ada):
    provider.key = RSAKey.generate_key(1024, {"kid": "short"})
    provider.published = [provider.key, KEY]

    await refused(db, await go(home, provider))


async def test_a_key_meant_for_encryption_signs_nothing(db, home, provider, ada):
    provider.key = SECOND
    provider.published = [SECOND.as_dict(private=False) | {"use": "enc"}, KEY]

    await refused(db, await go(home, provider))


@pytest.mark.parametrize(
    "said",
    [
        {"id_token": None}, {"id_token": ""}, {"id_token": "a.b.c"}, {"id_token": "x" * 20_000}, {"id_token": 7},
        {"id_token": ["a"]}, {"expires_in": "soon"}, {"expires_in": None}, {"id_token": "e30.e30."},
    ],
    ids=lambda said: str(said)[:40],
)  # fmt: skip
async def test_an_answer_without_a_token_signs_nobody_in(db, home, provider, ada, said):
    provider.said = said

    await refused(db, await go(home, provider))


# Keys change


async def test_a_new_key_is_fetched_when_a_token_names_it_and_not_for_every_unknown_name(
    db, home, provider, ada, monkeypatch
):
    await go(home, provider)
    provider.published, provider.key = [KEY, SECOND], SECOND
    monkeypatch.setattr(providers, "PAUSE_S", 0)
    home.cookies.clear()

    assert (await go(home, provider)).status_code == 303
    assert provider.asked.count("keys") == 2

    monkeypatch.setattr(providers, "PAUSE_S", 30)
    provider.header = {"kid": "made up"}
    for _ in range(3):
        await go(home, provider)
    assert provider.asked.count("keys") == 2
    assert provider.asked.count("discovery") == 1


async def test_a_provider_that_changes_its_only_key_without_naming_it_is_believed_again(
    db, home, provider, ada, monkeypatch
):
    provider.published, provider.header = [KEY], {"kid": None}
    await go(home, provider)
    provider.published, provider.key = [SECOND], SECOND
    monkeypatch.setattr(providers, "PAUSE_S", 0)
    home.cookies.clear()

    assert (await go(home, provider)).status_code == 303


# The attempt


async def test_a_state_that_is_unknown_used_or_another_browsers_is_refused(db, home, home_tools, provider, ada):
    path = provider.authorize((await home.get("/sign-in/with/oidc")).headers["location"])
    async with browser(home_tools) as stranger:
        await refused(db, await stranger.get(path))  # no cookie
        await stranger.get("/sign-in/with/oidc")
        await refused(db, await stranger.get(path))  # a cookie of one's own
    for forged in ("", "x" * 22, "%00", "é"):
        answer = await home.get(f"/sign-in/with/oidc/back?code=a&state={forged}")
        assert answer.status_code in (400, 403)
    await refused(db, await home.get("/sign-in/with/oidc/back"))

    assert (await home.get(path)).status_code == 303  # none of that used it up
    await run(db, "DELETE FROM session")
    await run(db, "DELETE FROM identity")
    await refused(db, await home.get(path))  # twice


async def test_a_state_is_good_for_ten_minutes(db, home, provider, ada):
    path = provider.authorize((await home.get("/sign-in/with/oidc")).headers["location"])
    await run(db, "UPDATE oidc_attempt SET created_at = now() - interval '10 minutes 1 second'")

    await refused(db, await home.get(path))


async def test_a_state_begun_with_one_provider_is_no_good_for_another(db, home_tools, provider, ada):
    settings = home_tools.settings.model_copy(update={"google_client_id": "g", "google_client_secret": "s"})
    async with browser(type(home_tools)(db=db, mailer=home_tools.mailer, settings=settings)) as home:
        path = provider.authorize((await home.get("/sign-in/with/oidc")).headers["location"])

        await refused(db, await home.get(path.replace("/oidc/", "/google/")))
        assert "token" not in provider.asked


async def test_a_code_that_was_used_or_belongs_to_another_attempt_is_refused(db, home, home_tools, provider, ada):
    """Its owner's verifier is not this browser's: a stolen code is worth nothing (the provider checks PKCE)."""
    theirs = httpx.URL(provider.authorize((await home.get("/sign-in/with/oidc")).headers["location"])).params["code"]
    async with browser(home_tools) as other:
        await refused(db, await go(other, provider, code=theirs))

    await refused(db, await go(home, provider, code="never issued"))


async def test_without_the_verifier_the_provider_gives_no_token(db, home_tools, provider, home):
    away = (await home.get("/sign-in/with/oidc")).headers["location"]
    code = httpx.URL(provider.authorize(away)).params["code"]

    with pytest.raises(Failed, match="the code was not taken"):
        await oidc.return_from(
            home_tools.settings, providers.configured_as(home_tools.settings, "oidc"), {"code": code}, "another secret"
        )


# The answer in the address


@pytest.mark.parametrize("names_itself", [True, False])
@pytest.mark.parametrize(("issuer", "is_good"), [("{url}", True), ("http://evil.example", False), ("", False)])
async def test_an_answer_that_names_another_issuer_is_a_mix_up(db, home, provider, ada, names_itself, issuer, is_good):
    provider.document = {"authorization_response_iss_parameter_supported": names_itself}

    answer = await go(home, provider, iss=issuer.format(url=provider.url))

    assert (answer.status_code == 303) == is_good
    assert ("token" in provider.asked) == is_good


async def test_a_provider_that_always_names_itself_may_not_leave_it_out(db, home, provider, ada):
    provider.document = {"authorization_response_iss_parameter_supported": True}

    await refused(db, await go(home, provider))
    assert "token" not in provider.asked


@pytest.mark.parametrize("error", ["access_denied", "<script>alert(1)</script>", "x" * 500])
async def test_what_the_provider_says_of_an_error_is_not_repeated(db, home, provider, ada, error):
    path = provider.authorize((await home.get("/sign-in/with/oidc")).headers["location"])
    answer = await home.get(f"{path}&error={error}&error_description=%3Cb%3Eevil%3C/b%3E&error_uri=http://evil.example")

    await refused(db, answer)
    assert error not in answer.text
    assert "evil" not in answer.text
    assert "token" not in provider.asked


# Discovery


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "http://evil.example"}, {"issuer": None}, {"token_endpoint": None}, {"jwks_uri": 7},
        {"token_endpoint": "http://192.168.0.1/token"}, {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://evil.example/"}, {"jwks_uri": "file:///etc/passwd"},
        {"userinfo_endpoint": "http://10.0.0.1/"}, {"token_endpoint": "https://[::1"},
    ],
    ids=str,
)  # fmt: skip
async def test_a_discovery_document_that_leads_astray_is_refused(db, home, provider, document):
    provider.document = document

    answer = await home.get("/sign-in/with/oidc")

    assert answer.status_code == 503
    assert "set-cookie" not in answer.headers
    assert await value(db, "SELECT count(*) FROM oidc_attempt") == 0


async def test_a_token_endpoint_inside_the_network_is_not_asked(db, home, provider, ada):
    provider.document = {"token_endpoint": "https://169.254.169.254/token"}

    await refused(db, await go(home, provider))


async def test_a_provider_that_does_not_answer_is_said_so(home, provider, monkeypatch):
    async def nothing(*_, **__):
        raise Failed("the provider cannot be reached")

    monkeypatch.setattr(providers, "fetch", nothing)
    answer = await home.get("/sign-in/with/oidc")

    assert answer.status_code == 503
    assert "Sign in another way" in answer.text


# Userinfo


async def test_an_address_that_stands_only_in_userinfo_is_found_there(db, home, provider, ada):
    provider.claims = {"email": None, "email_verified": None}
    provider.document = {"userinfo_endpoint": f"{provider.url}/userinfo"}
    provider.userinfo = {"sub": "ada", "email": ADA, "email_verified": True}

    assert (await go(home, provider)).status_code == 303
    assert await value(db, "SELECT label FROM identity") == ADA


@pytest.mark.parametrize(
    "told",
    [
        {"sub": "mallory", "email": ADA, "email_verified": True},
        {"email": ADA, "email_verified": True},
        {"sub": "ada", "email": ADA},
        {"sub": "ada", "email": ADA, "email_verified": "true"},
    ],
)
async def test_userinfo_about_somebody_else_or_without_proof_links_nobody(db, home, provider, ada, told):
    provider.claims = {"email": None}  # the token still says email_verified: that is about no address
    provider.document = {"userinfo_endpoint": f"{provider.url}/userinfo"}
    provider.userinfo = told

    await refused(db, await go(home, provider))
