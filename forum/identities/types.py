"""Shapes of accounts elsewhere: who vouches for people, what they say, what a member has linked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ANY_TENANT = "{tenantid}"
TENANT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Failed(Exception):
    """A provider, or what came from it, is not as we demand. `why` is for the log: our words, never the provider's."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Provider:
    """Somebody who may vouch for people.

    key: its word in our paths. issuer: how it names itself; Microsoft's for any organization holds {tenantid}.
    vouches_by: the claim that must be true before its mail address is believed. domains: for which it is; () for any.
    """

    key: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    discovery_url: str
    vouches_by: str = "email_verified"
    domains: tuple[str, ...] = ()

    def issuer_for(self, claims: Mapping[str, Any]) -> str:
        """The issuer that a token with these claims must name. Raises Failed when they name no tenant, but should."""
        if ANY_TENANT not in self.issuer:
            return self.issuer
        tenant = claims.get("tid")
        if not isinstance(tenant, str) or not TENANT.fullmatch(tenant):
            raise Failed("another issuer made the token")
        return self.issuer.replace(ANY_TENANT, tenant)


@dataclass(frozen=True)
class Metadata:
    """What a provider's discovery document says. challenges is None where it does not speak of PKCE."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    auth_method: str
    names_itself: bool
    challenges: tuple[str, ...] | None


@dataclass(frozen=True)
class Vouched:
    """Who a provider says has come. address: canonical, and only when we believe it; label: how they know the account.

    authenticated_at: when they last showed the provider that it is them, in seconds since 1970; 0 when it does not say.
    """

    provider: str
    issuer: str
    subject: str
    label: str = ""
    address: str = ""
    name: str = ""
    authenticated_at: int = 0


@dataclass(frozen=True)
class Departure:
    """Off to a provider: its page, and the secret by which this browser is known when it comes back."""

    url: str
    secret: str


@dataclass(frozen=True)
class Attempt:
    """Somebody is back from a provider: where they wanted to go, or whose account this one is to be linked to."""

    provider: str
    next_path: str
    member_id: int | None


@dataclass(frozen=True)
class Identity:
    """An account elsewhere by which a member signs in."""

    id: int
    provider: str
    label: str
    created_at: datetime
    last_used_at: datetime


@dataclass(frozen=True)
class Check:
    """One line of a live test: what was looked at, whether it is good, and what to know or do."""

    name: str
    is_good: bool
    text: str
