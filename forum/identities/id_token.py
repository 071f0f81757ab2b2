"""Whether a provider's id_token is good, and whom it vouches for. Pure: no network, no database."""

import hmac
import warnings
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jws import CompactSignature

from forum.identities.providers import Key, Keys
from forum.identities.types import Failed, Provider, Vouched
from forum.kit.errors import Invalid
from forum.kit.text import one_line
from forum.members.address import canonical, domain_of

# Signatures that only the provider can make; never "none", never HS256, whose secret is the client's too.
ALGORITHMS = {
    "RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "PS256": "RSA", "PS384": "RSA", "PS512": "RSA",
    "ES256": "EC", "ES384": "EC", "ES512": "EC", "EdDSA": "OKP", "Ed25519": "OKP",
}  # fmt: skip
LEEWAY_S = 60
OLDEST_S = 600
MOST_CHARS = 16_000


class UnknownKey(Failed):
    """No key is called as the token says, or the one that is did not sign it: perhaps there is a newer one."""


def claims(provider: Provider, token: object, keys: Keys, *, nonce: str, now: float) -> Mapping[str, Any]:
    """The claims of a token that is signed by one of `keys`, for us, this attempt, now. Raises Failed, UnknownKey."""
    if not isinstance(token, str) or not 0 < len(token) <= MOST_CHARS:
        raise Failed("there is no id_token")
    try:
        with warnings.catch_warnings(action="ignore", category=SecurityWarning):  # EdDSA is only an older name
            found = jwt.decode(token, lambda signed: _key(signed, keys), algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, TypeError, RecursionError):
        raise UnknownKey("the signature is not good") from None
    check_parties(provider, found, nonce)
    _check_times(found, now)
    return found


def _key(signed: object, keys: Keys) -> Key:
    """The key that the token's header names; without a name the only one of its kind."""
    header = signed.headers() if isinstance(signed, CompactSignature) else {}
    algorithm, name = header.get("alg", ""), header.get("kid")
    fitting = [
        key for key in keys if key.key_type == ALGORITHMS.get(algorithm) and key.get("alg", algorithm) == algorithm
    ]
    named = [key for key in fitting if name is None or key.kid == name]
    if name is None and len(named) > 1:
        raise Failed("the token does not say which key signed it")
    if not named:
        raise UnknownKey("no key is called so")
    return named[0]


def check_parties(provider: Provider, found: Mapping[str, Any], nonce: str) -> None:
    """Raises Failed unless the provider made these claims about somebody, for us and for the attempt of that nonce."""
    audience, subject, told = found.get("aud"), found.get("sub"), found.get("nonce")
    if found.get("iss") != provider.issuer_for(found):
        raise Failed("another issuer made the token")
    if (
        audience not in (provider.client_id, [provider.client_id])
        or found.get("azp", provider.client_id) != provider.client_id
    ):
        raise Failed("the token is meant for somebody else")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise Failed("the token names nobody")
    if not isinstance(told, str) or not hmac.compare_digest(told.encode(), nonce.encode()):
        raise Failed("the token belongs to another attempt")


def _check_times(found: Mapping[str, Any], now: float) -> None:
    if not _moment(found, "exp") > now - LEEWAY_S:
        raise Failed("the token is over")
    if not now - OLDEST_S - LEEWAY_S < _moment(found, "iat") < now + LEEWAY_S:
        raise Failed("the token was not made just now")
    if "nbf" in found and not _moment(found, "nbf") < now + LEEWAY_S:
        raise Failed("the token is not good yet")


def _moment(found: Mapping[str, Any], name: str) -> float:
    moment = found.get(name)
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        raise Failed("the token does not say when")
    return moment


def vouched(provider: Provider, found: Mapping[str, Any]) -> Vouched:
    """Who has come, by checked claims."""
    moment = found.get("auth_time")
    return Vouched(
        provider=provider.name,
        issuer=found["iss"],
        subject=found["sub"],
        label=_text(found.get("email")) or _text(found.get("preferred_username")) or _text(found.get("name")),
        address=_address(provider, found),
        name=_text(found.get("name"))[:120],
        authenticated_at=moment if isinstance(moment, int) and not isinstance(moment, bool) else 0,
    )


def _address(provider: Provider, found: Mapping[str, Any]) -> str:
    """The mail address, if the provider says truly `true` that it is theirs, and may say so for its domain; else ""."""
    told = found.get("email")
    if found.get(provider.vouches_by) is not True or not isinstance(told, str) or not told.isascii():
        return ""
    try:
        address = canonical(told)
    except Invalid:
        return ""
    return address if is_below(domain_of(address), provider.domains) else ""


def is_below(domain: str, allowed: tuple[str, ...]) -> bool:
    """Whether `domain` is one of those allowed, or below one; any is when none is named."""
    return not allowed or any(domain == each or domain.endswith(f".{each}") for each in allowed)


def _text(told: object) -> str:
    text = one_line(told) if isinstance(told, str) else ""
    return text[:254] if text.isprintable() else ""
