"""A real SMTP server on loopback that keeps what it takes, and misbehaves as a test tells it to."""

import asyncio
import ssl
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default

from aiosmtpd.smtp import SMTP

from forum.kit.settings import Settings


@dataclass
class Sink:
    """refusals: what it answers to a recipient, by address or domain. greylists: each address is refused once first.

    on_data: "take", an answer to refuse with, "drop" to end the conversation after the words, "hang" to say nothing,
    "wait" to take them once it is released.
    keeps_dropped: whether words that it dropped or hung after count as taken.
    """

    port: int = 0
    on_data: str = "take"
    on_mail: str = ""
    greylists: bool = False
    keeps_dropped: bool = False
    refusals: dict = field(default_factory=dict)
    taken: list = field(default_factory=list)
    connections: int = 0
    most_open: int = 0
    open: int = 0
    hung: int = 0
    seen: Counter = field(default_factory=Counter)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def mails(self):
        return [message_from_bytes(envelope.original_content, policy=default) for envelope in self.taken]

    @property
    def recipients(self) -> list[str]:
        return [address for envelope in self.taken for address in envelope.rcpt_tos]

    def settings(self, **more) -> Settings:
        return Settings(base_url="https://forum.example", smtp_url=f"smtp://127.0.0.1:{self.port}", **more)


class Handler:
    """Answers for a sink. The library looks at all there is of it with each connection: so this holds nothing else."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - the library's name
        envelope.mail_from = address
        return self._sink.on_mail or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the library's name
        sink = self._sink
        sink.seen[address] += 1
        refusal = sink.refusals.get(address) or sink.refusals.get(address.rpartition("@")[2])
        if refusal is None and sink.greylists and sink.seen[address] == 1:
            refusal = "450 4.2.0 Greylisted, come back"
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        sink = self._sink
        how = sink.on_data
        if how == "take" or (sink.keeps_dropped and how in ("drop", "hang")):
            sink.taken.append(envelope)
        if how == "take":
            return "250 OK"
        if how in ("hang", "wait"):
            sink.hung += 1
            sink.reached.set()
            await sink.released.wait()
        if how == "wait":
            sink.taken.append(envelope)
            return "250 OK"
        if how in ("drop", "hang"):
            server.transport.abort()
            return "421 gone"
        return how


class Counting(SMTP):
    """Counts connections."""

    def __init__(self, sink: Sink, **how) -> None:
        super().__init__(Handler(sink), **how)
        self._sink = sink

    def connection_made(self, transport):
        sink = self._sink
        sink.connections += 1
        sink.open += 1
        sink.most_open = max(sink.most_open, sink.open)
        super().connection_made(transport)

    def connection_lost(self, error):
        self._sink.open -= 1
        super().connection_lost(error)


@asynccontextmanager
async def a_sink(*, tls: ssl.SSLContext | None = None, greeting_tls: ssl.SSLContext | None = None):
    """tls: offered by STARTTLS; greeting_tls: spoken from the first byte."""
    sink = Sink()
    server = await asyncio.get_running_loop().create_server(
        lambda: Counting(sink, hostname="sink.example", tls_context=tls), "127.0.0.1", 0, ssl=greeting_tls
    )
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        sink.released.set()
        server.close()
