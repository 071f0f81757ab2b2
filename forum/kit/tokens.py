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
    return f"{key}.{_seal(session_token, f'form {key}')}"


def is_form_token(session_token: str, token: str) -> bool:
    """Whether `token` was made for that session ("" for guests)."""
    key, _, seal = token.partition(".")
    return is_like_a_form_token(token) and _is_seal(session_token, f"form {key}", seal)


def is_like_a_form_token(token: str) -> bool:
    """Whether `token` may have been made here, for whomever: what can be asked of a guest, who has no secret."""
    return LIKE_A_TOKEN.fullmatch(token) is not None


def sealed(session_token: str, text: str) -> str:
    """`text` with a seal behind it, by which `unsealed` knows that it was said to that session."""
    return f"{text}.{_seal(session_token, f'said {text}')}"


def unsealed(session_token: str, said: str) -> str | None:
    """The text that `sealed` made this of; None where it was not, or not for that session."""
    text, _, seal = said.rpartition(".")
    return text if session_token and _is_seal(session_token, f"said {text}", seal) else None


def _is_seal(session_token: str, text: str, seal: str) -> bool:
    return hmac.compare_digest(seal.encode(), _seal(session_token, text).encode())


def _seal(session_token: str, text: str) -> str:
    return hmac.new(session_token.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
