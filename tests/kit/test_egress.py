"""What the forum asks other sites: nothing private, nothing large, nothing slow, and never where it was led."""

import asyncio
import contextlib
import socket

import httpx
import pytest

from forum.kit import egress
from forum.kit.settings import Settings

PUBLIC = Settings(base_url="https://forum.example.org")
AT_HOME = Settings(base_url="http://127.0.0.1:8000")


@contextlib.asynccontextmanager
async def answering(answer: bytes, seconds: float = 0):
    """A server on loopback that says `answer` to whoever comes; yields its port and what it was asked."""
    asked = []

    async def talk(reader, writer):
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        await asyncio.sleep(seconds)
        with contextlib.suppress(ConnectionError):
            writer.write(answer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


def told(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, b"content-length: %d" % len(body), *headers, b"", body])


@pytest.fixture
async def dns(monkeypatch):
    """Names with the addresses that a test gives them, one answer after the other."""
    answers: dict[str, list[list[str]]] = {}

    async def getaddrinfo(host, port, **_):
        left = answers.get(host, [[host]])
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo, raising=False)
    return answers


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "2002:7f00:1::",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2001:db8::1", "fe80::1%eth0", "not an address", "",
    ],
)  # fmt: skip
def test_a_public_site_asks_no_private_address(address):
    assert not egress.may_ask(address, is_at_home=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_may_be_asked(address):
    assert egress.may_ask(address, is_at_home=False)


def test_a_site_at_home_may_ask_its_own_machine_and_no_other_private_one():
    assert egress.may_ask("127.0.0.1", is_at_home=True)
    assert egress.may_ask("::1", is_at_home=True)
    assert not egress.may_ask("192.168.1.1", is_at_home=True)
    assert not egress.may_ask("::ffff:10.0.0.1", is_at_home=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:{port}/", "https://localhost:{port}/", "https://2130706433:{port}/", "https://0x7f.1:{port}/",
        "https://[::1]:{port}/", "https://[::ffff:127.0.0.1]:{port}/", "http://localhost:{port}/", "http://8.8.8.8:{port}/",
        "https://inside.example:{port}/", "https://both.example:{port}/",
    ],
)  # fmt: skip
async def test_nothing_reaches_a_private_address_whatever_it_is_called(dns, url):
    dns["inside.example"] = [["127.0.0.1"]]
    dns["both.example"] = [["8.8.8.8", "127.0.0.1"]]
    dns["localhost"] = dns["2130706433"] = dns["0x7f.1"] = [["127.0.0.1"]]
    async with answering(told(b"secret")) as (port, asked):
        async with egress.client(PUBLIC) as client:
            with pytest.raises(httpx.TransportError):
                await client.get(url.format(port=port))

        assert asked == []


async def test_a_name_is_resolved_once_so_that_it_cannot_change_its_mind(dns):
    dns["rebinding.localhost"] = [["127.0.0.1"], ["10.9.9.9"]]
    async with answering(told(b"fine")) as (port, asked), egress.client(AT_HOME) as client:
        answer = await client.get(f"http://rebinding.localhost:{port}/path?x=1")

        assert answer.text == "fine"
        assert asked[0].startswith(b"GET /path?x=1 HTTP/1.1\r\nHost: rebinding.localhost:")
        assert dns["rebinding.localhost"] == [["10.9.9.9"]]


async def test_the_next_address_is_tried_when_one_takes_no_connection(dns):
    dns["two.localhost"] = [["127.0.0.2", "127.0.0.1"]]
    async with answering(told(b"fine")) as (port, _), egress.client(AT_HOME) as client:
        assert (await client.get(f"http://two.localhost:{port}/")).text == "fine"


async def test_nobody_is_followed_elsewhere():
    async with answering(told(b"", b"location: http://10.0.0.1/", status=b"302 Found")) as (port, asked):
        async with egress.client(AT_HOME) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/")

        assert (answer.status_code, len(asked)) == (302, 1)


@pytest.mark.parametrize(
    "answer", [told(b"x" * (egress.MOST_BYTES + 1)), told(b"x", b"content-encoding: gzip"), b"nonsense\r\n\r\n", b""]
)
async def test_an_answer_that_is_too_large_packed_or_none_is_refused(answer):
    async with answering(answer) as (port, _), egress.client(AT_HOME) as client:
        with pytest.raises(httpx.HTTPError):
            await client.get(f"http://127.0.0.1:{port}/")


async def test_a_slow_answer_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(egress, "SECONDS_IN_ALL", 0.05)
    async with answering(told(b"late"), seconds=5) as (port, _):
        with pytest.raises(httpx.HTTPError):
            async with egress.client(AT_HOME) as client:
                await client.get(f"http://127.0.0.1:{port}/")


async def test_a_host_that_does_not_exist_is_refused():
    async with egress.client(PUBLIC) as client:
        with pytest.raises(httpx.HTTPError):
            await client.get("https://nowhere.invalid/")


async def test_proxies_of_the_environment_are_not_used(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with answering(told(b"fine")) as (port, _), egress.client(AT_HOME) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).text == "fine"
