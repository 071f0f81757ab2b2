"""Signs mails with DKIM (RFC 6376), relaxed/relaxed and without l=, by RSA (RFC 8301) or Ed25519 (RFC 8463) keys."""

import hashlib
import re
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

LEAST_BITS = 1024
# From stands one more time than there is one, so that none can be added (RFC 6376, 8.15).
SIGNED = (
    "from",
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "reply-to",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-archive",
    "archived-at",
    "auto-submitted",
    "feedback-id",
)
HEADER = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\r]|\r\n[ \t])*)\r\n")
SPACES = re.compile(rb"[ \t]+")
RUNS = re.compile(rb"[ \t]{2,}|\t")


class BadKey(Exception):
    """The file holds no key that signs mails. The message says what to do."""


class Signer:
    """Signs for one domain under one selector."""

    def __init__(self, domain: str, selector: str, pem: bytes) -> None:
        """pem: a private key, RSA with 1,024 bits or more or Ed25519, without a password. Raises BadKey."""
        try:
            key = serialization.load_pem_private_key(pem, None)
        except (ValueError, TypeError) as error:
            raise BadKey("write the path of a private key as PEM, without a password") from error
        if isinstance(key, RSAPrivateKey) and key.key_size >= LEAST_BITS:
            self.algorithm, self._sign = "rsa-sha256", _by_rsa(key)
        elif isinstance(key, Ed25519PrivateKey):
            self.algorithm, self._sign = "ed25519-sha256", key.sign
        else:
            raise BadKey("make one with: openssl genrsa -out dkim.pem 2048")
        self.domain, self.selector, self._key = domain, selector, key

    def header(self, fields: dict[str, list[bytes]], digest: str) -> bytes:
        """Its DKIM-Signature. fields: of `_fields`; digest: the body's, in Base64."""
        signed = [name for name in SIGNED if name in fields or name == "from"]
        tags = (
            f"v=1; a={self.algorithm}; c=relaxed/relaxed; d={self.domain}; s={self.selector}; t={int(time.time())};\r\n"
            f" h={':'.join(signed)};\r\n bh={digest};\r\n b="
        )
        own = b"dkim-signature:" + _relaxed(tags.encode())
        sealed = b64encode(self._sign(hashlib.sha256(_chosen(fields, signed) + own).digest())).decode()
        lines = "\r\n ".join(sealed[start : start + 72] for start in range(0, len(sealed), 72))
        return f"DKIM-Signature: {tags}{lines}\r\n".encode()

    @property
    def record(self) -> str:
        """What the TXT record at `selector`._domainkey.`domain` must say."""
        public = self._key.public_key()
        if isinstance(self._key, Ed25519PrivateKey):
            raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            return f"v=DKIM1; k=ed25519; p={b64encode(raw).decode()}"
        der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={b64encode(der).decode()}"


def signatures(signers: Sequence[Signer], headers: bytes, body: bytes) -> bytes:
    """The headers to put before `headers`, one of each signer. Both parts with CRLF line ends, `headers` without the
    empty line.
    """
    if not signers:
        return b""
    fields, digest = _fields(headers), b64encode(_digest_of(body)).decode()
    return b"".join(signer.header(fields, digest) for signer in signers)


@cache
def signers_for(domain: str, keys: tuple[tuple[str, Path], ...]) -> tuple[Signer, ...]:
    """Those of Settings.dkim_keys. Raises BadKey."""
    return tuple(signer_for(domain, selector, path) for selector, path in keys)


def signer_for(domain: str, selector: str, path: Path) -> Signer:
    """The signer whose key is in the file. Raises BadKey, also when the file cannot be read."""
    try:
        return Signer(domain, selector, path.read_bytes())
    except OSError as error:
        raise BadKey("the file cannot be read") from error


def _by_rsa(key: RSAPrivateKey) -> Callable[[bytes], bytes]:
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    scheme, hashed = padding.PKCS1v15(), Prehashed(hashes.SHA256())
    return lambda digest: key.sign(digest, scheme, hashed)


def _fields(headers: bytes) -> dict[str, list[bytes]]:
    """Each field by its name in small letters, relaxed (RFC 6376, 3.4.2), from the top to the bottom."""
    found: dict[str, list[bytes]] = {}
    for match in HEADER.finditer(headers):
        name = match[1].lower()
        found.setdefault(name.decode("ascii"), []).append(name + b":" + _relaxed(match[2]) + b"\r\n")
    return found


def _chosen(fields: dict[str, list[bytes]], signed: Sequence[str]) -> bytes:
    """Those of h=, of many of one name the lowest first; a name without a field more stands for none."""
    left = {name: list(found) for name, found in fields.items()}
    return b"".join(left[name].pop() for name in signed if left.get(name))


def _relaxed(text: bytes) -> bytes:
    return SPACES.sub(b" ", text.replace(b"\r\n", b"")).strip(b" \t")


def _digest_of(body: bytes) -> bytes:
    """The body's hash, relaxed (3.4.4): no spaces before a line's end, one for many, no empty lines at the end."""
    text = RUNS.sub(b" ", body).replace(b" \r\n", b"\r\n").rstrip(b"\r\n")
    return hashlib.sha256(text + b"\r\n" if text else b"").digest()
