"""The Meilisearch to compare: the server that MEILI_URL names, else the program MEILI_BIN, started for this run."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from forum.kit import meili as kit
from forum.kit.meili import Down, Meili
from tests.product.running import free_port

UNHURRIED_SECONDS = 30  # quality is measured here, not speed
PATIENCE_SECONDS = 30
KEY = "a key for this run alone"


@asynccontextmanager
async def engine(folder: Path) -> AsyncIterator[Meili | None]:
    """None where there is neither. Its data lie in `folder`."""
    url, program = os.environ.get("MEILI_URL"), os.environ.get("MEILI_BIN")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kit, "SECONDS_TO_ASK", UNHURRIED_SECONDS)
        if url:
            async with _closed(Meili(url, os.environ.get("MEILI_MASTER_KEY", ""))) as meili:
                yield meili
        elif program:
            async with _started(program, folder) as meili:
                yield meili
        else:
            yield None


@asynccontextmanager
async def _started(program: str, folder: Path) -> AsyncIterator[Meili]:
    folder.mkdir()
    address = f"127.0.0.1:{free_port()}"
    words = ("--no-analytics", "--http-addr", address, "--db-path", str(folder / "db"), "--master-key", KEY)
    with (folder / "log").open("w") as log:
        server = subprocess.Popen([program, *words], cwd=folder, stdout=log, stderr=log)
    try:
        async with _closed(Meili(f"http://{address}", KEY)) as meili:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await _answers(meili):
                    await asyncio.sleep(0.1)
            yield meili
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)


@asynccontextmanager
async def _closed(meili: Meili) -> AsyncIterator[Meili]:
    try:
        yield meili
    finally:
        await meili.aclose()


async def _answers(meili: Meili) -> bool:
    try:
        return bool(await meili.tell("GET", "/health"))
    except Down:
        return False
