"""Every environment variable the forum reads, once, in one frozen object."""

import ipaddress
import os
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import ConfigDict, Field, ValidationError, field_validator, model_validator

from forum.kit.addresses import Network, networks
from forum.kit.provider_settings import CLIENTS, ProviderSettings, is_loopback, leads

__all__ = ["BadSettings", "Settings", "is_loopback", "load"]

SELECTOR = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
MOST_KEYS = 2
# What a setting should be, where the library that checks it would say so in its own words.
EXPECTED = {
    "port": "write a number from 1 to 65535",
    "site_name": "write 1 to 60 characters on one line",
    "demo": "write 1 for on or 0 for off",
    "log": "write debug, info, warning or error",
    "mail_from": "write one address, as forum@example.org",
    "mail_domain": "write a domain, as lists.example.org",
    "secret": "write 32 to 500 characters without spaces",
    "smtp_connections": "write a number from 1 to 50",
    "dkim_selector": "write letters, digits and hyphens, as forum2026, or two with a comma between, as rsa2026,ed2026",
    "mails_a_minute": "write a number from 1 to 100000",
    "microsoft_tenant": "write the tenant's id, or organizations for people of any",
    "oidc_name": "write 1 to 40 characters on one line",
    "meili_key": "write 16 to 500 characters without spaces, the same as the engine was given",
    **dict.fromkeys(CLIENTS, "write it as the provider gave it"),
}


class BadSettings(Exception):
    """A setting will not do; the message names the variable and says what it should be."""


class Settings(ProviderSettings):
    """The forum's settings. A field's alias is its environment variable, its description stands in the README."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    host: str = Field("127.0.0.1", alias="FORUM_HOST", description="Address the web server listens on.")
    port: int = Field(8000, ge=1, le=65535, alias="FORUM_PORT", description="Port the web server listens on.")
    var: Path = Field(Path("var"), alias="FORUM_VAR", description="Folder for the embedded database and logs.")
    base_url: str = Field(
        "", alias="FORUM_BASE_URL", description="Public address of the site, as in emails. Default: the host and port."
    )
    site_name: str = Field(
        "Staffroom",
        pattern=r"^[^\x00-\x1f\x7f]{1,60}$",
        alias="FORUM_SITE_NAME",
        description="Name on pages and in emails, until an administrator sets another at /admin/look.",
    )
    demo: bool = Field(False, alias="FORUM_DEMO", description="Demo mode: sign in as anybody. Loopback addresses only.")
    database_url: str = Field(
        "", alias="DATABASE_URL", description="PostgreSQL to use. Default: an embedded one in FORUM_VAR."
    )
    log: str = Field(
        "warning",
        pattern="^(debug|info|warning|error)$",
        alias="FORUM_LOG",
        description="What is logged, from this level on: debug, info, warning or error.",
    )
    smtp_url: str = Field(
        "", alias="SMTP_URL", description="Mail server, as smtp://user:password@host:587 (smtps:// for TLS at once)."
    )
    mail_from: str = Field(
        "",
        pattern=r"^([A-Za-z0-9._+-]+@[A-Za-z0-9.-]+)?$",
        alias="FORUM_MAIL_FROM",
        description="Sender of emails. Default: forum@ the site's host.",
    )
    mail_domain: str = Field(
        "",
        pattern=r"^([a-z0-9-]+(\.[a-z0-9-]+)*)?$",
        alias="FORUM_MAIL_DOMAIN",
        description="Domain of reply addresses, Message-IDs and List-IDs. Default: that of the sender.",
    )
    secret: str = Field(
        "",
        pattern=r"^([\x21-\x7e]{32,500})?$",
        repr=False,
        alias="FORUM_SECRET",
        description="What reply addresses and one-click links are proved with. Default: one kept in the database.",
    )
    smtp_connections: int = Field(
        4, ge=1, le=50, alias="SMTP_CONNECTIONS", description="Most connections to the mail server at once."
    )
    mails_a_minute: int = Field(
        600, ge=1, le=100_000, alias="FORUM_MAILS_A_MINUTE", description="Most emails a minute to one receiving domain."
    )
    dkim_selector: str = Field(
        "forum",
        pattern=rf"^{SELECTOR}(\s*,\s*{SELECTOR})?$",
        alias="FORUM_DKIM_SELECTOR",
        description="Name under which the DKIM key's public half stands in DNS; two for two keys.",
    )
    dkim_key: str = Field(
        "",
        alias="FORUM_DKIM_KEY",
        description="File with the private key that signs emails, as PEM; or two, with a comma between.",
    )
    meili_url: str = Field(
        "", alias="MEILI_URL", description="Meilisearch to search with, as http://host:7700. Default: PostgreSQL does."
    )
    meili_key: str = Field(
        "",
        pattern=r"^([\x21-\x7e]{16,500})?$",
        repr=False,
        alias="MEILI_MASTER_KEY",
        description="The key that Meilisearch was started with. It never leaves the server.",
    )

    time_zone: str = Field(
        "America/Chicago",
        alias="FORUM_TIME_ZONE",
        description="Where times are told, and days of districts begin and end that do not say their own time zone.",
    )
    trusted_proxies: str = Field(
        "127.0.0.1, ::1",
        alias="FORUM_TRUSTED_PROXIES",
        description="Addresses or networks of proxies that are believed when they say whose request they pass on.",
    )

    @field_validator("time_zone")
    @classmethod
    def _time_zone_is_known(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("write the name of a time zone, as America/Chicago")
        return name

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies_are_addresses(cls, text: str) -> str:
        try:
            networks(text)
        except ValueError:
            raise ValueError("write addresses or networks with commas: 127.0.0.1, 10.0.0.0/8") from None
        return text

    @field_validator("base_url")
    @classmethod
    def _base_url_is_an_address(cls, url: str) -> str:
        if url and (not leads(url, "http", "https") or urlsplit(url).path not in ("", "/") or "@" in url):
            raise ValueError("write it as https://forum.example.org, without a path")
        return url.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database_is_postgresql(cls, url: str) -> str:
        if url and not url.startswith(("postgresql://", "postgres://")):
            raise ValueError("write it as postgresql://user:password@host:5432/name")
        return url

    @field_validator("smtp_url")
    @classmethod
    def _smtp_url_is_a_relay(cls, url: str) -> str:
        if url and not leads(url, "smtp", "smtps"):
            raise ValueError("write it as smtp://user:password@host:587, or smtps:// for TLS at once")
        return url

    @field_validator("meili_url")
    @classmethod
    def _engine_is_an_address(cls, url: str) -> str:
        if url and (not leads(url, "http", "https") or urlsplit(url).path not in ("", "/") or "@" in url):
            raise ValueError("write it as http://host:7700, without a path")
        return url.rstrip("/")

    @field_validator("dkim_key")
    @classmethod
    def _keys_sign(cls, names: str) -> str:
        from forum.kit.dkim import BadKey, signer_for

        paths = _listed(names)
        if len(paths) > MOST_KEYS:
            raise ValueError("name one file, or two with a comma between")
        for path in paths:
            try:
                signer_for("example.org", "forum", Path(path))
            except BadKey as error:
                raise ValueError(f"{path}: {error}" if len(paths) > 1 else str(error)) from None
        return names

    @model_validator(mode="after")
    def _each_key_has_a_selector(self) -> "Settings":
        keys, selectors = _listed(self.dkim_key), _listed(self.dkim_selector)
        if keys and len(keys) != len(set(selectors)):
            raise ValueError(
                f"FORUM_DKIM_KEY names {_counted(len(keys), 'file')} and FORUM_DKIM_SELECTOR "
                f"{_counted(len(set(selectors)), 'name')}: write a name of its own for each file, in the same order "
                "and with a comma between, as rsa2026,ed2026"
            )
        return self

    @model_validator(mode="after")
    def _demo_stays_at_home(self) -> "Settings":
        if self.demo and not (is_loopback(self.host) and is_loopback(self.site_host)):
            raise ValueError(
                "demo mode lets anybody sign in as anybody, so it only runs on a loopback address: "
                "unset FORUM_DEMO, or set FORUM_HOST to 127.0.0.1 and FORUM_BASE_URL to http://127.0.0.1:8000"
            )
        return self

    @model_validator(mode="after")
    def _a_site_for_others_has_a_name(self) -> "Settings":
        if not self.base_url and _is_every_address(self.host):
            raise ValueError(
                f"FORUM_HOST={self.host} means every address of this machine, and emails need one to link to: "
                "set FORUM_BASE_URL, as in https://forum.example.org"
            )
        return self

    @property
    def site_url(self) -> str:
        """The public address, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.base_url or f"http://{host}:{self.port}"

    @property
    def site_host(self) -> str:
        return urlsplit(self.site_url).hostname or ""

    @property
    def is_https(self) -> bool:
        return self.site_url.startswith("https://")

    @property
    def proxies(self) -> tuple[Network, ...]:
        """Whose word about the client's address counts."""
        return _networks(self.trusted_proxies)

    def cookie_name(self, name: str) -> str:
        """A cookie's name; the __Host- prefix, which browsers hold to this very host, needs https."""
        return f"__Host-{name}" if self.is_https else name

    @property
    def sender(self) -> str:
        return self.mail_from or f"forum@{self.site_host}"

    @property
    def sender_domain(self) -> str:
        return self.sender.rpartition("@")[2]

    @property
    def dkim_keys(self) -> tuple[tuple[str, Path], ...]:
        """Each selector with the file of its key: none, one or two."""
        keys = _listed(self.dkim_key)
        return tuple((name, Path(key)) for name, key in zip(_listed(self.dkim_selector), keys, strict=False))

    @property
    def mailing_domain(self) -> str:
        """Where replies go, and what mails are named after."""
        return self.mail_domain or self.sender_domain

    @property
    def can_mail(self) -> bool:
        """Whether a sign-in link can reach anybody: by mail, or on screen in demo mode."""
        return bool(self.smtp_url) or self.demo


_networks = cache(networks)


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _is_every_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def load(**overrides: object) -> Settings:
    """The settings of this process; `overrides` by field name win. Raises BadSettings."""
    try:
        return Settings.model_validate({**_from_environment(), **overrides})
    except ValidationError as error:
        raise BadSettings("\n".join(_sentence(problem["loc"], problem["msg"]) for problem in error.errors())) from None


def _from_environment() -> dict[str, object]:
    names = {field.alias: name for name, field in Settings.model_fields.items()}
    return {names[key]: text for key, text in os.environ.items() if key in names and text}


def _sentence(where: tuple[int | str, ...], message: str) -> str:
    name = str(where[0]) if where else ""
    field = Settings.model_fields.get(name)
    told = EXPECTED.get(name, message.removeprefix("Value error, "))
    return f"{field.alias if field else name or 'Settings'}: {told}."
