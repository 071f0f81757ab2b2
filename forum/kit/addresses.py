"""Whose address a request comes from: the peer's, or what a trusted proxy says of it. Nothing else is believed."""

import ipaddress
import re
from collections.abc import Sequence
from typing import TypeAlias

from starlette.datastructures import Headers

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

MOST_HOPS = 20
FORWARDED_FOR = re.compile(r'(?:^|;)\s*for\s*=\s*"?([^;"]*)"?', re.IGNORECASE)
BLOCK_BITS = {4: 24, 6: 64}


def networks(text: str) -> tuple[Network, ...]:
    """The addresses and networks in a list with commas. Raises ValueError for anything else."""
    return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def client_address(peer: str, headers: Headers, proxies: Sequence[Network]) -> str:
    """The address of whoever asks: the last hop that is no trusted proxy. `peer`: who speaks to us.

    X-Forwarded-For wins over Forwarded, so a proxy that only sets Forwarded must drop the other.
    """
    client = _address(peer)
    for hop in reversed(_hops(headers)[-MOST_HOPS:]):
        if client is None or not _is_within(client, proxies):
            break
        found = _address(hop)
        if found is None:  # what stands before it is hearsay
            break
        client = found
    return str(client) if client else ""


def block_of(address: str) -> str:
    """The block an address lies in: the 256 around one of IPv4, the /64 of IPv6, which is one home or office."""
    found = _address(address)
    if found is None:
        return ""
    return str(ipaddress.ip_network(f"{found}/{BLOCK_BITS[found.version]}", strict=False))


def _hops(headers: Headers) -> list[str]:
    if "x-forwarded-for" in headers:
        return [hop for line in headers.getlist("x-forwarded-for") for hop in line.split(",")]
    elements = [element for line in headers.getlist("forwarded") for element in line.split(",")]
    return [match[1] if (match := FORWARDED_FOR.search(element)) else "" for element in elements]


def _address(text: str) -> Address | None:
    """One written as 192.0.2.1, 192.0.2.1:80, 2001:db8::1 or [2001:db8::1]:80; those of IPv4 in IPv6 are IPv4's."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _is_within(address: Address, among: Sequence[Network]) -> bool:
    return any(address in network for network in among)
