"""The providers that are set up, and what they say of themselves: discovery and keys, fetched when needed and kept."""

import time
import warnings
from typing import Any

import httpx
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from forum.identities.types import ANY_TENANT, Check, Failed, Metadata, Provider
from forum.kit import egress
from forum.kit.errors import NotFound
from forum.kit.provider_settings import is_loopback, leads
from forum.kit.settings import Settings

GOOGLE = "https://accounts.google.com"
MICROSOFT = "https://login.microsoftonline.com"
WELL_KNOWN = "/.well-known/openid-configuration"
KEPT_S = 3600
PAUSE_S = 30  # between two looks for a key that was not there
MOST_KEYS = 50

Key = RSAKey | ECKey | OKPKey
Keys = tuple[Key, ...]

_metadata: dict[str, tuple[float, Metadata]] = {}
_keys: dict[str, tuple[float, Keys]] = {}


def configured(settings: Settings) -> tuple[Provider, ...]:
    """The providers that are set up, in the order of the buttons."""
    return tuple(_provider(settings, key, name) for key, name in settings.sign_in_buttons)


def configured_as(settings: Settings, key: str) -> Provider:
    """The provider with that key. Raises NotFound when it is not set up."""
    for each in configured(settings):
        if each.key == key:
            return each
    raise NotFound


def _provider(settings: Settings, key: str, name: str) -> Provider:
    domains = tuple(settings.oidc_domains.split(",")) if settings.oidc_domains else ()
    if key == "google":
        secrets = (settings.google_client_id, settings.google_client_secret)
        return Provider(key, name, GOOGLE, *secrets, discovery_url=GOOGLE + WELL_KNOWN, domains=domains)
    if key == "microsoft":
        tenant = settings.microsoft_tenant
        return Provider(
            key,
            name,
            f"{MICROSOFT}/{ANY_TENANT if tenant == 'organizations' else tenant}/v2.0",
            settings.microsoft_client_id,
            settings.microsoft_client_secret,
            discovery_url=f"{MICROSOFT}/{tenant}/v2.0{WELL_KNOWN}",
            vouches_by="xms_edov",
            domains=domains,
        )
    issuer = settings.oidc_issuer
    secrets = (settings.oidc_client_id, settings.oidc_client_secret)
    return Provider(key, name, issuer, *secrets, discovery_url=issuer.rstrip("/") + WELL_KNOWN, domains=domains)


def redirect_uri(settings: Settings, provider: Provider) -> str:
    """Where the provider sends people back to; it must know exactly this address."""
    return f"{settings.site_url}/sign-in/with/{provider.key}/back"


async def metadata(settings: Settings, provider: Provider) -> Metadata:
    """The provider's discovery document, at most an hour old. Raises Failed."""
    until, kept = _metadata.get(provider.discovery_url, (0.0, None))
    if kept is None or time.monotonic() >= until:
        kept = _checked(settings, provider, await fetch(settings, provider.discovery_url))
        _metadata[provider.discovery_url] = (time.monotonic() + KEPT_S, kept)
    return kept


def _checked(settings: Settings, provider: Provider, found: dict[str, Any]) -> Metadata:
    """What we need of the document; every endpoint has to be https, but for a provider on our own machine."""
    if found.get("issuer") != provider.issuer:
        raise Failed("the discovery document is another issuer's")
    endpoints = {name: found.get(name, "") for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    endpoints["userinfo_endpoint"] = found.get("userinfo_endpoint") or ""
    for name, url in endpoints.items():
        is_left_out = name == "userinfo_endpoint" and not url
        if not is_left_out and not (isinstance(url, str) and _is_safe(settings, url)):
            raise Failed(f"{name} is no https address")
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    challenges = found.get("code_challenge_methods_supported")
    return Metadata(
        issuer=provider.issuer,
        auth_method="client_secret_post" if "client_secret_post" in methods else "client_secret_basic",
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
        challenges=tuple(map(str, challenges)) if isinstance(challenges, list) else None,
        **endpoints,
    )


def _is_safe(settings: Settings, url: str) -> bool:
    is_near = leads(url, "http") and is_loopback(httpx.URL(url).host) and is_loopback(settings.site_host)
    return leads(url, "https") or is_near


async def keys(settings: Settings, provider: Provider, *, not_in: Keys | None = None) -> Keys:
    """The provider's keys, at most an hour old. Raises Failed.

    not_in: the key looked for was not among these, so they are fetched once more, but not oftener than each 30 s.
    """
    url = (await metadata(settings, provider)).jwks_uri
    until, kept = _keys.get(url, (0.0, ()))
    now = time.monotonic()
    is_missing = not_in is not None and kept == not_in and now >= until - KEPT_S + PAUSE_S
    if now >= until or is_missing:
        kept = _public_keys(await fetch(settings, url))
        _keys[url] = (now + KEPT_S, kept)
    return kept


def _public_keys(found: dict[str, Any]) -> Keys:
    """The keys for signatures that we understand; secrets and unknown kinds are left out."""
    told = found.get("keys")
    imported = [_public_key(each) for each in told[:MOST_KEYS]] if isinstance(told, list) else []
    return tuple(key for key in imported if key is not None)


def _public_key(jwk: object) -> Key | None:
    if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig" or jwk.get("kty") not in ("RSA", "EC", "OKP"):
        return None
    try:
        with warnings.catch_warnings(action="error", category=SecurityWarning):  # no RSA key under 2048 bits
            key = JWKRegistry.import_key(jwk)
    except (JoseError, SecurityWarning, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None


async def fetch(settings: Settings, url: str, token: str = "") -> dict[str, Any]:
    """The JSON object at `url`, asked for with the access token `token`. Raises Failed."""
    headers = {"accept": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    try:
        async with egress.client(settings) as client:
            answer = await client.get(url, headers=headers)
        found = answer.json() if answer.status_code == 200 else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError):
        raise Failed("the provider cannot be reached") from None
    if not isinstance(found, dict):
        raise Failed("the provider gave no document")
    return found


async def test(settings: Settings, provider: Provider) -> list[Check]:
    """A live look at a provider, asking anew: one line for each thing that signing in needs."""
    to_enter = Check("Address to enter at the provider", True, redirect_uri(settings, provider))
    _metadata.pop(provider.discovery_url, None)
    try:
        found = await metadata(settings, provider)
    except Failed as problem:
        text = f"{problem.why[0].upper()}{problem.why[1:]}. Looked at: {provider.discovery_url}"
        return [Check("Discovery", False, text), to_enter]
    _keys.pop(found.jwks_uri, None)
    try:
        number = len(await keys(settings, provider))
    except Failed:
        number = 0
    return [
        Check("Discovery", True, f"The provider answers and names itself {provider.issuer}"),
        Check("Keys", number > 0, f"{number} keys to check signatures with." if number else "No key could be read."),
        _pkce(found),
        to_enter,
    ]


def _pkce(found: Metadata) -> Check:
    if found.challenges is None:
        return Check("PKCE", True, "The provider does not say whether it knows PKCE. It is sent all the same.")
    is_good = "S256" in found.challenges
    return Check("PKCE", is_good, "S256 is offered." if is_good else "The provider does not offer PKCE with S256.")
