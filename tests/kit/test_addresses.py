"""Whose address a request comes from: only trusted proxies are believed."""

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request

from forum.kit.addresses import block_of, client_address, networks
from forum.kit.http import client_block
from forum.kit.settings import BadSettings, Settings, load
from forum.kit.tools import Tools

PROXIES = networks("127.0.0.1, ::1, 10.0.0.0/8, 2001:db8:ff::/48")


def asked(peer: str, *headers: tuple[str, str], proxies=PROXIES) -> str:
    raw = [(name.encode(), text.encode("latin-1")) for name, text in headers]
    return client_address(peer, Headers(raw=raw), proxies)


FOR = "x-forwarded-for"


@pytest.mark.parametrize(
    ("peer", "headers", "client"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", [(FOR, "198.51.100.7")], "192.0.2.1"),
        ("192.0.2.1", [("forwarded", "for=198.51.100.7")], "192.0.2.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", [(FOR, "198.51.100.7")], "198.51.100.7"),
        ("127.0.0.1", [(FOR, "6.6.6.6, 198.51.100.7")], "198.51.100.7"),
        ("127.0.0.1", [(FOR, "6.6.6.6"), (FOR, "198.51.100.7")], "198.51.100.7"),
        ("127.0.0.1", [(FOR, "6.6.6.6, 198.51.100.7, 10.1.2.3")], "198.51.100.7"),
        ("127.0.0.1", [(FOR, "10.9.9.9, 10.1.2.3")], "10.9.9.9"),
        ("127.0.0.1", [(FOR, "198.51.100.7:4711")], "198.51.100.7"),
        ("127.0.0.1", [(FOR, "[2001:db8::7]:4711")], "2001:db8::7"),
        ("127.0.0.1", [(FOR, "2001:db8::7")], "2001:db8::7"),
        ("127.0.0.1", [(FOR, "::ffff:198.51.100.7")], "198.51.100.7"),
        ("::ffff:127.0.0.1", [(FOR, "198.51.100.7")], "198.51.100.7"),
        ("2001:db8:ff::1", [(FOR, "198.51.100.7")], "198.51.100.7"),
        ("127.0.0.1", [(FOR, "6.6.6.6, unknown")], "127.0.0.1"),
        ("127.0.0.1", [(FOR, "6.6.6.6, ")], "127.0.0.1"),
        ("127.0.0.1", [(FOR, "6.6.6.6, evil.example, 10.0.0.1")], "10.0.0.1"),
        ("127.0.0.1", [(FOR, ", ".join(["6.6.6.6"] + ["10.0.0.1"] * 40))], "10.0.0.1"),
        ("127.0.0.1", [("forwarded", 'for="[2001:db8::7]:80";proto=https')], "2001:db8::7"),
        ("127.0.0.1", [("forwarded", "for=6.6.6.6, for=198.51.100.7;by=10.0.0.1")], "198.51.100.7"),
        ("127.0.0.1", [("forwarded", "For=198.51.100.7")], "198.51.100.7"),
        ("127.0.0.1", [("forwarded", "host=198.51.100.7")], "127.0.0.1"),
        ("127.0.0.1", [("forwarded", "for=6.6.6.6"), (FOR, "198.51.100.7")], "198.51.100.7"),
        ("127.0.0.1", [("x-real-ip", "6.6.6.6")], "127.0.0.1"),
        ("", [(FOR, "6.6.6.6")], ""),
        ("testclient", [(FOR, "6.6.6.6")], ""),
    ],
)
def test_the_client_is_the_last_hop_that_no_trusted_proxy_is(peer, headers, client):
    assert asked(peer, *headers) == client


def test_without_trusted_proxies_nobody_is_believed():
    assert asked("127.0.0.1", (FOR, "198.51.100.7"), proxies=()) == "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("x", ""),
    ],
)
def test_a_block_is_what_one_home_or_office_has(address, block):
    assert block_of(address) == block


def test_a_request_has_its_block():
    settings = Settings(trusted_proxies="10.0.0.1")
    app = type("App", (), {"state": type("State", (), {"tools": Tools(None, None, settings)})})
    scope = {"type": "http", "app": app, "client": ("10.0.0.1", 80), "headers": [(b"x-forwarded-for", b"192.0.2.9")]}

    assert client_block(Request(scope)) == "192.0.2.0/24"
    assert client_block(Request({**scope, "client": None})) == ""


@pytest.mark.parametrize("text", ["x", "10.0.0.0/33", "127.0.0.1;10.0.0.1", "*", "10.0.0.1 10.0.0.2"])
def test_a_list_of_proxies_that_is_none_is_refused_in_words(monkeypatch, text):
    monkeypatch.setenv("FORUM_TRUSTED_PROXIES", text)

    with pytest.raises(BadSettings, match="FORUM_TRUSTED_PROXIES: write addresses or networks with commas"):
        load()
