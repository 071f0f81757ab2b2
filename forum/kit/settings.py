"""Every environment variable the forum reads, once, in one frozen object."""

import ipaddress
import os
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator


class BadSettings(Exception):
    """A setting will not do; the message names the variable and says what it should be."""


class Settings(BaseModel):
    """The forum's settings. A field's alias is its environment variable, its description stands in the README."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    host: str = Field("127.0.0.1", alias="FORUM_HOST", description="Address the web server listens on.")
    port: int = Field(8000, ge=1, le=65535, alias="FORUM_PORT", description="Port the web server listens on.")
    var: Path = Field(Path("var"), alias="FORUM_VAR", description="Folder for the embedded database and logs.")
    base_url: str = Field(
        "", alias="FORUM_BASE_URL", description="Public address of the site, as in mails. Default: the host and port."
    )
    site_name: str = Field("Staffroom", alias="FORUM_SITE_NAME", description="Name shown on pages and in mails.")
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
    mail_from: str = Field("", alias="FORUM_MAIL_FROM", description="Sender of mails. Default: forum@ the site's host.")

    @field_validator("base_url")
    @classmethod
    def _base_url_is_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/")):
            raise ValueError("write it as https://forum.example.org, without a path")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _demo_stays_at_home(self) -> "Settings":
        if self.demo and not is_loopback(self.site_host):
            raise ValueError(
                "demo mode lets anybody sign in as anybody, so it only runs on a loopback address: "
                "unset FORUM_DEMO, or set FORUM_BASE_URL to http://127.0.0.1:8000"
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
    def sender(self) -> str:
        return self.mail_from or f"forum@{self.site_host}"

    @property
    def can_mail(self) -> bool:
        """Whether a sign-in link can reach anybody: by mail, or on screen in demo mode."""
        return bool(self.smtp_url) or self.demo


def is_loopback(host: str) -> bool:
    """True for localhost and loopback addresses."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
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
    return f"{field.alias if field else name or 'Settings'}: {message.removeprefix('Value error, ')}."
