"""Going to a provider and coming back: state, nonce and PKCE of each attempt. Owns oidc_attempt.

Only hashes are stored. The browser keeps the secret from which nonce and verifier are made.
"""

import base64
import hashlib
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, cast

import httpx
from httpx_oauth.oauth2 import BaseOAuth2, OAuth2RequestError

from forum.identities import id_token, providers
from forum.identities.types import Attempt, Departure, Failed, Metadata, Provider, Vouched
from forum.kit import egress
from forum.kit.db import Database, first, run
from forum.kit.settings import Settings
from forum.kit.tokens import digest, new_token
from forum.kit.tools import Tools

SCOPES = ["openid", "email", "profile"]
FROM_USERINFO = ("email", "email_verified", "name", "preferred_username")
ATTEMPT_MINUTES = 10


class Client(BaseOAuth2[dict[str, Any]]):
    """The library's client, asking by way of kit/egress.py."""

    def __init__(self, settings: Settings, provider: Provider, found: Metadata) -> None:
        super().__init__(
            provider.client_id,
            provider.client_secret,
            found.authorization_endpoint,
            found.token_endpoint,
            name=provider.key,
            base_scopes=SCOPES,
            token_endpoint_auth_method=cast(Literal["client_secret_basic", "client_secret_post"], found.auth_method),
        )
        self._settings = settings

    def get_httpx_client(self) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        """One that goes nowhere private."""
        return egress.client(self._settings)


async def depart(tools: Tools, provider: Provider, next_path: str, *, member_id: int | None = None) -> Departure:
    """Begin an attempt; member_id: to link the account to that member. Raises Failed when the provider is not there."""
    found = await providers.metadata(tools.settings, provider)
    state, secret = new_token(), new_token()
    await run(
        tools.db,
        """
        INSERT INTO oidc_attempt (state_hash, browser_hash, provider, next_path, member_id)
        VALUES (:state_hash, :browser_hash, :provider, :next_path, :member_id)
        """,
        state_hash=digest(state),
        browser_hash=digest(secret),
        provider=provider.key,
        next_path=next_path,
        member_id=member_id,
    )
    challenge = hashlib.sha256(_made_of(secret, "verifier").encode()).digest()
    url = await Client(tools.settings, provider, found).get_authorization_url(
        providers.redirect_uri(tools.settings, provider),
        state=state,
        code_challenge=_plain(challenge),
        code_challenge_method="S256",
        extras_params={"nonce": _made_of(secret, "nonce")},
    )
    return Departure(url, secret)


async def take_attempt(db: Database, provider: Provider, state: str, secret: str) -> Attempt:
    """The attempt with that state, begun in the browser that has `secret`; it is used up by this. Raises Failed."""
    attempt = await first(
        db,
        Attempt,
        """
        DELETE FROM oidc_attempt
        WHERE state_hash = :state_hash AND browser_hash = :browser_hash AND provider = :provider
          AND created_at > now() - CAST(:minutes AS double precision) * interval '1 minute'
        RETURNING provider, next_path, member_id
        """,
        state_hash=digest(state),
        browser_hash=digest(secret),
        provider=provider.key,
        minutes=float(ATTEMPT_MINUTES),
    )
    if attempt is None:
        raise Failed("nobody of this browser is awaited")
    return attempt


async def return_from(settings: Settings, provider: Provider, answer: Mapping[str, str], secret: str) -> Vouched:
    """Who has come, by what the provider added to its redirect. The attempt must have been taken. Raises Failed."""
    found = await providers.metadata(settings, provider)
    said = answer.get("iss")
    if said is None and found.names_itself:
        raise Failed("the answer does not name its issuer")
    if said is not None and said != found.issuer:
        raise Failed("the answer is another issuer's")
    if "error" in answer or not answer.get("code"):
        raise Failed("the provider said no")
    token = await _token(settings, provider, found, answer["code"], secret)
    claims = await _claims(settings, provider, token.get("id_token"), _made_of(secret, "nonce"))
    return id_token.vouched(provider, await _with_userinfo(settings, provider, found, claims, token))


async def _token(settings: Settings, provider: Provider, found: Metadata, code: str, secret: str) -> Mapping[str, Any]:
    client = Client(settings, provider, found)
    uri = providers.redirect_uri(settings, provider)
    try:
        return await client.get_access_token(code, uri, _made_of(secret, "verifier"))
    except (OAuth2RequestError, httpx.HTTPError, ValueError, TypeError, RecursionError):
        raise Failed("the code was not taken") from None


async def _claims(settings: Settings, provider: Provider, token: object, nonce: str) -> Mapping[str, Any]:
    keys = await providers.keys(settings, provider)
    try:
        return id_token.claims(provider, token, keys, nonce=nonce, now=time.time())
    except id_token.UnknownKey:
        keys = await providers.keys(settings, provider, not_in=keys)
        return id_token.claims(provider, token, keys, nonce=nonce, now=time.time())


async def _with_userinfo(
    settings: Settings, provider: Provider, found: Metadata, claims: Mapping[str, Any], token: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The claims, with name and address from the userinfo endpoint where the token has no address."""
    access = token.get("access_token")
    is_needed = "email" not in claims and found.userinfo_endpoint and provider.vouches_by == "email_verified"
    if not is_needed or not isinstance(access, str):
        return claims
    told = await providers.fetch(settings, found.userinfo_endpoint, access)
    if told.get("sub") != claims["sub"]:
        raise Failed("userinfo is about somebody else")
    own = {name: value for name, value in claims.items() if name not in ("email", "email_verified")}
    return {**{name: told[name] for name in FROM_USERINFO if name in told}, **own}


def _made_of(secret: str, what: str) -> str:
    """43 characters that nobody can tell without the browser's secret."""
    return _plain(hashlib.sha256(f"{what} {secret}".encode()).digest())


def _plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def forget_attempts(db: Database) -> None:
    """Drop attempts from which nobody came back."""
    await run(db, "DELETE FROM oidc_attempt WHERE created_at < now() - interval '1 hour'")
