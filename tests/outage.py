"""A database that can go away and come back: a wire to the real one that a test cuts and mends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

SOCKET = ".s.PGSQL.5432"


class Wire:
    """Hands bytes to and fro between a socket of its own and that of the database at `url`."""

    def __init__(self, url: str, folder: Path) -> None:
        self._far = f"{parse_qs(urlsplit(url).query)['host'][0]}/{SOCKET}"
        self._near = folder / SOCKET
        self._pairs: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None
        self.url = f"postgresql://forum@/postgres?host={quote(str(folder))}"

    async def mend(self) -> None:
        self._server = await asyncio.start_unix_server(self._connect, self._near)

    async def cut(self) -> None:
        """Whoever was connected is not any more, and nobody gets through."""
        if self._server:
            self._server.close()
        for writer in self._pairs:
            writer.transport.abort()
        self._pairs.clear()
        self._near.unlink(missing_ok=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(self._far)
        self._pairs += [writer, far_writer]
        await asyncio.gather(_pass(reader, far_writer), _pass(far_reader, writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def wire_to(url: str, folder: Path) -> AsyncIterator[Wire]:
    wire = Wire(url, folder)
    await wire.mend()
    try:
        yield wire
    finally:
        await wire.cut()
