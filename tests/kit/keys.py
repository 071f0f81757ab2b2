"""Private keys for tests, as their owners keep them."""

from cryptography.hazmat.primitives import serialization


def pem(key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
