"""An engine behind a wire that a test cuts: the real one that MEILI_URL names, else the fake, served over HTTP."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.product.running import free_port
from tests.search.fake_meili import FakeMeili
from tests.search.recording import URL


class Wire:
    """Hands bytes to and fro between a port of its own and the engine at `far`; a site on it has `settings`."""

    def __init__(self, far: str) -> None:
        self._far = urlsplit(far)
        self._port = free_port()
        self._pairs: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None
        self.settings = {"MEILI_URL": f"http://127.0.0.1:{self._port}", **_key()}

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self._port)

    async def cut(self) -> None:
        """Whoever was connected is not any more, and nobody gets through."""
        if self._server:
            self._server.close()
        for writer in self._pairs:
            writer.transport.abort()
        self._pairs.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._far.hostname, self._far.port)
        self._pairs += [writer, far_writer]
        await asyncio.gather(_pass(reader, far_writer), _pass(far_reader, writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    writer.close()


def _key() -> dict[str, str]:
    key = os.environ.get("MEILI_MASTER_KEY", "")
    return {"MEILI_MASTER_KEY": key} if URL and key else {}


@asynccontextmanager
async def far_engine() -> AsyncIterator[Wire]:
    """The wire, through which everybody gets until it is cut."""
    async with _served_fake() as far:
        wire = Wire(URL or far)
        await wire.mend()
        try:
            yield wire
        finally:
            await wire.cut()


@asynccontextmanager
async def _served_fake() -> AsyncIterator[str]:
    fake, port = FakeMeili(), free_port()

    async def answer(request: Request) -> Response:
        asked = httpx.Request(request.method, str(request.url), content=await request.body())
        told = fake.answer(asked)
        return Response(await told.aread(), told.status_code, {"content-type": "application/json"})

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    app = Starlette(routes=[Route("/{path:path}", answer, methods=methods)])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", lifespan="off"))
    server.install_signal_handlers = lambda: None
    serving = asyncio.create_task(server.serve())
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving
