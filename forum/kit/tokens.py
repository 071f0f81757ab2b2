"""Secrets that travel in links and cookies: made here, kept only as hashes."""

import hashlib
import hmac
import re
import secrets

LIKE_A_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}\.[0-9a-f]{32}")


def new_token() -> str:
    """128 random bits, as 22 characters that are safe in a URL."""
    return secrets.token_urlsafe(16)


def digest(token: str) -> bytes:
    """What is stored in place of `token`: 32 bytes of SHA-256. A random token needs no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def form_token(session_token: str) -> str:
    """The secret of one form on one page: random, so that sending it twice is noticed, and tied to the session."""
    key = new_token()
    return f"{key}.{_seal(session_token, key)}"


def is_form_token(session_token: str, token: str) -> bool:
    """Whether `token` was made for that session ("" for guests)."""
    key, _, seal = token.partition(".")
    return is_like_a_form_token(token) and hmac.compare_digest(seal.encode(), _seal(session_token, key).encode())


def is_like_a_form_token(token: str) -> bool:
    """Whether `token` may have been made here, for whomever: what can be asked of a guest, who has no secret."""
    return LIKE_A_TOKEN.fullmatch(token) is not None


def _seal(session_token: str, key: str) -> str:
    return hmac.new(session_token.encode(), f"form {key}".encode(), hashlib.sha256).hexdigest()[:32]
