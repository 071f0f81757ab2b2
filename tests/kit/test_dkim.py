"""Signing mails: what another implementation reads and believes, and what it must not believe."""

import base64
import subprocess
from contextlib import suppress

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forum.kit.dkim import BadKey, Signer, signatures, signer_for
from tests.kit.keys import pem

HEADERS = (
    b'From: "Ann via Staffroom" <forum@forum.example>\r\nTo: bob@x.example\r\n'
    b"Subject: [Staffroom]  =?utf-8?q?R=C3=B6om?=\r\n =?utf-8?q?two?=\r\nDate: Sun, 29 Nov 2026 10:00:00 +0000\r\n"
    b"Message-ID: <post.1@forum.example>\r\nReferences: <a@b>\r\n\t<c@d>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain\r\nList-Unsubscribe: <https://forum.example/u>\r\nX-Other: not signed\r\n"
)
BODY = b"Hello  there \r\n\r\n\ttabs\t \r\nend\r\n\r\n\r\n"


RSA, ED = rsa.generate_private_key(public_exponent=65537, key_size=2048), Ed25519PrivateKey.generate()


def is_believed(signer, message) -> bool:
    return dkim.verify(message, dnsfunc=lambda name, timeout=5: signer.record.encode())


@pytest.fixture(params=[RSA, ED], ids=["RSA", "Ed25519"])
def signer(request) -> Signer:
    return Signer("forum.example", "forum", pem(request.param))


@pytest.mark.parametrize("body", [BODY, b"", b"\r\n\r\n", b"one line", b" \r\nx", b"x \t y\r\n" * 1000])
def test_another_implementation_believes_what_is_signed(signer, body):
    message = signatures([signer], HEADERS, body) + HEADERS + b"\r\n" + body

    assert is_believed(signer, message)
    assert all(len(line) <= 998 for line in message.split(b"\r\n"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Subject: [Staffroom]", b"Subject: [Elsewhere]"),
        (b"bob@x.example", b"eve@x.example"),
        (b"Hello", b"Goodbye"),
        (b"forum.example/u", b"evil.example/u"),
        (b"end\r\n", b"end\r\nmore\r\n"),
        (b"X-Other:", b"From: eve@evil.example\r\nX-Other:"),
        (b"\r\nFrom:", b"\r\nFrom: eve@evil.example\r\nFrom:"),
    ],
)
def test_what_was_changed_is_not_believed(signer, old, new):
    message = signatures([signer], HEADERS, BODY) + HEADERS + b"\r\n" + BODY
    assert old in message

    assert not is_believed(signer, message.replace(old, new, 1))


def test_spaces_that_relays_change_do_no_harm(signer):
    message = signatures([signer], HEADERS, BODY) + HEADERS + b"\r\n" + BODY

    folded = message.replace(b"\r\n\t<c@d>", b" <c@d>").replace(b"Hello  there \r\n", b"Hello there\r\n")
    assert folded != message
    assert is_believed(signer, folded)


def test_what_is_signed_is_named_and_has_no_length(signer):
    header = signatures([signer], HEADERS, BODY).decode()

    assert "h=from:from:to:subject:date:message-id:references:mime-version:content-type:list-unsubscribe;" in header
    assert "c=relaxed/relaxed; d=forum.example; s=forum;" in header
    assert " l=" not in header
    assert "other" not in header


@pytest.mark.parametrize(
    "text",
    [b"", b"no key", pem(ec.generate_private_key(ec.SECP256R1())), b"-----BEGIN PRIVATE KEY-----\nxx\n-----END"],
)
def test_what_is_no_key_is_refused(tmp_path, text):
    (tmp_path / "dkim.pem").write_bytes(text)
    for path in (tmp_path / "dkim.pem", tmp_path / "none.pem"):
        with pytest.raises(BadKey):
            signer_for("forum.example", "forum", path)


def test_keys_of_openssl_will_do(tmp_path):
    for command in (["genrsa", "-out", "key.pem", "2048"], ["genpkey", "-algorithm", "ed25519", "-out", "key.pem"]):
        subprocess.run(["openssl", *command], cwd=tmp_path, check=True, capture_output=True)
        signer = signer_for("forum.example", "forum", tmp_path / "key.pem")
        assert is_believed(signer, signatures([signer], HEADERS, BODY) + HEADERS + b"\r\n" + BODY)
        assert base64.b64decode(signer.record.rpartition("p=")[2])


@pytest.mark.parametrize("keys", [(RSA, ED), (ED, RSA), (RSA, rsa.generate_private_key(65537, 2048))])
def test_with_two_keys_each_signature_is_believed_by_itself_and_no_other_word_is(keys):
    signers = [Signer("forum.example", name, pem(key)) for name, key in zip(("one", "two"), keys, strict=True)]
    records = {f"{each.selector}._domainkey.forum.example.".encode(): each.record.encode() for each in signers}
    message = signatures(signers, HEADERS, BODY) + HEADERS + b"\r\n" + BODY

    def verdicts(text) -> list[bool]:
        return [is_verified(text, place, records) for place in range(2)]

    assert message.count(b"DKIM-Signature:") == 2
    assert verdicts(message) == [True, True]
    assert verdicts(message.replace(b"Hello", b"Goodbye")) == [False, False]
    assert verdicts(message.replace(b"bob@x.example", b"eve@x.example")) == [False, False]


def is_verified(message, place, records) -> bool:
    """Whether the signature at that place holds by itself."""
    with suppress(dkim.ValidationError):
        return dkim.DKIM(message).verify(place, dnsfunc=lambda name, timeout=5: records[name])
    return False
