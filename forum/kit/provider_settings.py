"""The settings that name who may vouch for people: Google, Microsoft and one provider of OpenID Connect."""

import ipaddress
import re
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator, model_validator

TENANT = r"^(organizations|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
DOMAINS = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
SECRET = r"^[\x21-\x7e]{0,500}$"  # noqa: S105 - what a secret may be made of

CLIENTS = tuple(
    f"{provider}_client_{part}" for provider in ("google", "microsoft", "oidc") for part in ("id", "secret")
)


class ProviderSettings(BaseModel):
    """Each provider is used when its client id and secret are both set."""

    google_client_id: str = Field(
        "", pattern=SECRET, alias="FORUM_GOOGLE_CLIENT_ID", description="Sign in with Google: the client's id."
    )
    google_client_secret: str = Field(
        "", pattern=SECRET, repr=False, alias="FORUM_GOOGLE_CLIENT_SECRET", description="And its secret."
    )
    microsoft_client_id: str = Field(
        "", pattern=SECRET, alias="FORUM_MICROSOFT_CLIENT_ID", description="Sign in with Microsoft: the client's id."
    )
    microsoft_client_secret: str = Field(
        "", pattern=SECRET, repr=False, alias="FORUM_MICROSOFT_CLIENT_SECRET", description="And its secret."
    )
    microsoft_tenant: str = Field(
        "organizations",
        pattern=TENANT,
        alias="FORUM_MICROSOFT_TENANT",
        description="The id of the one Microsoft tenant whose people may come. Default: any organization's.",
    )
    oidc_issuer: str = Field(
        "", alias="FORUM_OIDC_ISSUER", description="Sign in with any other OpenID Connect provider: its issuer."
    )
    oidc_name: str = Field(
        "your district account",
        pattern=r"^[^\x00-\x1f\x7f]{1,40}$",
        alias="FORUM_OIDC_NAME",
        description="What that provider is called on the button.",
    )
    oidc_client_id: str = Field(
        "", pattern=SECRET, alias="FORUM_OIDC_CLIENT_ID", description="The client's id at that provider."
    )
    oidc_client_secret: str = Field(
        "", pattern=SECRET, repr=False, alias="FORUM_OIDC_CLIENT_SECRET", description="And its secret."
    )
    oidc_domains: str = Field(
        "",
        alias="FORUM_OIDC_DOMAINS",
        description="Email domains for which providers are believed, with all below them; separated by commas.",
    )

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer_is_an_address(cls, url: str) -> str:
        is_local = leads(url, "http") and is_loopback(urlsplit(url).hostname or "")
        if url and (not (leads(url, "https") or is_local) or "@" in url):
            raise ValueError("write it as https://login.example.org, as the provider names itself")
        return url

    @field_validator("oidc_domains")
    @classmethod
    def _domains_are_domains(cls, text: str) -> str:
        domains = [each.strip().lower() for each in text.split(",") if each.strip()]
        if not all(DOMAINS.fullmatch(each) for each in domains):
            raise ValueError("write domains with commas between them, as in district.org, county.example")
        return ",".join(domains)

    @model_validator(mode="after")
    def _each_provider_is_whole(self) -> "ProviderSettings":
        if bool(self.google_client_id) != bool(self.google_client_secret):
            raise ValueError("set FORUM_GOOGLE_CLIENT_ID and FORUM_GOOGLE_CLIENT_SECRET, or neither")
        if bool(self.microsoft_client_id) != bool(self.microsoft_client_secret):
            raise ValueError("set FORUM_MICROSOFT_CLIENT_ID and FORUM_MICROSOFT_CLIENT_SECRET, or neither")
        if len({bool(self.oidc_issuer), bool(self.oidc_client_id), bool(self.oidc_client_secret)}) > 1:
            raise ValueError(
                "set FORUM_OIDC_ISSUER, FORUM_OIDC_CLIENT_ID and FORUM_OIDC_CLIENT_SECRET together, or none of them"
            )
        return self

    @property
    def sign_in_buttons(self) -> tuple[tuple[str, str], ...]:
        """Key and name of each provider that is set up, in the order of the buttons."""
        offered = (
            ("google", "Google", self.google_client_id),
            ("microsoft", "Microsoft", self.microsoft_client_id),
            ("oidc", self.oidc_name, self.oidc_client_id),
        )
        return tuple((key, name) for key, name, is_set in offered if is_set)


def is_loopback(host: str) -> bool:
    """True for localhost and loopback addresses."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def leads(url: str, *schemes: str) -> bool:
    """Whether `url` names a host, and nothing behind a ? or #."""
    try:
        parts = urlsplit(url)
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and " " not in url and not (parts.query or parts.fragment)
    return parts.scheme in schemes and bool(parts.hostname) and is_port and is_plain
