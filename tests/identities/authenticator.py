"""A passkey in software: makes one and signs with it, as a browser with a security key does, and wrongly if told so."""

import hashlib
import json
import secrets
import struct

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

UP, UV, AT = 1, 4, 64


class Authenticator:
    """One credential. `counts`: whether it says how often it was used."""

    def __init__(self, origin="http://localhost:8000", host="localhost", *, counts=True) -> None:
        self.origin, self.host, self.counts = origin, host, counts
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.count = 0
        self.handle = b""

    def make(self, options: str, *, flags=UP | UV, **client) -> str:
        """The answer to `options` of a registration, as JSON."""
        asked = json.loads(options)
        self.handle = base64url_to_bytes(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        told = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(public)
        made = {"fmt": "none", "attStmt": {}, "authData": self._about(flags | AT) + told}
        return self._answer(
            clientDataJSON=self._client("webauthn.create", asked, client), attestationObject=cbor2.dumps(made)
        )

    def show(self, options: str, *, flags=UP | UV, handle=None, **client) -> str:
        """The answer to `options` of a sign-in or a confirmation, as JSON."""
        data, about = self._client("webauthn.get", json.loads(options), client), self._about(flags)
        signature = self.key.sign(about + hashlib.sha256(data).digest(), ec.ECDSA(SHA256()))
        handle = self.handle if handle is None else handle
        return self._answer(clientDataJSON=data, authenticatorData=about, signature=signature, userHandle=handle)

    def _client(self, kind: str, asked: dict, changed: dict) -> bytes:
        said = {"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | changed).encode()

    def _about(self, flags: int) -> bytes:
        self.count += self.counts
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _answer(self, **response: bytes) -> str:
        encoded = {name: bytes_to_base64url(part) for name, part in response.items()}
        name = bytes_to_base64url(self.id)
        return json.dumps(
            {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}, "response": encoded}
        )
