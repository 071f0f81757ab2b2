"""Which providers are set up, what Microsoft's tokens have to say, and the live test."""

import time

import pytest

from forum.identities import id_token, providers
from forum.identities.types import Failed
from forum.kit.errors import NotFound
from forum.kit.settings import Settings

TENANT = "9f0f6b4c-5a51-4a53-8f0c-0f1d2c3b4a59"
OTHER = "11111111-2222-3333-4444-555555555555"
KEYS = {
    "google_client_id": "g",
    "google_client_secret": "s",
    "microsoft_client_id": "m",
    "microsoft_client_secret": "s",
}


def microsoft(**more):
    settings = Settings(base_url="https://forum.example", **KEYS, **more)
    return settings, providers.configured_as(settings, "microsoft")


def claims(provider, **changed):
    now = int(time.time())
    found = {"sub": "ada", "aud": "m", "nonce": "n", "iat": now, "exp": now + 300, "tid": TENANT}
    return found | {"iss": f"https://login.microsoftonline.com/{TENANT}/v2.0", "email": "ada@pine.example"} | changed


def test_providers_are_those_whose_secrets_are_set():
    settings, _ = microsoft()

    assert [each.key for each in providers.configured(settings)] == ["google", "microsoft"]
    assert providers.configured(Settings()) == ()
    with pytest.raises(NotFound):
        providers.configured_as(settings, "oidc")
    google = providers.configured_as(settings, "google")
    assert google.discovery_url == "https://accounts.google.com/.well-known/openid-configuration"
    assert providers.redirect_uri(settings, google) == "https://forum.example/sign-in/with/google/back"
    assert "secret" not in repr(google)


def test_an_issuer_with_a_slash_keeps_it():
    settings = Settings(oidc_issuer="https://id.example/", oidc_client_id="a", oidc_client_secret="b")
    (provider,) = providers.configured(settings)

    assert provider.issuer == "https://id.example/"
    assert provider.discovery_url == "https://id.example/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("tenant", "changed", "is_good"),
    [
        ("organizations", {}, True),
        ("organizations", {"tid": OTHER}, False),  # says one tenant, comes from another
        ("organizations", {"tid": None}, False),
        ("organizations", {"tid": None, "iss": ""}, False),
        ("organizations", {"iss": "https://login.microsoftonline.com/{tenantid}/v2.0", "tid": None}, False),
        ("organizations", {"iss": "https://login.microsoftonline.com/{tenantid}/v2.0", "tid": "{tenantid}"}, False),
        ("organizations", {"tid": "x/../y", "iss": "https://login.microsoftonline.com/x/../y/v2.0"}, False),
        (TENANT, {}, True),
        (TENANT, {"tid": OTHER, "iss": f"https://login.microsoftonline.com/{OTHER}/v2.0"}, False),
    ],
)
def test_microsofts_issuer_names_the_tenant_of_the_token(tenant, changed, is_good):
    _, provider = microsoft(microsoft_tenant=tenant)
    found = claims(provider, **changed)

    if is_good:
        id_token.check_parties(provider, found, "n")
    else:
        with pytest.raises(Failed, match="another issuer"):
            id_token.check_parties(provider, found, "n")


@pytest.mark.parametrize(
    "said", [{}, {"email_verified": True}, {"xms_edov": "1"}, {"xms_edov": 1}, {"xms_edov": "true"}]
)
def test_microsofts_address_is_believed_only_when_the_domain_was_shown_to_be_its_tenants(said):
    """Any administrator of any tenant may write any address into an account: email_verified says nothing there."""
    _, provider = microsoft()

    assert id_token.vouched(provider, claims(provider, **said)).address == ""
    assert id_token.vouched(provider, claims(provider, xms_edov=True)).address == "ada@pine.example"


@pytest.mark.parametrize(
    ("domain", "allowed", "is_below"),
    [
        ("a.org", (), True), ("a.org", ("a.org",), True), ("x.a.org", ("a.org",), True), ("xa.org", ("a.org",), False),
        ("a.org.evil.example", ("a.org",), False), ("org", ("a.org",), False), ("a.org", ("x.a.org",), False),
    ],
)  # fmt: skip
def test_a_domain_is_allowed_exactly_or_at_a_dot(domain, allowed, is_below):
    assert id_token.is_below(domain, allowed) is is_below


async def test_what_providers_say_is_kept_for_an_hour(home_settings, provider, monkeypatch):
    ours = providers.configured_as(home_settings, "oidc")
    for _ in range(3):
        await providers.metadata(home_settings, ours)
        await providers.keys(home_settings, ours)
    assert provider.asked == ["discovery", "keys"]

    later = time.monotonic() + 3601
    monkeypatch.setattr(time, "monotonic", lambda: later)
    await providers.keys(home_settings, ours)

    assert provider.asked == ["discovery", "keys"] * 2


# The live test


@pytest.mark.parametrize(
    ("document", "published", "bad"),
    [
        ({}, None, []),
        ({"issuer": "http://evil.example"}, None, ["Discovery"]),
        ({"jwks_uri": "http://10.0.0.1/"}, None, ["Discovery"]),
        ({}, [], ["Keys"]),
        ({}, [{"kty": "oct", "k": "c2VjcmV0"}, {"kty": "RSA"}, {}, {"kty": "EC", "crv": "?"}], ["Keys"]),
        ({"code_challenge_methods_supported": ["plain"]}, None, ["PKCE"]),
        ({"code_challenge_methods_supported": None}, None, []),
    ],
)
async def test_the_live_test_says_what_is_wrong(home_settings, provider, document, published, bad):
    provider.document = document
    provider.published = provider.published if published is None else published

    checks = await providers.test(home_settings, providers.configured_as(home_settings, "oidc"))

    assert [each.name for each in checks if not each.is_good] == bad
    assert checks[-1].text == "http://127.0.0.1:8000/sign-in/with/oidc/back"


async def test_the_live_test_of_a_provider_that_is_not_there(home_settings):
    settings = home_settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})

    checks = await providers.test(settings, providers.configured_as(settings, "oidc"))

    assert [(each.name, each.is_good) for each in checks] == [
        ("Discovery", False),
        ("Address to enter at the provider", True),
    ]
