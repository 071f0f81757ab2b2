"""A DNS server on loopback that knows the texts a test gives it."""

import asyncio
from contextlib import asynccontextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from forum.kit.dns import Dns


class Names(asyncio.DatagramProtocol):
    """texts: by name; a name without any is not there. is_silent: it answers nobody."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.is_silent = False
        self.asked: list[str] = []

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data, address) -> None:
        query = dns.message.from_wire(data)
        name = query.question[0].name
        self.asked.append(name.to_text(omit_final_dot=True))
        if self.is_silent:
            return
        answer = dns.message.make_response(query)
        texts = self.texts.get(name.to_text(omit_final_dot=True))
        if texts is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif texts:
            pieces = [" ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200)) for text in texts]
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *pieces))
        self.transport.sendto(answer.to_wire(max_size=65_000), address)


@asynccontextmanager
async def some_names():
    """The server, and a client that asks it."""
    transport, names = await asyncio.get_running_loop().create_datagram_endpoint(Names, local_addr=("127.0.0.1", 0))
    try:
        yield names, Dns(["127.0.0.1"], transport.get_extra_info("sockname")[1])
    finally:
        transport.close()
