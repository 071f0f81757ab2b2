"""The one HTTP client with which the forum asks other sites something: by https, never a private address, little, soon.

The name is resolved once, every answer of DNS is judged, and the connection goes to an address that was: what DNS
says a moment later does not matter. No redirect is followed. A site on a loopback address may also ask its own machine.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import httpx

from forum.kit.settings import Settings, is_loopback

SECONDS = 5.0  # for connecting, and for each piece of an answer
SECONDS_IN_ALL = 15.0
MOST_BYTES = 512 * 1024

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
OLD_COMPATIBLE = ipaddress.IPv6Network("::/96")


class Refused(httpx.TransportError):
    """Where the request was going, or what came back, is not allowed."""


@asynccontextmanager
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client for one conversation of at most 15 s. What it raises is httpx.HTTPError, also for what is refused."""
    transport = Checked(is_at_home=is_loopback(settings.site_host))
    try:
        async with (
            asyncio.timeout(SECONDS_IN_ALL),
            httpx.AsyncClient(
                transport=transport,
                timeout=SECONDS,
                follow_redirects=False,
                trust_env=False,
                headers={"accept-encoding": "identity", "user-agent": "Staffroom"},
            ) as asking,
        ):
            yield asking
    except TimeoutError as error:
        raise Refused("it took too long") from error


async def addresses(host: str, port: int, *, is_at_home: bool) -> list[str]:
    """The addresses of `host`, in the order to try them. Raises Refused when one of them is not for us."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused("there is no such host") from error
    told = list(dict.fromkeys(str(where[0]) for *_, where in found))
    if not told or not all(may_ask(each, is_at_home=is_at_home) for each in told):
        raise Refused("this address is not a public one")
    return told


def may_ask(address: str, *, is_at_home: bool) -> bool:
    """Whether a connection may go to that address: a public one, or this machine for a site on a loopback address."""
    try:
        found = _meant(ipaddress.ip_address(address))
    except ValueError:
        return False
    if found.is_loopback:
        return is_at_home
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def _meant(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only carries it."""
    if not isinstance(address, ipaddress.IPv6Address) or address == ipaddress.IPv6Address("::1"):
        return address
    carried = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if carried is None and (address in NAT64 or address in OLD_COMPATIBLE):
        carried = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return carried or address


class Checked(httpx.AsyncBaseTransport):
    """Sends a request to a checked address of its host; TLS still asks for the host's own certificate."""

    def __init__(self, *, is_at_home: bool) -> None:
        self._is_at_home = is_at_home
        self._inner = httpx.AsyncHTTPTransport(verify=_trusted(), trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises Refused before anything is sent, or when the answer is too large or packed."""
        url = request.url
        if url.scheme != "https" and not (self._is_at_home and is_loopback(url.host)):
            raise Refused("only https is asked")
        port = url.port or (443 if url.scheme == "https" else 80)
        response = await self._connect(request, await addresses(url.host, port, is_at_home=self._is_at_home))
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise Refused("the answer is packed")
        if not isinstance(response.stream, httpx.AsyncByteStream):
            raise Refused("the answer cannot be read")
        return httpx.Response(response.status_code, headers=response.headers, stream=Measured(response.stream))

    async def _connect(self, request: httpx.Request, found: list[str]) -> httpx.Response:
        """The answer from the first address that takes the connection."""
        for number, address in enumerate(found, 1):
            sent = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": request.url.host},
            )
            try:
                return await self._inner.handle_async_request(sent)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if number == len(found):
                    raise
        raise Refused("there is no such host")

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()


class Measured(httpx.AsyncByteStream):
    """An answer that may not be larger than half a megabyte."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._stream:
            size += len(piece)
            if size > MOST_BYTES:
                raise Refused("the answer is too large")
            yield piece

    async def aclose(self) -> None:
        """Close the connection's end."""
        await self._stream.aclose()


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are believed: SSL_CERT_FILE's where it is set. Reading them takes a while: once a process."""
    return httpx.create_ssl_context(trust_env=True)
