"""Secrets that travel in links and cookies: made here, kept only as hashes."""

import hashlib
import secrets


def new_token() -> str:
    """128 random bits, as 22 characters that are safe in a URL."""
    return secrets.token_urlsafe(16)


def digest(token: str) -> bytes:
    """What is stored in place of `token`: 32 bytes of SHA-256. A random token needs no slow hash."""
    return hashlib.sha256(token.encode()).digest()
