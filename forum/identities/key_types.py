"""Shapes of keys: passkeys, one-time codes, recovery codes."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from forum.kit.errors import Invalid

MAX_KEY_NAME = 60
MOST_PASSKEYS = 20
CHALLENGE_MINUTES = 5
SETUP_MINUTES = 15
RECOVERY_CODES = 10
CODE = re.compile(r"[0-9]{6}")
RECOVERY_CODE = re.compile(r"[A-Z2-7]{16}")


@dataclass(frozen=True)
class Party:
    """The site as passkeys know it: they are bound to its host, and answer only to pages of its origin."""

    host: str
    origin: str
    name: str

    @property
    def can_have_passkeys(self) -> bool:
        """Whether browsers keep passkeys for it: for names only, and by https unless it is this very machine."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return self.origin.startswith("https://") or self.host == "localhost" or self.host.endswith(".localhost")
        return False


@dataclass(frozen=True)
class Passkey:
    """A passkey of the member who looks at it."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class StoredPasskey:
    """What an answer of a passkey is checked against."""

    id: int
    member_id: int
    public_key: bytes
    sign_count: int


@dataclass(frozen=True)
class Keys:
    """A member's second factors. recovery_left: how many recovery codes are not used yet."""

    passkeys: Sequence[Passkey]
    has_codes: bool
    recovery_left: int

    @property
    def any(self) -> bool:
        """Whether there is a passkey or an app with codes; recovery codes alone are none."""
        return bool(self.passkeys) or self.has_codes


@dataclass(frozen=True)
class Ways:
    """How many ways in a member has."""

    addresses: int
    identities: int
    passkeys: int

    @property
    def count(self) -> int:
        return self.addresses + self.identities + self.passkeys


@dataclass(frozen=True)
class Request:
    """What the browser is asked: `options` is JSON for its script, `challenge` the secret that this browser keeps."""

    options: str
    challenge: str


@dataclass(frozen=True)
class CodeSecret:
    """The secret shared with an authenticator app; `last_step` is the newest 30 seconds whose code was used."""

    secret: str
    last_step: int


def key_name(text: str) -> str:
    """The name somebody gives a passkey. Raises Invalid."""
    name = " ".join(text.split())
    if not name:
        raise Invalid(name="Give it a name you will know it by, as in: Work laptop.")
    if len(name) > MAX_KEY_NAME or not name.isprintable():
        raise Invalid(name=f"At most {MAX_KEY_NAME} characters on one line.")
    return name


def plain_code(text: str) -> str:
    """A code without the spaces and hyphens people type or read into it, in capitals."""
    return re.sub(r"[\s-]", "", text).upper()


def spaced(secret: str) -> str:
    """A secret in groups of four, to be read and typed."""
    return " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
