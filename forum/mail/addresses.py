"""Addresses that prove themselves: where answers to a mail go, and links that act without signing in.

Owns the table mail_secret. What is proved is in the address itself, so that nothing is stored for each mail.
"""

import hashlib
import hmac
import re
import secrets
import zlib
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

from forum.kit.db import Database, value
from forum.kit.tools import Tools

SECRET_BYTES = 32
KEY_SEAL_BYTES = 10  # 80 bits: a key fits into the 64 characters before the @, and guessing takes ages
LINK_SEAL_BYTES = 16
VERSION = 1
ACTS = ("pause", "weekly", "stop")
KEY = re.compile(r"[a-z2-7]{20,40}")
LINK = re.compile(r"([0-9]{1,18})-(pause|weekly|stop)-([a-z]{1,10})-([0-9]{1,18})-([0-9]{1,12})-([A-Za-z0-9_]{22})")

_kept: WeakKeyDictionary[Database, bytes] = WeakKeyDictionary()


@dataclass(frozen=True)
class Click:
    """What a one-click link does for its member. made_at: when the mail was made, in seconds since 1970.

    act: "pause" (two weeks), "weekly" (a digest a week instead), "stop". kind, target_id: of what is stopped or made
    weekly, as in following.types.Target, or with 0 "digest", "mentions", or "all" for all mail.
    """

    member_id: int
    act: str
    kind: str
    target_id: int
    made_at: int


async def secret(tools: Tools) -> bytes:
    """What everything here is proved with: of FORUM_SECRET, or a random one that the site makes itself and keeps."""
    if found := await known_secret(tools):
        return found
    _kept[tools.db] = await value(tools.db, KEPT_SQL, secret=secrets.token_bytes(SECRET_BYTES))
    return _kept[tools.db]


async def known_secret(tools: Tools) -> bytes | None:
    """As `secret`, for whoever only reads what was made: None when nothing was made yet."""
    if tools.settings.secret:
        return _of_setting(tools.settings.secret)
    if tools.db not in _kept:
        found = await value(tools.db, "SELECT s.secret FROM mail_secret s")
        if found is None:
            return None
        _kept[tools.db] = found
    return _kept[tools.db]


KEPT_SQL = """
    INSERT INTO mail_secret AS s (secret) VALUES (:secret)
    ON CONFLICT (is_only) DO UPDATE SET secret = s.secret
    RETURNING s.secret
"""


def reply_key(key: bytes, post_id: int, member_id: int) -> str:
    """What stands behind `reply+`: whose answer to which post. At most 40 characters, a to z and 2 to 7.

    key: of `secret`. Ids up to 2^56.
    """
    ids = _packed(post_id, member_id)
    return b32encode(ids + _seal(key, b"reply", ids, KEY_SEAL_BYTES)).decode().rstrip("=").lower()


def read_reply_key(key: bytes, text: str) -> tuple[int, int] | None:
    """The post and the member of a key that was made here; None for any other."""
    if not KEY.fullmatch(text.lower()):
        return None
    try:
        packed = b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:
        return None
    ids, seal = packed[:-KEY_SEAL_BYTES], packed[-KEY_SEAL_BYTES:]
    if not hmac.compare_digest(seal, _seal(key, b"reply", ids, KEY_SEAL_BYTES)):
        return None
    size = ids[0] & 0x0F
    return int.from_bytes(ids[1 : 1 + size]), int.from_bytes(ids[1 + size :])


def reply_address(key: bytes, domain: str, post_id: int, member_id: int) -> str:
    """Where a member's answer to a post goes: reply+KEY@domain."""
    return f"reply+{reply_key(key, post_id, member_id)}@{domain}"


def click_path(key: bytes, click: Click) -> str:
    """The path of a one-click link; it works without a session and gives none."""
    words = _words(click)
    return f"/mail/u/{words}-{_link_seal(key, words)}"


def read_click(key: bytes, signed: str) -> Click | None:
    """What a link made here does; None for any other. Whether it is still worth anything is the caller's to ask."""
    match = LINK.fullmatch(signed)
    if match is None:
        return None
    click = Click(int(match[1]), match[2], match[3], int(match[4]), int(match[5]))
    words = _words(click)
    return click if hmac.compare_digest(match[6], _link_seal(key, words)) else None


def sealed_deed(key: bytes, words: bytes) -> str:
    """What a click changed, to be handed back by who takes it back: URL-safe letters and a point."""
    packed = urlsafe_b64encode(zlib.compress(words, 9)).decode()
    return f"{packed}.{_deed_seal(key, packed)}"


def read_deed(key: bytes, text: str) -> bytes | None:
    """What `sealed_deed` made the text of; None for any other. Whether it is still worth anything is not asked."""
    packed, _, seal = text.rpartition(".")
    if not hmac.compare_digest(seal.encode(), _deed_seal(key, packed).encode()):
        return None
    return zlib.decompress(urlsafe_b64decode(packed))


def _deed_seal(key: bytes, packed: str) -> str:
    return _seal(key, b"deed", packed.encode(), LINK_SEAL_BYTES).hex()


def _words(click: Click) -> str:
    return f"{click.member_id}-{click.act}-{click.kind}-{click.target_id}-{click.made_at}"


def _link_seal(key: bytes, words: str) -> str:
    sealed = _seal(key, b"click", words.encode(), LINK_SEAL_BYTES)
    return urlsafe_b64encode(sealed).decode().rstrip("=").replace("-", "_")


def _seal(key: bytes, purpose: bytes, words: bytes, size: int) -> bytes:
    return hmac.digest(key, purpose + b"\0" + words, "sha256")[:size]


def _packed(post_id: int, member_id: int) -> bytes:
    post, member = (number.to_bytes((number.bit_length() + 7) // 8) for number in (post_id, member_id))
    return bytes([VERSION << 4 | len(post)]) + post + member


@lru_cache(maxsize=8)
def _of_setting(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
